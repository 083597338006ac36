/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of mcx-bench: what every mode takes, and what one mode adds. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <argp.h>
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

/* What every mode takes; input: struct bench_options, set to bench_options_defaults before. */
extern const struct argp bench_options_argp;
struct bench_options bench_options_defaults(void);

/* A whole number, or the end of the process with status 2. */
long bench_options_number(struct argp_state *state, const char *text, const char *what, long low,
                          long high);

/* Both end the process with status 2 on wrong use. argv[0] is the mode's name for its help. */
void mar_options_parse(struct bench_options *options, int argc, char **argv);
void migrate_options_parse(struct bench_options *options, int argc, char **argv);

#endif
