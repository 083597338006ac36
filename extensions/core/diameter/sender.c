/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one lane per party (lane.c). What a lane's window admits goes into freeDiameter, and
 * the next when HOOK_MESSAGE_SENT tells that one is on the wire: a peer that stops reading fills
 * its own lane only. Any thread makes lanes, ours alone frees them. */
#include "diameter/sender.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "diameter/border.h"
#include "diameter/gate.h"
#include "diameter/lane.h"

enum {
    OUTGOING_ROOM = 25, /* below the 30 of freeDiameter's outgoing queue */
    STALL_MS = 100,     /* no progress for so long: look whether the peer is still there */
    IDLE_MS = 60000     /* a lane unused for so long goes: a SIP core may use any number of names */
};

static struct {
    pthread_mutex_t lock; /* guards all below and every lane */
    pthread_cond_t wake;
    struct mcx_lane *ready_first, **ready_last;
    bool running, stopping;
    size_t answers_max; /* constant */
    pthread_t thread;
} sender = {.lock = PTHREAD_MUTEX_INITIALIZER};

static void make_ready(struct mcx_lane *lane)
{
    if (lane->is_ready || !mcx_lane_may_send(lane))
        return;
    lane->is_ready = true;
    lane->next_ready = NULL;
    *sender.ready_last = lane;
    sender.ready_last = &lane->next_ready;
    pthread_cond_signal(&sender.wake);
}

static struct mcx_lane *take_ready(void)
{
    struct mcx_lane *lane = sender.ready_first;

    sender.ready_first = lane->next_ready;
    if (!sender.ready_first)
        sender.ready_last = &sender.ready_first;
    lane->is_ready = false;
    return lane;
}

/* Not under the lock. Whoever waits for a request that can't leave hears of it at once. */
static void discard(struct mcx_parcel *parcel)
{
    if (parcel->ops)
        parcel->ops->failed(parcel->number, "no_route");
    else
        mcx_metric_inc(MCX_M_ANSWER_DROPPED);
    fd_msg_free(parcel->msg);
    free(parcel);
}

static bool is_past(struct msg *request)
{
    if (!mcx_border_is_past(request))
        return false;
    mcx_log_limited(MCX_LOG_WARN, "ev=answer_dropped reason=other_connection");
    return true;
}

/* Nothing goes to freeDiameter without an open connection that can take it: when the last one is
 * gone, no DPR of ours closes the gate before the queues are destroyed. An answer goes by its
 * request's only. */
static bool has_peer(const struct mcx_lane *lane, const struct mcx_parcel *parcel)
{
    struct msg *request = NULL;
    DiamId_t source = NULL;
    size_t len = 0;

    if (parcel->ops)
        return mcx_lane_is_open(lane, mcx_span(NULL, 0), NULL);
    return fd_msg_answ_getq(parcel->msg, &request) == 0 && request && !is_past(request) &&
           fd_msg_source_get(request, &source, &len) == 0 && source && len > 0 &&
           mcx_lane_is_open(lane, mcx_span(source, len), NULL);
}

/* The party did not take it in time. It would answer for nothing, and a primary spend an SQN. */
static bool is_stale(const struct mcx_lane *lane, const struct mcx_parcel *parcel)
{
    if (!parcel->ops || !mcx_gate_is_open() || parcel->ops->is_awaited(parcel->number))
        return false;
    mcx_metric_inc(MCX_M_REQUEST_STALE);
    mcx_log_limited(MCX_LOG_INFO, "ev=request_stale %s=%s number=%" PRIu64,
                    lane->is_partner ? "partner" : "peer", MCX_SAFE(mcx_span_str(&lane->name)),
                    parcel->number);
    return true;
}

/* The only calls of fd_msg_send in the project. Both post to a queue that has room, and own the
 * message if they answer 0. */
static int post(struct mcx_parcel *parcel)
{
    struct timespec until;

    if (!parcel->ops)
        return fd_msg_send(&parcel->msg, NULL, NULL);
    until = mcx_clock_real_after_ms(parcel->timeout_ms);
    return fd_msg_send_timeout(&parcel->msg, parcel->ops->answered,
                               (void *)(uintptr_t)parcel->number, parcel->ops->expired, &until);
}

