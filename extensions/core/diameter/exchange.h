/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of ours that wait for an answer, by a 64-bit number (trap R14: freeDiameter keeps the
 * number, never a pointer). Whoever takes the number first ends the wait: the answer, our own
 * monotonic timer, or the sender that finds no open connection. */
#ifndef MCX_DIAMETER_EXCHANGE_H
#define MCX_DIAMETER_EXCHANGE_H

#include "diameter/border.h"

/* Exactly once for every begin that answered OK. OK: *answer is borrowed for the call. TIMEOUT;
 * NOT_LIVE: no open connection; CLOSING: answer is NULL. Dispatch, timer or sender thread; must not
 * block. */
typedef void (*mcx_exchange_done)(void *arg, enum mcx_err err, struct msg *answer);

/* Idempotent; stop ends all that wait with CLOSING, and later begins answer CLOSING. 0 or errno. */
int mcx_exchange_start(void);
void mcx_exchange_stop(void);

/* Takes *request over if it answers OK. host: the Destination-Host, for a party that is not a
 * partner. BUSY: too many wait, or that party's lane is full. Any thread; does not block. */
MCX_MUST_USE enum mcx_err mcx_exchange_begin(struct msg **request, const struct mcx_party *party,
                                             struct mcx_span host, uint32_t timeout_ms,
                                             mcx_exchange_done done, void *arg);

#endif
