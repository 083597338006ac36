/* SPDX-License-Identifier: Apache-2.0 */
/* The whole parse of a request, as freeDiameter itself does it later, so that what does not parse
 * is refused by our verdict. Its own error answers bypass our sender: a peer that floods bad
 * requests and does not read holds everybody (trap R13). Not of base messages of a link. Peer's
 * receiving thread; never blocks. */
#include "diameter/avp_octets.h"
#include "diameter/guard.h"

/* What goes back of the offending AVP. For the last two, freeDiameter names an example only, but
 * all AVPs have been parsed by then. */
enum shown { NOTHING, OCTETS, SOUND_CHILDREN, FIRST, SECOND };

/* What libfdproto calls its reasons. */
static const struct {
    const char *name;
    enum mcx_rule rule;
    enum shown shown; /* NOTHING: an example is named */
} reasons[] = {
    {"DIAMETER_AVP_UNSUPPORTED", MCX_RULE_UNKNOWN, OCTETS},
    {"DIAMETER_INVALID_AVP_LENGTH", MCX_RULE_LENGTH, OCTETS},
    {"DIAMETER_INVALID_AVP_VALUE", MCX_RULE_GROUP, SOUND_CHILDREN},
    {"DIAMETER_MISSING_AVP", MCX_RULE_MISSING, NOTHING},
    {"DIAMETER_AVP_NOT_ALLOWED", MCX_RULE_NOT_ALLOWED, FIRST},
    {"DIAMETER_AVP_OCCURS_TOO_MANY_TIMES", MCX_RULE_REPEATED, SECOND},
    {"DIAMETER_COMMAND_UNSUPPORTED", MCX_RULE_COMMAND, NOTHING},
};

/* The nth of that kind in one group; of groups the innermost, as freeDiameter checks them. */
static struct avp *find(msg_or_avp *group, const struct avp_hdr *like, int nth)
{
    struct avp *avp = NULL, *found = NULL;
    struct avp_hdr *header = NULL;
    int seen = 0;

    for (avp = mcx_guard_browse(group, MSG_BRW_FIRST_CHILD); avp;
         avp = mcx_guard_browse(avp, MSG_BRW_NEXT)) {
        struct avp *inside = find(avp, like, nth);

        if (inside)
            return inside;
        if (fd_msg_avp_hdr(avp, &header) == 0 && header->avp_code == like->avp_code &&
            header->avp_vendor == like->avp_vendor && ++seen == nth)
            found = avp;
    }
    return found;
}

static void note_failed(struct msg *request, const struct fd_pei *error, enum shown shown,
                        struct mcx_verdict *verdict)
{
    struct avp_hdr *header = NULL;
    struct avp *avp = error->pei_avp;

    if (!avp || fd_msg_avp_hdr(avp, &header) != 0)
        return;
    if (shown == FIRST || shown == SECOND) {
        struct avp *found = find(request, header, shown == FIRST ? 1 : 2);

        if (!found || fd_msg_avp_hdr(found, &header) != 0)
            shown = NOTHING;
        else
            avp = found;
    }
    verdict->failed_code = header->avp_code;
    verdict->failed_vendor = header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0;
    verdict->failed_flags = header->avp_flags;
    if (shown != NOTHING)
        verdict->failed_len = (uint16_t)mcx_avp_octets(avp, verdict->failed, MCX_VERDICT_OCTETS);
    if (shown == SOUND_CHILDREN)
        verdict->failed_len = (uint16_t)mcx_avp_sound(verdict->failed, verdict->failed_len);
}

void mcx_guard_parse(struct msg *request, struct mcx_verdict *verdict)
{
    struct fd_pei error = {0};
    enum shown shown = NOTHING;

    if (fd_msg_parse_rules(request, fd_g_config->cnf_dict, &error) == 0)
        return;
    verdict->rule = MCX_RULE_UNPARSABLE;
    verdict->failed_code = 0;
    verdict->failed_len = 0;
    for (size_t i = 0; error.pei_errcode && i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(error.pei_errcode, reasons[i].name) != 0)
            continue;
        verdict->rule = reasons[i].rule;
        shown = reasons[i].shown;
    }
    note_failed(request, &error, shown, verdict);
    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
}
