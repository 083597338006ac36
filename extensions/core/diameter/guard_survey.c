/* SPDX-License-Identifier: Apache-2.0 */
/* How many AVPs a message has, those inside groups included, and how deeply they stand: read from
 * its octets, before freeDiameter makes an object of twenty times its size of each, and writes a
 * line for every level when the innermost does not parse. Peer's receiving thread; never blocks. */
#include <stdlib.h>

#include "diameter/avp_octets.h"
#include "diameter/dict.h"
#include "diameter/guard.h"

enum {
    LEVELS_MAX =
        8, /* groups within each other; Cx and MCX have two, a Failed-AVP around one more */
    MSG_HEADER = 20
};

static struct {
    size_t avps_max;
} survey;

void mcx_guard_set_max(size_t avps_max)
{
    survey.avps_max = avps_max;
}

static size_t padded(size_t len)
{
    return (len + 3) & ~(size_t)3;
}

/* By our own table if it is there: that costs nothing. */
static bool is_group(uint32_t code, uint32_t vendor)
{
    enum mcx_avp_name name = mcx_dict_name(code, vendor);
    struct dict_object *model = NULL;
    struct dict_avp_data data;

    if (name != MCX_AVP_NAMES)
        return mcx_dict_type(name) == MCX_TYPE_GROUP;
    return mcx_avp_definition(code, vendor, &model, &data) && data.avp_basetype == AVP_TYPE_GROUPED;
}

/* Counts what stands in a group, on from *count, until that is too many. As freeDiameter splits it:
 * the last may lack its padding; behind one that does not fit nothing is read, and what is no group
 * by the dictionary is one AVP. false: too deep. */
static bool count_group(const uint8_t *octets, size_t len, size_t max, size_t *count)
{
    struct {
        size_t end, next;
    } level[LEVELS_MAX] = {{len, len}};
    size_t depth = 0, at = 0;

    while (*count <= max) {
        struct mcx_avp_head head;

        if (at >= level[depth].end || !mcx_avp_head(octets + at, level[depth].end - at, &head)) {
            if (depth == 0)
                return true;
            at = level[depth--].next;
            continue;
        }
        ++*count;
        if (head.len - head.header_len < 8 || !is_group(head.code, head.vendor)) {
            at += padded(head.len);
            continue;
        }
        if (++depth == LEVELS_MAX)
            return false;
        level[depth].end = at + head.len;
        level[depth].next = at + padded(head.len);
        at += head.header_len;
    }
    return true;
}

static void drop_deep(struct avp *avp, const struct avp_hdr *header, struct mcx_verdict *verdict)
{
    if (verdict->rule == MCX_RULE_NONE) {
        verdict->rule = MCX_RULE_DEPTH;
        verdict->failed_code = header->avp_code;
        verdict->failed_vendor = header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0;
        verdict->failed_flags = header->avp_flags;
        verdict->failed_len = 0;
    }
    fd_msg_free(avp);
}

/* The octets of the message, written as it came: freeDiameter gives out none of a single AVP that
 * could still be parsed afterwards. */
struct copy {
    uint8_t *octets; /* NULL: not needed so far */
    bool has_failed; /* what is dropped since would be missing in another one */
    size_t at;       /* where the AVP stands that is looked at */
};

/* Without memory for the copy nobody knows: too deep. */
static bool look_into(struct msg *msg, struct copy *copy, const struct avp_hdr *header, size_t max,
                      size_t *count)
{
    size_t header_len = mcx_avp_header_len(header->avp_flags);

    if (header->avp_len - header_len < 8 ||
        !is_group(header->avp_code, header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0))
        return true;
    if (!copy->octets && !copy->has_failed)
        copy->has_failed = fd_msg_bufferize(msg, &copy->octets, NULL) != 0;
    if (copy->has_failed)
        return false;
    return count_group(copy->octets + copy->at + header_len, header->avp_len - header_len, max,
                       count);
}

void mcx_guard_survey(struct msg *msg, struct mcx_heard *heard, struct mcx_verdict *verdict)
{
    bool is_bounded =
        heard->is_request && (heard->application != 0 || fd_msg_is_routable(msg)); /* else a CER */
    size_t max = is_bounded ? survey.avps_max : SIZE_MAX;
    struct copy copy = {.at = MSG_HEADER};
    struct avp *next = NULL;

    for (struct avp *avp = mcx_guard_browse(msg, MSG_BRW_FIRST_CHILD); avp; avp = next) {
        struct avp_hdr *header = NULL;
        size_t len = 0;

        next = mcx_guard_browse(avp, MSG_BRW_NEXT);
        heard->avp_count++;
        if (fd_msg_avp_hdr(avp, &header) != 0)
            continue;
        len = padded(header->avp_len);
        if (!look_into(msg, &copy, header, max, &heard->avp_count))
            drop_deep(avp, header, verdict);
        copy.at += len;
    }
    free(copy.octets);
    heard->is_crowded = heard->avp_count > max;
    if (heard->is_crowded && verdict->rule == MCX_RULE_NONE)
        verdict->rule = MCX_RULE_AVPS;
}
