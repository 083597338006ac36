/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch threads decode, check who asks and hand over: they wait for nothing. Answers come back
 * in workers. A request is owned by one struct asked from then on, which is answered exactly once.
 */
#include "diameter/cms_service.h"

#include <errno.h>
#include <stdlib.h>

#include "base/log.h"
#include "cms/cms.h"
#include "diameter/answer_send.h"
#include "diameter/border.h"
#include "diameter/cms_send.h"
#include "diameter/exchange.h"
#include "diameter/kept.h"
#include "diameter/mcx_codec.h"
#include "diameter/refuse.h"
#include "diameter/sender.h"
#include "diameter/serve.h"

static bool is_started;

struct asked {
    struct msg *request; /* owned */
    struct mcx_str mc_user_id;
    bool is_par;
};

/* ---- back ---- */

static void done(void *arg, enum mcx_err err, struct mcx_given *given)
{
    struct asked *asked = arg;
    struct mcx_failed_avp failed = {0};
    int ret = 0;

    if (err != MCX_OK) { /* shutting down */
        fd_msg_free(asked->request);
        free(asked);
        return;
    }
    if (given->result.code == MCX_RC_CONTRADICTING_AVPS && !given->result.is_experimental)
        failed = mcx_failed_avp_of(MCX_AVP_MC_USER_ID, mcx_span_str(&asked->mc_user_id));
    ret = asked->is_par ? mcx_given_encode(&asked->request, given, &failed, NULL)
                        : mcx_answer_make(&asked->request, given->result, NULL, NULL);
    if (ret == 0)
        mcx_sender_answer(&asked->request);
    free(asked);
}

/* ---- there ---- */

static void refuse_flaw(struct msg **msg, const char *command, const struct mcx_flaw *flaw)
{
    mcx_log_limited(MCX_LOG_INFO, "ev=%s_malformed result=%u avp=%u vendor=%u reason=%s", command,
                    flaw->result.code, flaw->failed.code, flaw->failed.vendor, flaw->reason);
    mcx_answer_flaw(msg, flaw);
}

/* NULL: answered. */
static struct asked *keep(struct msg **msg)
{
    struct asked *asked = calloc(1, sizeof *asked);

    mcx_kept_for_answer(*msg);
    if (asked)
        asked->request = *msg;
    else
        mcx_answer_send(msg, mcx_result_code(MCX_RC_UNABLE_TO_COMPLY));
    return asked;
}

/* Of what was not taken, the sender may repeat what found no room. */
static void hand_over(struct msg **msg, struct asked *asked, enum mcx_err err)
{
    if (err == MCX_OK) {
        *msg = NULL; /* answered by done, maybe already */
        return;
    }
    mcx_answer_send(msg,
                    mcx_result_code(err == MCX_BUSY ? MCX_RC_TOO_BUSY : MCX_RC_UNABLE_TO_COMPLY));
    free(asked);
}

static void take_par(struct msg **msg, const struct msg_hdr *header)
{
    struct mcx_party party = mcx_border_source(*msg);
    struct asked *asked;
    struct mcx_par par;
    struct mcx_flaw flaw;

    if (!mcx_par_decode(*msg, &par, &flaw)) {
        refuse_flaw(msg, "par", &flaw);
        return;
    }
    /* The border lets nobody but partners through; the name must be the one of this connection. */
    if (party.kind != MCX_PARTY_PARTNER || !mcx_str_equal(&par.system, &party.partner->system_id)) {
        mcx_log_limited(MCX_LOG_WARN, "ev=par_refused binding=%s reason=other_system claimed=%s",
                        par.binding_id, MCX_SAFE(mcx_span_str(&par.system)));
        mcx_answer_send(msg, mcx_result_mcx(MCX_MCX_NO_AGREEMENT));
        return;
    }
    mcx_log(MCX_LOG_DEBUG, "ev=par_received binding=%s system=%s impi=%s impu=%s", par.binding_id,
            party.partner->system_id.octets, MCX_SAFE(mcx_span_str(&par.source.impi)),
            MCX_SAFE(mcx_span_str(&par.source.impu[0])));
    asked = keep(msg);
    if (!asked)
        return;
    asked->mc_user_id = par.mc_user_id;
    asked->is_par = true;
    hand_over(msg, asked, mcx_cms_par(&par, &party.partner->system_id, done, asked));
}

