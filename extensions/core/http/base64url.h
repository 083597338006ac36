/* SPDX-License-Identifier: Apache-2.0 */
/* base64url without padding (RFC 4648 5, RFC 7515 2), strictly: one text for one content. Pure; any
 * thread. */
#ifndef MCX_HTTP_BASE64URL_H
#define MCX_HTTP_BASE64URL_H

#include "base/span.h"

/* Writes 3 octets for 4 characters; out holds text.len * 3 / 4. INVALID: another character, an
 * impossible length, or bits left over that are not 0. */
MCX_MUST_USE enum mcx_err mcx_base64url_decode(struct mcx_span text, uint8_t *out, size_t *len);

#endif
