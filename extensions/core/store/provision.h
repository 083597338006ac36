/* SPDX-License-Identifier: Apache-2.0 */
/* Grants (at the primary) and inbound bindings (at the partner), provisioned by hand on both sides:
 * CR 10.1.X.1, O&M, and TS 23.280 10.1.6. The checks are those of design 3, "Who may say what".
 * Blocks on the database. */
#ifndef MCX_STORE_PROVISION_H
#define MCX_STORE_PROVISION_H

#include "store/admin.h"
#include "store/system.h"

struct mcx_provision {
    struct mcx_str partner; /* system id of the other side */
    struct mcx_str impi;    /* as given: the own one, or the one that the primary told */
    size_t impu_count;
    struct mcx_str impu[MCX_IMPUS_MAX]; /* as given */
    bool is_masked;                     /* primary side: CR 10.1.X.1 step 5 */
    const char *id;         /* Migration-Binding-Id, a UUID; NULL: a new one, or the one it has */
    const char *expires;    /* time with zone; NULL: for_s */
    int64_t for_s;          /* seconds from now; 0 and no expires: never */
    const char *mc_user_id; /* NULL: not known */
    struct mcx_str database_realm; /* partner side: Primary-SIP-Database; len 0: the main realm */
    struct mcx_str database_host;  /* partner side; len 0: none */
    /* answers */
    char binding_id[37];
    char expires_at[32];       /* what both sides go by; "infinity" */
    struct mcx_str given_impi; /* primary: what the partner asks with; partner: inbound */
    struct mcx_str given_impu[MCX_IMPUS_MAX]; /* in the order of impu */
    bool was_there; /* the same key was live: same identities, expiry never shorter */
    bool replaced;  /* another one with the other masking was ended for it */
    struct mcx_own_system own;
};

/* NOT_FOUND: partner, IMPI or IMPU unknown here. NOT_LIVE: subscriber barred. MISMATCH: live for
 * another MC user (5007), or names that the partner does not own. All said. */
MCX_MUST_USE enum mcx_err mcx_store_grant_provision(struct mcx_session *session,
                                                    struct mcx_provision *provision,
                                                    struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_store_binding_provision(struct mcx_session *session,
                                                      struct mcx_provision *provision,
                                                      struct mcx_conf_problem *problem);

/* Either side. cause: released, revoked or expired. NOT_FOUND: no live one with that id. *ended:
 * how many. */
MCX_MUST_USE enum mcx_err mcx_store_binding_end(struct mcx_session *session, const char *id,
                                                const char *cause, const char *reason,
                                                size_t *ended, struct mcx_conf_problem *problem);

#endif
