/* SPDX-License-Identifier: Apache-2.0 */
/* The octets of single AVPs: freeDiameter 1.2.1 writes whole messages only. */
#include "diameter/avp_octets.h"

#include <string.h>

#include "diameter/dict.h"

enum { CLASS = 25 }; /* RFC 6733 8.20: OctetString without a vendor */

struct writer {
    uint8_t *octets;
    size_t len, size;
};

size_t mcx_avp_header_len(uint8_t flags)
{
    return flags & AVP_FLAG_VENDOR ? 12 : 8;
}

static size_t padding(size_t len)
{
    return (4 - len % 4) % 4;
}

bool mcx_avp_definition(uint32_t code, uint32_t vendor, struct dict_object **model,
                        struct dict_avp_data *data)
{
    struct dict_avp_request request = {.avp_code = code, .avp_vendor = vendor};
    struct dict_object *found = NULL;

    if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &request, &found,
                       ENOENT) != 0 ||
        !found || fd_dict_getval(found, data) != 0)
        return false;
    *model = found;
    return true;
}

size_t mcx_avp_fixed_size(enum dict_avp_basetype type)
{
    switch (type) {
    case AVP_TYPE_INTEGER32:
    case AVP_TYPE_UNSIGNED32:
    case AVP_TYPE_FLOAT32:
        return 4;
    case AVP_TYPE_INTEGER64:
    case AVP_TYPE_UNSIGNED64:
    case AVP_TYPE_FLOAT64:
        return 8;
    case AVP_TYPE_GROUPED:
    case AVP_TYPE_OCTETSTRING:
        break;
    }
    return 0;
}

/* As plain octets if it has no value. freeDiameter gives out the octets of an AVP only under a
 * definition: for that moment it passes for one of plain octets. Its header keeps its size, so V
 * stays. */
static enum dict_avp_basetype base_type(struct avp *avp, struct avp_hdr *header)
{
    uint32_t code = header->avp_code, vendor = header->avp_vendor;
    struct dict_object *model = NULL;
    struct dict_avp_data data;
    struct fd_pei error = {0};

    if (fd_msg_model(avp, &model) == 0 && model && fd_dict_getval(model, &data) == 0)
        return data.avp_basetype;
    header->avp_code = CLASS;
    if (header->avp_flags & AVP_FLAG_VENDOR) {
        header->avp_code = mcx_dict_code(MCX_AVP_SIP_AUTHENTICATE);
        header->avp_vendor = mcx_dict_vendor(MCX_AVP_SIP_AUTHENTICATE);
    }
    if (fd_msg_parse_dict(avp, fd_g_config->cnf_dict, &error) != 0)
        header->avp_value = NULL;
    header->avp_code = code;
    header->avp_vendor = vendor;
    return AVP_TYPE_OCTETSTRING;
}

static bool put(struct writer *writer, const void *octets, size_t len)
{
    if (writer->size - writer->len < len)
        return false;
    if (len > 0)
        memcpy(writer->octets + writer->len, octets, len);
    writer->len += len;
    return true;
}

static bool put_number(struct writer *writer, uint64_t number, size_t len)
{
    uint8_t octets[8];

    for (size_t i = 0; i < len; i++)
        octets[i] = (uint8_t)(number >> 8 * (len - 1 - i));
    return put(writer, octets, len);
}

static bool put_avp(struct writer *writer, struct avp *avp);

/* As many children as fit; true: all of them. */
static bool put_children(struct writer *writer, struct avp *group)
{
    struct avp *child = NULL;
    int ret = fd_msg_browse_internal(group, MSG_BRW_FIRST_CHILD, (void *)&child, NULL);

    while (ret == 0 && child) {
        size_t mark = writer->len;

        if (!put_avp(writer, child)) {
            writer->len = mark;
            return false;
        }
        ret = fd_msg_browse_internal(child, MSG_BRW_NEXT, (void *)&child, NULL);
    }
    return ret == 0;
}

/* Of octets as many as fit; true: all. */
static bool put_content(struct writer *writer, struct avp *avp, struct avp_hdr *header)
{
    enum dict_avp_basetype type = base_type(avp, header);
    size_t room = writer->size - writer->len, len = 0;

    if (type == AVP_TYPE_GROUPED)
        return put_children(writer, avp);
    if (!header->avp_value)
        return false;
    if (mcx_avp_fixed_size(type) == 4)
        return put_number(writer, header->avp_value->u32, 4);
    if (mcx_avp_fixed_size(type) == 8)
        return put_number(writer, header->avp_value->u64, 8);
    len = header->avp_value->os.len < room ? header->avp_value->os.len : room;
    (void)put(writer, header->avp_value->os.data, len); /* fits */
    return len == header->avp_value->os.len;
}

/* With header and padding. */
static bool put_avp(struct writer *writer, struct avp *avp)
{
    struct avp_hdr *header = NULL;
    size_t start = writer->len, len = 0;
    struct writer length = {.size = 3};

    if (fd_msg_avp_hdr(avp, &header) != 0 || !put_number(writer, header->avp_code, 4) ||
        !put_number(writer, header->avp_flags, 1) || !put_number(writer, 0, 3) ||
        ((header->avp_flags & AVP_FLAG_VENDOR) && !put_number(writer, header->avp_vendor, 4)) ||
        !put_content(writer, avp, header))
        return false;
    len = writer->len - start;
    length.octets = writer->octets + start + 5;
    return put_number(&length, len, 3) && put_number(writer, 0, padding(len));
}

size_t mcx_avp_octets(struct avp *avp, uint8_t *out, size_t size)
{
    struct writer writer = {.octets = out, .size = size};
    struct avp_hdr *header = NULL;

    if (fd_msg_avp_hdr(avp, &header) == 0)
        (void)put_content(&writer, avp, header);
    return writer.len;
}

static uint32_t number_at(const uint8_t *octets, size_t len)
{
    uint32_t number = 0;

    for (size_t i = 0; i < len; i++)
        number = number << 8 | octets[i];
    return number;
}

bool mcx_avp_head(const uint8_t *octets, size_t len, struct mcx_avp_head *head)
{
    if (len < 8)
        return false;
    head->code = number_at(octets, 4);
    head->flags = octets[4];
    head->header_len = mcx_avp_header_len(head->flags);
    head->len = number_at(octets + 5, 3);
    if (head->len < head->header_len || head->len > len)
        return false;
    head->vendor = head->header_len == 12 ? number_at(octets + 8, 4) : 0;
    return true;
}

/* Would its content parse? One that nobody knows only without M (RFC 6733 4.1). */
static bool is_content_sound(const uint8_t *avp, const struct mcx_avp_head *head)
{
    size_t len = head->len - head->header_len;
    struct dict_object *model = NULL;
    struct dict_avp_data data;

    if (!mcx_avp_definition(head->code, head->vendor, &model, &data))
        return !(head->flags & AVP_FLAG_MANDATORY);
    if (data.avp_basetype == AVP_TYPE_GROUPED)
        return mcx_avp_sound(avp + head->header_len, len) == len;
    return mcx_avp_fixed_size(data.avp_basetype) == 0 ||
           mcx_avp_fixed_size(data.avp_basetype) == len;
}

size_t mcx_avp_sound(const uint8_t *octets, size_t len)
{
    struct mcx_avp_head head;
    size_t at = 0;

    while (mcx_avp_head(octets + at, len - at, &head) && head.len + padding(head.len) <= len - at &&
           is_content_sound(octets + at, &head))
        at += head.len + padding(head.len);
    return at;
}
