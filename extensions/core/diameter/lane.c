/* SPDX-License-Identifier: Apache-2.0 */
/* A hash of lanes by party. freeDiameter holds 5 messages per peer before it blocks its single
 * routing-out thread (trap R13); a lane therefore lets MCX_LANE_WINDOW in. Messages that
 * freeDiameter makes itself are not counted: they are told apart by address. */
#include "diameter/lane.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

enum {
    BUCKETS = 256,
    LANE_REFILL = 1 /* a full lane is filled again from here: one wake-up for several messages */
};

static struct mcx_lane *buckets[BUCKETS];

static struct mcx_span key_of(struct mcx_span host, const struct mcx_party *party)
{
    return party->kind == MCX_PARTY_PARTNER ? mcx_span_str(&party->partner->system_id) : host;
}

static struct mcx_lane **place_of(struct mcx_span key, bool is_partner)
{
    struct mcx_lane **at = &buckets[mcx_span_hash(key) % BUCKETS];

    while (*at &&
           ((*at)->is_partner != is_partner || !mcx_span_equal(mcx_span_str(&(*at)->name), key)))
        at = &(*at)->chain;
    return at;
}

struct mcx_lane *mcx_lane_find(struct mcx_span host, const struct mcx_party *party)
{
    return *place_of(key_of(host, party), party->kind == MCX_PARTY_PARTNER);
}

struct mcx_lane *mcx_lane_find_or_make(struct mcx_span host, const struct mcx_party *party)
{
    struct mcx_span key = key_of(host, party);
    struct mcx_lane **place = place_of(key, party->kind == MCX_PARTY_PARTNER);
    struct mcx_lane *lane = *place;

    if (lane)
        return lane;
    lane = calloc(1, sizeof *lane);
    if (!lane || mcx_str_set(&lane->name, key) != MCX_OK) {
        free(lane);
        return NULL;
    }
    lane->last = &lane->first;
    lane->is_partner = party->kind == MCX_PARTY_PARTNER;
    lane->partner_index = party->index;
    lane->progress_ms = mcx_clock_mono_ms();
    *place = lane;
    return lane;
}

static size_t octets_max(size_t answers_max)
{
    size_t ordinary = answers_max * MCX_LANE_ORDINARY;

    return ordinary > MCX_LANE_OCTETS ? ordinary : MCX_LANE_OCTETS;
}

bool mcx_lane_put(struct mcx_lane *lane, struct mcx_parcel *parcel, size_t answers_max)
{
    if (lane->waiting >= MCX_LANE_MAX + (parcel->ops ? 0 : answers_max) ||
        lane->octets + parcel->octets > octets_max(answers_max))
        return false;
    parcel->next = NULL;
    *lane->last = parcel;
    lane->last = &parcel->next;
    lane->waiting++;
    lane->octets += parcel->octets;
    return true;
}

struct mcx_parcel *mcx_lane_take(struct mcx_lane *lane)
{
    struct mcx_parcel *parcel = lane->first;

    if (!parcel)
        return NULL;
    lane->first = parcel->next;
    if (!lane->first)
        lane->last = &lane->first;
    lane->waiting--;
    lane->octets -= parcel->octets;
    return parcel;
}

struct mcx_parcel *mcx_lane_take_all(struct mcx_lane *lane)
{
    struct mcx_parcel *all = lane->first;

    lane->first = NULL;
    lane->last = &lane->first;
    lane->waiting = lane->octets = 0;
    return all;
}

bool mcx_lane_may_send(const struct mcx_lane *lane)
{
    return lane->first && !lane->is_full && lane->inside < MCX_LANE_WINDOW;
}

/* The place in the window that holds msg; NULL as msg: a free one. */
static const struct msg **window_place(struct mcx_lane *lane, const struct msg *msg)
{
    for (size_t i = 0; i < MCX_LANE_WINDOW; i++)
        if (lane->window[i] == msg)
            return &lane->window[i];
    return NULL;
}

void mcx_lane_enter(struct mcx_lane *lane, const struct msg *msg)
{
    const struct msg **place = window_place(lane, NULL);

    if (!place)
        return;
    *place = msg;
    lane->inside++;
    lane->is_full = lane->inside == MCX_LANE_WINDOW;
    if (lane->inside == 1)
        lane->progress_ms = mcx_clock_mono_ms();
}

bool mcx_lane_left(struct mcx_lane *lane, const struct msg *msg)
{
    const struct msg **place = window_place(lane, msg);

    if (!msg || !place)
        return false;
    *place = NULL;
    lane->inside--;
    if (lane->inside <= LANE_REFILL)
        lane->is_full = false;
    return true;
}

void mcx_lane_clear(struct mcx_lane *lane)
{
    memset(lane->window, 0, sizeof lane->window);
    lane->inside = 0;
    lane->is_full = false;
}

void mcx_lane_walk(bool (*look)(struct mcx_lane *lane, int64_t now_ms), int64_t now_ms)
{
    for (size_t i = 0; i < BUCKETS; i++) {
        struct mcx_lane **at = &buckets[i];

        while (*at) {
            struct mcx_lane *lane = *at;

            if (look(lane, now_ms)) {
                at = &lane->chain;
                continue;
            }
            *at = lane->chain;
            free(lane);
        }
    }
}

static bool is_of(const struct mcx_lane *lane, struct mcx_span host)
{
    struct mcx_party party;

    if (!lane->is_partner)
        return mcx_span_equal_nocase(host, mcx_span_str(&lane->name));
    party = mcx_border_party(host);
    return party.kind == MCX_PARTY_PARTNER && party.index == lane->partner_index;
}

bool mcx_lane_is_open(const struct mcx_lane *lane, struct mcx_span only, int *held)
{
    bool is_open = false;

    if (held)
        *held = 0;
    if (pthread_rwlock_rdlock(&fd_g_peers_rw) != 0)
        return false;
    for (struct fd_list *li = fd_g_peers.next; li != &fd_g_peers; li = li->next) {
        struct peer_hdr *peer = (struct peer_hdr *)li->o;
        struct mcx_span host = mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen);
        int count = 0;

        if (only.len > 0 ? !mcx_span_equal_nocase(host, only) : !is_of(lane, host))
            continue;
        if (fd_peer_get_state(peer) != STATE_OPEN)
            continue;
        is_open = true;
        if (!held)
            break;
        if (fd_stat_getstats(STAT_P_TOSEND, peer, &count, NULL, NULL, NULL, NULL, NULL, NULL) == 0)
            *held += count;
    }
    pthread_rwlock_unlock(&fd_g_peers_rw);
    return is_open;
}
