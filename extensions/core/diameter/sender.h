/* SPDX-License-Identifier: Apache-2.0 */
/* The only thread of ours that calls fd_msg_send. It keeps one lane per party and puts no more
 * messages into freeDiameter for a party than that party's peers take (trap R13), so that a peer
 * that stops reading delays nobody. */
#ifndef MCX_DIAMETER_SENDER_H
#define MCX_DIAMETER_SENDER_H

#include "diameter/border.h"
#include "diameter/fd.h"

/* answers_max: as many of one party may have to leave at once (hss.in_flight_max). 0 or errno. */
int mcx_sender_start(size_t answers_max);
/* Frees what waits, joins the thread. Idempotent. */
void mcx_sender_stop(void);

/* Takes over a finished answer: *answer becomes NULL. Any thread; never blocks. If its peer is gone
 * or stuck the answer is freed and counted. */
void mcx_sender_answer(struct msg **answer);

/* Who hears of a request of ours, by its number: one of the first three, once. answered and expired
 * are freeDiameter's callbacks (dispatch thread, expiry thread of the peer) and disable
 * cancellation inside (trap R14); failed and is_awaited run in the sender's thread. None may block.
 */
struct mcx_reply_ops {
    void (*answered)(void *number, struct msg **answer);
    void (*expired)(void *number, DiamId_t peer, size_t len, struct msg **request);
    void (*failed)(uint64_t number, const char *reason); /* it could not leave, or not in time */
    /* Does anybody still wait for its answer? Asked when its turn to leave comes; no: it is freed.
     */
    bool (*is_awaited)(uint64_t number);
};

/* Takes over a request of ours for a party; host: which of it, for parties that are not partners (a
 * partner's hosts have one lane). *ops will hear of it with the number, after timeout_ms at the
 * latest. BUSY, CLOSING, NO_MEMORY: *request is still the caller's. */
MCX_MUST_USE enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                             struct mcx_span host, const struct mcx_reply_ops *ops,
                                             uint64_t number, uint32_t timeout_ms);

/* From hooks.c at HOOK_MESSAGE_SENT, in freeDiameter's thread for that peer: if msg is one of ours,
 * its place in the lane is free again. msg is not looked into: a request of ours may already be
 * freed, when its time was up while the peer did not read. */
void mcx_sender_sent(struct peer_hdr *peer, const struct msg *msg);

#endif
