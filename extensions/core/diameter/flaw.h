/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with the shape of a request, and the answer for it (RFC 6733 7.1.5, 7.5). Pure;
 * whoever owns the message. */
#ifndef MCX_DIAMETER_FLAW_H
#define MCX_DIAMETER_FLAW_H

#include "diameter/answer.h"
#include "diameter/avp.h"

/* `failed` borrows from the message. */
struct mcx_flaw {
    struct mcx_result result;
    struct mcx_failed_avp failed;
    const char *reason; /* one word for the log */
};

/* A Failed-AVP that says this; octets are borrowed. */
struct mcx_failed_avp mcx_failed_avp_of(enum mcx_avp_name name, struct mcx_span octets);

/* Fill *flaw and answer false. parent: the group that the AVP stands in, MCX_AVP_NAMES for none. */
bool mcx_flaw_missing(struct mcx_flaw *flaw, enum mcx_avp_name name, enum mcx_avp_name parent);
/* The offending one goes back as it came. */
bool mcx_flaw_value(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent);
bool mcx_flaw_length(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent);
bool mcx_flaw_repeated(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent);
bool mcx_flaw_not_allowed(struct mcx_flaw *flaw, const struct mcx_avp *avp);

#endif
