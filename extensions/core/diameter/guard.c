/* SPDX-License-Identifier: Apache-2.0 */
/* The repair: resolves, in the hook, every AVP that freeDiameter's own code would resolve later
 * without expecting that it can fail, and puts a harmless one in place of one that fails. Peer's
 * receiving thread; never blocks. */
#include "diameter/guard.h"

#include "base/log.h"
#include "base/metrics.h"
#include "diameter/avp.h"
#include "diameter/avp_octets.h"
#include "policy/result.h"

struct avp *mcx_guard_browse(msg_or_avp *from, enum msg_brw_dir direction)
{
    struct avp *found = NULL;

    return fd_msg_browse_internal(from, direction, (void *)&found, NULL) == 0 ? found : NULL;
}

/* Of a request with too many AVPs, so many Proxy-Infos of that size go back. */
enum { PROXY_INFO_MAX = 4, SMALL_PROXY_INFO = 256 };

/* What is read or put in place. */
enum repair { REMOVE, OWN_HOST, OWN_REALM, SESSION, RESULT };

static const struct watched {
    enum mcx_avp_name name;
    bool in_answers; /* else only in requests */
    bool may_be_any; /* empty and NUL are not our business */
    enum repair repair;
} watched_rows[] = {
    {MCX_AVP_SESSION_ID, true, false, SESSION},
    {MCX_AVP_ORIGIN_HOST, true, false, OWN_HOST},
    {MCX_AVP_ORIGIN_REALM, true, false, OWN_REALM},
    {MCX_AVP_DESTINATION_HOST, false, false, OWN_HOST},
    {MCX_AVP_DESTINATION_REALM, false, false, OWN_REALM},
    {MCX_AVP_ROUTE_RECORD, true, false, REMOVE},
    {MCX_AVP_USER_NAME, false, true, REMOVE},
    {MCX_AVP_RESULT_CODE, true, true, RESULT},
};

static const struct watched *watched(const struct avp_hdr *header, bool is_request)
{
    if ((header->avp_flags & AVP_FLAG_VENDOR) && header->avp_vendor != 0)
        return NULL;
    for (size_t i = 0; i < sizeof watched_rows / sizeof *watched_rows; i++) {
        const struct watched *row = &watched_rows[i];

        if (mcx_dict_code(row->name) == header->avp_code)
            return is_request || row->in_answers ? row : NULL;
    }
    return NULL;
}

static int set_value(struct avp *avp, enum repair repair)
{
    union avp_value value = {0};

    switch (repair) {
    case OWN_HOST:
        value.os.data = (uint8_t *)fd_g_config->cnf_diamid;
        value.os.len = fd_g_config->cnf_diamid_len;
        break;
    case OWN_REALM:
        value.os.data = (uint8_t *)fd_g_config->cnf_diamrlm;
        value.os.len = fd_g_config->cnf_diamrlm_len;
        break;
    case SESSION:
        value.os.data = (uint8_t *)"refused.invalid;0;0";
        value.os.len = sizeof "refused.invalid;0;0" - 1;
        break;
    case RESULT:
        value.u32 = MCX_RC_UNABLE_TO_COMPLY;
        break;
    case REMOVE:
        break;
    }
    return fd_msg_avp_setvalue(avp, &value);
}

/* Instead of one that can't be resolved. Session-Id stays first (RFC 6733 8.8). */
static void replace(struct msg *msg, struct avp *old, const struct watched *row)
{
    struct avp *new = NULL;

    fd_msg_free(old);
    if (row->repair == REMOVE || fd_msg_avp_new(mcx_dict_avp(row->name), 0, &new) != 0)
        return;
    if (set_value(new, row->repair) != 0 ||
        fd_msg_avp_add(msg, row->repair == SESSION ? MSG_BRW_FIRST_CHILD : MSG_BRW_LAST_CHILD,
                       new) != 0)
        fd_msg_free(new);
}

