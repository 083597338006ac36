/* SPDX-License-Identifier: Apache-2.0 */
/* One thread, one lane per party. freeDiameter holds 5 messages per peer and 30 in all before it
 * blocks its single routing-out thread; a lane therefore has at most LANE_WINDOW messages inside,
 * and the next goes in when HOOK_MESSAGE_SENT tells that one is on the wire. A peer that stops
 * reading fills its own lane only. */
#include "diameter/sender.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "diameter/border.h"
#include "diameter/gate.h"
#include "diameter/relay.h"

enum {
    LANE_WINDOW = 4,    /* below the 5 of freeDiameter's per-peer queue */
    LANE_REFILL = 1,    /* a full lane is filled again from here: one wake-up for several messages */
    OUTGOING_ROOM = 25, /* below the 30 of its outgoing queue */
    LANE_MAX = 4096,    /* waiting messages of one party; the SIP core has given up on older ones */
    LANE_BUCKETS = 256,
    STALL_MS = 100 /* no progress for so long: look whether the peer is still there */
};

struct parcel {
    struct parcel *next;
    struct msg *msg;
    uint64_t number; /* requests of ours; 0: an answer */
    uint32_t timeout_ms;
};

struct lane {
    struct lane *chain; /* same bucket */
    struct lane *next_ready;
    bool is_ready;       /* in the ready list */
    bool is_full;        /* its window was full, and is not yet down to LANE_REFILL */
    struct mcx_str name; /* system_id of a partner, else the peer's host */
    bool is_partner;
    size_t partner_index;
    struct parcel *first, **last;
    size_t waiting, inside;
    int64_t progress_ms;
};

static struct {
    pthread_mutex_t lock; /* guards all below and every lane */
    pthread_cond_t wake;
    struct lane *buckets[LANE_BUCKETS];
    struct lane *ready_first, **ready_last;
    size_t blocked; /* lanes with parcels and a full window */
    bool running, stopping;
    pthread_t thread;
} sender = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct lane **lane_place(struct mcx_span key, bool is_partner)
{
    struct lane **at = &sender.buckets[mcx_span_hash(key) % LANE_BUCKETS];

    while (*at &&
           ((*at)->is_partner != is_partner || !mcx_span_equal(mcx_span_str(&(*at)->name), key)))
        at = &(*at)->chain;
    return at;
}

/* Under the lock. A partner has one lane for all its hosts, by its system_id; others one per host.
 */
static struct lane *lane_of(struct mcx_span key, const struct mcx_party *party)
{
    bool is_partner = party->kind == MCX_PARTY_PARTNER;
    struct lane **place = NULL;

    if (is_partner)
        key = mcx_span_str(&party->partner->system_id);
    place = lane_place(key, is_partner);
    if (*place)
        return *place;
    *place = calloc(1, sizeof **place);
    if (!*place)
        return NULL;
    if (mcx_str_set(&(*place)->name, key) != MCX_OK) {
        free(*place);
        *place = NULL;
        return NULL;
    }
    (*place)->last = &(*place)->first;
    (*place)->is_partner = is_partner;
    (*place)->partner_index = party->index;
    return *place;
}

static struct lane *lane_of_host(struct mcx_span host)
{
    struct mcx_party party = mcx_border_party(host);

    return lane_of(host, &party);
}

static void make_ready(struct lane *lane)
{
    if (lane->inside <= LANE_REFILL)
        lane->is_full = false;
    if (lane->is_ready || !lane->first || lane->is_full || lane->inside >= LANE_WINDOW)
        return;
    lane->is_ready = true;
    lane->next_ready = NULL;
    *sender.ready_last = lane;
    sender.ready_last = &lane->next_ready;
    pthread_cond_signal(&sender.wake);
}

static struct lane *take_ready(void)
{
    struct lane *lane = sender.ready_first;

    if (!lane)
        return NULL;
    sender.ready_first = lane->next_ready;
    if (!sender.ready_first)
        sender.ready_last = &sender.ready_first;
    lane->is_ready = false;
    return lane;
}

static struct parcel *take_parcel(struct lane *lane)
{
    struct parcel *parcel = lane->first;

