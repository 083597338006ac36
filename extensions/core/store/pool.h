/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: one thread and one libpq connection each, batches that form by themselves while the last
 * commit runs (design 6). A job goes to the first worker that is not behind, but while one of its
 * shard is there, to the same: what one subscriber gets stays in order. */
#ifndef MCX_STORE_POOL_H
#define MCX_STORE_POOL_H

#include "base/conf.h"

struct mcx_pool;
struct mcx_session; /* one connection with its prepared statements; the worker's only */

/* Intrusive head of what is queued. The poster owns the memory until post answers OK; then run or
 * drop owns it. */
struct mcx_job {
    struct mcx_job *next;
    uint64_t shard;
};

struct mcx_pool_ops {
    /* "hss", "cms": who the rows and the audit trail say it was, with host and process. */
    const char *actor;
    /* Each job is a transaction of its own: it goes to the worker with the least to do, instead of
     * waiting for others to share a commit with. */
    bool is_single;
    /* Worker thread; may block on the database. OK: all jobs are done with, theirs is the memory no
     * more. DB_AWAY: nothing was written and no job was touched: the pool connects again and runs
     * them once more, or drops them. */
    enum mcx_err (*run)(void *arg, struct mcx_session *session, struct mcx_job **jobs,
                        size_t count);
    /* Takes over jobs that no connection could be had for (DB_AWAY) or that shutdown found waiting
     * (CLOSING). */
    void (*drop)(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why);
};

/* Starts conf->database_workers threads; the first connection attempt of one worker is made inside,
 * so that what only an operator can mend stops the start: CONF: *problem says it (schema too old or
 * too new, key check value of a loaded key wrong, role may not read). A database that is away does
 * not: OK, and workers keep trying with back-off. */
MCX_MUST_USE enum mcx_err mcx_pool_start(const struct mcx_conf *conf,
                                         const struct mcx_pool_ops *ops, void *arg,
                                         struct mcx_pool **out, struct mcx_conf_problem *problem);

/* Any thread; never blocks beyond a short mutex. BUSY: database.queue_max reached. CLOSING: stop
 * has begun. The job is still the caller's on error. */
MCX_MUST_USE enum mcx_err mcx_pool_post(struct mcx_pool *pool, struct mcx_job *job);

/* Cancels running statements, hands waiting jobs to drop with CLOSING, joins all threads, frees. At
 * most about one second even with a database that does not answer. *pool is NULL at the end. */
void mcx_pool_stop(struct mcx_pool **pool);

#endif
