/* SPDX-License-Identifier: Apache-2.0 */
/* What to ask: the options of requests, and a request made of them as the grammars say
 * (TS 29.229 6.1, TS 29.109 4.2). */
#ifndef PROBE_REQUEST_H
#define PROBE_REQUEST_H

#include <argp.h>

#include "link.h"

struct request_options {
    uint32_t command, application;
    bool is_zh;
    const char *destination_realm, *destination_host, *impi, *impu, *server_name, *scheme;
    long items, assignment_type, reason_code;
    const char *visited_network, *user_data;
};

extern const struct argp request_argp; /* input: struct request_options */

/* One request; rand_auts: 30 octets for SIP-Authorization, or NULL. Header identifiers are fresh.
 */
void request_build(const struct request_options *options, const struct wire_identity *identity,
                   const uint8_t *rand_auts, struct wire_buf *out);

#endif
