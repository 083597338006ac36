/* SPDX-License-Identifier: Apache-2.0 */
/* What the identity parsers share: an output that cannot overflow, character classes of RFC
 * 3261 25.1 and RFC 3966 3. Pure; any thread. */
#ifndef MCX_IDENTITY_PRIVATE_H
#define MCX_IDENTITY_PRIVATE_H

#include "base/span.h"

/* Canonical octets as they grow. Past the limit it only remembers that it overflowed. */
struct mcx_identity_text {
    struct mcx_str str;
    bool is_too_long;
};

void mcx_identity_put(struct mcx_identity_text *text, struct mcx_span octets);
void mcx_identity_put_octet(struct mcx_identity_text *text, uint8_t octet);
/* OK and *out set, or TOO_LONG. */
MCX_MUST_USE enum mcx_err mcx_identity_finish(const struct mcx_identity_text *text,
                                              struct mcx_str *out);

bool mcx_identity_is_one_of(uint8_t octet, const char *set); /* never for NUL */
bool mcx_identity_is_alnum(uint8_t octet);
uint8_t mcx_identity_lower(uint8_t octet);
/* Value of a hexadecimal digit, or -1. */
int mcx_identity_hex(uint8_t octet);

/* Takes what stands before the first `separator` off *rest, and the separator. False: not in it;
 * *rest and *before untouched. */
bool mcx_identity_cut(struct mcx_span *rest, uint8_t separator, struct mcx_span *before);

/* What follows "sip:" or "sips:", or "tel:". */
MCX_MUST_USE enum mcx_err mcx_identity_sip(struct mcx_span rest, struct mcx_identity_text *text);
MCX_MUST_USE enum mcx_err mcx_identity_tel(struct mcx_span rest, struct mcx_identity_text *text);

#endif
