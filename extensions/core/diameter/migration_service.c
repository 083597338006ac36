/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch threads decode and queue; a worker of our own runs one transaction and answers; the
 * timer of the transaction table answers 5012 when the database does not. Each of them owns the
 * request only if it could take the transaction. */
#include "diameter/migration_service.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "diameter/answer_send.h"
#include "diameter/border.h"
#include "diameter/mcx_codec.h"
#include "diameter/refuse.h"
#include "diameter/sender.h"
#include "diameter/serve.h"
#include "diameter/txn.h"
#include "hss/migration.h"
#include "store/allocation.h"
#include "store/errand.h"
#include "store/outbox.h"

static struct {
    struct mcx_conf conf; /* the daemon's, but for the workers; borrows all that it points to */
    struct mcx_pool *pool;
    struct mcx_outbox *outbox;
} service;

struct request {
    struct mcx_errand errand; /* first */
    uint64_t number;          /* the transaction that waits */
    struct mcx_str peer;      /* who asks */
    bool is_mir;
    struct mcx_mir mir;
    struct mcx_mrr mrr;
};

/* ---- on the worker ---- */

static void log_mir(const struct request *request, const struct mcx_given *given,
                    const struct mcx_migration_said *said, int64_t us)
{
    const struct mcx_mir *mir = &request->mir;
    bool is_good = mcx_result_is_success(given->result);

    mcx_log(MCX_LOG_INFO,
            "ev=mir binding=%s direction=%s system=%s peer=%s mc_user=%s impi=%s impu=%s impus=%zu "
            "given_impi=%s given_impu=%s masked=%d result=%s%u reason=%s detail=\"%s\" us=%" PRId64,
            mir->binding_id, mir->direction == MCX_INBOUND ? "inbound" : "outbound",
            mir->system.octets, MCX_SAFE(mcx_span_str(&request->peer)),
            MCX_SAFE(mcx_span_str(&mir->mc_user_id)), MCX_SAFE(mcx_span_str(&mir->source.impi)),
            MCX_SAFE(mcx_span_str(&mir->source.impu[0])), mir->source.impu_count,
            is_good ? MCX_SAFE(mcx_span_str(&given->given.impi)) : "-",
            is_good ? MCX_SAFE(mcx_span_str(&given->given.impu[0])) : "-",
            mir->has_masking && mir->mask, mcx_result_prefix(given->result), given->result.code,
            said->reason, MCX_SAFE(mcx_span_of(said->detail)), us);
}

/* expiry: four octets of Time (RFC 6733 4.3.1), which it fills. */
static struct mcx_failed_avp failed_avp(const struct mcx_mir *mir, enum mcx_culprit culprit,
                                        uint8_t *expiry)
{
    uint32_t ntp = htobe32((uint32_t)(mir->expires_s + 2208988800));

    switch (culprit) {
    case MCX_CULPRIT_NONE:
        break;
    case MCX_CULPRIT_MC_USER_ID:
        return mcx_failed_avp_of(MCX_AVP_MC_USER_ID, mcx_span_str(&mir->mc_user_id));
    case MCX_CULPRIT_EXPIRY:
        memcpy(expiry, &ntp, sizeof ntp);
        return mcx_failed_avp_of(MCX_AVP_MIGRATION_EXPIRY, mcx_span(expiry, sizeof ntp));
    case MCX_CULPRIT_IMPU:
        return mcx_failed_avp_of(MCX_AVP_PUBLIC_IDENTITY,
                                 mcx_span_str(&mir->source.impu[mir->source.impu_count - 1]));
    }
    return (struct mcx_failed_avp){0};
}

static void answer_mir(const struct request *request, const struct mcx_given *given,
                       const struct mcx_migration_said *said)
{
    uint8_t expiry[4];
    struct mcx_failed_avp failed = failed_avp(&request->mir, said->culprit, expiry);
    struct mcx_txn txn;

    if (!mcx_txn_take(request->number, &txn)) { /* its time was up; what was done stays done */
        log_mir(request, given, said, -1);
        return;
    }
    log_mir(request, given, said, mcx_clock_mono_us() - txn.began_us);
    if (mcx_given_encode(&txn.request, given, failed.code ? &failed : NULL, NULL) == 0)
        mcx_sender_answer(&txn.request);
}

static void answer_mrr(const struct request *request, struct mcx_result result,
                       const struct mcx_migration_said *said)
{
    struct mcx_txn txn;
    bool is_waiting = mcx_txn_take(request->number, &txn);

    mcx_log(MCX_LOG_INFO,
            "ev=mrr binding=%s system=%s peer=%s cause=%s result=%s%u reason=%s us=%" PRId64,
            request->mrr.binding_id, request->mrr.system.octets,
            MCX_SAFE(mcx_span_str(&request->peer)), mcx_cause_text(request->mrr.cause),
            mcx_result_prefix(result), result.code, said->reason,
            is_waiting ? mcx_clock_mono_us() - txn.began_us : -1);
    if (is_waiting)
        mcx_answer_send(&txn.request, result);
}

static enum mcx_err run(struct mcx_errand *errand, struct mcx_session *session)
{
    struct request *request = (struct request *)errand;
    struct mcx_migration_said said;
    struct mcx_result result;
    struct mcx_given given;
    enum mcx_err err;

