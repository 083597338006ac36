/* SPDX-License-Identifier: Apache-2.0 */
/* A relay is a new request with its own Session-Id, and a transaction that owns the original (traps
 * R2, R14). The answer of the primary is decoded into values and a fresh answer is built: nothing
 * of its octets passes but vectors. */
#include "diameter/relay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "diameter/mar_codec.h"
#include "diameter/refuse.h"
#include "diameter/sender.h"
#include "diameter/txn.h"

enum { REDIRECTS_MAX = 2 };

static struct {
    const struct mcx_conf *conf;
    char server_name[MCX_STR_MAX + 32];
} setup;

int mcx_relay_start(const struct mcx_conf *conf)
{
    int len = 0;

    setup.conf = conf;
    if (conf->hss_relay_server_name[0])
        len = snprintf(setup.server_name, sizeof setup.server_name, "%s",
                       conf->hss_relay_server_name);
    else
        len = snprintf(setup.server_name, sizeof setup.server_name, "sip:migration.%s",
                       fd_g_config->cnf_diamrlm);
    if (len < 0 || (size_t)len >= sizeof setup.server_name)
        return mcx_refuse_setting(conf, "hss.relay_server_name",
                                  "has %d octets; write a URI of at most %zu", len,
                                  sizeof setup.server_name - 1);
    return 0;
}

static void forget(struct mcx_txn *txn)
{
    if (txn->relay)
        mcx_wipe(txn->relay, sizeof *txn->relay);
    free(txn->relay);
    txn->relay = NULL;
}

static void log_done(uint64_t number, const struct mcx_txn *txn, struct mcx_result result,
                     const char *reason)
{
    mcx_log(MCX_LOG_DEBUG,
            "ev=relay_done txn=%" PRIu64 " system=%s result=%s%u reason=%s us=%" PRId64, number,
            MCX_SAFE(mcx_span_str(&txn->relay->system)), mcx_result_prefix(result), result.code,
            reason, mcx_clock_mono_us() - txn->began_us);
}

/* One clean answer to the SIP core. Consumes the transaction. */
static void answer_result(uint64_t number, struct mcx_txn *txn, struct mcx_result result,
                          const char *reason)
{
    if (txn->relay)
        log_done(number, txn, result, reason);
    if (mcx_answer_make(&txn->request, result, NULL, NULL) == 0)
        mcx_sender_answer(&txn->request);
    forget(txn);
}

static void answer_fault(uint64_t number, struct mcx_txn *txn, const char *reason)
{
    mcx_metric_inc(MCX_M_MAR_FAILED);
    mcx_log_limited(MCX_LOG_WARN, "ev=relay_failed txn=%" PRIu64 " system=%s result=5012 reason=%s",
                    number, txn->relay ? MCX_SAFE(mcx_span_str(&txn->relay->system)) : "-", reason);
    answer_result(number, txn, mcx_result_code(MCX_RC_UNABLE_TO_COMPLY), reason);
}

/* Why its MAR could not be queued. Own queue full: 3004; no memory, closing: 5012 (design 6). */
static void answer_unsent(uint64_t number, struct mcx_txn *txn, enum mcx_err err)
{
    if (err != MCX_BUSY) {
        answer_fault(number, txn, mcx_err_label(err));
        return;
    }
    mcx_metric_inc(MCX_M_MAR_BUSY);
    mcx_log_limited(MCX_LOG_WARN, "ev=relay_busy txn=%" PRIu64 " system=%s result=3004", number,
                    txn->relay ? MCX_SAFE(mcx_span_str(&txn->relay->system)) : "-");
    answer_result(number, txn, mcx_result_code(MCX_RC_TOO_BUSY), mcx_err_label(err));
}

static void unsent(uint64_t number, enum mcx_err err)
{
    struct mcx_txn txn;

    if (mcx_txn_take(number, &txn))
        answer_unsent(number, &txn, err);
}

void mcx_relay_failed(uint64_t number, const char *reason)
{
    struct mcx_txn txn;

    if (mcx_txn_take(number, &txn))
        answer_fault(number, &txn, reason);
}

