/* SPDX-License-Identifier: Apache-2.0 */
/* Puts the border into freeDiameter: peer validation, the received messages, and the places where a
 * refused request is answered. Callbacks run in freeDiameter's threads: they never block, never
 * fail, and hold off cancellation. */
#include "diameter/border_private.h"

#include <pthread.h>
#include <stddef.h>

#include "base/log.h"
#include "diameter/avp.h"

enum {
    INACTIVE_S = 365 * 24 * 3600, /* a quiet SIP core is not sent away after an hour */
    /* No sum of freeDiameter's scores makes it positive again; FD_SCORE_NO_DELIVERY is outweighed
     * by FD_SCORE_FINALDEST, that is by Destination-Host. */
    NEVER = -1000000
};

static struct {
    const struct mcx_conf *conf;
    bool started, is_observing;
    struct mcx_span own_host, own_realm;
} border;

static int hold_cancel(void)
{
    int old = PTHREAD_CANCEL_ENABLE;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
    return old;
}

static void restore_cancel(int old)
{
    pthread_setcancelstate(old, NULL);
}

static struct mcx_span host_of(const struct peer_hdr *peer)
{
    return mcx_span(peer->info.pi_diamid, peer->info.pi_diamidlen);
}

bool mcx_border_started(void)
{
    return border.started;
}

struct mcx_party mcx_border_source(struct msg *msg)
{
    DiamId_t source = NULL;
    size_t len = 0;

    if (fd_msg_source_get(msg, &source, &len) != 0 || !source)
        return (struct mcx_party){0};
    return mcx_border_party(mcx_span(source, len));
}

/* A peer that no ConnectPeer names. freeDiameter answers a refusal with CEA 3010. */
static int validate(struct peer_info *info, int *auth, int (**after_handshake)(struct peer_info *))
{
    int cancel = hold_cancel();
    struct peer_hdr *peer = (struct peer_hdr *)((char *)info - offsetof(struct peer_hdr, info));
    struct mcx_span realm = mcx_span(info->runtime.pir_realm, info->runtime.pir_realmlen);

    *after_handshake = NULL;
    if (mcx_peer_judge(peer, realm, true) == MCX_STANDING_ACCEPTED) {
        *auth = 1;
        info->config.pic_lft = INACTIVE_S;
        if (!info->runtime.pir_cert_list)
            info->config.pic_flags.sec = PI_SEC_NONE;
    } else {
        *auth = -1;
    }
    restore_cancel(cancel);
    return 0;
}

/* The CEA is ours, about to be sent, or theirs, judged when it came in. A configured peer passes no
 * validation (trap T7). */
static enum mcx_standing standing_at_cea(struct msg *cea, struct peer_hdr *peer, bool *is_ours)
{
    struct mcx_avp origin = {0};
    struct mcx_span realm = mcx_span(peer->info.runtime.pir_realm, peer->info.runtime.pir_realmlen);

    *is_ours = mcx_avp_find(cea, MCX_AVP_ORIGIN_HOST, &origin) &&
               mcx_span_equal_nocase(origin.octets, border.own_host);
    return *is_ours ? mcx_peer_judge(peer, realm, true) : mcx_peer_standing(host_of(peer));
}

bool mcx_border_connected(struct msg *cea, struct peer_hdr *peer)
{
    struct msg_hdr *header = NULL;
    bool is_ours = false;

    if (!border.started)
        return true;
    if (standing_at_cea(cea, peer, &is_ours) == MCX_STANDING_ACCEPTED) {
        if (border.conf->border_tcp_no_delay)
            mcx_peer_no_delay(peer);
        return true;
    }
    if (is_ours) {
        mcx_guard_set_u32(cea, mcx_dict_code(MCX_AVP_RESULT_CODE), 3010); /* RFC 6733 7.1.3 */
        if (fd_msg_hdr(cea, &header) == 0)
            header->msg_flags |= CMD_FLAG_ERROR;
    }
    mcx_peer_cut(peer);
    return false;
}

static void received_new(struct msg *msg, const struct mcx_verdict *verdict)
{
    if (verdict->rule != MCX_RULE_NONE)
        mcx_guard_spoil_request(msg);
}

/* CER, CEA, DWR, DPR ... (RFC 6733 5): only a CEA that we wait for decides something. */
static void received_base(struct msg *msg, struct peer_hdr *peer, const struct mcx_heard *heard,
                          const struct mcx_verdict *verdict)
{
    if (heard->is_request || heard->command != 257 || fd_peer_get_state(peer) != STATE_WAITCEA)
        return;
    if (verdict->rule == MCX_RULE_NONE &&
        mcx_peer_judge(peer, heard->origin_realm, false) == MCX_STANDING_ACCEPTED)
        return;
    /* freeDiameter closes a connection whose CEA has another Origin-Host, and tries again after Tc.
     */
    mcx_guard_set_text(msg, mcx_dict_code(MCX_AVP_ORIGIN_HOST), "refused.invalid");
}

/* What freeDiameter takes for an answer by its Hop-by-Hop Identifier alone may be none to what was
 * asked (RFC 6733 6.2). */
