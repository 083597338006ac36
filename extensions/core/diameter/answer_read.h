/* SPDX-License-Identifier: Apache-2.0 */
/* What every answer to a request of ours must say before anything in it is believed (RFC 6733 7.6,
 * 8.8). Whoever owns the answer; does not block. */
#ifndef MCX_DIAMETER_ANSWER_READ_H
#define MCX_DIAMETER_ANSWER_READ_H

#include "diameter/avp.h"
#include "policy/result.h"

/* Exactly one of Result-Code and Experimental-Result, the latter of this vendor: 10415 or that of
 * the MCX applications. false: *result is undefined. */
MCX_MUST_USE bool mcx_answer_read_result(struct msg *answer, uint32_t vendor,
                                         struct mcx_result *result);

/* freeDiameter pairs by Hop-by-Hop identifier alone: a Session-Id of another request would be
 * another user's answer. An absent one is accepted by correlation. */
MCX_MUST_USE bool mcx_answer_same_session(struct msg *answer);

#endif
