/* SPDX-License-Identifier: Apache-2.0 */
/* Requests sent on behalf of the configuration management server, in one table of what waits. done
 * is never called under its lock. */
#include "diameter/exchange.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "diameter/sender.h"
#include "diameter/waiting.h"

enum { WAITING_EXPECTED = 4096, WAITING_MAX = 20000 };

struct exchange {
    struct mcx_wait wait; /* first */
    mcx_exchange_done done;
    void *arg;
};

static void timed_out(struct mcx_wait *wait);

static struct mcx_waiting waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = timed_out};

/* ---- ends ---- */

static void finish(struct mcx_wait *wait, enum mcx_err err, struct msg *answer)
{
    struct exchange *exchange = (struct exchange *)wait;

    exchange->done(exchange->arg, err, answer);
    free(exchange);
}

static void timed_out(struct mcx_wait *wait)
{
    finish(wait, MCX_TIMEOUT, NULL);
}

static void left_over(struct mcx_wait *wait)
{
    finish(wait, MCX_CLOSING, NULL);
}

static struct mcx_wait *extract(uint64_t number)
{
    struct mcx_wait *wait = NULL;

    pthread_mutex_lock(&waiting.lock);
    wait = mcx_waiting_extract(&waiting, number);
    pthread_mutex_unlock(&waiting.lock);
    return wait;
}

static bool end(uint64_t number, enum mcx_err err, struct msg *answer)
{
    struct mcx_wait *wait = extract(number);

    if (wait)
        finish(wait, err, answer);
    return wait != NULL;
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
    return mcx_waiting_stands(&waiting, number);
}

static const struct mcx_reply_ops reply_ops = {
    .answered = answered, .expired = expired, .failed = failed, .is_awaited = is_awaited};

int mcx_exchange_start(void)
{
    return waiting.running ? 0 : mcx_waiting_start(&waiting, WAITING_EXPECTED);
}

void mcx_exchange_stop(void)
{
    mcx_waiting_stop(&waiting, left_over);
}

/* ---- begin ---- */

/* BUSY: too many wait; CLOSING. *number: its own. */
static enum mcx_err add(struct exchange *exchange, uint64_t *number)
{
    enum mcx_err err = MCX_BUSY;

    pthread_mutex_lock(&waiting.lock);
    if (waiting.count < WAITING_MAX)
        err = mcx_waiting_insert(&waiting, &exchange->wait);
    *number = exchange->wait.number;
    pthread_mutex_unlock(&waiting.lock);
    return err;
}

enum mcx_err mcx_exchange_begin(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, uint32_t timeout_ms, mcx_exchange_done done,
                                void *arg)
{
    struct exchange *exchange = malloc(sizeof *exchange);
    uint64_t number = 0;
    enum mcx_err err;

    if (!exchange)
        return MCX_NO_MEMORY;
    *exchange = (struct exchange){
        .wait = {.deadline_ms = mcx_clock_mono_ms() + timeout_ms}, .done = done, .arg = arg};
    err = add(exchange, &number);
    if (err != MCX_OK) {
        free(exchange);
        return err;
    }
    /* Ours + 1 s, so that freeDiameter drops its copy after our timer (design 6). */
    err = mcx_sender_request(request, party, host, &reply_ops, number, timeout_ms + 1000);
    if (err == MCX_OK)
        return MCX_OK;
    exchange = (struct exchange *)extract(number);
    if (exchange) {
        free(exchange);
        return err;
    }
    fd_msg_free(*request); /* done has told that it timed out; the message never left */
    *request = NULL;
    return MCX_OK;
}
