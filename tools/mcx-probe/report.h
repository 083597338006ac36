/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as JSON. XRES, CK, IK and HA1 are left out: only the card's verdict on them is shown. */
#ifndef PROBE_REPORT_H
#define PROBE_REPORT_H

#include <jansson.h>

#include "link.h"
#include "wire/msg.h"

/* UTF-8 as it is, anything else as "hex:...". */
json_t *report_text(struct mcx_span octets);
json_t *report_cea(const struct link *link, int64_t elapsed_us);
/* What a request said: identities, routing, header. */
json_t *report_request(struct mcx_span message);
/* What an answer said, compared with its request. */
json_t *report_answer(struct mcx_span message, struct mcx_span request, int64_t elapsed_us);

/* Prints the report: JSON on one line, or for people. */
void report_print(const json_t *report, bool as_json);

#endif
