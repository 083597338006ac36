/* SPDX-License-Identifier: Apache-2.0 */
/* Lanes of the sender: what waits for one party, and which of its messages freeDiameter holds. All
 * under the sender's lock, but mcx_lane_is_open. */
#ifndef MCX_DIAMETER_LANE_H
#define MCX_DIAMETER_LANE_H

#include "diameter/border.h"
#include "diameter/fd.h"

enum {
    MCX_LANE_WINDOW = 4, /* below the 5 of freeDiameter's per-peer queue */
    MCX_LANE_MAX =
        4096, /* waiting messages of one party, beyond which it gets no request of ours */
    /* Of all messages that wait for it, as they will be on the wire; or answers_max ordinary ones.
     */
    MCX_LANE_OCTETS = 32 << 20,
    MCX_LANE_ORDINARY = 1024
};

struct mcx_reply_ops; /* sender.h */

struct mcx_parcel {
    struct mcx_parcel *next;
    struct msg *msg;
    const struct mcx_reply_ops *ops; /* requests of ours; NULL: an answer */
    uint64_t number;
    uint32_t timeout_ms;
    size_t octets; /* of msg on the wire */
};

struct mcx_lane {
    struct mcx_lane *chain; /* same bucket */
    struct mcx_lane *next_ready;
    bool is_ready;       /* in the sender's ready list */
    bool is_full;        /* its window was full, and is not yet down to LANE_REFILL */
    struct mcx_str name; /* system_id of a partner, else the peer's host; constant */
    bool is_partner;     /* constant */
    size_t partner_index;
    struct mcx_parcel *first, **last;
    size_t waiting, octets; /* octets: of what waits */
    size_t inside;
    const struct msg *window[MCX_LANE_WINDOW]; /* by address only: some are freed already */
    int64_t progress_ms;
};

/* The party's lane, or NULL; find_or_make: NULL without memory. A partner has one for all its
 * hosts, others one per host. */
struct mcx_lane *mcx_lane_find(struct mcx_span host, const struct mcx_party *party);
struct mcx_lane *mcx_lane_find_or_make(struct mcx_span host, const struct mcx_party *party);

/* Puts behind all that waits. false: for a request, MCX_LANE_MAX reached; for an answer, that and
 * answers_max more: all that a party waits for may end at the same time. For both: the octets that
 * wait would pass MCX_LANE_OCTETS, and MCX_LANE_ORDINARY for each of answers_max. */
MCX_MUST_USE bool mcx_lane_put(struct mcx_lane *lane, struct mcx_parcel *parcel,
                               size_t answers_max);
/* The oldest that waits, or NULL. */
struct mcx_parcel *mcx_lane_take(struct mcx_lane *lane);
/* All that waits, as a list. */
struct mcx_parcel *mcx_lane_take_all(struct mcx_lane *lane);

/* Something waits and freeDiameter may get it. */
bool mcx_lane_may_send(const struct mcx_lane *lane);
/* msg goes in. Only if mcx_lane_may_send was true. */
void mcx_lane_enter(struct mcx_lane *lane, const struct msg *msg);
/* msg is out. false: it was not in, so it is none of ours. */
bool mcx_lane_left(struct mcx_lane *lane, const struct msg *msg);
/* Whatever was in is gone. */
void mcx_lane_clear(struct mcx_lane *lane);

/* Calls look for each lane; one of which it says false is freed, with nothing in it. look may let
 * go of the lock for a while, as long as only one thread walks. */
void mcx_lane_walk(bool (*look)(struct mcx_lane *lane, int64_t now_ms), int64_t now_ms);

/* Is a connection with a peer of this lane open? held: how many messages freeDiameter has queued
 * for these peers; NULL: not asked. only: of all hosts of the lane, or of all (lane NULL), this
 * one; empty: any of the lane.
 * NOT under the sender's lock: freeDiameter joins, under its list's lock, threads that may be
 * waiting for ours. */
bool mcx_lane_is_open(const struct mcx_lane *lane, struct mcx_span only, int *held);

#endif
