/* SPDX-License-Identifier: Apache-2.0 */
/* A primary's RTR or PPR for its user who is here: finds the binding, ends it or lets it be (design
 * 7). Knows neither Diameter messages nor SQL. Runs on the workers of a pool of its own, one
 * transaction a request. */
#ifndef MCX_HSS_RECALL_H
#define MCX_HSS_RECALL_H

#include "policy/recall.h"
#include "store/pool.h"

struct mcx_recall_job {
    struct mcx_job job; /* first: the pool hands it back as this */
    uint64_t number;    /* the transaction that waits for the outcome */
    struct mcx_recall_ask ask;
};

struct mcx_recall_service {
    /* Worker thread; must not block. reason: one word for the log. */
    void (*done)(uint64_t number, const struct mcx_recall_ask *ask, struct mcx_result result,
                 const char *reason);
};

/* pool_ops for a struct mcx_recall_service as arg. Jobs are struct mcx_recall_job from malloc;
 * freed inside. */
extern const struct mcx_pool_ops mcx_recall_ops;

#endif
