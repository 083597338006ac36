/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a batch one by one. When the connection breaks in the middle, those that were not reached,
 * and the one that broke if it was its first try, go back to the pool's queue. Worker thread. */
#include "store/errand.h"

#include "store/session.h"

static void post_again(struct mcx_pool *pool, struct mcx_errand *errand)
{
    enum mcx_err err = mcx_pool_post(pool, &errand->job);

    if (err != MCX_OK)
        errand->drop(errand, err == MCX_BUSY ? MCX_DB_AWAY : err);
}

static enum mcx_err run(void *arg, struct mcx_session *session, struct mcx_job **jobs, size_t count)
{
    struct mcx_pool *pool = *(struct mcx_pool **)arg;

    for (size_t i = 0; i < count; i++) {
        struct mcx_errand *errand = (struct mcx_errand *)jobs[i];
        bool was_run = errand->was_run;

        if (mcx_session_is_broken(session)) {
            post_again(pool, errand);
            continue;
        }
        errand->was_run = true;
        if (errand->run(errand, session) != MCX_DB_AWAY)
            continue;
        if (was_run)
            errand->drop(errand, MCX_DB_AWAY);
        else
            post_again(pool, errand);
    }
    return MCX_OK;
}

static void drop(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why)
{
    for (size_t i = 0; i < count; i++) {
        struct mcx_errand *errand = (struct mcx_errand *)jobs[i];

        errand->drop(errand, why);
    }
}

struct mcx_pool_ops mcx_errand_ops(const char *actor)
{
    return (struct mcx_pool_ops){.actor = actor, .is_single = true, .run = run, .drop = drop};
}