/* All that are watched carry M and no Vendor-Id (RFC 6733 4.5). Wrong flags are set right so that
 * the value can be read: a Session-Id with a Vendor-Id of 0 otherwise aborts the daemon. false:
 * they were wrong. */
static bool mend_flags(struct avp_hdr *header)
{
    bool is_right =
        (header->avp_flags & (AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY)) == AVP_FLAG_MANDATORY;

    if (header->avp_flags & AVP_FLAG_VENDOR)
        header->avp_len -= header->avp_len >= 12 ? 4 : 0; /* the header is shorter, RFC 6733 4.1 */
    header->avp_flags = AVP_FLAG_MANDATORY;
    return is_right;
}

static bool is_sound(const struct avp_hdr *header, const struct watched *row)
{
    if (!header->avp_value)
        return false;
    return row->may_be_any || (header->avp_value->os.len > 0 &&
                               !memchr(header->avp_value->os.data, 0, header->avp_value->os.len));
}

/* *is_usable: the AVP may stay although something is wrong with it. */
static enum mcx_rule resolve(struct avp *avp, struct avp_hdr *header, const struct watched *row,
                             bool *is_usable)
{
    struct fd_pei error = {0};
    enum mcx_rule rule = mend_flags(header) ? MCX_RULE_NONE : MCX_RULE_BITS;

    if (fd_msg_parse_dict(avp, fd_g_config->cnf_dict, &error) != 0)
        rule = MCX_RULE_LENGTH;
    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
    *is_usable = rule != MCX_RULE_LENGTH && is_sound(header, row);
    return rule == MCX_RULE_NONE && !*is_usable ? MCX_RULE_VALUE : rule;
}

static uint16_t keep(uint8_t *out, const struct avp_hdr *header)
{
    size_t len = header->avp_value->os.len;

    if (len > MCX_VERDICT_OCTETS)
        len = MCX_VERDICT_OCTETS;
    memcpy(out, header->avp_value->os.data, len);
    return (uint16_t)len;
}

/* flags: as they came. */
static void note_damage(struct mcx_verdict *verdict, enum mcx_rule rule, const struct watched *row,
                        const struct avp_hdr *header, uint8_t flags, bool is_usable)
{
    bool has_octets = header->avp_value && row->repair != RESULT;

    if (has_octets && !is_usable && row->repair == SESSION && !verdict->has_session) {
        verdict->has_session = true;
        verdict->session_len = keep(verdict->session, header);
    }
    if (verdict->rule != MCX_RULE_NONE)
        return;
    verdict->rule = rule;
    verdict->failed_code = header->avp_code;
    verdict->failed_flags = flags;
    verdict->failed_len = has_octets ? keep(verdict->failed, header) : 0;
}

static void remember(struct mcx_heard *heard, enum mcx_avp_name name, struct mcx_span octets)
{
    struct mcx_span *place = NULL;

    if (name == MCX_AVP_ORIGIN_HOST)
        place = &heard->origin_host;
    else if (name == MCX_AVP_ORIGIN_REALM)
        place = &heard->origin_realm;
    else if (name == MCX_AVP_DESTINATION_HOST)
        place = &heard->destination_host;
    else if (name == MCX_AVP_DESTINATION_REALM)
        place = &heard->destination_realm;
    else if (name == MCX_AVP_USER_NAME)
        place = &heard->user_name;
    else if (name == MCX_AVP_ROUTE_RECORD && heard->route_count++ < MCX_ROUTES_MAX)
        place = &heard->route[heard->route_count - 1];
    if (place)
        *place = octets;
}

static bool is_again(struct mcx_heard *heard, const struct watched *row)
{
    unsigned int bit = 1U << (row - watched_rows);
    bool was_seen = heard->seen & bit;

    heard->seen |= bit;
    return was_seen;
}

/* Proxy-Host, Proxy-State and others with a value (RFC 6733 6.7.2): freeDiameter can write neither
 * an unknown AVP without one, nor what it could not parse. */
