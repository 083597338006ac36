/* SPDX-License-Identifier: Apache-2.0 */
/* Diameter messages as octets, written without freeDiameter, so that a test may send what no
 * encoder would (RFC 6733 3 and 4.1). */
#ifndef MCX_TEST_WIRE_H
#define MCX_TEST_WIRE_H

#include "base/span.h"
#include "diameter/dict.h"

enum { WIRE_MAX = 65535 };

struct wire {
    size_t len;
    uint8_t octets[WIRE_MAX + 1];
};

static inline struct mcx_span wire_span(const struct wire *wire)
{
    return mcx_span(wire->octets, wire->len);
}

/* Starts over. flags: CMD_FLAG_... */
void wire_begin(struct wire *wire, uint8_t flags, uint32_t command, uint32_t application);
/* The length of the message, once all AVPs are there. */
void wire_end(struct wire *wire);

/* Any AVP at all; a Vendor-Id is written when flags say V. */
void wire_raw(struct wire *wire, uint32_t code, uint8_t flags, uint32_t vendor,
              struct mcx_span value);
/* With the flags of its definition: M, and V of 3GPP. */
void wire_avp(struct wire *wire, enum mcx_avp_name name, struct mcx_span value);
void wire_u32(struct wire *wire, enum mcx_avp_name name, uint32_t value);
/* A group until wire_close gets what wire_open gave. */
size_t wire_open(struct wire *wire, enum mcx_avp_name name);
void wire_close(struct wire *wire, size_t open);

/* A MAR by parts: what has no octets is left out. */
struct mar {
    uint32_t application;
    uint8_t flags;
    struct mcx_span session_id, origin_host, origin_realm, destination_host, destination_realm;
    struct mcx_span user_name, public_identity, scheme, authorization, server_name, route_record;
    bool has_item, has_number;
    uint32_t number;
    enum mcx_avp_name repeat; /* a second one of this at the end; MCX_AVP_NAMES: none */
};
struct mar mar_cx(void);
struct mar mar_zh(void);
/* Grammar of TS 29.229 6.1.7 and TS 29.109 4.2, in its order. */
void mar_write(const struct mar *mar, struct wire *wire);

#endif
