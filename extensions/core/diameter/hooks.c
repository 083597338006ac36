/* SPDX-License-Identifier: Apache-2.0 */
/* The one hook registration (traps B5, S1): as long as it stands, freeDiameter's default handlers,
 * which print whole messages with their keys, never run. Callbacks run in freeDiameter's threads:
 * they never block beyond a log line, and hold off cancellation. */
#include "diameter/hooks.h"

#include <pthread.h>

#include "base/log.h"
#include "diameter/answer.h"
#include "diameter/avp.h"
#include "diameter/border.h"
#include "diameter/gate.h"
#include "diameter/guard.h"
#include "diameter/sender.h"
#include "diameter/session_shield.h"

enum {
    CMD_DISCONNECT_PEER = 282,
    CAUSE_REBOOTING = 0,
    AVP_DISCONNECT_CAUSE = 273 /* RFC 6733 5.4 */
};

/* What a request's log line may say when the message itself must not be touched any more. */
struct line {
    uint32_t app, cmd, hbh, e2e;
    uint8_t flags;
};

static struct line line_of(struct msg *msg)
{
    struct msg_hdr *header = NULL;

    if (!msg || fd_msg_hdr(msg, &header) != 0)
        return (struct line){0};
    return (struct line){.app = header->msg_appl,
                         .cmd = header->msg_code,
                         .hbh = header->msg_hbhid,
                         .e2e = header->msg_eteid,
                         .flags = header->msg_flags};
}

static const char *name_of(const struct peer_hdr *peer)
{
    return peer ? peer->info.pi_diamid : "none";
}

static void say(enum mcx_log_level level, const char *event, struct msg *msg,
                const struct peer_hdr *peer)
{
    struct line line;

    if (!mcx_log_enabled(level))
        return;
    line = line_of(msg);
    mcx_log(level, "ev=%s peer=%s app=%u cmd=%u flags=%02x hbh=%08x e2e=%08x", event, name_of(peer),
            line.app, line.cmd, line.flags, line.hbh, line.e2e);
}

/* freeDiameter's reasons are constant sentences with at most a peer's name inside, no AVP. One gate
 * for each kind of trouble, so that a flood of one hides no other. */
static void say_trouble(struct mcx_log_gate *gate, const char *event, struct msg *msg,
                        const struct peer_hdr *peer, const char *reason)
{
    struct line line = line_of(msg);

    mcx_log_gated(gate, MCX_LOG_WARN,
                  "ev=%s peer=%s app=%u cmd=%u flags=%02x hbh=%08x e2e=%08x reason=\"%s\"", event,
                  name_of(peer), line.app, line.cmd, line.flags, line.hbh, line.e2e,
                  reason ? reason : "unknown");
}

static bool is_reboot(struct msg *dpr)
{
    struct avp *avp = NULL;
    struct avp_hdr *header = NULL;

    if (fd_msg_browse_internal(dpr, MSG_BRW_FIRST_CHILD, (void *)&avp, NULL) != 0)
        return false;
    while (avp) {
        if (fd_msg_avp_hdr(avp, &header) == 0 && header->avp_code == AVP_DISCONNECT_CAUSE &&
            header->avp_value)
            return header->avp_value->i32 == CAUSE_REBOOTING;
        if (fd_msg_browse_internal(avp, MSG_BRW_NEXT, (void *)&avp, NULL) != 0)
            return false;
    }
    return false;
}

static int complete(struct msg *answer, struct msg *request, enum mcx_avp_name name)
{
    struct mcx_avp there = {0}, asked = {0};

    if (mcx_avp_find(answer, name, &there) || !mcx_avp_find(request, name, &asked))
        return 0;
    if (!asked.has_value && (fd_msg_parse_dict(asked.avp, fd_g_config->cnf_dict, NULL) != 0 ||
                             !mcx_avp_find(request, name, &asked) || !asked.has_value))
        return 0;
    return mcx_avp_add(answer, name, asked.octets);
}

/* Every MAA carries the identities as asked, and those that are no protocol errors the AVPs of its
 * grammar (TS 29.229 6.1.8), also when freeDiameter itself made it for a request that did not
 * parse. */
static void complete_answer(struct msg *answer, const struct line *line)
{
    struct msg *request = NULL;
    struct mcx_avp there = {0};
    int ret = fd_msg_answ_getq(answer, &request);

    if (ret != 0 || !request)
        return;
    if (!(line->flags & CMD_FLAG_ERROR) &&
        !mcx_avp_find(answer, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &there))
        ret = mcx_avp_add_application(answer, line->app);
    if (ret == 0 && line->cmd == MCX_CMD_MAR)
        ret = complete(answer, request, MCX_AVP_USER_NAME);
    if (ret == 0 && line->cmd == MCX_CMD_MAR)
        ret = complete(answer, request, MCX_AVP_PUBLIC_IDENTITY);
    if (ret != 0)
        mcx_log_limited(MCX_LOG_WARN, "ev=answer_not_completed e2e=%08x errno=%d", line->e2e, ret);
}

/* The P bit of an answer is that of its request (RFC 6733 6.2); freeDiameter's error answers lack
 * it. */
static void copy_proxiable(struct msg *answer)
{
    struct msg *request = NULL;
    struct msg_hdr *mine = NULL, *theirs = NULL;

    if (fd_msg_answ_getq(answer, &request) != 0 || !request || fd_msg_hdr(answer, &mine) != 0 ||
        fd_msg_hdr(request, &theirs) != 0)
        return;
    mine->msg_flags = (uint8_t)((mine->msg_flags & ~CMD_FLAG_PROXIABLE) |
                                (theirs->msg_flags & CMD_FLAG_PROXIABLE));
}