static bool is_copyable(struct avp *proxy_info)
{
    struct dict_object *model = NULL;
    struct mcx_avp step = {0};
    struct fd_pei error = {0};
    int ret = fd_msg_parse_dict(proxy_info, fd_g_config->cnf_dict, &error);

    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
    if (ret != 0)
        return false;
    while (mcx_avp_next(proxy_info, &step)) {
        struct avp_hdr *header = NULL;

        if (fd_msg_avp_hdr(step.avp, &header) != 0 || fd_msg_model(step.avp, &model) != 0)
            return false;
        if (!header->avp_value &&
            (model || header->avp_len <= mcx_avp_header_len(header->avp_flags)))
            return false;
    }
    return true;
}

/* freeDiameter copies each Proxy-Info into whatever answer it makes (RFC 6733 6.2): for one that it
 * can't copy there is none at all, and memory is lost. It goes, and those behind it unread, and
 * all of a message with too many AVPs that is more than a few small ones; true if it was such. */
static bool drop_bad_proxy_info(struct avp *avp, const struct avp_hdr *header,
                                struct mcx_heard *heard, struct mcx_verdict *verdict)
{
    bool is_too_much = false;

    if (!heard->is_request || header->avp_code != mcx_dict_code(MCX_AVP_PROXY_INFO) ||
        (header->avp_flags & AVP_FLAG_VENDOR))
        return false;
    is_too_much = heard->is_crowded &&
                  (header->avp_len > SMALL_PROXY_INFO || heard->proxy_count++ >= PROXY_INFO_MAX);
    if (!is_too_much && !heard->has_bad_proxy && is_copyable(avp))
        return false;
    heard->has_bad_proxy = true;
    if (verdict->rule == MCX_RULE_NONE) {
        verdict->rule = MCX_RULE_LENGTH;
        verdict->failed_code = header->avp_code;
        verdict->failed_flags = header->avp_flags;
        verdict->failed_len = 0;
    }
    fd_msg_free(avp);
    return true;
}

/* In a request, all but Route-Record may occur once: a second Destination-Host would be obeyed by
 * freeDiameter where we looked at the first. Each value that does not parse makes freeDiameter
 * write lines, from whoever can connect: after one of them what is repeated goes unread. */
static void read_one(struct msg *msg, struct avp *avp, struct mcx_heard *heard,
                     struct mcx_verdict *verdict)
{
    struct avp_hdr *header = NULL;
    const struct watched *row = NULL;
    enum mcx_rule rule = MCX_RULE_NONE;
    bool is_usable = false, was_seen = false;
    uint8_t flags = 0;

    if (fd_msg_avp_hdr(avp, &header) != 0)
        return;
    if (mcx_guard_is_verdict(header)) { /* only we write these */
        fd_msg_free(avp);
        return;
    }
    if (drop_bad_proxy_info(avp, header, heard, verdict))
        return;
    row = watched(header, heard->is_request);
    if (!row)
        return;
    was_seen = is_again(heard, row);
    if (was_seen && heard->is_complained && !header->avp_value) { /* not one that we put there */
        fd_msg_free(avp);
        return;
    }
    flags = header->avp_flags;
    rule = resolve(avp, header, row, &is_usable);
    heard->is_complained |= rule == MCX_RULE_LENGTH;
    if (was_seen && heard->is_request && row->name != MCX_AVP_ROUTE_RECORD) {
        note_damage(verdict, MCX_RULE_REPEATED, row, header, flags, true);
        fd_msg_free(avp);
        return;
    }
    if (rule != MCX_RULE_NONE)
        note_damage(verdict, rule, row, header, flags, is_usable);
    if (!is_usable && row->repair == SESSION && heard->application == 0)
        fd_msg_free(avp); /* no verdict goes with a base message: its answer says none */
    else if (!is_usable)
        replace(msg, avp, row);
    else if (row->repair != RESULT)
        remember(heard, row->name, mcx_span(header->avp_value->os.data, header->avp_value->os.len));
}

