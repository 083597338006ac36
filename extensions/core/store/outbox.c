/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox's one thread: connects, listens, claims, calls handlers, writes what was completed. A
 * claim is a lease: until task.not_before nobody else takes the task. It wakes for a notification,
 * a completion, once a second, and to stop. */
#include "store/outbox.h"

#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "store/outbox_private.h"

enum { POLL_MS = 1000, BACKOFF_MIN_MS = 50 };

struct mcx_outbox {
    const struct mcx_conf *conf;
    struct mcx_outbox_options options;
    struct mcx_claims claims;
    pthread_t thread;
    bool has_thread;
    atomic_bool is_closing, is_woken;
    int stop_fd; /* readable for ever once stop has begun */
    int wake_fd;
    /* the thread's own */
    struct mcx_session *session;
    char owner[208];
    int64_t next_poll_ms, away_since_ms;
    int backoff_ms;
    bool is_due; /* claim now: notified, or there may be more than was claimed */
};

static void ring(struct mcx_outbox *outbox)
{
    (void)!write(outbox->wake_fd, &(uint64_t){1}, sizeof(uint64_t));
}

void mcx_outbox_done(struct mcx_outbox *outbox, const char *id)
{
    if (!outbox)
        return;
    mcx_claims_complete(&outbox->claims, id, true, 0);
    ring(outbox);
}

void mcx_outbox_retry(struct mcx_outbox *outbox, const char *id, uint32_t after_ms)
{
    if (!outbox)
        return;
    mcx_claims_complete(&outbox->claims, id, false, after_ms);
    ring(outbox);
}

void mcx_outbox_wake(struct mcx_outbox *outbox)
{
    if (!outbox)
        return;
    atomic_store(&outbox->is_woken, true);
    ring(outbox);
}

/* ---- connection ---- */

static enum mcx_err open_session(struct mcx_outbox *outbox, struct mcx_conf_problem *problem)
{
    const struct mcx_conf *conf = outbox->conf;
    struct mcx_session_options options = {
        .conninfo = conf->database_conninfo,
        .is_daemon = true,
        .statement_timeout_ms = conf->database_statement_timeout_ms,
        .lock_timeout_ms = conf->database_lock_timeout_ms,
        .connect_timeout_ms = conf->database_connect_timeout_s * 1000,
        .stop_fd = outbox->stop_fd,
        .actor = outbox->options.actor,
        .conf = conf};
    enum mcx_err err = mcx_session_open(&options, &outbox->session, problem);

    if (err != MCX_OK)
        return err;
    err = mcx_session_script(outbox->session, "LISTEN mcx_task");
    if (err != MCX_OK) {
        snprintf(problem->text, sizeof problem->text, "database: LISTEN refused");
        mcx_session_close(&outbox->session);
        return MCX_DB_AWAY;
    }
    if (!outbox->owner[0]) { /* of this outbox, whatever its connections */
        uint32_t noise;

        mcx_random(&noise, sizeof noise);
        snprintf(outbox->owner, sizeof outbox->owner, "%s/%08x", mcx_session_actor(outbox->session),
                 noise);
    }
    outbox->backoff_ms = BACKOFF_MIN_MS;
    outbox->is_due = true;
    return MCX_OK;
}

static void back_off(struct mcx_outbox *outbox)
{
    struct pollfd stop = {.fd = outbox->stop_fd, .events = POLLIN};

    (void)poll(&stop, 1, outbox->backoff_ms);
    outbox->backoff_ms *= 2;
    if (outbox->backoff_ms > outbox->conf->database_backoff_max_ms)
        outbox->backoff_ms = outbox->conf->database_backoff_max_ms;
}

static void reconnect(struct mcx_outbox *outbox)
{
    struct mcx_conf_problem problem;
    enum mcx_err err;

    mcx_session_close(&outbox->session);
    if (outbox->away_since_ms == 0)
        outbox->away_since_ms = mcx_clock_mono_ms();
    err = open_session(outbox, &problem);
    if (err == MCX_OK) {
        mcx_metric_inc(MCX_M_DB_RECONNECTS);
        mcx_log(MCX_LOG_INFO, "ev=db_connected for=outbox away_ms=%lld",
                (long long)(mcx_clock_mono_ms() - outbox->away_since_ms));
        outbox->away_since_ms = 0;
        return;
    }
    if (err != MCX_CLOSING)
        mcx_log_limited(MCX_LOG_ERROR, "ev=db_connect_failed for=outbox reason=%s text=\"%s\"",
                        mcx_err_label(err), problem.text);
    back_off(outbox);
}

