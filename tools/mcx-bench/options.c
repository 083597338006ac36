/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of options, and those that every mode takes, with their limits and defaults. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { FIRST_KEY = 0x1000 /* of the first row; wire_keys_argp has keys of its own below */ };

static const struct bench_row common_rows[] = {
    BENCH_TITLE_ROW("Connection and load:"),
    BENCH_TEXT_ROW("connect", "HOST:PORT", connect, "the server"),
    BENCH_TEXT_ROW("from", "ADDR", from, "local address"),
    BENCH_TEXT_ROW("ca", "FILE", files.ca, "TLS, with this CA of the other side"),
    BENCH_TEXT_ROW("cert", "FILE", files.certificate, "our certificate"),
    BENCH_TEXT_ROW("key", "FILE", files.key, "its private key"),
    BENCH_YES_ROW("no-verify-name", no_verify_name,
                  "do not compare the certificate with the other side's name"),
    BENCH_WHOLE_ROW("connections", "N", connections, 1, 900, "default 1"),
    {BENCH_USERS, "users", "FIRST:COUNT", "numbers of the users (default 0:1)", 0, 0, 0},
    BENCH_YES_ROW("random", is_random, "users in random order (default: in turn)"),
    BENCH_REAL_ROW("rate", "R", rate, 0.1, 10000000,
                   "open loop: R requests a second, latency from the time each should have left "
                   "(default: closed loop)"),
    BENCH_REAL_ROW("duration", "S", duration_s, 0.1, 1000000, "default 10 seconds"),
    BENCH_WHOLE_ROW("count", "N", count, 1, 10000000000,
                    "end after N requests in place of a duration"),
    BENCH_REAL_ROW("warmup", "S", warmup_s, 0, 100000, "not counted, before (default 1 second)"),
    BENCH_WHOLE_ROW("timeout", "MS", timeout_ms, 1, 600000,
                    "a request without answer for that long is lost (default 5000)"),
    BENCH_WHOLE_ROW("threads", "N", threads, 1, 64, "default 1"),
    {BENCH_PID, "pid", "PID", "show the memory of this process before and after (up to 4)", 0, 1,
     INT32_MAX},
    BENCH_YES_ROW("json", json, "one JSON object on standard output"),
    {0}};

/* ---- values ---- */

static double real_number(struct argp_state *state, const char *text, const struct bench_row *row)
{
    char *end;
    errno = 0;
    double value = strtod(text, &end);
    if (errno || end == text || *end || !(value >= row->low) || !(value <= row->high))
        argp_error(state, "--%s: a number from %g to %g, please, not \"%s\"", row->name, row->low,
                   row->high, text);
    return value;
}

static long whole_number(struct argp_state *state, const char *text, const struct bench_row *row)
{
    double value = real_number(state, text, row);
    if (value != (double)(long)value)
        argp_error(state, "--%s: a whole number, please", row->name);
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

static void pid(struct bench_options *options, const char *text, const struct bench_row *row,
                struct argp_state *state)
{
    if (options->pid_count == BENCH_PIDS_MAX)
        argp_error(state, "--pid: at most %d", BENCH_PIDS_MAX);
    options->pids[options->pid_count++] = whole_number(state, text, row);
}

static void take(struct bench_options *options, const struct bench_row *row, const char *arg,
                 struct argp_state *state)
{
    void *at = (char *)options + row->offset;
    switch (row->kind) {
    case BENCH_TITLE:
        break;
    case BENCH_TEXT:
        *(const char **)at = arg;
        break;
    case BENCH_YES:
        *(bool *)at = true;
        break;
    case BENCH_WHOLE:
        *(long *)at = whole_number(state, arg, row);
        break;
    case BENCH_REAL:
        *(double *)at = real_number(state, arg, row);
        break;
    case BENCH_USERS:
        users(options, arg, state);
        break;
    case BENCH_PID:
        pid(options, arg, row, state);
        break;
    }
}

/* ---- the reader ---- */

enum { ROWS_MAX = 64 };

struct reader {
    const struct bench_usage *usage;
    struct bench_options *options;
    size_t count;
    const struct bench_row *row[ROWS_MAX]; /* by key - FIRST_KEY */
    struct argp_option table[ROWS_MAX + 1];
};

static void add_rows(struct reader *reader, const struct bench_row *row)
{
    for (; row->doc && reader->count < ROWS_MAX; row++) {
        struct argp_option *option = &reader->table[reader->count];
        *option = (struct argp_option){.name = row->name, .arg = row->argument, .doc = row->doc};
        if (row->kind != BENCH_TITLE)
            option->key = FIRST_KEY + (int)reader->count;
        reader->row[reader->count++] = row;
    }
}

static void finish(struct bench_options *options, struct argp_state *state)
{
    if (!options->connect)
        argp_error(state, "--connect is needed");
    if (!options->files.certificate != !options->files.key)
        argp_error(state, "--cert and --key go together");
    options->use_tls = options->files.ca != NULL;
    if (options->threads > options->connections)
        options->threads = options->connections;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct reader *reader = state->input;
    if (key == ARGP_KEY_INIT && reader->usage->has_card)
        state->child_inputs[0] = &reader->options->keys;
    if (key == ARGP_KEY_END) {
        finish(reader->options, state);
        reader->usage->finish(reader->options, state);
    }
    if (key == ARGP_KEY_INIT || key == ARGP_KEY_END)
        return 0;
    if (key < FIRST_KEY || key >= FIRST_KEY + (int)reader->count)
        return ARGP_ERR_UNKNOWN;
    take(reader->options, reader->row[key - FIRST_KEY], arg, state);
    return 0;
}

void bench_options_parse(const struct bench_usage *usage, struct bench_options *options, int argc,
                         char **argv)
{
    static const struct argp_child card[] = {{&wire_keys_argp, 0, "", 99}, {0}};
    static struct reader reader;
    reader = (struct reader){.usage = usage, .options = options};
    add_rows(&reader, usage->rows);
    add_rows(&reader, common_rows);
    const struct argp argp = {reader.table, parse, NULL, usage->doc, usage->has_card ? card : NULL,
                              NULL,         NULL};
    *options = (struct bench_options){.connections = 1,
                                      .window = 1,
                                      .threads = 1,
                                      .items = 1,
                                      .user_count = 1,
                                      .duration_s = 10,
                                      .warmup_s = 1,
                                      .timeout_ms = 5000};
    usage->defaults(options);
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ARGS, NULL, &reader))
        exit(2);
}