static bool is_of_another(struct msg *answer)
{
    struct msg *request = NULL;
    struct msg_hdr *said = NULL, *asked = NULL;

    return fd_msg_answ_getq(answer, &request) == 0 && request && fd_msg_hdr(answer, &said) == 0 &&
           fd_msg_hdr(request, &asked) == 0 &&
           (said->msg_code != asked->msg_code || said->msg_appl != asked->msg_appl);
}

/* An answer that freeDiameter would drop in silence (trap D4), that was damaged, that answers
 * something else, or that comes from an impostor. */
static void received_answer(struct msg *msg, struct peer_hdr *peer,
                            const struct mcx_verdict *verdict)
{
    struct fd_pei error = {0};
    const char *why = NULL;

    if (mcx_peer_standing(host_of(peer)) != MCX_STANDING_ACCEPTED)
        why = "unverified_peer";
    else if (verdict->rule != MCX_RULE_NONE)
        why = mcx_rule_label(verdict->rule);
    else if (is_of_another(msg))
        why = "not_asked";
    else if (fd_msg_parse_rules(msg, fd_g_config->cnf_dict, &error) != 0)
        why = "unparsable";
    if (error.pei_avp_free && error.pei_avp)
        fd_msg_free(error.pei_avp);
    if (!why)
        return;
    mcx_log_limited(MCX_LOG_WARN, "ev=answer_blanked peer=%s reason=%s", MCX_SAFE(host_of(peer)),
                    why);
    mcx_guard_blank_answer(msg);
}

static bool is_served(uint32_t application)
{
    struct fd_app *found = NULL;

    return fd_app_check(&fd_g_config->cnf_apps, application, &found) == 0 && found;
}

static void decide(const struct mcx_heard *heard, struct mcx_span host, bool is_absolute_only,
                   struct mcx_verdict *verdict)
{
    const struct mcx_screening screening = {border.own_host, border.own_realm, is_absolute_only};

    if (mcx_peer_standing(host) != MCX_STANDING_ACCEPTED) {
        verdict->rule = MCX_RULE_PEER;
        verdict->failed_code = 0;
        return;
    }
    if (heard->flags & CMD_FLAG_ERROR) { /* RFC 6733 3 */
        verdict->rule = MCX_RULE_HEADER;
        verdict->failed_code = 0;
    } else if (verdict->rule == MCX_RULE_NONE && !is_served(heard->application)) {
        verdict->rule = MCX_RULE_APPLICATION;
    }
    if (verdict->rule != MCX_RULE_NONE)
        return;
    verdict->rule = mcx_screen(heard, host, &screening);
    if (verdict->rule == MCX_RULE_MISSING) /* an example of it, RFC 6733 7.1.5 */
        verdict->failed_code = mcx_dict_code(MCX_AVP_DESTINATION_REALM);
    if (verdict->rule == MCX_RULE_DECORATED) {
        verdict->failed_code = mcx_dict_code(MCX_AVP_USER_NAME);
        verdict->failed_len =
            (uint16_t)(heard->user_name.len < MCX_VERDICT_OCTETS ? heard->user_name.len
                                                                 : MCX_VERDICT_OCTETS);
        memcpy(verdict->failed, heard->user_name.octets, verdict->failed_len);
    }
}

static void tell(enum mcx_rule rule, bool passes, struct mcx_span host,
                 const struct mcx_heard *heard)
{
    mcx_rule_count(rule, passes);
    mcx_log_limited(MCX_LOG_WARN,
                    "ev=%s rule=%s peer=%s app=%u cmd=%u origin_host=%s origin_realm=%s",
                    passes ? "border_observed" : "border_refused", mcx_rule_label(rule),
                    MCX_SAFE(host), heard->application, heard->command,
                    MCX_SAFE(heard->origin_host), MCX_SAFE(heard->origin_realm));
}

static void received_request(struct msg *msg, struct mcx_span host, const struct mcx_heard *heard,
                             struct mcx_verdict *verdict)
{
    mcx_connection_mark(msg, host);
    decide(heard, host, false, verdict);
    if (border.is_observing && verdict->rule != MCX_RULE_NONE &&
        !mcx_rule_is_absolute(verdict->rule)) {
        tell(verdict->rule, true, host, heard);
        verdict->rule = MCX_RULE_NONE; /* what else it breaks may not pass */
        decide(heard, host, true, verdict);
    }
    if (verdict->rule == MCX_RULE_NONE) /* authorised: now what the octets say */
        mcx_guard_parse(msg, verdict);
    if (verdict->rule == MCX_RULE_NONE)
        return;
    tell(verdict->rule, false, host, heard);
    if (!mcx_guard_attach(msg, heard, verdict))
        mcx_guard_spoil_request(msg);
}

