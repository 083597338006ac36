/* SPDX-License-Identifier: Apache-2.0 */
/* Each request goes to a named host with an open connection: of a partner, one of its configuration
 * management servers; of the own system, the SIP database of that user. Answers come in dispatch,
 * timer or sender threads and are handed on as values. */
#include "diameter/cms_send.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "diameter/border.h"
#include "diameter/exchange.h"
#include "diameter/lane.h"
#include "diameter/mcx_codec.h"

static const struct mcx_conf *conf;

/* An answer that is waited for. */
struct waiting {
    const char *command; /* "mir" */
    const char *(*decode)(struct msg *answer, struct mcx_given *out);
    char binding_id[MCX_UUID_TEXT];
    mcx_cms_answered done;
    void *arg;
    int64_t began_us;
};

static const char *decode_mra(struct msg *answer, struct mcx_given *out)
{
    *out = (struct mcx_given){.expires_s = MCX_NEVER};
    return mcx_mra_decode(answer, &out->result);
}

static void log_answered(const struct waiting *waiting, enum mcx_err err,
                         const struct mcx_given *given, const char *flaw)
{
    int64_t us = mcx_clock_mono_us() - waiting->began_us;
    const struct mcx_str *impi = &given->given.impi;

    if (err != MCX_OK)
        mcx_log_limited(MCX_LOG_WARN, "ev=%s_unanswered binding=%s reason=%s us=%" PRId64,
                        waiting->command, waiting->binding_id, flaw ? flaw : mcx_err_label(err),
                        us);
    else
        mcx_log(MCX_LOG_DEBUG,
                "ev=%s_answered binding=%s result=%s%u impi=%s impu=%s document=%zu us=%" PRId64,
                waiting->command, waiting->binding_id, mcx_result_prefix(given->result),
                given->result.code, impi->len ? MCX_SAFE(mcx_span_str(impi)) : "-",
                given->given.impu_count ? MCX_SAFE(mcx_span_str(&given->given.impu[0])) : "-",
                given->document_len, us);
}

static void answered(void *arg, enum mcx_err err, struct msg *answer)
{
    struct waiting *waiting = arg;
    struct mcx_given given = {.expires_s = MCX_NEVER};
    const char *flaw = err == MCX_OK ? waiting->decode(answer, &given) : NULL;

    if (flaw)
        err = MCX_INVALID;
    log_answered(waiting, err, &given, flaw);
    waiting->done(waiting->arg, err, err == MCX_OK ? &given : NULL);
    mcx_given_free(&given);
    free(waiting);
}

/* ---- where to ---- */

static const struct mcx_str *first_open(const struct mcx_host_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        if (mcx_lane_is_open(NULL, mcx_span_str(&list->host[i]), NULL))
            return &list->host[i];
    return NULL;
}

/* As reach of the ports; *host is set if OK. */
static enum mcx_err partner_cms(const struct mcx_str *system, const struct mcx_str **host)
{
    for (size_t i = 0; i < conf->partner_count; i++) {
        if (!mcx_str_equal(&conf->partner[i].system_id, system))
            continue;
        *host = first_open(&conf->partner[i].cms);
        return *host ? MCX_OK : MCX_NOT_LIVE;
    }
    mcx_log_limited(MCX_LOG_ERROR,
                    "ev=partner_not_configured system=%s remedy=\"add it to border.partners\"",
                    MCX_SAFE(mcx_span_str(system)));
    return MCX_NOT_FOUND;
}

static enum mcx_err reach(const struct mcx_str *system)
{
    const struct mcx_str *host;

    return partner_cms(system, &host);
}

static const struct mcx_str *own_database(void)
{
    const struct mcx_str *host = NULL;

    for (size_t i = 0; i < conf->own_count && !host; i++)
        host = first_open(&conf->own[i].sip_databases);
    return host;
}

/* NOT_LIVE: nobody there. */
static enum mcx_err destination(const struct mcx_cms_peer *to, struct mcx_destination *out)
{
    const struct mcx_str *host = NULL;

    if (to->host.len > 0)
        host = &to->host;
    else if (to->system.len > 0)
        (void)partner_cms(&to->system, &host);
    else
        host = own_database();
    if (!host)
        return MCX_NOT_LIVE;
    out->host = *host;
    if (to->realm.len > 0)
        out->realm = to->realm;
    else if (to->system.len > 0)
        out->realm = mcx_border_party(mcx_span_str(host)).partner->realms.host[0];
    else if (mcx_str_set(&out->realm, mcx_span(fd_g_config->cnf_diamrlm,
                                               fd_g_config->cnf_diamrlm_len)) != MCX_OK)
        return MCX_CONF;
    return MCX_OK;
}

