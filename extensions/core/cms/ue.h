/* SPDX-License-Identifier: Apache-2.0 */
/* What the UE interface asks of the configuration management server, and what it gets (CR 10.1.X.1
 * steps 1 and 13). http/ authenticates and decodes; cms/ decides and does; neither knows the
 * other's protocol. */
#ifndef MCX_CMS_UE_H
#define MCX_CMS_UE_H

#include "policy/migration.h"

enum mcx_ue_verb {
    MCX_UE_CONNECT, /* POST: a new migration, or the live one again */
    MCX_UE_LIST,    /* GET: all live ones of the user */
    MCX_UE_SHOW,    /* GET .../{id} */
    MCX_UE_END      /* DELETE .../{id} */
};

struct mcx_ue_ask {
    enum mcx_ue_verb verb;
    /* CONNECT: all of it. Else only services: every id that the token gives a scope for. */
    struct mcx_migration_ask migration;
    char binding_id[MCX_UUID_TEXT]; /* SHOW, END: as mcx_uuid_read gives it */
};

struct mcx_ue_binding {
    char binding_id[MCX_UUID_TEXT];
    struct mcx_str mc_user_id, device, partner;
    bool is_requested;
    struct mcx_identities inbound;
    int64_t expires_s;       /* Unix time; MCX_NEVER: unlimited */
    const uint8_t *document; /* LIST: NULL; else the initial UE configuration, or NULL */
    size_t document_len;
};

/* One row of the outcomes is one HTTP status and problem type. */
enum mcx_ue_outcome {
    MCX_UE_OK,        /* 200 */
    MCX_UE_ENDED,     /* 204 */
    MCX_UE_FORBIDDEN, /* 403: user not authorised, at the primary or at the partner (step 8) */
    MCX_UE_NOT_FOUND, /* 404: no such binding of this user; no device; no partner for this place */
    MCX_UE_CONFLICT,  /* 409: several devices: labels */
    MCX_UE_UNAVAILABLE, /* 503 with Retry-After: partner or database away, identities exhausted */
    MCX_UE_FAULT        /* 500 */
};

struct mcx_ue_reply {
    enum mcx_ue_outcome outcome;
    const char *problem; /* static: last part of the problem's type, "no-partner"; NULL if OK */
    char detail[384];    /* for the user */
    uint32_t retry_after_s;
    const char *binding_id; /* of a migration that is kept and goes on; NULL: none */
    size_t label_count;
    const struct mcx_str *label;
    size_t binding_count;
    const struct mcx_ue_binding *binding;
};

/* Called exactly once for every ask that was taken, from any thread; must not block; *reply is
 * borrowed for the call. */
typedef void (*mcx_ue_done)(void *arg, const struct mcx_ue_reply *reply);

/* The port. ask: BUSY, CLOSING, NO_MEMORY: not taken, done is not called. *ask is copied. Any
 * thread; does not block. */
struct mcx_ue_port {
    enum mcx_err (*ask)(const struct mcx_ue_ask *ask, mcx_ue_done done, void *arg);
};

#endif
