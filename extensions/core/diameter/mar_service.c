/* SPDX-License-Identifier: Apache-2.0 */
/* Dispatch threads decode, check the shape and queue: they wait for nothing. Workers come back
 * through done(); the timer through expired(). Each of them owns the request only if it could take
 * the transaction. */
#include "diameter/mar_service.h"

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
#include "diameter/mar_codec.h"
#include "diameter/refuse.h"
#include "diameter/relay.h"
#include "diameter/sender.h"
#include "diameter/serve.h"
#include "diameter/txn.h"
#include "identity/identity.h"

static struct {
    const struct mcx_conf *conf;
    struct mcx_mar_service service;
    struct mcx_pool *pool;
} mar;

/* One line per decision: all at debug; at info what was refused, once a second at most. */
static void log_mar(uint64_t number, const struct mcx_mar_ask *ask,
                    const struct mcx_mar_outcome *outcome, int64_t us)
{
    char line[768];
    bool is_refusal = outcome->what == MCX_MAR_REFUSE;

    if (!mcx_log_enabled(is_refusal ? MCX_LOG_INFO : MCX_LOG_DEBUG))
        return;
    snprintf(line, sizeof line,
             "ev=mar txn=%" PRIu64 " iface=%s from=%s peer=%s impi=%s impu=%s result=%s%u "
             "items=%u reason=%s us=%" PRId64,
             number, ask->iface == MCX_ZH ? "zh" : "cx",
             ask->from_partner ? MCX_SAFE(mcx_span_str(&ask->partner)) : "core",
             MCX_SAFE(mcx_span_str(&ask->origin_host)), MCX_SAFE(mcx_span_str(&ask->impi)),
             MCX_SAFE(mcx_span_str(&ask->impu)), mcx_result_prefix(outcome->result),
             outcome->result.code, outcome->item_count, outcome->reason, us);
    if (mcx_log_enabled(MCX_LOG_DEBUG))
        mcx_log(MCX_LOG_DEBUG, "%s", line);
    else
        mcx_log_limited(MCX_LOG_INFO, "%s", line);
}

/* From a worker: the outcome of the transaction's MAR. */
static void done(uint64_t number, const struct mcx_mar_ask *ask,
                 const struct mcx_mar_outcome *outcome)
{
    struct mcx_txn txn;
    int ret = 0;

    if (outcome->what == MCX_MAR_RELAY) {
        mcx_relay_begin(number, &outcome->relay);
        return;
    }
    if (!mcx_txn_take(number, &txn)) /* its time was up: the SQN stays consumed */
        return;
    log_mar(number, ask, outcome, mcx_clock_mono_us() - txn.began_us);
    ret = mcx_answer_make(&txn.request, outcome->result, NULL, NULL);
    if (ret == 0 && outcome->item_count > 0)
        ret = mcx_maa_add_items(txn.request, txn.iface, outcome->item, outcome->item_count);
    if (ret == 0)
        mcx_sender_answer(&txn.request);
    else if (txn.request)
        fd_msg_free(txn.request);
}

static void free_txn(uint64_t number, struct mcx_txn *txn)
{
    if (txn->relay)
        mcx_wipe(txn->relay, sizeof *txn->relay);
    free(txn->relay);
    if (txn->request)
        fd_msg_free(txn->request);
}

static void expired(uint64_t number, struct mcx_txn *txn)
{
    mcx_metric_inc(MCX_M_MAR_EXPIRED);
    mcx_log_limited(MCX_LOG_WARN, "ev=mar_expired txn=%" PRIu64 " at=%s result=5012", number,
                    txn->relay ? "relay" : "database");
    mcx_answer_send(&txn->request, mcx_result_code(MCX_RC_UNABLE_TO_COMPLY));
    free_txn(number, txn);
}

static void name_asker(struct msg *msg, struct mcx_mar_ask *ask)
{
    struct mcx_party party = mcx_border_source(msg);

    /* Who is nobody is asked as a partner without a row: everything is unknown to it. */
    ask->from_partner = party.kind != MCX_PARTY_CORE;
    if (party.kind == MCX_PARTY_PARTNER)
        ask->partner = party.partner->system_id;
}

