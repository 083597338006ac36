/* SPDX-License-Identifier: Apache-2.0 */
/* Starts and stops the UE interface. The private key is wiped once libmicrohttpd has read it.
 * Start and stop block; called by the thread that loads and unloads the extension. */
#include "http/server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "http/call.h"

enum { PEM_MAX = 65536, HEAD_MAX = 32768, TAKING_MS = 1000 };

static void wipe_text(char **text)
{
    if (*text)
        mcx_wipe(*text, strlen(*text));
    free(*text);
}

static void close_fd(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

static enum mcx_err say(struct mcx_conf_problem *problem, const char *setting, const char *path,
                        const char *what)
{
    snprintf(problem->text, sizeof problem->text, "%s: %s%s%s", setting, path, *path ? ": " : "",
             what);
    return MCX_CONF;
}

/* Others must not be able to read what is secret. */
static const char *why_not(int fd, bool is_secret)
{
    struct stat status;

    if (fd < 0 || fstat(fd, &status) != 0)
        return strerror(errno);
    if (!S_ISREG(status.st_mode) || status.st_size > PEM_MAX)
        return "is no PEM file";
    if (is_secret && (status.st_mode & (S_IWGRP | S_IRWXO)))
        return "can be read by others; run: chmod 0640";
    return NULL;
}

static enum mcx_err read_pem(const char *setting, const char *path, bool is_secret, char **out,
                             struct mcx_conf_problem *problem)
{
    __attribute__((cleanup(close_fd))) const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const char *why = why_not(fd, is_secret);
    ssize_t len = 0;

    if (*path == '\0')
        return say(problem, setting, path, "is required with cms.https_port: name a PEM file");
    if (why)
        return say(problem, setting, path, why);
    *out = calloc(1, PEM_MAX + 1);
    if (*out)
        len = read(fd, *out, PEM_MAX);
    if (!*out || len < 0)
        return say(problem, setting, path, strerror(errno));
    return MCX_OK;
}

static enum mcx_err start_listener(struct mcx_http *http, const struct mcx_conf *conf,
                                   struct mcx_conf_problem *problem)
{
    __attribute__((cleanup(wipe_text))) char *cert = NULL, *key = NULL;
    struct mcx_listener_options options = {
        .name = "cms.https_",
        .address = conf->cms_https_address,
        .port = conf->cms_https_port,
        .threads = conf->cms_https_threads,
        .connections_max = conf->cms_connections_max,
        .per_s = conf->cms_connections_per_s,
        .request_ms = conf->cms_request_time_ms,
        .idle_ms = conf->cms_idle_time_ms,
        .head_max = HEAD_MAX,
        .is_counted = true,
        .handle = mcx_call_handle,
        .completed = mcx_call_completed,
        .arg = http,
    };
    enum mcx_err err = read_pem("cms.https_cert", conf->cms_https_cert, false, &cert, problem);

    if (err == MCX_OK)
        err = read_pem("cms.https_key", conf->cms_https_key, true, &key, problem);
    options.cert = cert;
    options.key = key;
    return err == MCX_OK ? mcx_listener_start(&options, &http->listener, problem) : err;
}

static void drop(struct mcx_http **http)
{
    mcx_tokens_close(&(*http)->tokens);
    pthread_cond_destroy(&(*http)->emptied);
    pthread_mutex_destroy(&(*http)->lock);
    free(*http);
    *http = NULL;
}

static void init_locks(struct mcx_http *http)
{
    pthread_condattr_t attr;

    pthread_mutex_init(&http->lock, NULL);
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&http->emptied, &attr);
    pthread_condattr_destroy(&attr);
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
        return say(problem, "cms.token_issuers", "",
                   "is empty: name at least one issuer of access tokens, or no https_port");
    http = calloc(1, sizeof *http);
    if (!http)
        return say(problem, "cms.https", "", mcx_err_text(MCX_NO_MEMORY));
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