static const struct mcx_conf_partner *partner_by_system(const struct mcx_str *system, size_t *index)
{
    for (size_t i = 0; i < setup.conf->partner_count; i++) {
        if (mcx_str_equal(&setup.conf->partner[i].system_id, system)) {
            *index = i;
            return &setup.conf->partner[i];
        }
    }
    return NULL;
}

/* Encodes and queues; the transaction stands in the table. NO_MEMORY, and those of the sender. */
static enum mcx_err send_on(uint64_t number, const struct mcx_mar_relay *relay,
                            const struct mcx_conf_partner *partner, size_t index)
{
    const struct mcx_party party = {.kind = MCX_PARTY_PARTNER, .index = index, .partner = partner};
    struct msg *request = NULL;
    enum mcx_err err;

    if (mcx_mar_encode(relay, setup.server_name, &request) != 0)
        return MCX_NO_MEMORY;
    /* Ours + 1 s, so that freeDiameter drops its copy after we have answered (design 6). */
    err = mcx_sender_request(&request, &party, mcx_span(NULL, 0), &mcx_relay_ops, number,
                             (uint32_t)setup.conf->hss_answer_time_ms + 1000);
    if (err != MCX_OK) {
        fd_msg_free(request);
        return err;
    }
    mcx_metric_inc(MCX_M_MAR_RELAYED);
    mcx_log(MCX_LOG_DEBUG,
            "ev=relay_sent txn=%" PRIu64
            " system=%s realm=%s host=%s impi=%s impu=%s binding=%" PRId64,
            number, MCX_SAFE(mcx_span_str(&relay->system)), MCX_SAFE(mcx_span_str(&relay->realm)),
            relay->host.len ? MCX_SAFE(mcx_span_str(&relay->host)) : "-",
            MCX_SAFE(mcx_span_str(&relay->impi)), MCX_SAFE(mcx_span_str(&relay->impu)),
            relay->binding_id);
    return MCX_OK;
}

void mcx_relay_begin(uint64_t number, const struct mcx_mar_relay *relay)
{
    size_t index = 0;
    const struct mcx_conf_partner *partner = partner_by_system(&relay->system, &index);
    struct mcx_mar_relay *kept = NULL;
    enum mcx_err err;

    if (!partner) {
        mcx_log_limited(MCX_LOG_ERROR,
                        "ev=partner_not_configured system=%s remedy=\"add it to border.partners\"",
                        MCX_SAFE(mcx_span_str(&relay->system)));
        mcx_relay_failed(number, "partner_not_configured");
        return;
    }
    kept = malloc(sizeof *kept);
    if (!kept) {
        unsent(number, MCX_NO_MEMORY);
        return;
    }
    *kept = *relay;
    if (!mcx_txn_set_relay(number, kept, index)) { /* its time was up */
        mcx_wipe(kept, sizeof *kept);
        free(kept);
        return;
    }
    err = send_on(number, relay, partner, index);
    if (err != MCX_OK)
        unsent(number, err);
}

/* Inside the agreed realm only: a host that the border lists for this partner, or one below its
 * realm. */
static bool redirect_allowed(const struct mcx_conf_partner *partner,
                             const struct mcx_mar_relay *relay, const struct mcx_str *host)
{
    char below[MCX_STR_MAX + 2];

    for (size_t i = 0; i < partner->sip_databases.count; i++)
        if (mcx_span_equal_nocase(mcx_span_str(&partner->sip_databases.host[i]),
                                  mcx_span_str(host)))
            return true;
    snprintf(below, sizeof below, ".%s", relay->realm.octets);
    return mcx_span_ends_nocase(mcx_span_str(host), mcx_span_of(below));
}

/* 3006 of an SLF, CR 10.1.X.1 NOTE 2. The time limit goes on. */
static void follow(uint64_t number, struct mcx_txn *txn, const struct mcx_maa *maa)
{
    const struct mcx_conf_partner *partner = &setup.conf->partner[txn->partner_index];
    struct mcx_mar_relay relay;
    size_t index = txn->partner_index;
    enum mcx_err err;

    if (txn->redirects >= REDIRECTS_MAX) {
        answer_fault(number, txn, "too_many_redirects");
        return;
    }
    if (!redirect_allowed(partner, txn->relay, &maa->redirect_host)) {
        answer_fault(number, txn, "redirect_outside_realm");
        return;
    }
    txn->redirects++;
    txn->relay->host = maa->redirect_host;
    relay = *txn->relay;
    err = mcx_txn_put_back(number, txn);
    if (err != MCX_OK) {
        answer_unsent(number, txn, err);
    } else {
        err = send_on(number, &relay, partner, index); /* *txn may be gone from here */
        if (err != MCX_OK)
            unsent(number, err);
    }
    mcx_wipe(&relay, sizeof relay);
}