/* Is the peer's connection another than the one that the request came by? The sender has looked,
 * but that may be a second ago (trap R13), and what was lost with a connection is sent once more.
 */
static bool is_misled(struct msg *answer)
{
    struct msg *request = NULL;

    return fd_msg_answ_getq(answer, &request) == 0 && request && mcx_border_is_past(request);
}

/* What can't be held back any more says nothing, to no request: the new connection may use the old
 * one's Hop-by-Hop Identifiers again. freeDiameter sets them whenever it routes an answer. */
static void empty(struct msg *answer, const struct line *line)
{
    struct msg_hdr *header = NULL;

    mcx_log_limited(MCX_LOG_WARN, "ev=answer_emptied reason=other_connection e2e=%08x", line->e2e);
    mcx_guard_blank_answer(answer);
    if (fd_msg_hdr(answer, &header) == 0) {
        header->msg_code = line->cmd;
        header->msg_hbhid = ~header->msg_hbhid;
    }
    (void)fd_msg_add_origin(answer, 0);
}

static void sending(struct msg *msg, struct peer_hdr *peer)
{
    struct line line = line_of(msg);
    bool is_request = line.flags & CMD_FLAG_REQUEST;

    if (line.app == 0 && line.cmd == CMD_DISCONNECT_PEER && is_request && is_reboot(msg)) {
        mcx_log(MCX_LOG_INFO, "ev=closing reason=disconnect_peer_request peer=%s", name_of(peer));
        mcx_gate_close();
    }
    if (!is_request) {
        mcx_session_unshield(msg);
        if (is_misled(msg))
            empty(msg, &line);
        else if (mcx_dict_app(line.app))
            complete_answer(msg, &line);
        copy_proxiable(msg);
        if (mcx_answer_mend(msg) != 0)
            mcx_log_limited(MCX_LOG_WARN, "ev=answer_not_mended e2e=%08x", line.e2e);
        if (mcx_answer_fit(msg) != 0)
            mcx_log_limited(MCX_LOG_WARN, "ev=answer_not_fitted e2e=%08x", line.e2e);
    }
    say(MCX_LOG_DEBUG, "sending", msg, peer);
}

static void connected(struct msg *cea, struct peer_hdr *peer)
{
    char info[128] = "";

    if (!peer || !mcx_border_connected(cea, peer))
        return;
    if (fd_peer_cnx_proto_info(peer, info, sizeof info) == 0)
        mcx_log(MCX_LOG_INFO, "ev=peer_connected peer=%s over=%s", name_of(peer), info);
}

static void hooked(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other)
{
    static struct mcx_log_gate unparsed, unrouted, dropped, failed;

    switch (type) {
    case HOOK_MESSAGE_RECEIVED:
        say(MCX_LOG_DEBUG, "received", msg, peer);
        mcx_border_received(msg, peer);
        mcx_session_shield(msg);
        break;
    case HOOK_MESSAGE_SENDING:
        sending(msg, peer);
        break;
    case HOOK_MESSAGE_SENT:
        if (peer)
            mcx_sender_sent(peer, msg);
        break;
    case HOOK_MESSAGE_FAILOVER:
        say(MCX_LOG_INFO, "failover", msg, peer);
        break;
    case HOOK_MESSAGE_PARSING_ERROR: /* without a message, other is the buffer, not a text */
        say_trouble(&unparsed, "parsing_error", msg, peer, msg ? other : "no Diameter message");
        break;
    case HOOK_MESSAGE_ROUTING_ERROR:
        say_trouble(&unrouted, "routing_error", msg, peer, other);
        break;
    case HOOK_MESSAGE_DROPPED:
        say_trouble(&dropped, "dropped", msg, peer, other);
        break;
    case HOOK_PEER_CONNECT_FAILED:
        say_trouble(&failed, "peer_failed", msg, peer, other);
        break;
    case HOOK_PEER_CONNECT_SUCCESS:
        connected(msg, peer);
        break;
    case HOOK_DATA_RECEIVED:
    case HOOK_MESSAGE_LOCAL:
    case HOOK_MESSAGE_ROUTING_FORWARD:
    case HOOK_MESSAGE_ROUTING_LOCAL:
    case HOOK_MESSAGE_PARSING_ERROR2:
        break; /* registered to keep the default handlers quiet */
    }
}

static void on_hook(enum fd_hook_type type, struct msg *msg, struct peer_hdr *peer, void *other,
                    struct fd_hook_permsgdata *per_message, void *arg)
{
    int cancel = PTHREAD_CANCEL_ENABLE;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel);
    hooked(type, msg, peer, other);
    pthread_setcancelstate(cancel, NULL);
}

int mcx_hooks_start(void)
{
    static struct fd_hook_hdl *handle;
    uint32_t mask = HOOK_MASK(
        HOOK_MESSAGE_RECEIVED, HOOK_MESSAGE_LOCAL, HOOK_MESSAGE_SENDING, HOOK_MESSAGE_SENT,
        HOOK_MESSAGE_FAILOVER, HOOK_MESSAGE_PARSING_ERROR, HOOK_MESSAGE_PARSING_ERROR2,
        HOOK_MESSAGE_ROUTING_ERROR, HOOK_MESSAGE_ROUTING_FORWARD, HOOK_MESSAGE_ROUTING_LOCAL,
        HOOK_MESSAGE_DROPPED, HOOK_PEER_CONNECT_FAILED, HOOK_PEER_CONNECT_SUCCESS);

    return fd_hook_register(mask, on_hook, NULL, NULL, &handle);
}
