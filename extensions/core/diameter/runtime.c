/* SPDX-License-Identifier: Apache-2.0 */
/* Shells enter and leave in freeDiameter's configuration and shutdown threads, one after the other;
 * a mutex keeps that true for whoever loads us otherwise. */
#include "diameter/runtime.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "base/secret.h"
#include "cms/cms.h"
#include "diameter/border.h"
#include "diameter/cms_service.h"
#include "diameter/dict.h"
#include "diameter/gate.h"
#include "diameter/hooks.h"
#include "diameter/mar_service.h"
#include "diameter/migration_service.h"
#include "diameter/recall.h"
#include "diameter/sender.h"
#include "diameter/session_shield.h"
#include "http/metrics.h"
#include "http/server.h"

static struct {
    pthread_mutex_t lock;
    struct mcx_conf *conf;
    char *path;
    struct mcx_metrics_endpoint *metrics;
    struct mcx_http *http; /* the UE interface, beside app_cms */
    bool stopped;
} runtime = {.lock = PTHREAD_MUTEX_INITIALIZER};

static int refuse(const char *shell, const char *reason)
{
    mcx_log(MCX_LOG_ERROR, "ev=start_refused shell=%s reason=\"%s\"", shell, reason);
    return EINVAL;
}

static enum mcx_log_level level_of(const char *name)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum mcx_log_level)i;
    return MCX_LOG_INFO;
}

static int start_logging(const char *shell)
{
    mcx_log_set_level(level_of(runtime.conf->log_level));
    if (runtime.conf->log_file[0] && mcx_log_open(runtime.conf->log_file) != MCX_OK)
        return refuse(shell, "log.file cannot be opened for writing");
    if (!runtime.conf->log_core_dumps)
        mcx_no_core_dumps();
    return 0;
}

/* What GET /healthz answers. */
static const char *health(void)
{
    if (!mcx_gate_is_open())
        return "closing";
    if (mcx_metric_get(MCX_M_DB_WORKERS) > 0 && mcx_metric_get(MCX_M_DB_CONNECTIONS) == 0)
        return "database_away";
    return NULL;
}

static int start_metrics(const char *shell)
{
    struct mcx_conf_problem problem = {{0}};

    if (mcx_metrics_start(runtime.conf, MCX_BUILD_ID, health, &runtime.metrics, &problem) == MCX_OK)
        return 0;
    return refuse(shell, problem.text);
}

/* The first shell loads mcx.conf and starts what all share. */
static int first_enter(const char *shell, const char *conffile)
{
    struct mcx_conf_problem problem = {{0}};
    int ret = 0;

    if (!conffile || !*conffile)
        return refuse(shell, "no configuration: LoadExtension = \"name.fdx\" : \"mcx.conf\";");
    if (mcx_conf_load(conffile, &runtime.conf, &problem) != MCX_OK)
        return refuse(shell, problem.text);
    runtime.path = strdup(conffile);
    ret = runtime.path ? start_logging(shell) : ENOMEM;
    if (ret == 0)
        ret = mcx_dict_start(runtime.conf);
    if (ret == 0)
        ret = mcx_session_shield_start();
    if (ret == 0)
        ret = mcx_hooks_start();
    if (ret == 0)
        ret = mcx_sender_start((size_t)runtime.conf->hss_in_flight_max);
    if (ret == 0)
        ret = start_metrics(shell);
    return ret;
}

int mcx_runtime_enter(const char *shell, const char *build_id, const char *conffile)
{
    int ret = 0;

    pthread_mutex_lock(&runtime.lock);
    if (strcmp(build_id, MCX_BUILD_ID) != 0)
        ret = refuse(shell, "this .fdx and libmcx.so are of different builds: install both again");
    else if (!runtime.conf)
        ret = first_enter(shell, conffile);
    else if (!conffile || strcmp(conffile, runtime.path) != 0)
        ret = refuse(shell, "all mcx extensions take the same mcx.conf: another one was loaded");
    pthread_mutex_unlock(&runtime.lock);
    return ret;
}

/* Workers and timer first: they hand to the sender. Nothing here waits for a peer. */
void mcx_runtime_leave(void)
{
    pthread_mutex_lock(&runtime.lock);
    if (!runtime.stopped) {
        runtime.stopped = true;
        mcx_http_stop(&runtime.http);
        mcx_gate_close();
        mcx_cms_service_stop();
        mcx_migration_service_stop();
        mcx_recall_stop();
        mcx_mar_service_stop();
        mcx_sender_stop();
        mcx_metrics_stop(&runtime.metrics);
        mcx_conf_free(&runtime.conf);
        free(runtime.path);
        runtime.path = NULL;
    }
    pthread_mutex_unlock(&runtime.lock);
}

int mcx_runtime_start_border(void)
{
    return mcx_border_start(runtime.conf);
}

static int need_border(const char *shell)
{
    if (mcx_border_started())
        return 0;
    return refuse(shell, "load acl_border.fdx before it: without it a peer can stop the daemon or "
                         "claim to be another");
}

int mcx_runtime_start_hss(void)
{
    int ret = need_border("app_hss");

    if (ret == 0)
        ret = mcx_mar_service_start(runtime.conf);
    if (ret == 0)
        ret = mcx_recall_start(runtime.conf);
    return ret == 0 ? mcx_migration_service_start(runtime.conf) : ret;
}

int mcx_runtime_start_cms(void)
{
    static const struct mcx_ue_port port = {.ask = mcx_cms_ask};
    struct mcx_conf_problem problem = {{0}};
    int ret = need_border("app_cms");

    if (ret == 0)
        ret = mcx_cms_service_start(runtime.conf);
    if (ret == 0 && mcx_http_start(runtime.conf, &port, &runtime.http, &problem) != MCX_OK)
        ret = refuse("app_cms", problem.text);
    return ret;
}
