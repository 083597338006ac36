/* SPDX-License-Identifier: Apache-2.0 */
/* Building and strict parsing of Diameter messages, RFC 6733 3 and 4. The parser borrows: spans
 * live as long as the octets parsed. Pure; any thread. */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "wire/buf.h"
#include "wire/dict.h"

#define WIRE_HEADER_LEN 20
#define WIRE_MESSAGE_MAX                                                                           \
    (1u << 20) /* we accept more than freeDiameter's 65,535, to see what a peer does */

enum { WIRE_FLAG_R = 0x80, WIRE_FLAG_P = 0x40, WIRE_FLAG_E = 0x20, WIRE_FLAG_T = 0x10 };
enum { WIRE_AVP_V = 0x80, WIRE_AVP_M = 0x40, WIRE_AVP_P = 0x20 };

struct wire_header {
    uint32_t length; /* of the whole message; ignored when building */
    uint8_t version, flags;
    uint32_t command, application, hop_by_hop, end_to_end;
};

/* false: fewer than 20 octets. Checks nothing else. */
bool wire_msg_header(struct mcx_span message, struct wire_header *out);
/* NULL if the frame is sound: version 1, length as given, a multiple of 4, every top-level AVP
 * inside its bounds. Otherwise a static sentence for people. Groups are checked when they are
 * walked. */
const char *wire_msg_fault(struct mcx_span message);
struct mcx_span wire_msg_avps(struct mcx_span message); /* what follows the header */

struct wire_avp {
    uint32_t code, vendor; /* vendor 0: V bit clear */
    uint8_t flags;
    struct mcx_span body;
};
enum wire_step { WIRE_NEXT, WIRE_END, WIRE_BAD };
/* Takes the first AVP off *rest. BAD: a length under its header, over what is there, or cut
 * padding. */
enum wire_step wire_msg_next(struct mcx_span *rest, struct wire_avp *out);
/* The n-th (from 0) AVP of that kind; false: absent, or what stands before it is broken. */
bool wire_msg_find(struct mcx_span avps, enum wire_id id, unsigned n, struct wire_avp *out);
/* false: absent or not of 4 octets. */
bool wire_msg_find_u32(struct mcx_span avps, enum wire_id id, uint32_t *out);
bool wire_msg_is(const struct wire_avp *avp, enum wire_id id);

struct wire_result {
    uint32_t code, vendor; /* code 0: neither AVP was there */
    bool is_experimental;
};
struct wire_result wire_msg_result(struct mcx_span avps);

/* Building: begin, put..., end. Marks are offsets into the buffer, so several messages may follow
 * one another. */
size_t wire_msg_begin(struct wire_buf *buf, const struct wire_header *header);
void wire_msg_end(struct wire_buf *buf, size_t mark);
void wire_msg_put(struct wire_buf *buf, enum wire_id id, const void *octets, size_t len);
void wire_msg_put_text(struct wire_buf *buf, enum wire_id id, const char *text);
void wire_msg_put_span(struct wire_buf *buf, enum wire_id id, struct mcx_span span);
void wire_msg_put_u32(struct wire_buf *buf, enum wire_id id, uint32_t value);
size_t wire_msg_group_begin(struct wire_buf *buf, enum wire_id id);
void wire_msg_group_end(struct wire_buf *buf, size_t mark);
/* Any code; the vendor is written when the V flag is set. */
void wire_msg_put_raw(struct wire_buf *buf, const struct wire_avp *avp);
/* Vendor-Specific-Application-Id {10415, application} and Auth-Session-State NO_STATE_MAINTAINED,
 * TS 29.229 6.1. */
void wire_msg_put_application(struct wire_buf *buf, uint32_t application);

#endif
