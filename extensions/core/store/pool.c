/* SPDX-License-Identifier: Apache-2.0 */
/* Workers with one connection each. A worker takes whatever queued up for it while the last batch
 * was committed. While it has no connection it keeps its jobs for a moment, in case the database is
 * back at once, then hands them back. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/pool_private.h"
#include "store/session.h"

enum {
    AWAY_GRACE_MS =
        1000, /* jobs wait this long for a lost connection; well inside hss.answer_time_ms */
    BACKOFF_MIN_MS = 50,
    TICK_MS = 50
};

/* ---- jobs that nobody serves ---- */

static void drop_held(struct mcx_worker *worker, enum mcx_err why)
{
    if (worker->held_count > 0)
        worker->pool->ops.drop(worker->pool->arg, worker->held, worker->held_count, why);
    mcx_pool_release(worker);
}

static void drop_all(struct mcx_worker *worker, enum mcx_err why)
{
    do {
        drop_held(worker, why);
        mcx_pool_take(worker);
    } while (worker->held_count > 0);
}

/* ---- connection ---- */

static void tick(void *arg)
{
    struct mcx_worker *worker = arg;

    if (mcx_clock_mono_ms() - worker->away_since_ms > AWAY_GRACE_MS)
        drop_all(worker, MCX_DB_AWAY);
}

static enum mcx_err open_session(struct mcx_worker *worker, struct mcx_conf_problem *problem)
{
    const struct mcx_conf *conf = worker->pool->conf;
    struct mcx_session_options options = {
        .conninfo = conf->database_conninfo,
        .is_daemon = true,
        .statement_timeout_ms = conf->database_statement_timeout_ms,
        .lock_timeout_ms = conf->database_lock_timeout_ms,
        .connect_timeout_ms = conf->database_connect_timeout_s * 1000,
        .stop_fd = worker->pool->stop_fd,
        .actor = worker->pool->ops.actor,
        .tick = tick,
        .tick_arg = worker,
        .conf = conf};
    enum mcx_err err;

    err = mcx_session_open(&options, &worker->session, problem);
    if (err == MCX_OK)
        mcx_metric_inc(MCX_M_DB_CONNECTIONS);
    return err;
}

static void close_session(struct mcx_worker *worker)
{
    if (worker->session)
        mcx_metric_add(MCX_M_DB_CONNECTIONS, -1);
    mcx_session_close(&worker->session);
}

static void hang_up(struct mcx_worker *worker)
{
    close_session(worker);
    atomic_store(&worker->is_away, true);
    if (worker->away_since_ms == 0)
        worker->away_since_ms = mcx_clock_mono_ms();
}

/* Pauses between half and all of the back-off, so that many workers do not come back in step. */
static void back_off(struct mcx_worker *worker)
{
    struct pollfd stop = {.fd = worker->pool->stop_fd, .events = POLLIN};
    uint16_t noise;
    int64_t until_ms;

    mcx_random(&noise, sizeof noise);
    until_ms = mcx_clock_mono_ms() + worker->backoff_ms / 2 + noise % (worker->backoff_ms / 2 + 1);
    while (!atomic_load(&worker->pool->is_closing)) {
        int64_t left = until_ms - mcx_clock_mono_ms();

        if (left <= 0)
            break;
        (void)poll(&stop, 1, left < TICK_MS ? (int)left : TICK_MS);
        tick(worker);
    }
    worker->backoff_ms *= 2;
    if (worker->backoff_ms > worker->pool->conf->database_backoff_max_ms)
        worker->backoff_ms = worker->pool->conf->database_backoff_max_ms;
}

static void connected(struct mcx_worker *worker)
{
    worker->away_since_ms = 0;
    worker->backoff_ms = BACKOFF_MIN_MS;
    atomic_store(&worker->is_away, false);
}

static void reconnect(struct mcx_worker *worker)
{
    struct mcx_conf_problem problem;
    enum mcx_err err;

    hang_up(worker);
    err = open_session(worker, &problem);
    if (err == MCX_OK) {
        mcx_metric_inc(MCX_M_DB_RECONNECTS);
        mcx_log(MCX_LOG_INFO, "ev=db_connected away_ms=%lld",
                (long long)(mcx_clock_mono_ms() - worker->away_since_ms));
        connected(worker);
        return;
    }
    if (err != MCX_CLOSING)
        mcx_log_limited(MCX_LOG_ERROR, "ev=db_connect_failed reason=%s text=\"%s\"",
                        mcx_err_label(err), problem.text);
    back_off(worker);
}

/* ---- worker ---- */

static void sleep_until_work(struct mcx_worker *worker)
{
    struct pollfd fds[3] = {{.fd = worker->wake_fd, .events = POLLIN},
                            {.fd = worker->pool->stop_fd, .events = POLLIN},
                            {.fd = mcx_session_fd(worker->session), .events = POLLIN}};
    uint64_t count;

    if (poll(fds, 3, -1) < 0)
        return;
    if (fds[0].revents != 0)
        (void)!read(worker->wake_fd, &count, sizeof count);
    if (fds[2].revents != 0)
        mcx_session_idle(worker->session);
}

