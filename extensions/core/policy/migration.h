/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of CR 10.1.X.1: may this user migrate, and where to (steps 2 and 3); may this
 * primary system and its user come here (step 8). Values in, values out; the store reads the facts.
 */
#ifndef MCX_POLICY_MIGRATION_H
#define MCX_POLICY_MIGRATION_H

#include "policy/location.h"
#include "policy/mcx.h"

/* Step 1, authenticated; or O&M (`mcxctl migrate`): then without location, and partner is required.
 */
struct mcx_migration_ask {
    struct mcx_service_ids services; /* at least one; all of one user */
    struct mcx_str mc_user_id;       /* len 0: whoever has these service ids */
    struct mcx_str partner;          /* system id asked for; len 0: none */
    struct mcx_str device;           /* label; len 0: the only one */
    bool has_location;
    struct mcx_location location;
};

enum mcx_migration_verdict {
    MCX_MIGRATE,
    MCX_MIGRATE_NO_USER,         /* 403: no such MC user or service id, or of different users */
    MCX_MIGRATE_NOT_AUTHORIZED,  /* 403: step 2 */
    MCX_MIGRATE_NO_DEVICE,       /* 404: no device of that label, or none at all */
    MCX_MIGRATE_SEVERAL_DEVICES, /* 409: none selected: labels */
    MCX_MIGRATE_NO_PARTNER       /* 404: step 3 finds none: reason */
};

#define MCX_DEVICES_MAX 16

struct mcx_migration_choice {
    enum mcx_migration_verdict verdict;
    const char *reason; /* one static word for logs: "outside_service_areas", "no_agreement" ... */
    char detail[384];   /* for the user: why, and what to do; nothing of other users or partners */
    size_t label_count; /* SEVERAL_DEVICES */
    struct mcx_str label[MCX_DEVICES_MAX];
    /* MIGRATE */
    struct mcx_str mc_user_id, device;
    struct mcx_identities own;
    struct mcx_str database_realm, database_host; /* len 0: own realm; none */
    int64_t partner_id;
    struct mcx_str partner;       /* system id */
    struct mcx_str partner_realm; /* main realm */
    bool is_requested;            /* the one that was asked for; false also if none was */
    bool mask;                    /* step 4 */
    int64_t
        expires_s; /* Unix time, the agreement's end and longest duration; MCX_NEVER: unlimited */
};

/* Step 8. system is the authenticated peer's (border.partners). */
struct mcx_access_ask {
    struct mcx_str system;
    const struct mcx_par *par;
};

enum mcx_access_verdict {
    MCX_ACCESS,
    MCX_ACCESS_NO_AGREEMENT,   /* 5002: this system, realm, host or domain */
    MCX_ACCESS_NOT_AUTHORIZED, /* 5001: this user */
    MCX_ACCESS_EXHAUSTED       /* 4001: cap on live bindings */
};

struct mcx_access_choice {
    enum mcx_access_verdict verdict;
    const char *reason;
    int64_t partner_id;
    int64_t
        expires_s; /* least of asked, longest duration, end of agreement; MCX_NEVER: unlimited */
};

#endif
