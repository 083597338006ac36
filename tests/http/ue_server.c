/* SPDX-License-Identifier: Apache-2.0 */
/* The UE interface over real TLS with a played configuration server behind it, for test_*.py: the
 * partner that a request asks for chooses the outcome. `ue_server mcx.conf` says "ready", serves
 * until SIGTERM, and then calls done for what was held, when the interface is long gone. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "http/metrics.h"
#include "http/server.h"

#define KNOWN "12345678-9abc-4def-8123-456789abcdef"

struct pending {
    struct pending *next;
    struct mcx_ue_ask ask;
    mcx_ue_done done;
    void *arg;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct pending *queue, *held;
    int held_count;
    bool is_ending;
} port = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static struct mcx_str str(const char *text)
{
    struct mcx_str out = {0};

    (void)!mcx_str_set(&out, mcx_span_of(text));
    return out;
}

static const char document[] = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                               "<mcptt-UE-initial-configuration name=\"\xc3\xa9\"/>";

static struct mcx_ue_binding binding_of(const struct mcx_ue_ask *ask)
{
    struct mcx_ue_binding binding = {.binding_id = KNOWN,
                                     .mc_user_id = str("sip:alice@mc.primary.example"),
                                     .device = str("handset"),
                                     .partner = str("partner"),
                                     .inbound = {.impi = str("i@migration.partner.example"),
                                                 .impu_count = 2,
                                                 .impu = {str("sip:p1@migration.partner.example"),
                                                          str("sip:p2@migration.partner.example")}},
                                     .expires_s = 1796083200,
                                     .document = (const uint8_t *)document,
                                     .document_len = sizeof document - 1};

    if (ask->verb == MCX_UE_LIST)
        binding.document = NULL;
    if (ask->verb == MCX_UE_CONNECT)
        binding.is_requested = ask->migration.partner.len > 0;
    if (strcmp(ask->migration.partner.octets, "unlimited") == 0) {
        binding.expires_s = MCX_NEVER;
        binding.document = NULL;
    }
    return binding;
}

/* What chooses the outcome: the partner asked for, else the user part of the MCPTT ID. */
static const char *wish_of(const struct mcx_ue_ask *ask)
{
    static _Thread_local char wish[MCX_STR_MAX + 1];

    if (ask->migration.partner.len > 0)
        return ask->migration.partner.octets;
    if (sscanf(ask->migration.services.id[MCX_SERVICE_MCPTT].octets, "sip:%255[^@]", wish) != 1)
        return "";
    return wish;
}

