/* SPDX-License-Identifier: Apache-2.0 */
/* An RTR or PPR becomes a plain struct, or a flaw with its Result-Code and Failed-AVP (TS 29.229
 * 6.1.9, 6.1.11). The dictionary's rules are loose on purpose. */
#include <string.h>

#include "diameter/recall.h"
#include "identity/identity.h"

/* What may stand once. */
struct parts {
    struct mcx_avp user_name, destination_host, reason;
    struct mcx_avp reason_code; /* inside reason */
};

static bool once(struct mcx_avp *place, const struct mcx_avp *avp, struct mcx_flaw *flaw)
{
    if (place->avp)
        return mcx_flaw_repeated(flaw, avp,
                                 avp->name == MCX_AVP_REASON_CODE ? MCX_AVP_DEREGISTRATION_REASON
                                                                  : MCX_AVP_NAMES);
    *place = *avp;
    return true;
}

static bool add_impu(struct mcx_recall_ask *ask, const struct mcx_avp *avp, struct mcx_flaw *flaw)
{
    if (ask->impu_count == MCX_RECALL_IMPUS_MAX)
        return mcx_flaw_repeated(flaw, avp, MCX_AVP_NAMES);
    if (mcx_impu_canonical(avp->octets, &ask->impu[ask->impu_count]) != MCX_OK)
        return mcx_flaw_value(flaw, avp, MCX_AVP_NAMES);
    ask->impu_count++;
    return true;
}

static bool collect_one(struct mcx_recall_ask *ask, struct parts *parts, const struct mcx_avp *avp,
                        struct mcx_flaw *flaw)
{
    bool is_rtr = ask->command == MCX_RTR;

    if (avp->name == MCX_AVP_USER_NAME)
        return once(&parts->user_name, avp, flaw);
    if (avp->name == MCX_AVP_DESTINATION_HOST)
        return once(&parts->destination_host, avp, flaw);
    if (avp->name == MCX_AVP_SUPPORTED_FEATURES)
        return mcx_features_supported(avp, flaw);
    if (is_rtr && avp->name == MCX_AVP_DEREGISTRATION_REASON)
        return once(&parts->reason, avp, flaw);
    if (is_rtr && avp->name == MCX_AVP_PUBLIC_IDENTITY)
        return add_impu(ask, avp, flaw);
    return true;
}

static bool collect(struct msg *msg, struct mcx_recall_ask *ask, struct parts *parts,
                    struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    while (mcx_avp_next(msg, &step))
        if (!collect_one(ask, parts, &step, flaw))
            return false;
    if (!parts->destination_host.avp)
        return mcx_flaw_missing(flaw, MCX_AVP_DESTINATION_HOST, MCX_AVP_NAMES);
    return parts->user_name.avp || mcx_flaw_missing(flaw, MCX_AVP_USER_NAME, MCX_AVP_NAMES);
}

static bool read_reason(struct mcx_recall_ask *ask, struct parts *parts, struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    if (!parts->reason.avp)
        return mcx_flaw_missing(flaw, MCX_AVP_DEREGISTRATION_REASON, MCX_AVP_NAMES);
    while (mcx_avp_next(parts->reason.avp, &step))
        if (step.name == MCX_AVP_REASON_CODE && !once(&parts->reason_code, &step, flaw))
            return false;
    if (!parts->reason_code.avp)
        return mcx_flaw_missing(flaw, MCX_AVP_REASON_CODE, MCX_AVP_DEREGISTRATION_REASON);
    ask->reason = (enum mcx_dereg_reason)parts->reason_code.u32;
    if (parts->reason_code.u32 < MCX_DEREG_REASONS)
        return true;
    return mcx_flaw_value(flaw, &parts->reason_code, MCX_AVP_DEREGISTRATION_REASON);
}

bool mcx_recall_decode(struct msg *msg, struct mcx_recall_ask *ask, struct mcx_flaw *flaw)
{
    struct msg_hdr *header = NULL;
    struct parts parts = {0};

    ask->command =
        fd_msg_hdr(msg, &header) == 0 && header->msg_code == MCX_CMD_PPR ? MCX_PPR : MCX_RTR;
    ask->partner.len = 0;
    ask->reason = MCX_DEREG_PERMANENT_TERMINATION;
    ask->impu_count = 0;
    if (!collect(msg, ask, &parts, flaw))
        return false;
    if (mcx_impi_canonical(parts.user_name.octets, &ask->impi) != MCX_OK)
        return mcx_flaw_value(flaw, &parts.user_name, MCX_AVP_NAMES);
    return ask->command == MCX_PPR || read_reason(ask, &parts, flaw);
}
