/* SPDX-License-Identifier: Apache-2.0 */
/* The beginning of every request of ours (RFC 6733 8.8, 6.1; TS 29.229 6.1; design 3). Any thread;
 * does not block. */
#ifndef MCX_DIAMETER_REQUEST_H
#define MCX_DIAMETER_REQUEST_H

#include "diameter/avp.h"

/* A new request with its own Session-Id, Vendor-Specific-Application-Id, Auth-Session-State,
 * Origin-Host and -Realm, Destination-Realm and, if host has a length, Destination-Host; R and P
 * set. command and application are of ours (dict.h). 0 or errno; *out is the caller's, NULL on
 * error. */
MCX_MUST_USE int mcx_request_make(uint32_t command, uint32_t application,
                                  const struct mcx_str *realm, const struct mcx_str *host,
                                  struct msg **out);

#endif
