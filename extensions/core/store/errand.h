/* SPDX-License-Identifier: Apache-2.0 */
/* Errands: jobs of a pool that each are a function and one transaction of its own, for what is rare
 * and complex (design 6). The one that posts an errand owns its memory again when run or drop is
 * called, exactly one of them, once. */
#ifndef MCX_STORE_ERRAND_H
#define MCX_STORE_ERRAND_H

#include "store/pool.h"

struct mcx_errand {
    struct mcx_job job; /* first; errands of one shard keep their order */
    /* Worker thread; may block on the database. DB_AWAY: nothing is known of the outcome, run it
     * once more on a new connection (it must bear that); then it is dropped. Anything else: it is
     * done with, and may be freed already. */
    enum mcx_err (*run)(struct mcx_errand *errand, struct mcx_session *session);
    /* It could not be run: DB_AWAY, CLOSING. */
    void (*drop)(struct mcx_errand *errand, enum mcx_err why);
    bool was_run; /* the pool's own */
};

/* For mcx_pool_start; its arg must point to the struct mcx_pool * that start fills. */
struct mcx_pool_ops mcx_errand_ops(const char *actor);

#endif
