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
#include "diameter/fifo_patience.h"
#include "diameter/gate.h"
#include "diameter/hooks.h"
#include "diameter/mar_service.h"
#include "diameter/migration_service.h"
#include "diameter/recall.h"
#include "diameter/refuse.h"
#include "diameter/sender.h"
#include "diameter/session_shield.h"
#include "diameter/tls_shield.h"
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

static enum mcx_log_level level_of(const char *name)
{
    static const char *const names[] = {"error", "warn", "info", "debug"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return (enum mcx_log_level)i;
    return MCX_LOG_INFO;
}

static int start_logging(void)
{
    mcx_log_set_level(level_of(runtime.conf->log_level));
    if (runtime.conf->log_file[0] && mcx_log_open(runtime.conf->log_file) != MCX_OK)
        return mcx_refuse_setting(
            runtime.conf, "log.file",
            "%s: cannot be opened for writing: %s; name a file in a folder "
            "that the daemon's user may write to%s, or \"\" for standard error",
            runtime.conf->log_file, strerror(errno),
            errno == EROFS ? " (under mcx@.service /var/log/mcx-hss only)" : "");
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

static int start_metrics(void)
{
    struct mcx_conf_problem problem = {{0}};

    if (mcx_metrics_start(runtime.conf, MCX_BUILD_ID, health, &runtime.metrics, &problem) == MCX_OK)
        return 0;
    return mcx_refuse(&problem);
}

/* What no hook of freeDiameter's could mend; without it the daemon runs as a stock one does. This
 * is for refusals to start as well. */
static void start_patience(void)
{
    if (!mcx_fifo_patience_start())
        mcx_log(MCX_LOG_WARN, "ev=fifo_impatient reason=libfdproto_built_otherwise "
                              "effect=may_abort_at_shutdown_on_a_busy_machine");
}

static void start_tls_shield(void)
{
    if (!mcx_tls_shield_start((uint64_t)runtime.conf->border_rekey_records))
        mcx_log(MCX_LOG_WARN, "ev=tls_unshielded reason=libfdcore_built_otherwise "
                              "effect=a_peer_that_ends_TLS_may_end_the_daemon");
}

/* The first shell loads mcx.conf and starts what all share. */
static int first_enter(const char *shell, const char *conffile)
{
    struct mcx_conf_problem problem = {{0}};
    int ret = 0;

    start_patience();
    if (!conffile || !*conffile)
        return mcx_refuse_daemon(shell,
                                 "LoadExtension %s.fdx: names no mcx.conf; write LoadExtension = "
                                 "\"%s.fdx\" : \"/etc/mcx/mcx.conf\";",
                                 shell, shell);
    if (mcx_conf_load(conffile, &runtime.conf, &problem) != MCX_OK)
        return mcx_refuse(&problem);
    runtime.path = strdup(conffile);
    ret = runtime.path ? start_logging() : ENOMEM;
    if (ret == 0)
        start_tls_shield();
    if (ret == 0)
        ret = mcx_dict_start(runtime.conf);
    if (ret == 0)
        ret = mcx_session_shield_start();
    if (ret == 0)
        ret = mcx_hooks_start();
    if (ret == 0)
        ret = mcx_sender_start((size_t)runtime.conf->hss_in_flight_max);
    if (ret == 0)
        ret = start_metrics();
    return ret;
}

int mcx_runtime_enter(const char *shell, const char *build_id, const char *conffile)
{
    int ret = 0;

    pthread_mutex_lock(&runtime.lock);
    if (strcmp(build_id, MCX_BUILD_ID) != 0)
        ret = mcx_refuse_daemon(shell,
                                "LoadExtension %s.fdx: it and libmcx.so are of different builds; "
                                "install both again",
                                shell);
    else if (!runtime.conf)
        ret = first_enter(shell, conffile);
    else if (!conffile || strcmp(conffile, runtime.path) != 0)
        ret = mcx_refuse_daemon(shell,
                                "LoadExtension %s.fdx: names %s as mcx.conf, and an extension "
                                "before it %s; name the same file",
                                shell, conffile ? conffile : "nothing", runtime.path);
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
    return mcx_refuse_daemon(shell,
                             "LoadExtension %s.fdx: needs acl_border.fdx, without which a peer can "
                             "stop the daemon or claim to be another; load that before it",
                             shell);
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
        ret = mcx_refuse(&problem);
    return ret;
}
