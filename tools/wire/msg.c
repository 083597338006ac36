/* SPDX-License-Identifier: Apache-2.0 */
/* The codec: RFC 6733 3 (header) and 4.1 (AVP header), lengths checked at every step. Written apart
 * from freeDiameter so that a fault there is seen here. Pure. */
#include "wire/msg.h"

#include <string.h>

static size_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

bool wire_msg_header(struct mcx_span message, struct wire_header *out)
{
    if (message.len < WIRE_HEADER_LEN)
        return false;
    const uint8_t *at = message.octets;
    out->version = at[0];
    out->length = wire_get_u24(at + 1);
    out->flags = at[4];
    out->command = wire_get_u24(at + 5);
    out->application = wire_get_u32(at + 8);
    out->hop_by_hop = wire_get_u32(at + 12);
    out->end_to_end = wire_get_u32(at + 16);
    return true;
}

const char *wire_msg_fault(struct mcx_span message)
{
    struct wire_header header;
    if (!wire_msg_header(message, &header))
        return "shorter than a Diameter header";
    if (header.version != 1)
        return "version is not 1";
    if (header.length != message.len)
        return "length in the header is not the length received";
    if (header.length % 4)
        return "message length is not a multiple of 4";
    struct mcx_span rest = wire_msg_avps(message);
    struct wire_avp avp;
    enum wire_step step;
    while ((step = wire_msg_next(&rest, &avp)) == WIRE_NEXT)
        ;
    return step == WIRE_BAD ? "an AVP exceeds its bounds" : NULL;
}

struct mcx_span wire_msg_avps(struct mcx_span message)
{
    if (message.len <= WIRE_HEADER_LEN)
        return mcx_span(message.octets, 0);
    return mcx_span(message.octets + WIRE_HEADER_LEN, message.len - WIRE_HEADER_LEN);
}

enum wire_step wire_msg_next(struct mcx_span *rest, struct wire_avp *out)
{
    if (rest->len == 0)
        return WIRE_END;
    if (rest->len < 8)
        return WIRE_BAD;
    const uint8_t *at = rest->octets;
    size_t length = wire_get_u24(at + 5);
    size_t head = at[4] & WIRE_AVP_V ? 12 : 8;
    if (length < head || length > rest->len || padded(length) > rest->len)
        return WIRE_BAD;
    out->code = wire_get_u32(at);
    out->flags = at[4];
    out->vendor = head == 12 ? wire_get_u32(at + 8) : 0;
    out->body = mcx_span(at + head, length - head);
    rest->octets += padded(length);
    rest->len -= padded(length);
    return WIRE_NEXT;
}

bool wire_msg_is(const struct wire_avp *avp, enum wire_id id)
{
    const struct wire_row *row = wire_dict_row(id);
    return avp->code == row->code && avp->vendor == row->vendor;
}

bool wire_msg_find(struct mcx_span avps, enum wire_id id, unsigned n, struct wire_avp *out)
{
    struct wire_avp avp;
    while (wire_msg_next(&avps, &avp) == WIRE_NEXT) {
        if (!wire_msg_is(&avp, id) || n--)
            continue;
        *out = avp;
        return true;
    }
    return false;
}

bool wire_msg_find_u32(struct mcx_span avps, enum wire_id id, uint32_t *out)
{
    struct wire_avp avp;
    if (!wire_msg_find(avps, id, 0, &avp) || avp.body.len != 4)
        return false;
    *out = wire_get_u32(avp.body.octets);
    return true;
}

struct wire_result wire_msg_result(struct mcx_span avps)
{
    struct wire_result result = {0};
    struct wire_avp group;
    if (wire_msg_find_u32(avps, WIRE_RESULT_CODE, &result.code))
        return result;
    if (!wire_msg_find(avps, WIRE_EXPERIMENTAL_RESULT, 0, &group))
        return result;
    result.is_experimental =
        wire_msg_find_u32(group.body, WIRE_EXPERIMENTAL_RESULT_CODE, &result.code);
    wire_msg_find_u32(group.body, WIRE_VENDOR_ID, &result.vendor);
    return result;
}

size_t wire_msg_begin(struct wire_buf *buf, const struct wire_header *header)
{
    size_t mark = buf->len;
    wire_buf_put_u8(buf, 1);
    wire_buf_put_u24(buf, 0);
    wire_buf_put_u8(buf, header->flags);
    wire_buf_put_u24(buf, header->command);
    wire_buf_put_u32(buf, header->application);
    wire_buf_put_u32(buf, header->hop_by_hop);
    wire_buf_put_u32(buf, header->end_to_end);
    return mark;
}

void wire_msg_end(struct wire_buf *buf, size_t mark)
{
    wire_set_u24(buf->octets + mark + 1, (uint32_t)(buf->len - mark));
}

void wire_msg_put_raw(struct wire_buf *buf, const struct wire_avp *avp)
{
    size_t head = avp->flags & WIRE_AVP_V ? 12 : 8;
    size_t length = head + avp->body.len;
    wire_buf_put_u32(buf, avp->code);
    wire_buf_put_u8(buf, avp->flags);
    wire_buf_put_u24(buf, (uint32_t)length);
    if (head == 12)
        wire_buf_put_u32(buf, avp->vendor);
    wire_buf_put(buf, avp->body.octets, avp->body.len);
    wire_buf_put_zero(buf, padded(length) - length);
}

void wire_msg_put(struct wire_buf *buf, enum wire_id id, const void *octets, size_t len)
{
    const struct wire_row *row = wire_dict_row(id);
    struct wire_avp avp = {row->code, row->vendor, row->flags, mcx_span(octets, len)};
    wire_msg_put_raw(buf, &avp);
}

void wire_msg_put_text(struct wire_buf *buf, enum wire_id id, const char *text)
{
    wire_msg_put(buf, id, text, strlen(text));
}

void wire_msg_put_span(struct wire_buf *buf, enum wire_id id, struct mcx_span span)
{
    wire_msg_put(buf, id, span.octets, span.len);
}

void wire_msg_put_u32(struct wire_buf *buf, enum wire_id id, uint32_t value)
{
    uint8_t octets[4];
    wire_set_u32(octets, value);
    wire_msg_put(buf, id, octets, sizeof(octets));
}

size_t wire_msg_group_begin(struct wire_buf *buf, enum wire_id id)
{
    size_t mark = buf->len;
    wire_msg_put(buf, id, NULL, 0);
    return mark;
}

void wire_msg_group_end(struct wire_buf *buf, size_t mark)
{
    wire_set_u24(buf->octets + mark + 5, (uint32_t)(buf->len - mark));
}

void wire_msg_put_application(struct wire_buf *buf, uint32_t application)
{
    size_t group = wire_msg_group_begin(buf, WIRE_VENDOR_SPECIFIC_APPLICATION_ID);
    wire_msg_put_u32(buf, WIRE_VENDOR_ID, WIRE_VENDOR_3GPP);
    wire_msg_put_u32(buf, WIRE_AUTH_APPLICATION_ID, application);
    wire_msg_group_end(buf, group);
    wire_msg_put_u32(buf, WIRE_AUTH_SESSION_STATE, 1); /* NO_STATE_MAINTAINED, RFC 6733 8.11 */
}
