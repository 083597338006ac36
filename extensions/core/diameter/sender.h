/* SPDX-License-Identifier: Apache-2.0 */
/* The only thread of ours that calls fd_msg_send. It keeps one lane per party and puts no more
 * messages into freeDiameter for a party than that party's peers take (trap R13), so that a peer
 * that stops reading delays nobody. */
#ifndef MCX_DIAMETER_SENDER_H
#define MCX_DIAMETER_SENDER_H

#include "base/conf.h"
#include "diameter/fd.h"

int mcx_sender_start(void);
/* Frees what waits, joins the thread. Idempotent. */
void mcx_sender_stop(void);

/* Takes over a finished answer: *answer becomes NULL. Any thread; never blocks. If its peer is gone
 * or stuck the answer is freed and counted. */
void mcx_sender_answer(struct msg **answer);

/* Takes over a request of ours for a partner: mcx_relay_answered or mcx_relay_expired will hear of
 * it with the transaction number, after timeout_ms at the latest. BUSY, CLOSING, NO_MEMORY:
 * *request is still the caller's. */
MCX_MUST_USE enum mcx_err mcx_sender_request(struct msg **request,
                                             const struct mcx_conf_partner *partner,
                                             size_t partner_index, uint64_t number,
                                             uint32_t timeout_ms);

/* From hooks.c at HOOK_MESSAGE_SENT, in freeDiameter's thread for that peer: if msg is one of ours,
 * its place in the lane is free again. msg is not looked into: a request of ours may already be
 * freed, when its time was up while the peer did not read. */
void mcx_sender_sent(struct peer_hdr *peer, const struct msg *msg);

#endif