static void take_mrr(struct msg **msg, const struct msg_hdr *header)
{
    static const struct mcx_str own = {0};
    struct mcx_party party = mcx_border_source(*msg);
    struct asked *asked;
    struct mcx_mrr mrr;
    struct mcx_flaw flaw;

    /* Where the border only observes: a stranger must not pass as the own SIP database, and S-DB
     * never crosses a border (design 3). */
    if (party.kind != (header->msg_appl == mcx_dict_ss() ? MCX_PARTY_PARTNER : MCX_PARTY_OWN)) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_APPLICATION_UNSUPPORTED));
        return;
    }
    if (!mcx_mrr_decode(*msg, &mrr, &flaw)) {
        refuse_flaw(msg, "mrr", &flaw);
        return;
    }
    asked = keep(msg);
    if (asked)
        hand_over(msg, asked,
                  mcx_cms_mrr(&mrr,
                              party.kind == MCX_PARTY_PARTNER ? &party.partner->system_id : &own,
                              done, asked));
}

static int on_par(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    return mcx_serve(msg, take_par);
}

static int on_mrr(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    return mcx_serve(msg, take_mrr);
}

/* What this node does not serve: MIR, and PAR outside of S-S. */
static int on_other(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                    enum disp_action *action)
{
    return mcx_serve(msg, mcx_take_unsupported);
}

static int serve(uint32_t application, uint32_t command,
                 int (*take)(struct msg **, struct avp *, struct session *, void *,
                             enum disp_action *))
{
    struct disp_when when = {.app = mcx_dict_app(application),
                             .command = mcx_dict_request(command)};

    return fd_disp_register(take, DISP_HOW_CC, &when, NULL, NULL);
}

static int advertise(uint32_t application)
{
    struct disp_when when = {.app = mcx_dict_app(application)};
    int ret = fd_disp_register(on_other, DISP_HOW_APPID, &when, NULL, NULL);

    return ret == 0 ? fd_disp_app_support(when.app, mcx_dict_vendor_object(application), 1, 0)
                    : ret;
}

int mcx_cms_service_start(const struct mcx_conf *conf)
{
    struct mcx_conf_problem problem = {{0}};
    struct mcx_cms_ports ports;
    int ret = mcx_exchange_start();

    if (ret != 0)
        return ret;
    if (!mcx_dict_app(mcx_dict_ss()))
        return mcx_refuse_daemon("app_cms", "LoadExtension app_cms.fdx: needs dict_mcx.fdx; load "
                                            "that before it");
    ret = mcx_refuse_without_keys(conf);
    if (ret != 0)
        return ret;
    mcx_cms_send_start(conf, &ports);
    if (mcx_cms_start(conf, &ports, &problem) != MCX_OK)
        return mcx_refuse(&problem);
    is_started = true;
    ret = serve(mcx_dict_ss(), MCX_CMD_PAR, on_par);
    if (ret == 0)
        ret = serve(mcx_dict_ss(), MCX_CMD_MRR, on_mrr);
    if (ret == 0)
        ret = serve(mcx_dict_sdb(), MCX_CMD_MRR, on_mrr);
    if (ret == 0)
        ret = advertise(mcx_dict_ss());
    if (ret == 0)
        ret = advertise(mcx_dict_sdb());
    return ret;
}

void mcx_cms_service_stop(void)
{
    mcx_exchange_stop(); /* also of a start that failed later */
    if (!is_started)
        return;
    mcx_cms_stop();
    is_started = false;
}
