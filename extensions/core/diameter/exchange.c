/* SPDX-License-Identifier: Apache-2.0 */
/* A hash by number and a list by deadline under one short mutex; a timer thread waits for the first
 * deadline. done is never called under the mutex. */
#include "diameter/exchange.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "diameter/sender.h"

enum { BUCKETS = 4096, WAITING_MAX = 20000 };

struct wait {
    uint64_t number;
    int64_t deadline_ms;
    mcx_exchange_done done;
    void *arg;
    struct wait *chain;         /* same bucket */
    struct wait *older, *newer; /* by deadline */
};

static struct {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    struct wait *bucket[BUCKETS];
    struct wait *oldest, *newest;
    size_t count;
    uint64_t last_number;
    bool running, stopping;
    pthread_t timer;
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* ---- the table, under its lock ---- */

static void insert(struct wait *wait)
{
    struct wait **bucket = &table.bucket[wait->number % BUCKETS];
    struct wait *after = table.newest;

    wait->chain = *bucket;
    *bucket = wait;
    while (after && after->deadline_ms > wait->deadline_ms)
        after = after->older;
    wait->older = after;
    wait->newer = after ? after->newer : table.oldest;
    *(wait->newer ? &wait->newer->older : &table.newest) = wait;
    *(after ? &after->newer : &table.oldest) = wait;
    table.count++;
}

static struct wait *extract(uint64_t number)
{
    for (struct wait **at = &table.bucket[number % BUCKETS]; *at; at = &(*at)->chain) {
        struct wait *wait = *at;

        if (wait->number != number)
            continue;
        *at = wait->chain;
        *(wait->older ? &wait->older->newer : &table.oldest) = wait->newer;
        *(wait->newer ? &wait->newer->older : &table.newest) = wait->older;
        table.count--;
        return wait;
    }
    return NULL;
}

/* ---- ends ---- */

static bool end(uint64_t number, enum mcx_err err, struct msg *answer)
{
    struct wait *wait = NULL;

    pthread_mutex_lock(&table.lock);
    wait = extract(number);
    pthread_mutex_unlock(&table.lock);
    if (!wait)
        return false;
    wait->done(wait->arg, err, answer);
    free(wait);
    return true;
}

static void answered(void *data, struct msg **answer)
{
    int state = 0;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    if (!end((uint64_t)(uintptr_t)data, MCX_OK, *answer))
        mcx_log_limited(MCX_LOG_WARN, "ev=answer_late number=%llu",
                        (unsigned long long)(uintptr_t)data);
    fd_msg_free(*answer); /* with its request (trap R9) */
    *answer = NULL;
    pthread_setcancelstate(state, NULL);
}

static void expired(void *data, DiamId_t peer, size_t len, struct msg **request)
{
    int state = 0;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    if (*request)
        fd_msg_free(*request);
    *request = NULL;
    pthread_setcancelstate(state, NULL);
}

static void failed(uint64_t number, const char *reason)
{
    (void)end(number, MCX_NOT_LIVE, NULL);
}

static bool is_awaited(uint64_t number)
{
    const struct wait *wait = NULL;

    pthread_mutex_lock(&table.lock);
    for (wait = table.bucket[number % BUCKETS]; wait && wait->number != number;)
        wait = wait->chain;
    pthread_mutex_unlock(&table.lock);
    return wait != NULL;
}

static const struct mcx_reply_ops reply_ops = {
    .answered = answered, .expired = expired, .failed = failed, .is_awaited = is_awaited};

/* ---- timer ---- */

static void wait_for_deadline(void)
{
    struct timespec until;

    if (!table.oldest) {
        pthread_cond_wait(&table.wake, &table.lock);
        return;
    }
    until = mcx_clock_mono_timespec(table.oldest->deadline_ms);
    pthread_cond_timedwait(&table.wake, &table.lock, &until);
}

static void *timer_main(void *arg)
{
    pthread_mutex_lock(&table.lock);
    while (!table.stopping) {
        uint64_t number = 0;

        if (!table.oldest || table.oldest->deadline_ms > mcx_clock_mono_ms()) {
            wait_for_deadline();
            continue;
        }
        number = table.oldest->number;
        pthread_mutex_unlock(&table.lock);
        (void)end(number, MCX_TIMEOUT, NULL);
        pthread_mutex_lock(&table.lock);
    }
    pthread_mutex_unlock(&table.lock);
    return arg;
}

int mcx_exchange_start(void)
{
    int ret = 0;

    if (table.running)
        return 0;
    mcx_clock_cond_init(&table.wake);
    ret = pthread_create(&table.timer, NULL, timer_main, NULL);
    table.running = ret == 0;
    return ret;
}

void mcx_exchange_stop(void)
{
    uint64_t number = 0;

    pthread_mutex_lock(&table.lock);
    if (!table.running) {
        pthread_mutex_unlock(&table.lock);
        return;
    }
    table.running = false;
    table.stopping = true;
    pthread_cond_signal(&table.wake);
    pthread_mutex_unlock(&table.lock);
    pthread_join(table.timer, NULL);
    do {
        pthread_mutex_lock(&table.lock);
        number = table.oldest ? table.oldest->number : 0;
        pthread_mutex_unlock(&table.lock);
        if (number)
            (void)end(number, MCX_CLOSING, NULL);
    } while (number);
}

/* ---- begin ---- */

/* Its number, or 0: too many wait, or shutting down. */
static uint64_t add(struct wait *wait)
{
    uint64_t number = 0;

    pthread_mutex_lock(&table.lock);
    if (table.running && table.count < WAITING_MAX) {
        number = wait->number = ++table.last_number;
        insert(wait);
        if (table.oldest == wait)
            pthread_cond_signal(&table.wake);
    }
    pthread_mutex_unlock(&table.lock);
    return number;
}

static enum mcx_err take_back(uint64_t number, enum mcx_err err)
{
    struct wait *wait = NULL;

    pthread_mutex_lock(&table.lock);
    wait = extract(number);
    pthread_mutex_unlock(&table.lock);
    if (!wait)
        return MCX_OK; /* ended in the meantime: done was called */
    free(wait);
    return err;
}

enum mcx_err mcx_exchange_begin(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, uint32_t timeout_ms, mcx_exchange_done done,
                                void *arg)
{
    struct wait *wait = malloc(sizeof *wait);
    uint64_t number = 0;
    enum mcx_err err;

    if (!wait)
        return MCX_NO_MEMORY;
    *wait =
        (struct wait){.deadline_ms = mcx_clock_mono_ms() + timeout_ms, .done = done, .arg = arg};
    number = add(wait);
    if (number == 0) {
        free(wait);
        return table.running ? MCX_BUSY : MCX_CLOSING;
    }
    /* Ours + 1 s, so that freeDiameter drops its copy after our timer (design 6). */
    err = mcx_sender_request(request, party, host, &reply_ops, number, timeout_ms + 1000);
    if (err == MCX_OK)
        return MCX_OK;
    err = take_back(number, err);
    if (err == MCX_OK) { /* done has told that it timed out; the message never left */
        fd_msg_free(*request);
        *request = NULL;
    }
    return err;
}