/* ---- claiming ---- */

static size_t kind_of(const struct mcx_outbox *outbox, struct mcx_span kind)
{
    size_t i = 0;

    while (i < outbox->options.handler_count &&
           !mcx_span_equal(mcx_span_of(outbox->options.handler[i].kind), kind))
        i++;
    return i;
}

/* Rows of one task stand together: one for each member of its payload. */
static size_t read_task(const struct mcx_rows *rows, size_t row, struct mcx_task *task)
{
    struct mcx_span id = mcx_cell_span(rows, row, 0);

    *task = (struct mcx_task){.attempts = (uint32_t)mcx_cell_i64(rows, row, 2)};
    snprintf(task->id, sizeof task->id, "%s", mcx_cell_text(rows, row, 0));
    for (; row < mcx_rows_count(rows) && mcx_span_equal(mcx_cell_span(rows, row, 0), id); row++) {
        if (mcx_cell_is_null(rows, row, 3) || task->field_count == MCX_TASK_FIELDS_MAX)
            continue;
        task->field[task->field_count].name = mcx_cell_span(rows, row, 3);
        task->field[task->field_count].value = mcx_cell_span(rows, row, 4);
        task->field_count++;
    }
    return row;
}

static void handle(struct mcx_outbox *outbox, const struct mcx_rows *rows, int64_t until_ms)
{
    size_t row = 0;

    while (row < mcx_rows_count(rows)) {
        size_t kind = kind_of(outbox, mcx_cell_span(rows, row, 1));
        struct mcx_claim claim = {.kind = kind, .until_ms = until_ms};
        struct mcx_task task;

        row = read_task(rows, row, &task);
        memcpy(claim.id, task.id, sizeof claim.id);
        claim.attempts = (int32_t)task.attempts;
        if (kind == outbox->options.handler_count) /* never: we asked for ours only */
            continue;
        mcx_claims_add(&outbox->claims, &claim);
        mcx_metric_inc(MCX_M_TASKS_CLAIMED);
        outbox->options.handler[kind].run(outbox->options.handler[kind].arg, outbox->session,
                                          &task);
    }
}

static void claim(struct mcx_outbox *outbox)
{
    size_t kinds = outbox->options.handler_count;
    int64_t lease_ms = (int64_t)outbox->conf->database_task_lease_s * 1000;
    int64_t until_ms = mcx_clock_mono_ms() + lease_ms;
    struct mcx_span names[MCX_TASK_KINDS_MAX];
    int32_t room[MCX_TASK_KINDS_MAX];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    outbox->is_due = false;
    if (kinds == 0)
        return;
    mcx_claims_room(&outbox->claims, kinds, room, mcx_clock_mono_ms());
    for (size_t i = 0; i < kinds; i++)
        names[i] = mcx_span_of(outbox->options.handler[i].kind);
    mcx_params_text(&params, outbox->owner);
    mcx_params_texts(&params, names, kinds);
    mcx_params_i32s(&params, room, kinds);
    mcx_params_i64(&params, lease_ms);
    err = mcx_session_run(outbox->session, MCX_STMT_TASKS_CLAIM, &params, &rows);
    if (err == MCX_OK) {
        outbox->is_due = mcx_rows_count(&rows) > 0; /* until there is nothing more */
        handle(outbox, &rows, until_ms);
    } else if (err == MCX_DB_ERROR) {
        mcx_log_limited(MCX_LOG_ERROR, "ev=outbox_claim_failed sqlstate=%s",
                        mcx_session_sqlstate(outbox->session));
    }
}

/* ---- the thread ---- */

static void write_completions(struct mcx_outbox *outbox)
{
    enum mcx_err err = mcx_claims_write(&outbox->claims, outbox->session, outbox->owner);

    if (err == MCX_DB_ERROR)
        mcx_log_limited(MCX_LOG_ERROR, "ev=outbox_write_failed sqlstate=%s",
                        mcx_session_sqlstate(outbox->session));
}

