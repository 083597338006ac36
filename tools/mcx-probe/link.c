/* SPDX-License-Identifier: Apache-2.0 */
/* The shared options, and the way from them to an open Diameter connection. */
#include "link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "report.h"

enum {
    KEY_CONNECT = 0x100,
    KEY_LISTEN,
    KEY_FROM,
    KEY_TLS,
    KEY_CA,
    KEY_CERT,
    KEY_KEY,
    KEY_PRIORITY,
    KEY_NO_VERIFY_NAME,
    KEY_ORIGIN_HOST,
    KEY_ORIGIN_REALM,
    KEY_TIMEOUT,
    KEY_JSON
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Connection:", 1},
    {"connect", KEY_CONNECT, "HOST:PORT", 0, "the Diameter node to talk to", 0},
    {"listen", KEY_LISTEN, "ADDR:PORT", 0,
     "respond only: wait for the node to connect (port 0: any)", 0},
    {"from", KEY_FROM, "ADDR", 0, "local address to connect from", 0},
    {"tls", KEY_TLS, NULL, 0, "TLS right after TCP; implied by --ca", 0},
    {"ca", KEY_CA, "FILE", 0, "CA of the other side, PEM", 0},
    {"cert", KEY_CERT, "FILE", 0, "our certificate, PEM", 0},
    {"key", KEY_KEY, "FILE", 0, "its private key, PEM", 0},
    {"tls-priority", KEY_PRIORITY, "STRING", 0, "GnuTLS priority (default: TLS 1.2 and 1.3)", 0},
    {"no-verify-name", KEY_NO_VERIFY_NAME, NULL, 0,
     "do not compare the certificate with the peer's Origin-Host", 0},
    {"origin-host", KEY_ORIGIN_HOST, "NAME", 0, "our Origin-Host", 0},
    {"origin-realm", KEY_ORIGIN_REALM, "REALM", 0,
     "our Origin-Realm (default: Origin-Host behind the first dot)", 0},
    {"timeout", KEY_TIMEOUT, "MS", 0, "wait that long for each answer (default 5000)", 0},
    {"json", KEY_JSON, NULL, 0, "one JSON object on standard output", 0},
    {0}};

long link_number(struct argp_state *state, const char *text, const char *what, long low, long high)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 0);
    if (errno || end == text || *end || value < low || value > high)
        argp_error(state, "%s: a number from %ld to %ld, please, not \"%s\"", what, low, high,
                   text);
    return value;
}

static void finish(struct link_options *options, struct argp_state *state)
{
    if (!options->connect && !options->listen)
        argp_error(state, options->listen_allowed ? "--connect or --listen is needed"
                                                  : "--connect is needed");
    if (options->connect && options->listen)
        argp_error(state, "either --connect or --listen");
    if (options->listen && !options->listen_allowed)
        argp_error(state, "--listen goes with respond only");
    if (options->use_tls && !options->files.ca)
        argp_error(state, "--tls needs --ca");
    if (!options->files.certificate != !options->files.key)
        argp_error(state, "--cert and --key go together");
    if (!options->origin_host)
        argp_error(state, "--origin-host is needed");
    if (options->origin_realm)
        return;
    const char *dot = strchr(options->origin_host, '.');
    if (!dot)
        argp_error(state, "--origin-realm is needed");
    else
        options->origin_realm = dot + 1;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct link_options *options = state->input;
    switch (key) {
    case KEY_CONNECT:
        options->connect = arg;
        return 0;
    case KEY_LISTEN:
        options->listen = arg;
        return 0;
    case KEY_FROM:
        options->from = arg;
        return 0;
    case KEY_TLS:
        options->use_tls = true;
        return 0;
    case KEY_CA:
        options->files.ca = arg;
        options->use_tls = true;
        return 0;
    case KEY_CERT:
        options->files.certificate = arg;
        return 0;
    case KEY_KEY:
        options->files.key = arg;
        return 0;
    case KEY_PRIORITY:
        options->files.priority = arg;
        return 0;
    case KEY_NO_VERIFY_NAME:
        options->no_verify_name = true;
        return 0;
    case KEY_ORIGIN_HOST:
        options->origin_host = arg;
        return 0;
    case KEY_ORIGIN_REALM:
        options->origin_realm = arg;
        return 0;
    case KEY_TIMEOUT:
        options->timeout_ms = link_number(state, arg, "--timeout", 1, 600000);
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp link_argp = {options_table, parse, NULL, NULL, NULL, NULL, NULL};

int64_t link_deadline(const struct link_options *options)
{
    return mcx_clock_mono_us() + (options->timeout_ms ? options->timeout_ms : 5000) * 1000;
}

enum probe_exit link_failed(const struct link *link, enum wire_status status, json_t *report)
{
    json_object_set_new(report, "error", report_text(mcx_span_of(link->conn.reason)));
    return status == WIRE_TIMEOUT ? PROBE_NO_ANSWER : PROBE_NO_PEER;
}

enum probe_exit link_prepare(const struct link_options *options, struct link *link, json_t *report)
{
    *link = (struct link){.conn = WIRE_CONN_NONE,
                          .identity = {options->origin_host, options->origin_realm, "mcx-probe"}};
    if (!options->use_tls)
        return PROBE_OK;
    if (!wire_tls_load(&link->tls, &options->files, link->conn.reason, sizeof(link->conn.reason))) {
        json_object_set_new(report, "error", report_text(mcx_span_of(link->conn.reason)));
        return PROBE_FAULT;
    }
    link->tls.verify_name = !options->no_verify_name;
    return PROBE_OK;
}

enum probe_exit link_dial(const struct link_options *options, struct link *link, json_t *report)
{
    int64_t deadline_us = link_deadline(options);
    enum wire_status status =
        wire_dial_open(&link->conn, options->connect, options->from, deadline_us);
    if (status == WIRE_OK && options->use_tls)
        status = wire_dial_tls(&link->conn, &link->tls, false, deadline_us);
    /* Not being able to connect in time is a missing peer, not a missing answer. */
    return status == WIRE_OK ? PROBE_OK : link_failed(link, WIRE_CLOSED, report);
}

enum probe_exit link_open(const struct link_options *options, struct link *link, json_t *report)
{
    enum probe_exit rc = link_prepare(options, link, report);
    if (rc == PROBE_OK)
        rc = link_dial(options, link, report);
    if (rc != PROBE_OK)
        return rc;
    int64_t start_us = mcx_clock_mono_us();
    enum wire_status status = wire_peer_exchange(
        &link->conn, &link->identity, link->tls.verify_name, &link->cea, link_deadline(options));
    json_object_set_new(report, "cea", report_cea(link, mcx_clock_mono_us() - start_us));
    return status == WIRE_OK ? PROBE_OK : link_failed(link, status, report);
}

void link_close(struct link *link)
{
    if (link->cea.result.code / 1000 == 2)
        wire_peer_leave(&link->conn, &link->identity);
    wire_conn_close(&link->conn);
    wire_tls_free(&link->tls);
}
