/* SPDX-License-Identifier: Apache-2.0 */
/* The decisions of CR 10.1.X.1: may this user migrate, and where to (steps 2 and 3); may this
 * primary system and its user come here (step 8). Values in, values out; the store reads the facts.
 * Pure; any thread. */
#ifndef MCX_POLICY_MIGRATION_H
#define MCX_POLICY_MIGRATION_H

#include "policy/area.h"
#include "policy/mcx.h"

/* Step 1, authenticated; or O&M (`mcxctl migrate`): then without location, and partner is required;
 * the operator's word stands for step 2, and services may be none: all that the user has. */
struct mcx_migration_ask {
    struct mcx_service_ids services; /* at least one, but for O&M; all of one user */
    struct mcx_str mc_user_id;       /* len 0: whoever has these service ids */
    struct mcx_str partner;          /* system id asked for; len 0: none */
    struct mcx_str device;           /* label; len 0: the only one */
    int64_t until_s;                 /* Unix time: no longer than this; MCX_NEVER: as agreed */
    bool is_resumed; /* by the outbox, for a UE: step 2 counts, though the place is forgotten */
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
    struct mcx_service_ids services; /* as asked; O&M: those that device and agreement are for */
    struct mcx_identities own;
    struct mcx_str database_realm, database_host; /* len 0: own realm; none */
    int64_t partner_id, agreement_id;
    struct mcx_str partner;       /* system id */
    struct mcx_str partner_realm; /* main realm */
    bool is_ordered;              /* by O&M: the operator's word stands for step 2 */
    bool is_requested;            /* the one that was asked for; false also if none was */
    bool mask;                    /* step 4 */
    int64_t
        expires_s; /* Unix time, the agreement's end and longest duration; MCX_NEVER: unlimited */
};

/* ---- what the database says, and the decisions of steps 2 to 4 ----
 * Services as bits, 1 << enum mcx_service. Texts are borrowed. */
#define MCX_ALL_SERVICES ((1U << MCX_SERVICES) - 1)

enum mcx_rule { MCX_UNSAID, MCX_YES, MCX_NO };

struct mcx_device_facts {
    struct mcx_span label;
    unsigned services; /* that it is for */
    bool has_impus;
};

struct mcx_user_facts {
    bool is_known; /* one user has all that was asked with */
    enum mcx_rule may_migrate, mask;
    bool a_group_allows, a_group_denies, a_group_masks, a_group_unmasks;
    bool a_service_masks;
    size_t device_count; /* of that label, if one was named */
    struct mcx_device_facts device[MCX_DEVICES_MAX];
};

unsigned mcx_services_asked(const struct mcx_migration_ask *ask);
bool mcx_may_migrate(const struct mcx_user_facts *user);
bool mcx_must_mask(const struct mcx_user_facts *user, bool agreement_masks);

/* Step 2, and which device. MIGRATE in choice->verdict: go on with step 3 for *device. */
void mcx_migration_admit(const struct mcx_migration_ask *ask, const struct mcx_user_facts *user,
                         struct mcx_migration_choice *choice, size_t *device);

/* Of the agreements that name the user, its groups or everybody: the best state. */
enum mcx_agreement_state {
    MCX_AGREEMENT_NONE,
    MCX_AGREEMENT_EXPIRED, /* or ended */
    MCX_AGREEMENT_NOT_YET,
    MCX_AGREEMENT_OTHER_SERVICES, /* not for all services asked */
    MCX_AGREEMENT_VALID
};
enum mcx_coverage {
    MCX_COVERAGE_NONE, /* the partner has no service areas */
    MCX_COVERAGE_OUT,
    MCX_COVERAGE_UNKNOWN, /* the UE told too little */
    MCX_COVERAGE_IN
};

#define MCX_CANDIDATES_MAX 128
struct mcx_candidate {
    int64_t partner_id;
    struct mcx_span partner, realm;
    enum mcx_agreement_state agreement;
    int64_t agreement_id;
    int64_t priority; /* of the agreement; lower wins */
    bool mask;
    unsigned services;
    int64_t expires_s; /* as in the choice */
    enum mcx_coverage coverage;
    int64_t area_priority; /* IN: the lowest of the areas that hold the place */
};

/* Takes in one more area of the partner. */
void mcx_candidate_cover(struct mcx_candidate *candidate, enum mcx_area_verdict verdict,
                         int64_t priority);

/* Step 3. MIGRATE: *chosen is the index. The partner asked for if it has a valid agreement,
 * wherever the UE is; else, of those with one that cover the place, the lowest priority of area,
 * then of agreement, then the system id that comes first. Does not depend on the order of
 * candidates. */
void mcx_migration_select(const struct mcx_migration_ask *ask,
                          const struct mcx_candidate *candidates, size_t count,
                          struct mcx_migration_choice *choice, size_t *chosen);

/* For people who ask why: one static sentence. chosen: NULL if none was. */
const char *mcx_candidate_why(const struct mcx_migration_ask *ask,
                              const struct mcx_candidate *candidate,
                              const struct mcx_candidate *chosen);

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
    int64_t agreement_id;
    unsigned services; /* that the agreement is for, as bits: which document */
    int64_t
        expires_s; /* least of asked, longest duration, end of agreement; MCX_NEVER: unlimited */
};

struct mcx_access_facts {
    bool is_system_known;                  /* a live partner */
    bool has_realm, has_host, has_domains; /* all that the PAR names is that partner's */
    bool has_agreement;                    /* any inbound one with it is in force */
    bool has_rule;                         /* one of them is for this user and these services */
    bool is_full;                          /* cap reached, and this user has no live binding */
    int64_t partner_id, agreement_id;
    unsigned services;
    int64_t expires_s; /* by the agreement; MCX_NEVER: unlimited */
};
void mcx_access_decide(const struct mcx_access_ask *ask, const struct mcx_access_facts *facts,
                       struct mcx_access_choice *choice);

#endif
