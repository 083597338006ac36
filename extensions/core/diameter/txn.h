/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions: requests of the SIP core or a partner that wait for our answer, by a 64-bit number
 * (trap R14: numbers travel through freeDiameter and the pool, never pointers). Whoever takes the
 * number first answers; later ones find nothing. A timer thread takes what has run out of time. Any
 * thread; never blocks beyond a short mutex. */
#ifndef MCX_DIAMETER_TXN_H
#define MCX_DIAMETER_TXN_H

#include "diameter/fd.h"
#include "hss/mar.h"

struct mcx_txn {
    struct msg *request;         /* owned */
    enum mcx_iface iface;        /* of the request */
    struct mcx_mar_relay *relay; /* owned; NULL until it is sent on */
    size_t partner_index;        /* relay: party of the border */
    unsigned int redirects;      /* 3006 followed so far */
    int64_t deadline_ms;         /* monotonic; set by add */
    int64_t began_us;            /* monotonic; set by add */
};

/* expired runs in the timer thread, must not block, and owns what *txn holds. 0 or errno. */
int mcx_txn_start(size_t capacity, uint32_t answer_time_ms,
                  void (*expired)(uint64_t number, struct mcx_txn *txn));
/* Joins the timer; hands every open transaction to `left`. Idempotent. */
void mcx_txn_stop(void (*left)(uint64_t number, struct mcx_txn *txn));

/* Copies *txn in and returns its number, never 0. 0: capacity reached, *txn is still the caller's.
 */
uint64_t mcx_txn_add(struct mcx_txn *txn);
/* Removes it. false: unknown, answered or expired before. */
MCX_MUST_USE bool mcx_txn_take(uint64_t number, struct mcx_txn *out);
/* Does it still stand: neither answered nor expired? */
bool mcx_txn_stands(uint64_t number);
/* The transaction is being relayed: attaches *relay (owned from now on) in place. false: no longer
 * there. */
MCX_MUST_USE bool mcx_txn_set_relay(uint64_t number, struct mcx_mar_relay *relay,
                                    size_t partner_index);
/* After take: the same number and deadline again (a redirect followed). BUSY: its place is gone;
 * CLOSING: shutting down. *txn is still the caller's then. */
MCX_MUST_USE enum mcx_err mcx_txn_put_back(uint64_t number, const struct mcx_txn *txn);

#endif
