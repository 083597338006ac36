/* SPDX-License-Identifier: Apache-2.0 */
/* Where a UE says that it is (CR 10.1.X.1 step 1), in the two forms that it may use. Pure; any
 * thread. INVALID: fault says what is wrong and what to do. */
#ifndef MCX_HTTP_LOCATION_H
#define MCX_HTTP_LOCATION_H

#include "http/json.h"
#include "policy/location.h"

struct mcx_ask_fault {
    char detail[256]; /* for the client */
};
/* Writes detail and answers INVALID. */
MCX_MUST_USE enum mcx_err mcx_ask_refuse(struct mcx_ask_fault *fault, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* {"plmn": "00101", "ecgi": {"plmn": "00101", "eci": 27447297}, "latitude": 48.1,
 * "longitude": 11.5} with at least one of plmn, ecgi and the pair of coordinates; no other member.
 */
MCX_MUST_USE enum mcx_err mcx_location_json(const json_t *location, struct mcx_location *out,
                                            struct mcx_ask_fault *fault);

/* application/vnd.3gpp.mcptt-location-info+xml with a Report, TS 24.379 F.3; at most 32 KiB, no
 * document type. Serving cell and coordinates are taken, everything else is passed over. */
MCX_MUST_USE enum mcx_err mcx_location_xml(struct mcx_span xml, struct mcx_location *out,
                                           struct mcx_ask_fault *fault);

#endif
