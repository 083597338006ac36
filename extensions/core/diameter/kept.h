/* SPDX-License-Identifier: Apache-2.0 */
/* What stays of a request. freeDiameter holds it as long as its answer waits, and a peer decides
 * how many answers wait for it: it asks, and does not read. At worst 1.5 times the 65,535 octets of
 * a message (a Session-Id here and an identity in the answer, twice), and an object for each of
 * border.max_avps there. Whoever owns the message; does not block. */
#ifndef MCX_DIAMETER_KEPT_H
#define MCX_DIAMETER_KEPT_H

#include "diameter/fd.h"

/* Of one that has been decoded: Session-Id and what its answer says again (RFC 6733 6.2, TS 29.229
 * 6.1.8). The header and the peer that it came from stay. */
void mcx_kept_for_answer(struct msg *request);
/* Of one that has its answer: Session-Id, which is put into it last (session_shield.h). */
void mcx_kept_when_answered(struct msg *request);

#endif
