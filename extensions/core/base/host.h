/* SPDX-License-Identifier: Apache-2.0 */
/* Host names: Diameter identities and realms (RFC 6733 4.3.1), SIP hosts, NAI realms. Pure; any
 * thread. */
#ifndef MCX_BASE_HOST_H
#define MCX_BASE_HOST_H

#include "base/span.h"

/* Lower-cased copy of a host name as RFC 1123 2.1 has it: labels of 1 to 63 letters, digits and
 * inner hyphens between dots. INVALID: anything else, also empty or with a trailing dot. TOO_LONG:
 * over 255 octets. *out untouched on error. */
MCX_MUST_USE enum mcx_err mcx_host_lower(struct mcx_span host, struct mcx_str *out);

#endif