void mcx_border_received(struct msg *msg, struct peer_hdr *peer)
{
    struct mcx_heard heard;
    struct mcx_verdict verdict;

    if (!border.started)
        return;
    mcx_guard_read(msg, &heard, &verdict);
    if (!peer)
        received_new(msg, &verdict);
    else if (heard.application == 0 && !fd_msg_is_routable(msg))
        received_base(msg, peer, &heard, &verdict);
    else if (heard.is_request)
        received_request(msg, host_of(peer), &heard, &verdict);
    else
        received_answer(msg, peer, &verdict);
}

/* Who waited for the answer has been called before, and taken it. What is left may be for another
 * extension, which looks for answers to its requests here; but not what answers a watchdog or
 * something else, which freeDiameter would send on, to nobody, and end. */
static void dispatch_answer(struct msg **answer)
{
    struct msg *request = NULL;

    if (fd_msg_answ_getq(*answer, &request) == 0 && request && fd_msg_is_routable(request) &&
        !is_of_another(*answer))
        return;
    mcx_log_limited(MCX_LOG_WARN, "ev=answer_ignored reason=not_asked");
    fd_msg_free(*answer); /* with what it was taken for (trap R9) */
    *answer = NULL;
}

/* Before any application sees it. */
static int dispatch(struct msg **msg, struct avp *avp, struct session *session, void *arg,
                    enum disp_action *action)
{
    int cancel = hold_cancel();
    struct msg_hdr *header = NULL;
    struct mcx_verdict verdict;

    *action = DISP_ACT_CONT;
    if (fd_msg_hdr(*msg, &header) == 0) {
        if (!(header->msg_flags & CMD_FLAG_REQUEST))
            dispatch_answer(msg);
        else if (mcx_guard_attached(*msg, &verdict))
            mcx_guard_refuse(msg, &verdict);
    }
    restore_cancel(cancel);
    return 0;
}

/* What freeDiameter would forward to another peer (trap R12): nothing, also without NoRelay. */
static int forward(void *arg, struct msg **msg)
{
    int cancel = hold_cancel();
    struct mcx_verdict verdict;

    if (!mcx_guard_attached(*msg, &verdict)) {
        verdict = (struct mcx_verdict){.rule = MCX_RULE_FORWARD};
        mcx_rule_count(verdict.rule, false);
    }
    mcx_guard_refuse(msg, &verdict);
    restore_cancel(cancel);
    return 0;
}

/* Our own requests go only to the party whose realm is asked for, over a connection that was
 * verified: a relayed request would tell an impostor real identities. */
static int choose(void *arg, struct msg **msg, struct fd_list *candidates)
{
    int cancel = hold_cancel();
    struct mcx_avp realm = {0}, asked = {0};
    struct msg_hdr *header = NULL;
    bool has_realm = fd_msg_hdr(*msg, &header) == 0 &&
                     mcx_avp_find(*msg, MCX_AVP_DESTINATION_REALM, &realm) && realm.has_value;
    bool has_host = mcx_avp_find(*msg, MCX_AVP_DESTINATION_HOST, &asked) && asked.has_value;

    for (struct fd_list *li = candidates->next; li != candidates; li = li->next) {
        struct rtd_candidate *candidate = (struct rtd_candidate *)li;
        struct mcx_span host = mcx_span(candidate->diamid, candidate->diamidlen);
        struct mcx_party party = mcx_border_party(host);

        if (!has_realm || !mcx_party_has_realm(&party, realm.octets) ||
            !mcx_may_get(&party, host, header->msg_appl,
                         has_host ? asked.octets : mcx_span(NULL, 0)) ||
            mcx_peer_standing(host) != MCX_STANDING_ACCEPTED)
            candidate->score = NEVER;
    }
    restore_cancel(cancel);
    return 0;
}

static int register_callbacks(void)
{
    struct fd_rt_fwd_hdl *forwarding = NULL;
    struct fd_rt_out_hdl *choosing = NULL;
    struct disp_hdl *dispatching = NULL;
    int ret = fd_peer_validate_register(validate);

    if (ret == 0)
        ret = fd_rt_fwd_register(forward, NULL, RT_FWD_REQ, &forwarding);
    if (ret == 0)
        ret = fd_rt_out_register(choose, NULL, 1, &choosing);
    if (ret == 0)
        ret = fd_disp_register(dispatch, DISP_HOW_ANY, NULL, NULL, &dispatching);
    return ret;
}

int mcx_border_start(const struct mcx_conf *conf)
{
    int ret = 0;

    border.conf = conf;
    border.is_observing = strcmp(conf->border_mode, "observe") == 0;
    border.own_host = mcx_span(fd_g_config->cnf_diamid, fd_g_config->cnf_diamid_len);
    border.own_realm = mcx_span(fd_g_config->cnf_diamrlm, fd_g_config->cnf_diamrlm_len);
    ret = mcx_party_load(conf, border.own_host, border.own_realm);
    if (ret == 0)
        ret = mcx_cert_load(conf);
    if (ret == 0)
        ret = mcx_address_load(conf);
    if (ret == 0)
        ret = mcx_guard_start((size_t)conf->border_max_avps);
    if (ret == 0)
        ret = mcx_border_check_daemon();
    if (ret == 0)
        ret = register_callbacks();
    border.started = ret == 0;
    return ret;
}
