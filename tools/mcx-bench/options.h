/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of mcx-bench. */
#ifndef BENCH_OPTIONS_H
#define BENCH_OPTIONS_H

#include <argp.h>
#include <stdint.h>

#include "wire/keys.h"
#include "wire/tls.h"

#define BENCH_PIDS_MAX 4

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
};

/* Ends the process with status 2 on wrong use. */
void bench_options_parse(struct bench_options *options, int argc, char **argv);

#endif
