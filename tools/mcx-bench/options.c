/* SPDX-License-Identifier: Apache-2.0 */
/* Options that every mode takes, their limits and defaults. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    KEY_CONNECT = 0x200, /* apart from the modes' own keys */
    KEY_FROM,
    KEY_CA,
    KEY_CERT,
    KEY_KEY,
    KEY_NO_VERIFY_NAME,
    KEY_USERS,
    KEY_RANDOM,
    KEY_CONNECTIONS,
    KEY_THREADS,
    KEY_RATE,
    KEY_DURATION,
    KEY_COUNT,
    KEY_WARMUP,
    KEY_TIMEOUT,
    KEY_PID,
    KEY_JSON
};

static const struct argp_option options_table[] = {
    {"connect", KEY_CONNECT, "HOST:PORT", 0, "the server", 0},
    {"from", KEY_FROM, "ADDR", 0, "local address", 0},
    {"ca", KEY_CA, "FILE", 0, "TLS, with this CA of the other side", 0},
    {"cert", KEY_CERT, "FILE", 0, "our certificate", 0},
    {"key", KEY_KEY, "FILE", 0, "its private key", 0},
    {"no-verify-name", KEY_NO_VERIFY_NAME, NULL, 0,
     "do not compare the certificate with the other side's name", 0},
    {"connections", KEY_CONNECTIONS, "N", 0, "default 1", 0},
    {"users", KEY_USERS, "FIRST:COUNT", 0, "numbers of the users (default 0:1)", 0},
    {"random", KEY_RANDOM, NULL, 0, "users in random order (default: in turn)", 0},
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

long bench_options_number(struct argp_state *state, const char *text, const char *what, long low,
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
    if (!options->files.certificate != !options->files.key)
        argp_error(state, "--cert and --key go together");
    if (options->threads > options->connections)
        options->threads = options->connections;
}

static error_t parse_number(struct bench_options *options, int key, char *arg,
                            struct argp_state *state)
{
    switch (key) {
    case KEY_CONNECTIONS:
        options->connections = bench_options_number(state, arg, "--connections", 1, 900);
        return 0;
    case KEY_THREADS:
        options->threads = bench_options_number(state, arg, "--threads", 1, 64);
        return 0;
    case KEY_RATE:
        options->rate = real_number(state, arg, "--rate", 0.1, 10000000);
        return 0;
    case KEY_DURATION:
        options->duration_s = real_number(state, arg, "--duration", 0.1, 1000000);
        return 0;
    case KEY_COUNT:
        options->count = bench_options_number(state, arg, "--count", 1, 10000000000);
        return 0;
    case KEY_WARMUP:
        options->warmup_s = real_number(state, arg, "--warmup", 0, 100000);
        return 0;
    case KEY_TIMEOUT:
        options->timeout_ms = bench_options_number(state, arg, "--timeout", 1, 600000);
        return 0;
    case KEY_PID:
        if (options->pid_count == BENCH_PIDS_MAX)
            argp_error(state, "--pid: at most %d", BENCH_PIDS_MAX);
        options->pids[options->pid_count++] =
            bench_options_number(state, arg, "--pid", 1, INT32_MAX);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;
    switch (key) {
    case KEY_CONNECT:
        options->connect = arg;
        return 0;
    case KEY_FROM:
        options->from = arg;
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
    case KEY_NO_VERIFY_NAME:
        options->no_verify_name = true;
        return 0;
    case KEY_USERS:
        users(options, arg, state);
        return 0;
    case KEY_RANDOM:
        options->is_random = true;
        return 0;
    case KEY_JSON:
        options->json = true;
        return 0;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return parse_number(options, key, arg, state);
    }
}

const struct argp bench_options_argp = {options_table, parse, NULL, NULL, NULL, NULL, NULL};

struct bench_options bench_options_defaults(void)
{
    return (struct bench_options){.connections = 1,
                                  .window = 1,
                                  .threads = 1,
                                  .items = 1,
                                  .user_count = 1,
                                  .duration_s = 10,
                                  .warmup_s = 1,
                                  .timeout_ms = 5000};
}
