/* SPDX-License-Identifier: Apache-2.0 */
/* One row of RFC 6733 7.1.5 per function: Result-Code, and what Failed-AVP holds. */
#include "diameter/flaw.h"

struct mcx_failed_avp mcx_failed_avp_of(enum mcx_avp_name name, struct mcx_span octets)
{
    uint32_t vendor = mcx_dict_vendor(name);

    return (struct mcx_failed_avp){.code = mcx_dict_code(name),
                                   .vendor = vendor,
                                   .flags = vendor ? AVP_FLAG_MANDATORY | AVP_FLAG_VENDOR
                                                   : AVP_FLAG_MANDATORY,
                                   .octets = octets.octets,
                                   .len = octets.len};
}

static bool flaw_with(struct mcx_flaw *flaw, uint32_t code, enum mcx_avp_name name,
                      enum mcx_avp_name parent, const char *reason)
{
    *flaw = (struct mcx_flaw){.result = mcx_result_code(code),
                              .reason = reason,
                              .failed = mcx_failed_avp_of(name, mcx_span(NULL, 0))};
    if (parent != MCX_AVP_NAMES) {
        flaw->failed.parent_code = mcx_dict_code(parent);
        flaw->failed.parent_vendor = mcx_dict_vendor(parent);
    }
    return false;
}

static bool as_it_came(struct mcx_flaw *flaw, const struct mcx_avp *avp)
{
    flaw->failed.flags = avp->flags;
    flaw->failed.octets = avp->octets.octets;
    flaw->failed.len = avp->octets.len;
    flaw->failed.number = avp->u32;
    if (mcx_dict_type(avp->name) == MCX_TYPE_GROUP)
        flaw->failed.group = avp->avp;
    return false;
}

bool mcx_flaw_missing(struct mcx_flaw *flaw, enum mcx_avp_name name, enum mcx_avp_name parent)
{
    return flaw_with(flaw, MCX_RC_MISSING_AVP, name, parent, "missing_avp");
}

bool mcx_flaw_value(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent)
{
    flaw_with(flaw, MCX_RC_INVALID_AVP_VALUE, avp->name, parent, "invalid_avp_value");
    return as_it_came(flaw, avp);
}

bool mcx_flaw_length(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent)
{
    flaw_with(flaw, MCX_RC_INVALID_AVP_LENGTH, avp->name, parent, "invalid_avp_length");
    return as_it_came(flaw, avp);
}

bool mcx_flaw_repeated(struct mcx_flaw *flaw, const struct mcx_avp *avp, enum mcx_avp_name parent)
{
    flaw_with(flaw, MCX_RC_AVP_OCCURS_TOO_MANY_TIMES, avp->name, parent, "repeated_avp");
    return as_it_came(flaw, avp);
}

bool mcx_flaw_not_allowed(struct mcx_flaw *flaw, const struct mcx_avp *avp)
{
    flaw_with(flaw, MCX_RC_AVP_NOT_ALLOWED, avp->name, MCX_AVP_NAMES, "avp_not_allowed");
    return as_it_came(flaw, avp);
}