/* DB_AWAY from run: nothing was written, the jobs stay held, and run once more on a new connection.
 */
static void run_held(struct mcx_worker *worker)
{
    enum mcx_err err;

    atomic_store(&worker->busy_since_ms, mcx_clock_mono_ms());
    err =
        worker->pool->ops.run(worker->pool->arg, worker->session, worker->held, worker->held_count);
    atomic_store(&worker->busy_since_ms, 0);
    if (err != MCX_DB_AWAY) {
        mcx_pool_release(worker);
        return;
    }
    hang_up(worker);
    if (++worker->held_runs > 1)
        drop_held(worker, MCX_DB_AWAY);
}

static void *work(void *arg)
{
    struct mcx_worker *worker = arg;

    while (!atomic_load(&worker->pool->is_closing)) {
        if (!worker->session || mcx_session_is_broken(worker->session)) {
            reconnect(worker);
            continue;
        }
        if (worker->held_count == 0)
            mcx_pool_take(worker);
        if (worker->held_count > 0)
            run_held(worker);
        else
            sleep_until_work(worker);
    }
    drop_all(worker, MCX_CLOSING);
    close_session(worker);
    return NULL;
}

/* ---- start and stop ---- */

static enum mcx_err start_threads(struct mcx_pool *pool)
{
    sigset_t all, before;
    enum mcx_err err = MCX_OK;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for freeDiameter's threads */
    for (size_t i = 0; i < pool->worker_count && err == MCX_OK; i++) {
        struct mcx_worker *worker = &pool->worker[i];

        worker->has_thread = pthread_create(&worker->thread, NULL, work, worker) == 0;
        err = worker->has_thread ? MCX_OK : MCX_SYSTEM;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static enum mcx_err make_workers(struct mcx_pool *pool)
{
    pool->worker = calloc((size_t)pool->conf->database_workers, sizeof *pool->worker);
    if (!pool->worker)
        return MCX_NO_MEMORY;
    for (int i = 0; i < pool->conf->database_workers; i++) {
        struct mcx_worker *worker = &pool->worker[i];

        worker->pool = pool;
        worker->tail = &worker->head;
        worker->backoff_ms = BACKOFF_MIN_MS;
        worker->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
        worker->away_since_ms = mcx_clock_mono_ms();
        atomic_init(&worker->is_away, true);
        pthread_mutex_init(&worker->mutex, NULL);
        pool->worker_count++;
        mcx_metric_inc(MCX_M_DB_WORKERS);
        if (worker->wake_fd < 0)
            return MCX_SYSTEM;
    }
    return MCX_OK;
}

/* CONF stops the start; a database that is away does not. */
static enum mcx_err first_connection(struct mcx_worker *worker, struct mcx_conf_problem *problem)
{
    enum mcx_err err = open_session(worker, problem);

    if (err == MCX_OK) {
        connected(worker);
        return MCX_OK;
    }
    if (err == MCX_CONF || err == MCX_NO_MEMORY)
        return err;
    mcx_log(MCX_LOG_ERROR, "ev=db_connect_failed reason=%s text=\"%s\"", mcx_err_label(err),
            problem->text);
    return MCX_OK;
}

enum mcx_err mcx_pool_start(const struct mcx_conf *conf, const struct mcx_pool_ops *ops, void *arg,
                            struct mcx_pool **out, struct mcx_conf_problem *problem)
{
    struct mcx_pool *pool = calloc(1, sizeof *pool);
    enum mcx_err err = MCX_NO_MEMORY;

    *out = NULL;
    *problem =
        (struct mcx_conf_problem){"database: the system is out of memory, threads or descriptors"};
    if (!pool)
        return err;
    pool->conf = conf;
    pool->ops = *ops;
    pool->arg = arg;
    pool->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    err = pool->stop_fd >= 0 ? make_workers(pool) : MCX_SYSTEM;
    if (err == MCX_OK)
        err = first_connection(&pool->worker[0], problem);
    if (err == MCX_OK)
        err = start_threads(pool);
    if (err != MCX_OK) {
        mcx_pool_stop(&pool);
        return err;
    }
    *out = pool;
    return MCX_OK;
}

static void free_worker(struct mcx_worker *worker)
{
    close_session(worker); /* still there if it never had a thread */
    mcx_metric_add(MCX_M_DB_WORKERS, -1);
    if (worker->wake_fd >= 0)
        close(worker->wake_fd);
    pthread_mutex_destroy(&worker->mutex);
}

void mcx_pool_stop(struct mcx_pool **pool)
{
    struct mcx_pool *old = *pool;

    if (!old)
        return;
    atomic_store(&old->is_closing, true);
    if (old->stop_fd >= 0)
        (void)!write(old->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    for (size_t i = 0; i < old->worker_count; i++) {
        if (old->worker[i].has_thread)
            pthread_join(old->worker[i].thread, NULL);
    }
    *pool = NULL; /* not before: errands post through it */
    for (size_t i = 0; i < old->worker_count; i++)
        free_worker(&old->worker[i]);
    if (old->stop_fd >= 0)
        close(old->stop_fd);
    free(old->worker);
    free(old);
}
