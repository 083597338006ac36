/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops the UE interface. Start and stop block; called by the thread that loads and
 * unloads the extension. */
#include "http/server.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/descriptors.h"
#include "base/log.h"
#include "http/call.h"
#include "http/certfile.h"

enum { HEAD_MAX = 32768, TAKING_MS = 1000 };

static enum mcx_err start_listener(struct mcx_http *http, const struct mcx_conf *conf,
                                   struct mcx_conf_problem *problem)
{
    struct mcx_listener_options options = {
        .conf = conf,
        .name = "cms.https_",
        .address = conf->cms_https_address,
        .port = conf->cms_https_port,
        .threads = conf->cms_https_threads,
        .connections_max = conf->cms_connections_max,
        .per_s = conf->cms_connections_per_s,
        .request_ms = conf->cms_request_time_ms,
        .idle_ms = conf->cms_idle_time_ms,
        .leave_free = MCX_DESCRIPTORS_FOR_PEERS + MCX_DESCRIPTORS_FOR_METRICS,
        .head_max = HEAD_MAX,
        .is_counted = true,
        .certificate = mcx_certfile_retrieve,
        .handle = mcx_call_handle,
        .completed = mcx_call_completed,
        .arg = http,
    };
    enum mcx_err err = mcx_certfile_open(conf, problem);

    return err == MCX_OK ? mcx_listener_start(&options, &http->listener, problem) : err;
}

static void drop(struct mcx_http **http)
{
    mcx_certfile_close();
    mcx_tokens_close(&(*http)->tokens);
    pthread_cond_destroy(&(*http)->emptied);
    pthread_mutex_destroy(&(*http)->lock);
    free(*http);
    *http = NULL;
}

static void init_locks(struct mcx_http *http)
{
    pthread_mutex_init(&http->lock, NULL);
    mcx_clock_cond_init(&http->emptied);
}

enum mcx_err mcx_http_start(const struct mcx_conf *conf, const struct mcx_ue_port *port,
                            struct mcx_http **out, struct mcx_conf_problem *problem)
{
    struct mcx_http *http;
    enum mcx_err err;

    *out = NULL;
    if (conf->cms_https_port == 0)
        return MCX_OK;
    if (conf->issuer_count == 0)
        return mcx_conf_blame(conf, problem, "cms.token_issuers",
                              "is empty; name at least one issuer of access tokens, or no "
                              "cms.https_port");
    http = calloc(1, sizeof *http);
    if (!http)
        return mcx_conf_blame(conf, problem, "cms.https_port", "%s", mcx_err_text(MCX_NO_MEMORY));
    http->port = port;
    init_locks(http);
    err = mcx_tokens_open(conf, &http->tokens, problem);
    if (err == MCX_OK)
        err = start_listener(http, conf, problem);
    if (err != MCX_OK) {
        drop(&http);
        return err;
    }
    mcx_log(MCX_LOG_INFO, "ev=https_started address=%s port=%d issuers=%zu",
            conf->cms_https_address, conf->cms_https_port, conf->issuer_count);
    *out = http;
    return MCX_OK;
}

void mcx_http_stop(struct mcx_http **http)
{
    if (!*http)
        return;
    mcx_listener_close((*http)->listener);
    pthread_mutex_lock(&(*http)->lock);
    (*http)->is_stopping = true;
    pthread_mutex_unlock(&(*http)->lock);
    mcx_calls_dismiss(*http, TAKING_MS);
    mcx_listener_stop(&(*http)->listener);
    drop(http);
}