    if (!parcel)
        return NULL;
    lane->first = parcel->next;
    if (!lane->first)
        lane->last = &lane->first;
    lane->waiting--;
    return parcel;
}

/* Not under the lock. A request that can't leave is answered 5012 at once by the relay. */
static void discard(struct parcel *parcel)
{
    if (parcel->number)
        mcx_relay_failed(parcel->number, "no_route");
    else
        mcx_metric_inc(MCX_M_ANSWER_DROPPED);
    fd_msg_free(parcel->msg);
    free(parcel);
}

static bool peer_is_open(const char *host, size_t len)
{
    struct peer_hdr *peer = NULL;

    return fd_peer_getbyid((DiamId_t)host, len, 1, &peer) == 0 && peer &&
           fd_peer_get_state(peer) == STATE_OPEN;
}

static bool answer_has_peer(struct msg *answer)
{
    struct msg *request = NULL;
    DiamId_t source = NULL;
    size_t len = 0;

    return fd_msg_answ_getq(answer, &request) == 0 && request &&
           fd_msg_source_get(request, &source, &len) == 0 && source && peer_is_open(source, len);
}

/* The only calls of fd_msg_send in the project. Both post to a queue that has room. */
static void post(struct parcel *parcel)
{
    int ret = 0;

    if (parcel->number) {
        struct timespec until = mcx_clock_real_after_ms(parcel->timeout_ms);

        ret = fd_msg_send_timeout(&parcel->msg, mcx_relay_answered,
                                  (void *)(uintptr_t)parcel->number, mcx_relay_expired, &until);
    } else {
        ret = fd_msg_send(&parcel->msg, NULL, NULL);
    }
    if (ret != 0) {
        discard(parcel);
        return;
    }
    free(parcel);
}

static bool send_one(struct parcel *parcel)
{
    bool sent = false;

    if (!mcx_gate_enter()) {
        discard(parcel);
        return false;
    }
    /* A peer that left takes no answer; a request finds its way, or anscb hears 3002. */
    sent = parcel->number || answer_has_peer(parcel->msg);
    if (sent)
        post(parcel);
    mcx_gate_leave();
    if (!sent)
        discard(parcel);
    return sent;
}

static bool outgoing_has_room(void)
{
    int count = 0;

    return fd_stat_getstats(STAT_G_OUTGOING, NULL, &count, NULL, NULL, NULL, NULL, NULL, NULL) !=
               0 ||
           count < OUTGOING_ROOM;
}

static void send_from(struct lane *lane)
{
    struct parcel *parcel = take_parcel(lane);
    bool sent = false;

    if (!parcel)
        return;
    lane->inside++;
    pthread_mutex_unlock(&sender.lock);
    sent = send_one(parcel);
    pthread_mutex_lock(&sender.lock);
    if (!sent && lane->inside > 0)
        lane->inside--;
    if (lane->inside == 1)
        lane->progress_ms = mcx_clock_mono_ms();
    if (lane->inside < LANE_WINDOW)
        make_ready(lane);
    else
        lane->is_full = true;
}

/* How many messages freeDiameter still holds for this lane's peers. */
static int held_for(const struct lane *lane, bool *is_open)
{
    int held = 0;

    *is_open = false;
    CHECK_FCT_DO(pthread_rwlock_rdlock(&fd_g_peers_rw), return 0);
    for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
        struct peer_hdr *peer = (struct peer_hdr *)li->o;
        struct mcx_span host = mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen);
        struct mcx_party party = mcx_border_party(host);
        int count = 0;
        bool is_ours = lane->is_partner
                           ? party.kind == MCX_PARTY_PARTNER && party.index == lane->partner_index
                           : mcx_span_equal_nocase(host, mcx_span_str(&lane->name));

        if (!is_ours || fd_peer_get_state(peer) != STATE_OPEN)
            continue;
        *is_open = true;
        if (fd_stat_getstats(STAT_P_TOSEND, peer, &count, NULL, NULL, NULL, NULL, NULL, NULL) == 0)
            held += count;
    }
    pthread_rwlock_unlock(&fd_g_peers_rw);
    return held;
}