static bool send_one(const struct mcx_lane *lane, struct mcx_parcel *parcel)
{
    int ret = ENOTCONN;

    if (!is_stale(lane, parcel) && has_peer(lane, parcel) && mcx_gate_enter()) {
        ret = post(parcel);
        mcx_gate_leave();
    }
    if (ret == 0)
        free(parcel);
    else
        discard(parcel);
    return ret == 0;
}

static bool outgoing_has_room(void)
{
    int count = 0;

    /* A closed gate lets nothing in, and freeDiameter's queue may be destroyed. */
    return !mcx_gate_is_open() ||
           fd_stat_getstats(STAT_G_OUTGOING, NULL, &count, NULL, NULL, NULL, NULL, NULL, NULL) !=
               0 ||
           count < OUTGOING_ROOM;
}

static void send_from(struct mcx_lane *lane)
{
    struct mcx_parcel *parcel = NULL;
    const struct msg *msg = NULL;
    bool is_sent = false;

    if (!mcx_lane_may_send(lane))
        return;
    parcel = mcx_lane_take(lane);
    msg = parcel->msg;
    mcx_lane_enter(lane, msg); /* before it can be on the wire */
    pthread_mutex_unlock(&sender.lock);
    is_sent = send_one(lane, parcel);
    pthread_mutex_lock(&sender.lock);
    if (!is_sent)
        (void)mcx_lane_left(lane, msg);
    make_ready(lane);
}

static void discard_all(struct mcx_parcel *parcel)
{
    while (parcel) {
        struct mcx_parcel *next = parcel->next;

        discard(parcel);
        parcel = next;
    }
}

/* No progress: messages may have been dropped with their connection. false: forget the lane. */
static bool look_after(struct mcx_lane *lane, int64_t now_ms)
{
    bool is_open = false;
    int held = 0;

    if (now_ms - lane->progress_ms < STALL_MS)
        return true;
    if (lane->inside == 0)
        return lane->first || lane->is_ready || now_ms - lane->progress_ms < IDLE_MS;
    pthread_mutex_unlock(&sender.lock);
    is_open = mcx_lane_is_open(lane, mcx_span(NULL, 0), &held);
    pthread_mutex_lock(&sender.lock);
    lane->progress_ms = now_ms;
    if (held == 0)
        mcx_lane_clear(lane);
    else
        mcx_log_limited(MCX_LOG_WARN, "ev=peer_stuck %s=%s waiting=%zu",
                        lane->is_partner ? "partner" : "peer", MCX_SAFE(mcx_span_str(&lane->name)),
                        lane->waiting);
    if (!is_open) {
        struct mcx_parcel *gone = mcx_lane_take_all(lane);

        pthread_mutex_unlock(&sender.lock);
        discard_all(gone);
        pthread_mutex_lock(&sender.lock);
    }
    make_ready(lane);
    return true;
}

static void wait_for(uint32_t ms)
{
    struct timespec until = mcx_clock_mono_timespec(mcx_clock_mono_ms() + ms);

    pthread_cond_timedwait(&sender.wake, &sender.lock, &until);
}

static void *sender_main(void *arg)
{
    int64_t looked_ms = 0;

    pthread_mutex_lock(&sender.lock);
    while (!sender.stopping) {
        int64_t now_ms = mcx_clock_mono_ms();

        if (now_ms - looked_ms >= STALL_MS) {
            looked_ms = now_ms;
            mcx_lane_walk(look_after, now_ms);
        }
        if (!sender.ready_first) {
            wait_for(STALL_MS);
        } else if (!outgoing_has_room()) {
            wait_for(1);
        } else {
            send_from(take_ready());
        }
    }
    pthread_mutex_unlock(&sender.lock);
    return arg;
}

static size_t octets_of(struct msg *msg)
{
    struct msg_hdr *header = NULL;

    return fd_msg_update_length(msg) == 0 && fd_msg_hdr(msg, &header) == 0 ? header->msg_length : 0;
}

