/* SPDX-License-Identifier: Apache-2.0 */
/* What pool.c (workers, their connections) and pool_queue.c (which worker gets a job, what it
 * takes) share. Locks: a worker's mutex guards its queue and is_sleeping; nothing else is locked
 * under it. */
#ifndef MCX_STORE_POOL_PRIVATE_H
#define MCX_STORE_POOL_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/pool.h"

enum {
    MCX_POOL_BATCH_MAX = 256, /* database.batch_max at most */
    MCX_POOL_KIN_MAX = 4096   /* groups of jobs that stay in order: by shard */
};

struct mcx_worker {
    struct mcx_pool *pool;
    pthread_t thread;
    bool has_thread;
    int wake_fd; /* written when a job arrives while is_sleeping */
    pthread_mutex_t mutex;
    struct mcx_job *head, **tail;
    bool is_sleeping;
    /* read without the lock, to choose among workers */
    atomic_int waiting;
    atomic_bool is_away;
    atomic_llong busy_since_ms; /* 0: not in a batch */
    /* the worker's own */
    struct mcx_session *session;
    int64_t away_since_ms; /* 0: connected */
    int backoff_ms;
    struct mcx_job *held[MCX_POOL_BATCH_MAX];
    uint16_t held_kin[MCX_POOL_BATCH_MAX]; /* jobs are gone when their kin is released */
    size_t held_count;
    int held_runs;
};

struct mcx_pool {
    const struct mcx_conf *conf;
    struct mcx_pool_ops ops;
    void *arg;
    int stop_fd; /* readable for ever once stop has begun */
    atomic_bool is_closing;
    atomic_int queued;
    size_t worker_count;
    struct mcx_worker *worker;
    /* Of each group: how many are queued or running, and, above the lowest 24 bits, at which
     * worker. A subscriber's SQNs reach the SIP core in the order of issue only if one worker has
     * them. */
    atomic_uint kin[MCX_POOL_KIN_MAX];
};

/* The worker's own thread: moves what waits to `held`, as much as a batch takes. Nothing: the
 * worker sleeps from now on, and a post writes wake_fd. */
void mcx_pool_take(struct mcx_worker *worker);
/* The held jobs are done with: their kin may go elsewhere. */
void mcx_pool_release(struct mcx_worker *worker);

#endif