void mcx_guard_read(struct msg *msg, struct mcx_heard *heard, struct mcx_verdict *verdict)
{
    struct msg_hdr *header = NULL;
    struct avp *avp = NULL, *next = NULL;

    *heard = (struct mcx_heard){0};
    verdict->rule = MCX_RULE_NONE;
    verdict->failed_code = verdict->failed_vendor = 0;
    verdict->failed_flags = AVP_FLAG_MANDATORY;
    verdict->failed_len = verdict->session_len = 0;
    verdict->has_session = false;
    if (fd_msg_hdr(msg, &header) != 0)
        return;
    heard->flags = header->msg_flags;
    heard->application = header->msg_appl;
    heard->command = header->msg_code;
    heard->is_request = header->msg_flags & CMD_FLAG_REQUEST;
    mcx_guard_survey(msg, heard, verdict);
    for (avp = mcx_guard_browse(msg, MSG_BRW_FIRST_CHILD); avp; avp = next) {
        next = mcx_guard_browse(avp, MSG_BRW_NEXT);
        read_one(msg, avp, heard, verdict);
    }
    if (verdict->rule != MCX_RULE_NONE)
        mcx_metric_inc(MCX_M_GUARD_REPAIRED);
}

static struct avp *find_base(struct msg *msg, uint32_t code)
{
    struct avp *avp = NULL;
    struct avp_hdr *header = NULL;

    for (avp = mcx_guard_browse(msg, MSG_BRW_FIRST_CHILD); avp;
         avp = mcx_guard_browse(avp, MSG_BRW_NEXT))
        if (fd_msg_avp_hdr(avp, &header) == 0 && header->avp_code == code &&
            header->avp_vendor == 0)
            return avp;
    return NULL;
}

void mcx_guard_set(struct msg *msg, uint32_t code, union avp_value *value)
{
    struct avp *avp = find_base(msg, code);

    if (avp && (fd_msg_parse_dict(avp, fd_g_config->cnf_dict, NULL) != 0 ||
                fd_msg_avp_setvalue(avp, value) != 0))
        mcx_log_limited(MCX_LOG_ERROR, "ev=avp_not_set code=%u", code);
}

void mcx_guard_set_text(struct msg *msg, uint32_t code, const char *text)
{
    union avp_value value = {.os = {.data = (uint8_t *)text, .len = strlen(text)}};

    mcx_guard_set(msg, code, &value);
}

void mcx_guard_set_u32(struct msg *msg, uint32_t code, uint32_t number)
{
    union avp_value value = {.u32 = number};

    mcx_guard_set(msg, code, &value);
}

void mcx_guard_blank_answer(struct msg *answer)
{
    struct avp *avp = NULL, *next = NULL;
    struct msg_hdr *header = NULL;

    for (avp = mcx_guard_browse(answer, MSG_BRW_FIRST_CHILD); avp; avp = next) {
        next = mcx_guard_browse(avp, MSG_BRW_NEXT);
        fd_msg_free(avp);
    }
    if (fd_msg_hdr(answer, &header) == 0) {
        header->msg_flags &= (uint8_t)~CMD_FLAG_ERROR;
        header->msg_code = MCX_CMD_MAR; /* its answer has no rules to break */
    }
    if (mcx_avp_add_u32(answer, MCX_AVP_RESULT_CODE, MCX_RC_UNABLE_TO_COMPLY) != 0)
        mcx_log_limited(MCX_LOG_ERROR, "ev=answer_not_blanked reason=no_memory");
}

/* freeDiameter closes a new connection whose first message is no CER. */
void mcx_guard_spoil_request(struct msg *request)
{
    struct msg_hdr *header = NULL;

    if (fd_msg_hdr(request, &header) == 0)
        header->msg_code = 0;
}
