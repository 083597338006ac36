/* SPDX-License-Identifier: Apache-2.0 */
/* IMPI (NAI, RFC 7542) and IMPU (SIP, SIPS, tel URI) in the canonical form that is the key in the
 * database (design: NAI realm and SIP host in lower case, user part case-sensitive after
 * unescaping, URI parameters, port and headers dropped, tel without visual separators, sips is not
 * sip), and fresh migration identities. Pure except for randomness; any thread. */
#ifndef MCX_IDENTITY_H
#define MCX_IDENTITY_H

#include "base/span.h"

/* INVALID: empty, no or empty user or realm, a '!' anywhere (RFC 4282 decoration, trap R5), a
 * control octet, bad realm characters, NUL, not UTF-8. TOO_LONG: over 255 octets before or after.
 * TS 23.003 13.3. */
MCX_MUST_USE enum mcx_err mcx_impi_canonical(struct mcx_span impi, struct mcx_str *out);

/* INVALID: not a sip:, sips: or tel: URI, '!' inside, bad escape, empty user or host, and as above.
 * TS 23.003 13.4. */
MCX_MUST_USE enum mcx_err mcx_impu_canonical(struct mcx_span impu, struct mcx_str *out);

/* RFC 3629, without C0 and C1 controls and DEL. Also true of nothing. */
bool mcx_identity_is_printable_utf8(struct mcx_span text);

/* The domain after the last '@' (IMPI or SIP IMPU, canonical); empty span for tel. */
struct mcx_span mcx_identity_domain(const struct mcx_str *canonical);

/* Fresh identities "<26 base32>@domain" and "sip:<26 base32>@domain", 128 random bits each, drawn
 * independently. INVALID: domain is not a host name. CR 10.1.X.1 steps 5 and 10. */
MCX_MUST_USE enum mcx_err mcx_impi_generate(struct mcx_span domain, struct mcx_str *out);
MCX_MUST_USE enum mcx_err mcx_impu_generate(struct mcx_span domain, struct mcx_str *out);

/* Host name (RFC 1123 letters, digits, hyphen, dots; 1-255), lower-cased into *out. For realms and
 * Diameter hosts. */
MCX_MUST_USE enum mcx_err mcx_host_canonical(struct mcx_span host, struct mcx_str *out);

#endif
