/* SPDX-License-Identifier: Apache-2.0 */
/* Answers made and handed to the sender in one step, for services. Any thread that owns the
 * request; does not block. */
#ifndef MCX_DIAMETER_ANSWER_SEND_H
#define MCX_DIAMETER_ANSWER_SEND_H

#include "diameter/fd.h"
#include "diameter/flaw.h"

/* Consumes the request, which becomes NULL also where no answer could be made (memory). */
void mcx_answer_send(struct msg **request, struct mcx_result result);

/* As the flaw says: its result, its Failed-AVP and, where it is Experimental (5011), the features
 * that we support (TS 29.229 7.2.1). */
void mcx_answer_flaw(struct msg **request, const struct mcx_flaw *flaw);

#endif
