/* SPDX-License-Identifier: Apache-2.0 */
/* AVP access over freeDiameter's browse and build calls. Values are read only where the dictionary
 * has parsed them. */
#include "diameter/avp.h"

static void read_avp(struct avp *avp, struct mcx_avp *out)
{
    struct avp_hdr *header = NULL;

    *out = (struct mcx_avp){.avp = avp, .name = MCX_AVP_NAMES};
    if (fd_msg_avp_hdr(avp, &header) != 0 || !header)
        return;
    out->code = header->avp_code;
    out->vendor = header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0;
    out->flags = header->avp_flags;
    out->name = mcx_dict_name(out->code, out->vendor);
    if (!header->avp_value || out->name == MCX_AVP_NAMES)
        return;
    out->has_value = true;
    if (mcx_dict_type(out->name) == MCX_TYPE_OCTETS)
        out->octets = mcx_span(header->avp_value->os.data, header->avp_value->os.len);
    else
        out->u32 = header->avp_value->u32;
}

bool mcx_avp_next(msg_or_avp *parent, struct mcx_avp *step)
{
    struct avp *next = NULL;
    int ret = step->avp ? fd_msg_browse_internal(step->avp, MSG_BRW_NEXT, (void *)&next, NULL)
                        : fd_msg_browse_internal(parent, MSG_BRW_FIRST_CHILD, (void *)&next, NULL);

    if (ret != 0 || !next)
        return false;
    read_avp(next, step);
    return true;
}

bool mcx_avp_find(msg_or_avp *parent, enum mcx_avp_name name, struct mcx_avp *out)
{
    struct mcx_avp step = {0};

    while (mcx_avp_next(parent, &step)) {
        if (step.name == name) {
            *out = step;
            return true;
        }
    }
    return false;
}

static int append(msg_or_avp *parent, struct avp *avp)
{
    int ret = fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, avp);

    if (ret != 0)
        fd_msg_free(avp);
    return ret;
}

static int append_value(msg_or_avp *parent, enum mcx_avp_name name, union avp_value *value)
{
    struct avp *avp = NULL;
    int ret = fd_msg_avp_new(mcx_dict_avp(name), 0, &avp);

    if (ret != 0)
        return ret;
    ret = fd_msg_avp_setvalue(avp, value);
    if (ret != 0) {
        fd_msg_free(avp);
        return ret;
    }
    return append(parent, avp);
}

int mcx_avp_add(msg_or_avp *parent, enum mcx_avp_name name, struct mcx_span octets)
{
    union avp_value value = {.os = {.data = (uint8_t *)octets.octets, .len = octets.len}};

    if (!value.os.data)
        value.os.data = (uint8_t *)"";
    return append_value(parent, name, &value);
}

int mcx_avp_add_u32(msg_or_avp *parent, enum mcx_avp_name name, uint32_t number)
{
    union avp_value value = {.u32 = number};

    return append_value(parent, name, &value);
}

int mcx_avp_add_group(msg_or_avp *parent, enum mcx_avp_name name, struct avp **out)
{
    struct avp *avp = NULL;
    int ret = fd_msg_avp_new(mcx_dict_avp(name), 0, &avp);

    if (ret == 0)
        ret = append(parent, avp);
    *out = ret == 0 ? avp : NULL;
    return ret;
}

int mcx_avp_add_application(struct msg *msg, uint32_t application)
{
    struct avp *group = NULL;
    int ret = mcx_avp_add_group(msg, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &group);

    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_VENDOR_ID, mcx_dict_vendor_of(application));
    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_AUTH_APPLICATION_ID, application);
    if (ret == 0) /* NO_STATE_MAINTAINED, RFC 6733 8.11 */
        ret = mcx_avp_add_u32(msg, MCX_AVP_AUTH_SESSION_STATE, 1);
    return ret;
}
