/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of mcx-bench. Options are rows of tables, one table for what every mode takes
 * and one for each mode; one reader reads them all. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <argp.h>
#include <stddef.h>
#include <stdint.h>

#include "wire/keys.h"
#include "wire/tls.h"

#define BENCH_PIDS_MAX 4

/* POST of the UE interface, CR 10.1.X.1 step 1. */
struct migrate_options {
    const char *host; /* of Host, of the server name in TLS, and in the certificate */
    const char *path, *mc_realm, *service, *location, *partner, *device, *root;
    const char *token_file; /* or signed here: */
    const char *sign_key, *kid, *issuer, *client, *audience;
    bool connect_per_request;
};

struct bench_options {
    const char *connect, *from;
    bool use_tls, no_verify_name, is_zh, is_random, json;
    struct wire_tls_files files;
    const char *origin_domain, *origin_realm, *destination_realm, *destination_host, *server_name;
    const char *user_realm, *identities_file, *sqn_file;
    uint64_t first_user, user_count;
    long connections, window, threads, items, timeout_ms;
    double rate; /* requests per second, all connections; 0: closed loop */
    double duration_s, warmup_s;
    long count; /* 0: by duration */
    long check; /* one answer in so many; 0: none */
    struct wire_keys_options keys;
    long pids[BENCH_PIDS_MAX];
    long pid_count;
    struct migrate_options migrate;
};

/* ---- rows: "--name argument  doc", and where in struct bench_options the value goes ---- */

enum bench_kind {
    BENCH_TITLE, /* doc stands above the rows that follow */
    BENCH_TEXT,  /* const char * */
    BENCH_YES,   /* bool, no argument */
    BENCH_WHOLE, /* long, low to high */
    BENCH_REAL,  /* double, low to high */
    BENCH_USERS, /* FIRST:COUNT */
    BENCH_PID    /* long, the next of pids */
};
struct bench_row {
    enum bench_kind kind;
    const char *name, *argument, *doc; /* without doc the table ends */
    size_t offset;
    double low, high;
};

#define BENCH_AT(member) offsetof(struct bench_options, member)
#define BENCH_TITLE_ROW(doc)                                                                       \
    {                                                                                              \
        BENCH_TITLE, NULL, NULL, doc, 0, 0, 0                                                      \
    }
#define BENCH_YES_ROW(name, member, doc)                                                           \
    {                                                                                              \
        BENCH_YES, name, NULL, doc, BENCH_AT(member), 0, 0                                         \
    }
#define BENCH_TEXT_ROW(name, argument, member, doc)                                                \
    {                                                                                              \
        BENCH_TEXT, name, argument, doc, BENCH_AT(member), 0, 0                                    \
    }
#define BENCH_WHOLE_ROW(name, argument, member, low, high, doc)                                    \
    {                                                                                              \
        BENCH_WHOLE, name, argument, doc, BENCH_AT(member), low, high                              \
    }
#define BENCH_REAL_ROW(name, argument, member, low, high, doc)                                     \
    {                                                                                              \
        BENCH_REAL, name, argument, doc, BENCH_AT(member), low, high                               \
    }

/* What a mode adds to what every mode takes. */
struct bench_usage {
    const char *doc;
    const struct bench_row *rows;
    bool has_card; /* takes the card's keys, too */
    void (*defaults)(struct bench_options *options);
    /* Whether all fits together, after all options; says it by argp_error, which ends the process
     * with status 2. */
    void (*finish)(struct bench_options *options, struct argp_state *state);
};

extern const struct bench_usage mar_usage, migrate_usage;

/* Ends the process with status 2 on wrong use. argv[0] is the mode's name for its help. */
void bench_options_parse(const struct bench_usage *usage, struct bench_options *options, int argc,
                         char **argv);

#endif