/* A full window without progress: messages may have been dropped with their connection. */
static void look_after(struct lane *lane, int64_t now_ms)
{
    bool is_open = false;
    struct parcel *gone = NULL;

    if (!lane->is_full || now_ms - lane->progress_ms < STALL_MS)
        return;
    lane->progress_ms = now_ms;
    if (held_for(lane, &is_open) == 0)
        lane->inside = 0;
    if (!is_open && lane->first) {
        gone = lane->first;
        lane->first = NULL;
        lane->last = &lane->first;
        lane->waiting = 0;
        pthread_mutex_unlock(&sender.lock);
        while (gone) {
            struct parcel *next = gone->next;

            discard(gone);
            gone = next;
        }
        pthread_mutex_lock(&sender.lock);
    }
    make_ready(lane);
}

static void look_after_all(void)
{
    int64_t now_ms = mcx_clock_mono_ms();

    for (size_t i = 0; i < LANE_BUCKETS; i++)
        for (struct lane *lane = sender.buckets[i]; lane; lane = lane->chain)
            look_after(lane, now_ms);
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
            look_after_all();
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

/* Takes msg over when it answers OK. */
static enum mcx_err enqueue(struct mcx_span host, const struct mcx_party *party, struct msg *msg,
                            uint64_t number, uint32_t timeout_ms)
{
    struct parcel *parcel = calloc(1, sizeof *parcel);
    struct lane *lane = NULL;
    enum mcx_err err = MCX_OK;

    if (!parcel)
        return MCX_NO_MEMORY;
    parcel->msg = msg;
    parcel->number = number;
    parcel->timeout_ms = timeout_ms;
    pthread_mutex_lock(&sender.lock);
    lane = sender.running && !sender.stopping ? lane_of(host, party) : NULL;
    if (!lane) {
        err = MCX_CLOSING;
    } else if (lane->waiting >= LANE_MAX) {
        err = MCX_BUSY;
    } else {
        *lane->last = parcel;
        lane->last = &parcel->next;
        lane->waiting++;
        make_ready(lane);
    }
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

        err = enqueue(mcx_span(source, len), &party, *answer, 0, 0);
    }
    if (err != MCX_OK) {
        mcx_metric_inc(MCX_M_ANSWER_DROPPED);
        mcx_log_limited(MCX_LOG_WARN, "ev=answer_dropped reason=%s", mcx_err_label(err));
        fd_msg_free(*answer);
    }
    *answer = NULL;
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_conf_partner *partner,
                                size_t partner_index, uint64_t number, uint32_t timeout_ms)
{
    struct mcx_party party = {
        .kind = MCX_PARTY_PARTNER, .index = partner_index, .partner = partner};
    enum mcx_err err = MCX_CLOSING;

    if (mcx_gate_is_open())
        err = enqueue(mcx_span(NULL, 0), &party, *request, number, timeout_ms);
    if (err == MCX_OK)
        *request = NULL;
    return err;
}

void mcx_sender_sent(struct peer_hdr *peer, int is_base_protocol)
{
    struct lane *lane = NULL;

    if (is_base_protocol)
        return;
    pthread_mutex_lock(&sender.lock);
    lane = sender.running ? lane_of_host(mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen))
                          : NULL;
    if (lane) {
        if (lane->inside > 0)
            lane->inside--;
        lane->progress_ms = mcx_clock_mono_ms();
        make_ready(lane);
    }
    pthread_mutex_unlock(&sender.lock);
}

int mcx_sender_start(void)
{
    pthread_condattr_t attr;
    int ret = 0;

    sender.ready_last = &sender.ready_first;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&sender.wake, &attr);
    pthread_condattr_destroy(&attr);
    sender.running = true;
    ret = pthread_create(&sender.thread, NULL, sender_main, NULL);
    if (ret != 0)
        sender.running = false;
    return ret;
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
    sender.running = false;
    for (size_t i = 0; i < LANE_BUCKETS; i++) {
        while (sender.buckets[i]) {
            struct lane *lane = sender.buckets[i];

            sender.buckets[i] = lane->chain;
            for (struct parcel *parcel = take_parcel(lane); parcel; parcel = take_parcel(lane)) {
                fd_msg_free(parcel->msg);
                free(parcel);
            }
            free(lane);
        }
    }
}