    if (request->is_mir)
        err = mcx_hss_mir(session, &request->mir, &given, &said);
    else
        err = mcx_hss_mrr(session, &request->mrr, request->peer.octets, &result, &said);
    if (err == MCX_DB_AWAY)
        return err;
    if (request->is_mir)
        answer_mir(request, &given, &said);
    else
        answer_mrr(request, result, &said);
    free(request);
    return MCX_OK;
}

static void drop(struct mcx_errand *errand, enum mcx_err why)
{
    struct request *request = (struct request *)errand;
    struct mcx_migration_said said = {.reason = mcx_err_label(why)};
    struct mcx_given given = {.result = mcx_result_code(MCX_RC_UNABLE_TO_COMPLY)};

    if (request->is_mir)
        answer_mir(request, &given, &said);
    else
        answer_mrr(request, given.result, &said);
    free(request);
}

/* ---- on dispatch threads ---- */

/* Of one primary identity in order, so that a repeat finds what the first one made. */
static uint64_t shard_of(const struct request *request)
{
    return request->is_mir ? mcx_span_hash(mcx_span_str(&request->mir.source.impi))
                           : mcx_span_hash(mcx_span_of(request->mrr.binding_id));
}

static void queue(struct msg **msg, struct request *request)
{
    struct mcx_txn txn = {.request = NULL};

    request->errand = (struct mcx_errand){.run = run, .drop = drop};
    request->errand.job.shard = shard_of(request);
    if (mcx_serve_queue(msg, &txn, service.pool, &request->errand.job, &request->number) !=
        MCX_OK) {
        mcx_metric_inc(MCX_M_MIR_BUSY);
        free(request);
    }
}

static bool decode(struct msg *msg, struct request *request, struct mcx_flaw *flaw)
{
    DiamId_t source = NULL;
    size_t len = 0;

    if (fd_msg_source_get(msg, &source, &len) != 0 || !source ||
        mcx_str_set(&request->peer, mcx_span(source, len)) != MCX_OK)
        request->peer.len = 0;
    return request->is_mir ? mcx_mir_decode(msg, &request->mir, flaw)
                           : mcx_mrr_decode(msg, &request->mrr, flaw);
}

static void take(struct msg **msg, const struct msg_hdr *header)
{
    const bool is_mir = header->msg_code == MCX_CMD_MIR;
    struct request *request;
    struct mcx_flaw flaw;

    if (!is_mir && header->msg_code != MCX_CMD_MRR) {
        mcx_take_unsupported(msg, header);
        return;
    }
    /* Where the border only observes: design 3, "Who may say what". */
    if (mcx_border_source(*msg).kind != MCX_PARTY_OWN) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_APPLICATION_UNSUPPORTED));
        return;
    }
    request = calloc(1, sizeof *request);
    if (!request) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_TOO_BUSY));
        return;
    }
    request->is_mir = is_mir;
    if (decode(*msg, request, &flaw)) {
        queue(msg, request);
        return;
    }
    mcx_metric_inc(is_mir ? MCX_M_MIR_REFUSED : MCX_M_MRR_REFUSED);
    mcx_log_limited(MCX_LOG_INFO, "ev=%s_malformed result=%u avp=%u vendor=%u reason=%s",
                    is_mir ? "mir" : "mrr", flaw.result.code, flaw.failed.code, flaw.failed.vendor,
                    flaw.reason);
    free(request);
    mcx_answer_flaw(msg, &flaw);
}

static int on_request(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                      enum disp_action *action)
{
    return mcx_serve(msg, take);
}

/* ---- the outbox ---- */

static void each_second(void *arg, struct mcx_session *session)
{
    size_t ended = 0;
    enum mcx_err err = mcx_store_sweep(session, service.conf.hss_pool_quarantine_s, &ended);

    if (ended > 0)
        mcx_log(MCX_LOG_INFO, "ev=bindings_expired count=%zu", ended);
    if (err == MCX_DB_ERROR)
        mcx_log_limited(MCX_LOG_ERROR, "ev=sweep_failed sqlstate=%s",
                        mcx_session_sqlstate(session));
}

/* ---- start and stop ---- */

int mcx_migration_service_start(const struct mcx_conf *conf)
{
    struct mcx_outbox_options options = {.actor = "hss", .each_second = each_second};
    const struct mcx_pool_ops ops = mcx_errand_ops("hss");
    struct disp_when when = {.app = mcx_dict_app(mcx_dict_sdb())};
    struct mcx_conf_problem problem = {{0}};
    int ret;

    service.conf = *conf;
    service.conf.database_workers = conf->hss_migration_workers;
    if (mcx_pool_start(&service.conf, &ops, &service.pool, &service.pool, &problem) != MCX_OK ||
        mcx_outbox_start(&service.conf, &options, &service.outbox, &problem) != MCX_OK)
        return mcx_refuse(&problem);
    ret = fd_disp_register(on_request, DISP_HOW_APPID, &when, NULL, NULL);
    return ret == 0 ? fd_disp_app_support(when.app, mcx_dict_vendor_object(mcx_dict_sdb()), 1, 0)
                    : ret;
}

void mcx_migration_service_stop(void)
{
    mcx_outbox_stop(&service.outbox);
    if (service.pool)
        mcx_pool_stop(&service.pool);
}
