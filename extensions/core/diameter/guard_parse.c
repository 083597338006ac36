/* SPDX-License-Identifier: Apache-2.0 */
/* The whole parse of a request, as freeDiameter itself does it later, so that what does not parse
 * is refused by our verdict. Its own error answers bypass our sender: a peer that floods bad
 * requests and does not read holds everybody (trap R13). Peer's receiving thread; never blocks. */
#include "base/log.h"
#include "diameter/avp.h"
#include "diameter/guard.h"

/* What libfdproto calls its reasons. */
static const struct {
    const char *name;
    enum mcx_rule rule;
    bool has_octets; /* of the offending AVP; else an example of it is named */
} reasons[] = {
    {"DIAMETER_AVP_UNSUPPORTED", MCX_RULE_UNKNOWN, true},
    {"DIAMETER_INVALID_AVP_LENGTH", MCX_RULE_LENGTH, true},
    {"DIAMETER_INVALID_AVP_VALUE", MCX_RULE_GROUP, false},
    {"DIAMETER_MISSING_AVP", MCX_RULE_MISSING, false},
    {"DIAMETER_AVP_NOT_ALLOWED", MCX_RULE_NOT_ALLOWED, false},
    {"DIAMETER_AVP_OCCURS_TOO_MANY_TIMES", MCX_RULE_REPEATED, false},
    {"DIAMETER_COMMAND_UNSUPPORTED", MCX_RULE_COMMAND, false},
};

/* freeDiameter gives out the octets of an AVP only under a definition: for that moment it passes
 * for one of plain octets. Its header keeps its size, so V stays. */
static void keep_octets(struct avp *avp, struct avp_hdr *header, struct mcx_verdict *verdict)
{
    enum { CLASS = 25 }; /* RFC 6733 8.20: OctetString without a vendor */
    uint32_t code = header->avp_code, vendor = header->avp_vendor;
    struct fd_pei error = {0};

    if (header->avp_value)
        return;
    if (header->avp_flags & AVP_FLAG_VENDOR)
        mcx_guard_name_as_verdict(header);
    else
        header->avp_code = CLASS;
    if (fd_msg_parse_dict(avp, fd_g_config->cnf_dict, &error) == 0 && header->avp_value) {
        size_t len = header->avp_value->os.len;

        verdict->failed_len = (uint16_t)(len < MCX_VERDICT_OCTETS ? len : MCX_VERDICT_OCTETS);
        memcpy(verdict->failed, header->avp_value->os.data, verdict->failed_len);
    }
    header->avp_code = code;
    header->avp_vendor = vendor;
}

static void note_failed(const struct fd_pei *error, bool has_octets, struct mcx_verdict *verdict)
{
    struct avp_hdr *header = NULL;

    if (!error->pei_avp || fd_msg_avp_hdr(error->pei_avp, &header) != 0)
        return;
    verdict->failed_code = header->avp_code;
    verdict->failed_vendor = header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0;
    verdict->failed_flags = header->avp_flags;
    if (has_octets)
        keep_octets(error->pei_avp, header, verdict);
}

void mcx_guard_parse(struct msg *request, struct mcx_verdict *verdict)
{
    struct fd_pei error = {0};
    bool has_octets = false;

    if (fd_msg_parse_rules(request, fd_g_config->cnf_dict, &error) == 0)
        return;
    verdict->rule = MCX_RULE_UNPARSABLE;
    verdict->failed_code = 0;
    verdict->failed_len = 0;
    for (size_t i = 0; error.pei_errcode && i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(error.pei_errcode, reasons[i].name) != 0)
            continue;
        verdict->rule = reasons[i].rule;
        has_octets = reasons[i].has_octets;
    }
    note_failed(&error, has_octets, verdict);
    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
}
