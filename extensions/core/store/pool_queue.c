/* SPDX-License-Identifier: Apache-2.0 */
/* Which worker gets a job, and what a worker takes at once. The counts of a worker are read without
 * its lock: a choice that was right a moment ago is good enough. */
#include <limits.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "store/pool_private.h"

enum {
    BATCH_GOAL = 64, /* beyond, a row hardly gets cheaper: the next worker starts */
    AWAY_LOAD = 1 << 20,
    SLOW_MS = 30, /* a batch that takes longer may be waiting for a lock: others go elsewhere */
    KIN_BITS = 24
};

void mcx_pool_take(struct mcx_worker *worker)
{
    size_t max = worker->pool->ops.is_single ? 1 : (size_t)worker->pool->conf->database_batch_max;

    pthread_mutex_lock(&worker->mutex);
    while (worker->held_count < max && worker->held_count < MCX_POOL_BATCH_MAX && worker->head) {
        worker->held_kin[worker->held_count] = (uint16_t)(worker->head->shard % MCX_POOL_KIN_MAX);
        worker->held[worker->held_count++] = worker->head;
        worker->head = worker->head->next;
    }
    if (!worker->head)
        worker->tail = &worker->head;
    worker->is_sleeping = worker->held_count == 0 && !atomic_load(&worker->pool->is_closing);
    pthread_mutex_unlock(&worker->mutex);
    worker->held_runs = 0;
    atomic_fetch_sub(&worker->waiting, (int)worker->held_count);
    atomic_fetch_sub(&worker->pool->queued, (int)worker->held_count);
    mcx_metric_add(MCX_M_DB_QUEUED, -(int64_t)worker->held_count);
}

void mcx_pool_release(struct mcx_worker *worker)
{
    for (size_t i = 0; i < worker->held_count; i++)
        atomic_fetch_sub(&worker->pool->kin[worker->held_kin[i]], 1);
    worker->held_count = 0;
}

static bool has_room(struct mcx_worker *worker, int64_t now_ms)
{
    int64_t busy_since_ms = atomic_load(&worker->busy_since_ms);

    return !atomic_load(&worker->is_away) && atomic_load(&worker->waiting) < BATCH_GOAL &&
           (busy_since_ms == 0 || now_ms - busy_since_ms < SLOW_MS);
}

static size_t choose_least(struct mcx_pool *pool)
{
    size_t best = 0;
    int best_load = INT_MAX;

    for (size_t i = 0; i < pool->worker_count; i++) {
        const struct mcx_worker *worker = &pool->worker[i];
        int load = atomic_load(&worker->waiting) * 2 + (atomic_load(&worker->busy_since_ms) != 0);

        if (atomic_load(&worker->is_away))
            load += AWAY_LOAD;
        if (load < best_load) {
            best = i;
            best_load = load;
        }
    }
    return best;
}

/* The first that has room, so that batches are large: four workers that share evenly make small
 * ones, and a row of those costs PostgreSQL half as much again. Without such, by shard. */
static size_t choose_free(struct mcx_pool *pool, const struct mcx_job *job)
{
    int64_t now_ms = mcx_clock_mono_ms();

    if (pool->ops.is_single)
        return choose_least(pool);
    for (size_t i = 0; i < pool->worker_count; i++)
        if (has_room(&pool->worker[i], now_ms))
            return i;
    return job->shard % pool->worker_count;
}

/* Where its kin is, or any; counted there until mcx_pool_release. */
static struct mcx_worker *choose(struct mcx_pool *pool, const struct mcx_job *job)
{
    atomic_uint *kin = &pool->kin[job->shard % MCX_POOL_KIN_MAX];
    unsigned int was = atomic_load(kin), is;

    do {
        is = was + 1;
        if (was << (32 - KIN_BITS) == 0) /* none: *kin keeps no worker */
            is = (unsigned int)choose_free(pool, job) << KIN_BITS | 1;
    } while (!atomic_compare_exchange_weak(kin, &was, is));
    return &pool->worker[is >> KIN_BITS];
}

enum mcx_err mcx_pool_post(struct mcx_pool *pool, struct mcx_job *job)
{
    struct mcx_worker *worker;
    bool is_closing, wakes;

    if (atomic_fetch_add(&pool->queued, 1) >= pool->conf->database_queue_max) {
        atomic_fetch_sub(&pool->queued, 1);
        return MCX_BUSY;
    }
    worker = choose(pool, job);
    pthread_mutex_lock(&worker->mutex);
    is_closing = atomic_load(&pool->is_closing);
    wakes = !is_closing && worker->is_sleeping;
    if (!is_closing) {
        job->next = NULL;
        *worker->tail = job;
        worker->tail = &job->next;
        worker->is_sleeping = false;
        atomic_fetch_add(&worker->waiting, 1);
        mcx_metric_inc(MCX_M_DB_QUEUED);
    }
    pthread_mutex_unlock(&worker->mutex);
    if (is_closing) {
        atomic_fetch_sub(&pool->kin[job->shard % MCX_POOL_KIN_MAX], 1);
        atomic_fetch_sub(&pool->queued, 1);
        return MCX_CLOSING;
    }
    if (wakes)
        (void)!write(worker->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
    return MCX_OK;
}