/* ---- sending ---- */

/* Takes *request over in any case. */
static enum mcx_err send_off(struct msg **request, const struct mcx_destination *to,
                             const struct waiting *what, uint32_t timeout_ms)
{
    struct mcx_party party = mcx_border_party(mcx_span_str(&to->host));
    struct waiting *waiting = malloc(sizeof *waiting);
    enum mcx_err err = MCX_NO_MEMORY;

    if (waiting) {
        *waiting = *what;
        waiting->began_us = mcx_clock_mono_us();
        err = mcx_exchange_begin(request, &party, mcx_span_str(&to->host), timeout_ms, answered,
                                 waiting);
    }
    if (err == MCX_OK)
        return MCX_OK;
    free(waiting);
    fd_msg_free(*request);
    *request = NULL;
    return err;
}

static void log_sent(const struct waiting *what, const struct mcx_destination *to,
                     const struct mcx_identities *source)
{
    mcx_log(MCX_LOG_DEBUG, "ev=%s_sent binding=%s host=%s impi=%s impu=%s", what->command,
            what->binding_id, MCX_SAFE(mcx_span_str(&to->host)),
            source ? MCX_SAFE(mcx_span_str(&source->impi)) : "-",
            source ? MCX_SAFE(mcx_span_str(&source->impu[0])) : "-");
}

static enum mcx_err send_mir(const struct mcx_mir *mir, const struct mcx_cms_peer *to,
                             mcx_cms_answered done, void *arg)
{
    struct waiting what = {.command = "mir", .decode = mcx_mia_decode, .done = done, .arg = arg};
    struct mcx_destination where = {.realm = {0}};
    struct msg *request = NULL;
    enum mcx_err err = destination(to, &where);

    if (err != MCX_OK)
        return err;
    snprintf(what.binding_id, sizeof what.binding_id, "%s", mir->binding_id);
    if (mcx_mir_encode(mir, &where, &request) != 0)
        return MCX_NO_MEMORY;
    log_sent(&what, &where, &mir->source);
    return send_off(&request, &where, &what, (uint32_t)conf->cms_answer_time_ms / 2);
}

static enum mcx_err send_par(const struct mcx_par *par, const struct mcx_cms_peer *to,
                             mcx_cms_answered done, void *arg)
{
    struct waiting what = {.command = "par", .decode = mcx_paa_decode, .done = done, .arg = arg};
    struct mcx_destination where = {.realm = {0}};
    struct msg *request = NULL;
    enum mcx_err err = destination(to, &where);

    if (err != MCX_OK)
        return err;
    snprintf(what.binding_id, sizeof what.binding_id, "%s", par->binding_id);
    if (mcx_par_encode(par, &where, &request) != 0)
        return MCX_NO_MEMORY;
    log_sent(&what, &where, &par->source);
    return send_off(&request, &where, &what, (uint32_t)conf->cms_answer_time_ms);
}

static enum mcx_err send_mrr(const struct mcx_mrr *mrr, const struct mcx_cms_peer *to,
                             mcx_cms_answered done, void *arg)
{
    struct waiting what = {.command = "mrr", .decode = decode_mra, .done = done, .arg = arg};
    uint32_t application = to->system.len > 0 ? mcx_dict_ss() : mcx_dict_sdb();
    struct mcx_destination where = {.realm = {0}};
    struct msg *request = NULL;
    enum mcx_err err = destination(to, &where);

    if (err != MCX_OK)
        return err;
    snprintf(what.binding_id, sizeof what.binding_id, "%s", mrr->binding_id);
    if (mcx_mrr_encode(mrr, application, &where, &request) != 0)
        return MCX_NO_MEMORY;
    log_sent(&what, &where, NULL);
    return send_off(&request, &where, &what, (uint32_t)conf->cms_answer_time_ms);
}

void mcx_cms_send_start(const struct mcx_conf *from, struct mcx_cms_ports *ports)
{
    conf = from;
    *ports =
        (struct mcx_cms_ports){.reach = reach, .mir = send_mir, .par = send_par, .mrr = send_mrr};
}