static void outcome_of(const struct mcx_ue_ask *ask, struct mcx_ue_reply *reply)
{
    static const struct {
        const char *partner;
        enum mcx_ue_outcome outcome;
        const char *problem;
    } rows[] = {
        {"forbidden", MCX_UE_FORBIDDEN, "not-authorized"},
        {"nowhere", MCX_UE_NOT_FOUND, "no-partner"},
        {"devices", MCX_UE_CONFLICT, "several-devices"},
        {"away", MCX_UE_UNAVAILABLE, "partner-away"},
        {"fault", MCX_UE_FAULT, "fault"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(wish_of(ask), rows[i].partner) == 0) {
            reply->outcome = rows[i].outcome;
            reply->problem = rows[i].problem;
            reply->retry_after_s = 7;
            reply->binding_id = rows[i].outcome == MCX_UE_UNAVAILABLE ? KNOWN : NULL;
            snprintf(reply->detail, sizeof reply->detail, "Do \"this\" instead of %s.",
                     rows[i].partner);
        }
    if ((ask->verb == MCX_UE_SHOW || ask->verb == MCX_UE_END) &&
        strcmp(ask->binding_id, KNOWN) != 0) {
        reply->outcome = MCX_UE_NOT_FOUND;
        reply->problem = "no-such-connection";
    } else if (ask->verb == MCX_UE_END && reply->outcome == MCX_UE_OK)
        reply->outcome = MCX_UE_ENDED;
}

static void finish(struct pending *pending)
{
    struct mcx_ue_binding binding = binding_of(&pending->ask);
    const struct mcx_str labels[] = {str("handset"), str("vehicle")};
    struct mcx_ue_reply reply = {.outcome = MCX_UE_OK, .binding_count = 1, .binding = &binding};

    outcome_of(&pending->ask, &reply);
    if (reply.outcome == MCX_UE_CONFLICT) {
        reply.label_count = 2;
        reply.label = labels;
    }
    pending->done(pending->arg, &reply);
    free(pending);
}

static void push(struct pending **to, struct pending *pending)
{
    while (*to)
        to = &(*to)->next;
    pending->next = NULL;
    *to = pending;
}

static void release_held(void)
{
    while (port.held) {
        struct pending *next = port.held->next;

        push(&port.queue, port.held);
        port.held = next;
    }
}

static enum mcx_err ask(const struct mcx_ue_ask *from, mcx_ue_done done, void *arg)
{
    const char *partner = wish_of(from);
    struct pending *pending;

    if (strcmp(partner, "busy") == 0)
        return MCX_BUSY;
    pending = calloc(1, sizeof *pending);
    if (!pending)
        return MCX_NO_MEMORY;
    pending->ask = *from;
    pending->done = done;
    pending->arg = arg;
    if (strcmp(partner, "now") == 0) {
        finish(pending);
        return MCX_OK;
    }
    pthread_mutex_lock(&port.lock);
    if (strcmp(partner, "held") == 0) {
        push(&port.held, pending);
        mcx_log(MCX_LOG_INFO, "ev=held count=%d", ++port.held_count);
    } else
        push(&port.queue, pending);
    if (strcmp(partner, "release") == 0)
        release_held();
    pthread_cond_broadcast(&port.changed);
    pthread_mutex_unlock(&port.lock);
    return MCX_OK;
}

static void *work(void *arg)
{
    pthread_mutex_lock(&port.lock);
    while (port.queue || !port.is_ending) {
        struct pending *first = port.queue;

        if (!first) {
            pthread_cond_wait(&port.changed, &port.lock);
            continue;
        }
        port.queue = first->next;
        pthread_mutex_unlock(&port.lock);
        finish(first);
        pthread_mutex_lock(&port.lock);
    }
    pthread_mutex_unlock(&port.lock);
    return arg;
}

static const char *health(void)
{
    const char *trouble;

    pthread_mutex_lock(&port.lock);
    trouble = port.held ? "held" : NULL;
    pthread_mutex_unlock(&port.lock);
    return trouble;
}

static void end_port(pthread_t worker)
{
    pthread_mutex_lock(&port.lock);
    release_held();
    port.is_ending = true;
    pthread_cond_broadcast(&port.changed);
    pthread_mutex_unlock(&port.lock);
    pthread_join(worker, NULL);
}

int main(int argc, char **argv)
{
    static const struct mcx_ue_port served = {ask};
    struct mcx_conf_problem problem = {{0}};
    struct mcx_conf *conf = NULL;
    struct mcx_http *http = NULL;
    struct mcx_metrics_endpoint *metrics = NULL;
    pthread_t worker;
    sigset_t ends;
    int number;

    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &ends, NULL);
    mcx_log_set_level(MCX_LOG_DEBUG);
    if (argc != 2 || mcx_conf_load(argv[1], &conf, &problem) != MCX_OK ||
        mcx_http_start(conf, &served, &http, &problem) != MCX_OK ||
        mcx_metrics_start(conf, "0-test", health, &metrics, &problem) != MCX_OK) {
        fprintf(stderr, "ue_server: %s\n", problem.text);
        mcx_http_stop(&http);
        mcx_conf_free(&conf);
        return 1;
    }
    pthread_create(&worker, NULL, work, NULL);
    fprintf(stderr, "ready\n");
    sigwait(&ends, &number);
    mcx_http_stop(&http);
    fprintf(stderr, "stopped\n");
    mcx_metrics_stop(&metrics);
    end_port(worker);
    mcx_conf_free(&conf);
    return 0;
}