/* Takes msg over when it answers OK. */
static enum mcx_err enqueue(struct mcx_span host, const struct mcx_party *party, struct msg *msg,
                            const struct mcx_reply_ops *ops, uint64_t number, uint32_t timeout_ms)
{
    struct mcx_parcel *parcel = malloc(sizeof *parcel);
    struct mcx_lane *lane = NULL;
    enum mcx_err err = MCX_CLOSING;

    if (!parcel)
        return MCX_NO_MEMORY;
    *parcel = (struct mcx_parcel){.msg = msg,
                                  .ops = ops,
                                  .number = number,
                                  .timeout_ms = timeout_ms,
                                  .octets = octets_of(msg)};
    pthread_mutex_lock(&sender.lock);
    if (sender.running && !sender.stopping) {
        lane = mcx_lane_find_or_make(host, party);
        err = !lane                                            ? MCX_NO_MEMORY
              : mcx_lane_put(lane, parcel, sender.answers_max) ? MCX_OK
                                                               : MCX_BUSY;
    }
    if (err == MCX_OK)
        make_ready(lane);
    pthread_mutex_unlock(&sender.lock);
    if (err != MCX_OK)
        free(parcel);
    return err;
}

void mcx_sender_answer(struct msg **answer)
{
    struct msg *request = NULL;
    DiamId_t source = NULL;
    size_t len = 0;
    enum mcx_err err = MCX_INVALID;

    if (mcx_gate_is_open() && fd_msg_answ_getq(*answer, &request) == 0 && request &&
        fd_msg_source_get(request, &source, &len) == 0 && source) {
        struct mcx_party party = mcx_border_party(mcx_span(source, len));

        err = enqueue(mcx_span(source, len), &party, *answer, NULL, 0, 0);
    }
    if (err != MCX_OK) {
        mcx_metric_inc(MCX_M_ANSWER_DROPPED);
        mcx_log_limited(MCX_LOG_WARN, "ev=answer_dropped reason=%s", mcx_err_label(err));
        fd_msg_free(*answer);
    }
    *answer = NULL;
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, const struct mcx_reply_ops *ops,
                                uint64_t number, uint32_t timeout_ms)
{
    enum mcx_err err = MCX_CLOSING;

    if (mcx_gate_is_open())
        err = enqueue(host, party, *request, ops, number, timeout_ms);
    if (err == MCX_OK)
        *request = NULL;
    return err;
}

void mcx_sender_sent(struct peer_hdr *peer, const struct msg *msg)
{
    struct mcx_span host = mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen);
    struct mcx_party party = mcx_border_party(host);
    struct mcx_lane *lane = NULL;

    pthread_mutex_lock(&sender.lock);
    if (sender.running)
        lane = mcx_lane_find(host, &party);
    if (lane && mcx_lane_left(lane, msg)) {
        lane->progress_ms = mcx_clock_mono_ms();
        make_ready(lane);
    }
    pthread_mutex_unlock(&sender.lock);
}

int mcx_sender_start(size_t answers_max)
{
    int ret = 0;

    sender.answers_max = answers_max;
    sender.ready_last = &sender.ready_first;
    mcx_clock_cond_init(&sender.wake);
    sender.running = true;
    ret = pthread_create(&sender.thread, NULL, sender_main, NULL);
    if (ret != 0)
        sender.running = false;
    return ret;
}

static bool empty(struct mcx_lane *lane, int64_t now_ms)
{
    struct mcx_parcel *parcel = NULL;

    while ((parcel = mcx_lane_take(lane)) != NULL) {
        fd_msg_free(parcel->msg);
        free(parcel);
    }
    return false;
}

void mcx_sender_stop(void)
{
    pthread_mutex_lock(&sender.lock);
    if (!sender.running) {
        pthread_mutex_unlock(&sender.lock);
        return;
    }
    sender.stopping = true;
    pthread_cond_signal(&sender.wake);
    pthread_mutex_unlock(&sender.lock);
    pthread_join(sender.thread, NULL);
    pthread_mutex_lock(&sender.lock);
    sender.running = false;
    mcx_lane_walk(empty, 0);
    pthread_mutex_unlock(&sender.lock);
}