static void answer_items(uint64_t number, struct mcx_txn *txn, const struct mcx_maa *maa)
{
    int ret = mcx_answer_make(&txn->request, mcx_result_code(MCX_RC_SUCCESS), NULL, NULL);

    log_done(number, txn, maa->result, "vectors");
    if (ret == 0)
        ret = mcx_maa_add_items(txn->request, txn->iface, maa->item, maa->item_count);
    if (ret == 0)
        mcx_sender_answer(&txn->request);
    else if (txn->request)
        fd_msg_free(txn->request);
    txn->request = NULL;
    forget(txn);
}

/* The table of design 6: what the SIP core gets. */
static void answer_refusal(uint64_t number, struct mcx_txn *txn, struct mcx_result result)
{
    struct mcx_result unknown = mcx_result_experimental(
        txn->iface == MCX_ZH ? MCX_EXP_ZH_IDENTITY_UNKNOWN : MCX_EXP_USER_UNKNOWN);

    if (!result.is_experimental) {
        answer_fault(number, txn, "primary_error");
        return;
    }
    switch (result.code) {
    case MCX_EXP_USER_UNKNOWN:
    case MCX_EXP_ZH_IDENTITY_UNKNOWN:
        answer_result(number, txn, unknown, "primary_unknown");
        break;
    case MCX_EXP_IDENTITIES_DONT_MATCH:
    case MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED:
        answer_result(number, txn, result, "primary_refused");
        break;
    default:
        answer_fault(number, txn, "primary_error");
        break;
    }
}

static void answered(uint64_t number, struct msg *answer)
{
    struct mcx_txn txn;
    struct mcx_maa maa;

    if (!mcx_txn_take(number, &txn)) {
        /* The primary's SQN was consumed all the same (trap R10). */
        mcx_metric_inc(MCX_M_RELAY_LATE);
        mcx_log_limited(MCX_LOG_WARN, "ev=relay_late txn=%" PRIu64, number);
        return;
    }
    if (!txn.relay) {
        answer_fault(number, &txn, "no_relay");
        return;
    }
    mcx_maa_decode(answer, txn.relay, &maa);
    switch (maa.kind) {
    case MCX_MAA_ITEMS:
        answer_items(number, &txn, &maa);
        break;
    case MCX_MAA_RESULT:
        answer_refusal(number, &txn, maa.result);
        break;
    case MCX_MAA_REDIRECT:
        follow(number, &txn, &maa);
        break;
    case MCX_MAA_UNSOUND:
        mcx_metric_inc(MCX_M_RELAY_INVALID);
        answer_fault(number, &txn, maa.reason);
        break;
    }
    mcx_wipe(&maa, sizeof maa);
}

static void relay_answered(void *data, struct msg **answer)
{
    int state = 0;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    answered((uint64_t)(uintptr_t)data, *answer);
    fd_msg_free(*answer); /* with its request (trap R9) */
    *answer = NULL;
    pthread_setcancelstate(state, NULL);
}

static void relay_expired(void *data, DiamId_t peer, size_t len, struct msg **request)
{
    int state = 0;

    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    /* Our timer has answered a second ago; freeDiameter's copy goes now. */
    mcx_log_limited(MCX_LOG_DEBUG, "ev=relay_unanswered txn=%" PRIu64 " peer=%s",
                    (uint64_t)(uintptr_t)data, MCX_SAFE(mcx_span(peer, peer ? len : 0)));
    if (*request)
        fd_msg_free(*request);
    *request = NULL;
    pthread_setcancelstate(state, NULL);
}

const struct mcx_reply_ops mcx_relay_ops = {.answered = relay_answered,
                                            .expired = relay_expired,
                                            .failed = mcx_relay_failed,
                                            .is_awaited = mcx_txn_stands};