static void wait(struct mcx_outbox *outbox)
{
    struct pollfd fds[3] = {{.fd = outbox->wake_fd, .events = POLLIN},
                            {.fd = outbox->stop_fd, .events = POLLIN},
                            {.fd = mcx_session_fd(outbox->session), .events = POLLIN}};
    int64_t left = outbox->next_poll_ms - mcx_clock_mono_ms();
    uint64_t count;

    if (outbox->is_due || left < 0)
        left = 0;
    if (poll(fds, 3, (int)left) > 0) {
        if (fds[0].revents != 0)
            (void)!read(outbox->wake_fd, &count, sizeof count);
        if (fds[2].revents != 0)
            mcx_session_idle(outbox->session);
    }
    if (mcx_session_notified(outbox->session))
        outbox->is_due = true;
    if (atomic_exchange(&outbox->is_woken, false))
        outbox->is_due = true;
}

static void turn(struct mcx_outbox *outbox)
{
    write_completions(outbox);
    if (mcx_clock_mono_ms() >= outbox->next_poll_ms) {
        outbox->next_poll_ms = mcx_clock_mono_ms() + POLL_MS;
        outbox->is_due = true;
        if (outbox->options.each_second)
            outbox->options.each_second(outbox->options.each_second_arg, outbox->session);
    }
    if (outbox->is_due && !mcx_session_is_broken(outbox->session))
        claim(outbox);
    write_completions(outbox);
    if (!mcx_session_is_broken(outbox->session))
        wait(outbox);
}

static void *run(void *arg)
{
    struct mcx_outbox *outbox = arg;

    while (!atomic_load(&outbox->is_closing)) {
        if (!outbox->session || mcx_session_is_broken(outbox->session))
            reconnect(outbox);
        else
            turn(outbox);
    }
    mcx_claims_give_back(&outbox->claims);
    if (outbox->session && !mcx_session_is_broken(outbox->session))
        write_completions(outbox);
    mcx_session_close(&outbox->session);
    return NULL;
}

/* ---- start and stop ---- */

static enum mcx_err start_thread(struct mcx_outbox *outbox)
{
    sigset_t all, before;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are for freeDiameter's threads */
    outbox->has_thread = pthread_create(&outbox->thread, NULL, run, outbox) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return outbox->has_thread ? MCX_OK : MCX_SYSTEM;
}

/* CONF stops the start; a database that is away does not. */
static enum mcx_err first_connection(struct mcx_outbox *outbox, struct mcx_conf_problem *problem)
{
    enum mcx_err err = open_session(outbox, problem);

    if (err == MCX_OK || err == MCX_CONF || err == MCX_NO_MEMORY)
        return err;
    mcx_log(MCX_LOG_ERROR, "ev=db_connect_failed for=outbox reason=%s text=\"%s\"",
            mcx_err_label(err), problem->text);
    return MCX_OK;
}

enum mcx_err mcx_outbox_start(const struct mcx_conf *conf, const struct mcx_outbox_options *options,
                              struct mcx_outbox **out, struct mcx_conf_problem *problem)
{
    struct mcx_outbox *outbox = calloc(1, sizeof *outbox);
    enum mcx_err err;

    *out = NULL;
    *problem =
        (struct mcx_conf_problem){"outbox: the system is out of memory, threads or descriptors"};
    if (!outbox)
        return MCX_NO_MEMORY;
    outbox->conf = conf;
    outbox->options = *options;
    outbox->backoff_ms = BACKOFF_MIN_MS;
    outbox->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    outbox->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    err =
        mcx_claims_init(&outbox->claims, options->handler_count, (size_t)conf->database_tasks_max);
    if (err == MCX_OK && (outbox->stop_fd < 0 || outbox->wake_fd < 0))
        err = MCX_SYSTEM;
    if (err == MCX_OK)
        err = first_connection(outbox, problem);
    if (err == MCX_OK) {
        *out = outbox; /* handlers complete tasks before we are back */
        err = start_thread(outbox);
    }
    if (err != MCX_OK) {
        *out = NULL;
        mcx_outbox_stop(&outbox);
    }
    return err;
}

void mcx_outbox_stop(struct mcx_outbox **outbox)
{
    struct mcx_outbox *old = *outbox;

    if (!old)
        return;
    atomic_store(&old->is_closing, true);
    if (old->stop_fd >= 0)
        (void)!write(old->stop_fd, &(uint64_t){1}, sizeof(uint64_t));
    if (old->has_thread)
        pthread_join(old->thread, NULL);
    *outbox = NULL;                   /* not before: handlers complete tasks through it */
    mcx_session_close(&old->session); /* still there if it never had a thread */
    if (old->stop_fd >= 0)
        close(old->stop_fd);
    if (old->wake_fd >= 0)
        close(old->wake_fd);
    mcx_claims_free(&old->claims);
    free(old);
}
