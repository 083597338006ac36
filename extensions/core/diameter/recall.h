/* SPDX-License-Identifier: Apache-2.0 */
/* RTR and PPR of a partner's SIP database, for its users who are here (design 7; TS 29.229 6.1.9 to
 * 6.1.12). */
#ifndef MCX_DIAMETER_RECALL_H
#define MCX_DIAMETER_RECALL_H

#include "base/conf.h"
#include "diameter/mar_codec.h"
#include "policy/recall.h"

/* true: *ask is filled but for partner. false: *flaw says what to answer; *ask is undefined.
 * Whoever owns the message; does not block. */
MCX_MUST_USE bool mcx_recall_decode(struct msg *msg, struct mcx_recall_ask *ask,
                                    struct mcx_flaw *flaw);

/* After mcx_mar_service_start, whose transactions it uses: one worker with its own connection, and
 * the dispatch callbacks. 0, or errno after a logged sentence. */
int mcx_recall_start(const struct mcx_conf *conf);
/* Before mcx_mar_service_stop. Idempotent. */
void mcx_recall_stop(void);

#endif