static void take(struct msg **msg, const struct msg_hdr *header)
{
    struct mcx_mar_job *job = malloc(sizeof *job);
    struct mcx_flaw flaw;
    struct mcx_txn txn = {.request = NULL};

    mcx_metric_inc(MCX_M_MAR_RECEIVED);
    if (!job) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_TOO_BUSY));
        return;
    }
    if (!mcx_mar_decode(*msg, &job->ask, &flaw)) {
        mcx_metric_inc(MCX_M_MAR_REFUSED);
        mcx_log_limited(MCX_LOG_INFO, "ev=mar_malformed result=%u avp=%u vendor=%u reason=%s",
                        flaw.result.code, flaw.failed.code, flaw.failed.vendor, flaw.reason);
        mcx_answer_flaw(msg, &flaw);
        free(job);
        return;
    }
    name_asker(*msg, &job->ask);
    txn.iface = job->ask.iface;
    job->job.shard = mcx_span_hash(mcx_span_str(&job->ask.impi));
    if (mcx_serve_queue(msg, &txn, mar.pool, &job->job, &job->number) != MCX_OK) {
        mcx_metric_inc(MCX_M_MAR_BUSY);
        free(job);
    }
}

static int on_mar(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    return mcx_serve(msg, take);
}

/* UAR, SAR, LIR until they are built. */
static int on_other(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                    enum disp_action *action)
{
    return mcx_serve(msg, mcx_take_unsupported);
}

static int serve_application(uint32_t application)
{
    struct disp_when when = {.app = mcx_dict_app(application),
                             .command = mcx_dict_request(MCX_CMD_MAR)};
    int ret = fd_disp_register(on_mar, DISP_HOW_CC, &when, NULL, NULL);

    if (ret == 0)
        ret = fd_disp_register(on_other, DISP_HOW_APPID, &when, NULL, NULL);
    /* With the vendor, so that CEA carries a Vendor-Specific-Application-Id: real S-CSCFs need it.
     */
    if (ret == 0)
        ret = fd_disp_app_support(when.app, mcx_dict_vendor_object(application), 1, 0);
    return ret;
}

static void fill_service(const struct mcx_conf *conf)
{
    struct mcx_mar_service *service = &mar.service;

    service->policy.unknown_scheme_is_aka = conf->hss_unknown_scheme_is_aka;
    service->policy.vectors_max = (uint32_t)conf->hss_vectors_max;
    service->policy.partner_vectors_max = (uint32_t)conf->hss_partner_vectors_max;
    service->ring.count = (uint8_t)conf->key_count;
    for (size_t i = 0; i < conf->key_count; i++) {
        service->ring.kek[i].id = conf->key[i].id;
        memcpy(service->ring.kek[i].key, conf->key[i].key, sizeof conf->key[i].key);
    }
    service->is_awaited = mcx_txn_stands;
    service->done = done;
}

int mcx_mar_service_start(const struct mcx_conf *conf)
{
    struct mcx_conf_problem problem = {{0}};
    int ret = 0;

    mar.conf = conf;
    fill_service(conf);
    if (mcx_host_canonical(mcx_span(fd_g_config->cnf_diamrlm, fd_g_config->cnf_diamrlm_len),
                           &mar.service.policy.own_realm) != MCX_OK)
        return mcx_refuse_daemon("Realm", "Realm = \"%s\": is no domain name; write one",
                                 fd_g_config->cnf_diamrlm);
    ret = mcx_refuse_without_keys(conf);
    if (ret == 0)
        ret = mcx_relay_start(conf);
    if (ret == 0)
        ret = mcx_txn_start((size_t)conf->hss_in_flight_max, (uint32_t)conf->hss_answer_time_ms,
                            expired);
    if (ret != 0)
        return ret;
    if (mcx_pool_start(conf, &mcx_mar_ops, &mar.service, &mar.pool, &problem) != MCX_OK)
        return mcx_refuse(&problem);
    ret = serve_application(MCX_APP_CX);
    if (ret == 0)
        ret = serve_application(MCX_APP_ZH);
    return ret;
}

void mcx_mar_service_stop(void)
{
    if (mar.pool)
        mcx_pool_stop(&mar.pool);
    mcx_txn_stop(free_txn);
    mcx_wipe(&mar.service.ring, sizeof mar.service.ring);
}
