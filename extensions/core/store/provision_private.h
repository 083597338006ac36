/* SPDX-License-Identifier: Apache-2.0 */
/* What grant.c and binding.c share. Nobody else includes this. */
#ifndef MCX_STORE_PROVISION_PRIVATE_H
#define MCX_STORE_PROVISION_PRIVATE_H

#include "store/provision.h"

/* The change on its way: what was asked, in canonical form, and what was found. */
struct mcx_provisioning {
    struct mcx_provision *want;
    struct mcx_str impi;                /* canonical */
    struct mcx_str impu[MCX_IMPUS_MAX]; /* canonical */
    struct mcx_span impus[MCX_IMPUS_MAX];
    int64_t partner_id;
    struct mcx_str inbound_domain, outbound_domain, main_realm; /* len 0: none */
    /* the live one of the same natural key, if there is one */
    bool is_live;
    int64_t live_id;
    bool live_is_masked;
    struct mcx_str live_given_impi;
    char live_uuid[37];
    int64_t set_id;
};

/* Names, domains, partner, expiry: what both sides check alike. */
MCX_MUST_USE enum mcx_err mcx_provision_begin(struct mcx_session *session,
                                              struct mcx_provisioning *change,
                                              struct mcx_conf_problem *problem);
/* Takes a row of GRANT_LIVE or BINDING_LIVE; ends it with stmt if it expired. MISMATCH: another MC
 * user's. */
MCX_MUST_USE enum mcx_err mcx_provision_live(struct mcx_session *session,
                                             struct mcx_provisioning *change,
                                             const struct mcx_rows *rows, enum mcx_stmt end,
                                             struct mcx_conf_problem *problem);
/* One row by its number: GRANT_END or BINDING_END. */
MCX_MUST_USE enum mcx_err mcx_provision_end(struct mcx_session *session, enum mcx_stmt end,
                                            int64_t id, const char *cause, const char *reason,
                                            struct mcx_conf_problem *problem);

/* The IMPUs: those that list (GRANT_IMPUS, BINDING_IMPUS) answers keep theirs, the others get one
 * from add. */
typedef enum mcx_err (*mcx_provision_add_impu)(struct mcx_session *session,
                                               struct mcx_provisioning *change, size_t which,
                                               int32_t position, struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_provision_impus(struct mcx_session *session,
                                              struct mcx_provisioning *change, enum mcx_stmt list,
                                              mcx_provision_add_impu add,
                                              struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_provision_audit(struct mcx_session *session,
                                              const struct mcx_provisioning *change,
                                              const char *kind, struct mcx_conf_problem *problem);

#endif
