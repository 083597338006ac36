/* SPDX-License-Identifier: Apache-2.0 */
/* Refused requests: how they get from the hook, which can answer nothing, to the dispatch callback,
 * which can, without freeDiameter answering, forwarding or rewriting them on the way. Peer's
 * receiving thread, then dispatch; never blocks. */
#include "base/log.h"
#include "base/metrics.h"
#include "diameter/answer.h"
#include "diameter/avp.h"
#include "diameter/guard.h"
#include "diameter/sender.h"

/* Lives only inside the process: one that comes from outside is removed on receipt. */
enum { VERDICT_CODE = 0x7fff0001, MARKER_DEPTH = 4 };

static struct dict_object *verdict_model;

static const struct {
    const char *label, *text;
    uint32_t result;
    bool is_absolute;
    enum mcx_metric refused, observed;
} rules[MCX_RULES] = {
    [MCX_RULE_NONE] = {"none", "", MCX_RC_UNABLE_TO_COMPLY, false, MCX_M_COUNT, MCX_M_COUNT},
#define ALWAYS(name)  true, MCX_M_BORDER_REFUSED_##name, MCX_M_COUNT
#define SETTING(name) false, MCX_M_BORDER_REFUSED_##name, MCX_M_BORDER_OBSERVED_##name
#define MCX_RULE(name, label, result, mode, text)                                                  \
    [MCX_RULE_##name] = {label, text, result, mode(name)},
#include "base/border_rules.def"
#undef MCX_RULE
#undef SETTING
#undef ALWAYS
};

const char *mcx_rule_label(enum mcx_rule rule)
{
    return rules[rule].label;
}

bool mcx_rule_is_absolute(enum mcx_rule rule)
{
    return rules[rule].is_absolute;
}

void mcx_rule_count(enum mcx_rule rule, bool passes)
{
    mcx_metric_inc(passes ? rules[rule].observed : rules[rule].refused);
}

int mcx_guard_start(size_t avps_max)
{
    struct dict_avp_data data = {
        .avp_code = VERDICT_CODE,
        .avp_vendor = MCX_VENDOR_3GPP,
        .avp_name = "mcx/Guard-Verdict",
        .avp_flag_mask = AVP_FLAG_VENDOR,
        .avp_flag_val = AVP_FLAG_VENDOR,
        .avp_basetype = AVP_TYPE_OCTETSTRING,
    };

    mcx_guard_set_max(avps_max);
    return fd_dict_new(fd_g_config->cnf_dict, DICT_AVP, &data, NULL, &verdict_model);
}

bool mcx_guard_is_verdict(const struct avp_hdr *header)
{
    return header->avp_code == VERDICT_CODE && header->avp_vendor == MCX_VENDOR_3GPP;
}

/* An application that this node serves, so that routing takes the message as its own; the request's
 * if possible. */
static bool served_application(uint32_t asked, uint32_t *out)
{
    struct fd_app *found = NULL;

    if (fd_app_check(&fd_g_config->cnf_apps, asked, &found) == 0 && found) {
        *out = asked;
        return true;
    }
    if (FD_IS_LIST_EMPTY(&fd_g_config->cnf_apps))
        return false;
    *out = ((struct fd_app *)fd_g_config->cnf_apps.next)->appid;
    return true;
}

/* What the answer echoes stays (RFC 6733 6.2, TS 29.229 6.1.8); resolved already, or resolvable
 * now. */
static bool is_kept(struct avp *avp, const struct avp_hdr *header, bool is_mar)
{
    enum mcx_avp_name name = mcx_dict_name(
        header->avp_code, header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0);

    if (name == MCX_AVP_SESSION_ID || name == MCX_AVP_ORIGIN_HOST || name == MCX_AVP_ORIGIN_REALM)
        return true;
    if (name == MCX_AVP_USER_NAME || name == MCX_AVP_PUBLIC_IDENTITY || name == MCX_AVP_PROXY_INFO)
        return (is_mar || name == MCX_AVP_PROXY_INFO) &&
               fd_msg_parse_rules(avp, fd_g_config->cnf_dict, NULL) == 0;
    return false;
}

static void strip(struct msg *request, bool is_mar)
{
    struct avp *next = NULL;
    struct avp_hdr *header = NULL;
    bool has_impu = false;

    for (struct avp *avp = mcx_guard_browse(request, MSG_BRW_FIRST_CHILD); avp; avp = next) {
        next = mcx_guard_browse(avp, MSG_BRW_NEXT);
        if (fd_msg_avp_hdr(avp, &header) != 0)
            continue;
        if (!is_kept(avp, header, is_mar) ||
            (has_impu && header->avp_code == mcx_dict_code(MCX_AVP_PUBLIC_IDENTITY)))
            fd_msg_free(avp);
        else
            has_impu |= header->avp_code == mcx_dict_code(MCX_AVP_PUBLIC_IDENTITY);
    }
}

/* Session-Id must be first (RFC 6733 8.8), also for the rules of dict_cx. */
static int add_session(struct msg *request)
{
    struct avp *avp = NULL;
    union avp_value value = {
        .os = {.data = (uint8_t *)"refused.invalid;0;0", .len = sizeof "refused.invalid;0;0" - 1}};
    int ret = fd_msg_avp_new(mcx_dict_avp(MCX_AVP_SESSION_ID), 0, &avp);

    if (ret != 0)
        return ret;
    ret = fd_msg_avp_setvalue(avp, &value);
    if (ret == 0)
        ret = fd_msg_avp_add(request, MSG_BRW_FIRST_CHILD, avp);
    if (ret != 0)
        fd_msg_free(avp);
    return ret;
}

static bool is_session_first(struct msg *request)
{
    struct avp *first = mcx_guard_browse(request, MSG_BRW_FIRST_CHILD);
    struct avp_hdr *header = NULL;

    return first && fd_msg_avp_hdr(first, &header) == 0 &&
           header->avp_code == mcx_dict_code(MCX_AVP_SESSION_ID) && header->avp_vendor == 0;
}

static void drop_base(struct msg *request, enum mcx_avp_name name)
{
    struct mcx_avp found = {0};

    if (mcx_avp_find(request, name, &found))
        fd_msg_free(found.avp);
}

/* All that the rules of dict_cx ask for, addressed to this host. */
static int complete(struct msg *request, uint32_t application, struct mcx_verdict *verdict)
{
    struct mcx_span host = mcx_span(fd_g_config->cnf_diamid, fd_g_config->cnf_diamid_len);
    struct mcx_span realm = mcx_span(fd_g_config->cnf_diamrlm, fd_g_config->cnf_diamrlm_len);
    struct mcx_avp found = {0};
    int ret = 0;

    if (!is_session_first(request)) { /* absent, or in the wrong place: not echoed */
        drop_base(request, MCX_AVP_SESSION_ID);
        verdict->lacks_session = true;
        ret = add_session(request);
    }
    if (ret == 0)
        ret = mcx_avp_add_application(request, application);
    if (ret == 0 && !mcx_avp_find(request, MCX_AVP_ORIGIN_HOST, &found))
        ret = mcx_avp_add(request, MCX_AVP_ORIGIN_HOST, host);
    if (ret == 0 && !mcx_avp_find(request, MCX_AVP_ORIGIN_REALM, &found))
        ret = mcx_avp_add(request, MCX_AVP_ORIGIN_REALM, realm);
    if (ret == 0)
        ret = mcx_avp_add(request, MCX_AVP_DESTINATION_REALM, realm);
    return ret == 0 ? mcx_avp_add(request, MCX_AVP_DESTINATION_HOST, host) : ret;
}

static bool add_verdict(struct msg *request, const struct mcx_verdict *verdict)
{
    union avp_value value = {.os = {.data = (uint8_t *)verdict, .len = sizeof *verdict}};
    struct avp *avp = NULL;

    if (fd_msg_avp_new(verdict_model, 0, &avp) != 0)
        return false;
    if (fd_msg_avp_setvalue(avp, &value) == 0 &&
        fd_msg_avp_add(request, MSG_BRW_LAST_CHILD, avp) == 0)
        return true;
    fd_msg_free(avp);
    return false;
}

bool mcx_guard_attach(struct msg *request, const struct mcx_heard *heard,
                      struct mcx_verdict *verdict)
{
    struct msg_hdr *header = NULL;
    uint32_t application = 0;

    if (fd_msg_hdr(request, &header) != 0 || !served_application(header->msg_appl, &application))
        return false;
    verdict->application = heard->application;
    verdict->command = heard->command;
    verdict->flags = heard->flags;
    verdict->lacks_session = false;
    header->msg_appl = application;
    header->msg_code = MCX_CMD_MAR;
    header->msg_flags = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE;
    strip(request, heard->command == MCX_CMD_MAR);
    return complete(request, application, verdict) == 0 && add_verdict(request, verdict);
}

/* It was last when received; freeDiameter adds a Route-Record behind it. */
bool mcx_guard_attached(struct msg *request, struct mcx_verdict *verdict)
{
    struct avp *avp = mcx_guard_browse(request, MSG_BRW_LAST_CHILD);
    struct avp_hdr *header = NULL;

    for (int depth = 0; avp && depth < MARKER_DEPTH; depth++) {
        if (fd_msg_avp_hdr(avp, &header) == 0 && mcx_guard_is_verdict(header) &&
            header->avp_value && header->avp_value->os.len == sizeof *verdict) {
            memcpy(verdict, header->avp_value->os.data, sizeof *verdict);
            return true;
        }
        avp = mcx_guard_browse(avp, MSG_BRW_PREV);
    }
    return false;
}

static void set_header(struct msg *msg, const struct mcx_verdict *verdict)
{
    struct msg_hdr *header = NULL;

    if (fd_msg_hdr(msg, &header) != 0)
        return;
    header->msg_appl = verdict->application;
    header->msg_code = verdict->command;
    if (header->msg_flags & CMD_FLAG_REQUEST)
        header->msg_flags = verdict->flags;
}

static void restore_session(struct msg *answer, const struct mcx_verdict *verdict)
{
    union avp_value value = {
        .os = {.data = (uint8_t *)verdict->session, .len = verdict->session_len}};

    if (verdict->has_session)
        mcx_guard_set(answer, mcx_dict_code(MCX_AVP_SESSION_ID), &value);
    else if (verdict->lacks_session)
        drop_base(answer, MCX_AVP_SESSION_ID);
}

void mcx_guard_refuse(struct msg **request, const struct mcx_verdict *verdict)
{
    struct mcx_failed_avp failed = {.code = verdict->failed_code,
                                    .vendor = verdict->failed_vendor,
                                    .flags = verdict->failed_flags,
                                    .octets = verdict->failed,
                                    .len = verdict->failed_len};

    if (verdict->command != 0) /* 0: it never was in disguise */
        set_header(*request, verdict);
    if (mcx_answer_make(request, mcx_result_code(rules[verdict->rule].result), &failed,
                        rules[verdict->rule].text) != 0)
        return;
    if (verdict->command != 0)
        set_header(*request, verdict);
    restore_session(*request, verdict);
    mcx_sender_answer(request);
}
