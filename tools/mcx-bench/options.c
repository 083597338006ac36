/* SPDX-License-Identifier: Apache-2.0 */
/* Options, their limits and defaults. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    KEY_CONNECT = 0x100,
    KEY_FROM,
    KEY_CA,
    KEY_CERT,
    KEY_KEY,
    KEY_NO_VERIFY_NAME,
    KEY_ORIGIN_DOMAIN,
    KEY_ORIGIN_REALM,
    KEY_DESTINATION_REALM,
    KEY_DESTINATION_HOST,
    KEY_SERVER_NAME,
    KEY_USERS,
    KEY_USER_REALM,
    KEY_IDENTITIES,
    KEY_RANDOM,
    KEY_ZH,
    KEY_ITEMS,
    KEY_CONNECTIONS,
    KEY_WINDOW,
    KEY_THREADS,
    KEY_RATE,
    KEY_DURATION,
    KEY_COUNT,
    KEY_WARMUP,
    KEY_TIMEOUT,
    KEY_CHECK,
    KEY_SQN_FILE,
    KEY_PID,
    KEY_JSON
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Connection:", 1},
    {"connect", KEY_CONNECT, "HOST:PORT", 0, "the SIP database", 0},
    {"from", KEY_FROM, "ADDR", 0, "local address", 0},
    {"ca", KEY_CA, "FILE", 0, "TLS, with this CA of the other side", 0},
    {"cert", KEY_CERT, "FILE", 0, "our certificate", 0},
    {"key", KEY_KEY, "FILE", 0, "its private key", 0},
    {"no-verify-name", KEY_NO_VERIFY_NAME, NULL, 0,
     "do not compare the certificate with Origin-Host", 0},
    {"connections", KEY_CONNECTIONS, "N", 0,
     "default 1; they are bench-0.DOMAIN, bench-1.DOMAIN ...", 0},
    {"origin-domain", KEY_ORIGIN_DOMAIN, "DOMAIN", 0, "of our Origin-Hosts", 0},
    {"origin-realm", KEY_ORIGIN_REALM, "REALM", 0,
     "our Origin-Realm (default: the domain behind its first dot)", 0},
    {NULL, 0, NULL, 0, "Requests:", 2},
    {"destination-realm", KEY_DESTINATION_REALM, "REALM", 0, "default: our Origin-Realm", 0},
    {"destination-host", KEY_DESTINATION_HOST, "NAME", 0, "default: none", 0},
    {"server-name", KEY_SERVER_NAME, "URI", 0, "default: sip:scscf. and the domain", 0},
    {"zh", KEY_ZH, NULL, 0, "application Zh in place of Cx", 0},
    {"items", KEY_ITEMS, "N", 0, "vectors per request (default 1)", 0},
    {"users", KEY_USERS, "FIRST:COUNT", 0,
     "IMPI %015llu@REALM, IMPU sip: and the same (default 0:1)", 0},
    {"user-realm", KEY_USER_REALM, "REALM", 0, "of the IMPIs (default: Destination-Realm)", 0},
    {"identities", KEY_IDENTITIES, "FILE", 0, "in place of --users: lines of IMPI and IMPU", 0},
    {"random", KEY_RANDOM, NULL, 0, "users in random order (default: in turn)", 0},
    {NULL, 0, NULL, 0, "Load:", 4},
    {"window", KEY_WINDOW, "N", 0, "requests in flight per connection (default 32)", 0},
    {"rate", KEY_RATE, "R", 0,
     "open loop: R requests a second, latency from the time each should have left (default: closed "
     "loop)",
     0},
    {"duration", KEY_DURATION, "S", 0, "default 10 seconds", 0},
    {"count", KEY_COUNT, "N", 0, "end after N requests in place of a duration", 0},
    {"warmup", KEY_WARMUP, "S", 0, "not counted, before (default 1 second)", 0},
    {"timeout", KEY_TIMEOUT, "MS", 0,
     "a request without answer for that long is lost (default 5000)", 0},
    {"threads", KEY_THREADS, "N", 0, "default 1", 0},
    {NULL, 0, NULL, 0, "Verdict:", 5},
    {"check", KEY_CHECK, "N", 0, "check MAC, XRES, CK and IK of one answer in N", 0},
    {"sqn-file", KEY_SQN_FILE, "FILE", 0, "write IMPI, SEQ and IND of each vector checked", 0},
    {"pid", KEY_PID, "PID", 0, "show the memory of this process before and after (up to 4)", 0},
    {"json", KEY_JSON, NULL, 0, "one JSON object on standard output", 0},
    {0}};

static double real_number(struct argp_state *state, const char *text, const char *what, double low,
                          double high)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno || end == text || *end || !(value >= low) || !(value <= high))
        argp_error(state, "%s: a number from %g to %g, please, not \"%s\"", what, low, high, text);
    return value;
}

static long number(struct argp_state *state, const char *text, const char *what, long low,
                   long high)
{
    double value = real_number(state, text, what, (double)low, (double)high);
    if (value != (double)(long)value)
        argp_error(state, "%s: a whole number, please", what);
    return (long)value;
}

static void users(struct bench_options *options, const char *text, struct argp_state *state)
{
    unsigned long long first, count;
    char tail;
    if (sscanf(text, "%llu:%llu%c", &first, &count, &tail) != 2 || count == 0 ||
        first + count > 1000000000000000ull)
        argp_error(state, "--users: FIRST:COUNT, please, not \"%s\"", text);
    options->first_user = first;
    options->user_count = count;
}

static void finish(struct bench_options *options, struct argp_state *state)
{
    if (!options->connect)
        argp_error(state, "--connect is needed");
    if (!options->origin_domain)
        argp_error(state, "--origin-domain is needed");
    if (!options->files.certificate != !options->files.key)
        argp_error(state, "--cert and --key go together");
    const char *dot = options->origin_domain ? strchr(options->origin_domain, '.') : NULL;
    if (!options->origin_realm && !dot)
        argp_error(state, "--origin-realm is needed");
    if (!options->origin_realm && dot)
        options->origin_realm = dot + 1;
    if (!options->destination_realm)
        options->destination_realm = options->origin_realm;
    if (!options->user_realm)
        options->user_realm = options->destination_realm;
    if (options->threads > options->connections)
        options->threads = options->connections;
}

static error_t parse_rest(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;
    switch (key) {
    case KEY_CONNECTIONS:
        options->connections = number(state, arg, "--connections", 1, 900);
        return 0;
    case KEY_WINDOW:
        options->window = number(state, arg, "--window", 1, 65535);
        return 0;
    case KEY_THREADS:
        options->threads = number(state, arg, "--threads", 1, 64);
        return 0;
    case KEY_ITEMS:
        options->items = number(state, arg, "--items", 1, 1000);
        return 0;
    case KEY_RATE:
        options->rate = real_number(state, arg, "--rate", 0.1, 10000000);
        return 0;
    case KEY_DURATION:
        options->duration_s = real_number(state, arg, "--duration", 0.1, 1000000);
        return 0;
    case KEY_COUNT:
        options->count = number(state, arg, "--count", 1, 10000000000);
        return 0;
    case KEY_WARMUP:
        options->warmup_s = real_number(state, arg, "--warmup", 0, 100000);
        return 0;
    case KEY_TIMEOUT:
        options->timeout_ms = number(state, arg, "--timeout", 1, 600000);
        return 0;
    case KEY_CHECK:
        options->check = number(state, arg, "--check", 1, 1000000000);
        return 0;
    case KEY_PID:
        if (options->pid_count == BENCH_PIDS_MAX)
            argp_error(state, "--pid: at most %d", BENCH_PIDS_MAX);
        options->pids[options->pid_count++] = number(state, arg, "--pid", 1, INT32_MAX);
        return 0;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const char **text_option(struct bench_options *options, int key)
{
    switch (key) {
    case KEY_CONNECT:
        return &options->connect;
    case KEY_FROM:
        return &options->from;
    case KEY_CERT:
        return &options->files.certificate;
    case KEY_KEY:
        return &options->files.key;
    case KEY_ORIGIN_DOMAIN:
        return &options->origin_domain;
    case KEY_ORIGIN_REALM:
        return &options->origin_realm;
    case KEY_DESTINATION_REALM:
        return &options->destination_realm;
    case KEY_DESTINATION_HOST:
        return &options->destination_host;
    case KEY_SERVER_NAME:
        return &options->server_name;
    case KEY_USER_REALM:
        return &options->user_realm;
    case KEY_IDENTITIES:
        return &options->identities_file;
    default:
        return NULL;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;
    const char **text = text_option(options, key);
    if (text) {
        *text = arg;
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->keys;
        return 0;
    case KEY_CA:
        options->files.ca = arg;
        options->use_tls = true;
        return 0;
    case KEY_NO_VERIFY_NAME:
        options->no_verify_name = true;
        return 0;
    case KEY_USERS:
        users(options, arg, state);
        return 0;
    case KEY_RANDOM:
        options->is_random = true;
        return 0;
    case KEY_ZH:
        options->is_zh = true;
        return 0;
    case KEY_SQN_FILE:
        options->sqn_file = arg;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    default:
        return parse_rest(key, arg, state);
    }
}

void bench_options_parse(struct bench_options *options, int argc, char **argv)
{
    static const struct argp_child children[] = {{&wire_keys_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options_table,
        parse,
        NULL,
        "Loads a SIP database with MARs and shows rate, latencies and results.\v"
        "Exit status: 0 all answered with 2001, 2 wrong use, 3 other results, 4 requests without "
        "answer, 5 a "
        "connection was refused or lost, 6 a vector is wrong.",
        children,
        NULL,
        NULL};
    *options = (struct bench_options){.connections = 1,
                                      .window = 32,
                                      .threads = 1,
                                      .items = 1,
                                      .user_count = 1,
                                      .duration_s = 10,
                                      .warmup_s = 1,
                                      .timeout_ms = 5000};
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ARGS, NULL, options))
        exit(2);
}
