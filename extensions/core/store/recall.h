/* SPDX-License-Identifier: Apache-2.0 */
/* The inbound binding that a primary's request names, and its end. Inside the caller's transaction;
 * blocks on the database. */
#ifndef MCX_STORE_RECALL_H
#define MCX_STORE_RECALL_H

#include "policy/recall.h"
#include "store/admin.h"

struct mcx_recalled {
    int64_t id;
    char uuid[37];
    struct mcx_str inbound_impi;
};

/* Locks the live binding of (partner, IMPI). No such: facts->is_live false, and OK. */
MCX_MUST_USE enum mcx_err mcx_store_recall_facts(struct mcx_session *session,
                                                 const struct mcx_recall_ask *ask,
                                                 struct mcx_recall_facts *facts,
                                                 struct mcx_recalled *binding,
                                                 struct mcx_conf_problem *problem);
/* Ends it as revoked, frees its PDN access credentials, and writes its row of the audit trail
 * (design 4). */
MCX_MUST_USE enum mcx_err mcx_store_recall_end(struct mcx_session *session,
                                               const struct mcx_recall_ask *ask,
                                               const struct mcx_recalled *binding,
                                               struct mcx_conf_problem *problem);

#endif
