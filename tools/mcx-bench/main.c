/* SPDX-License-Identifier: Apache-2.0 */
/* mcx-bench: MAR load on a SIP database, in a closed or an open loop, with vectors checked. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/secret.h"
#include "worker.h"

struct bench {
    struct bench_options options;
    struct wire_keys keys;
    struct wire_tls tls;
    struct mar_users users;
    struct load *loads;
    struct worker *workers;
    struct stats total;
    FILE *sqns;
    char reason[400];
};

static void on_signal(int number)
{
    worker_is_interrupted = 1;
}

static bool prepare(struct bench *bench)
{
    struct bench_options *options = &bench->options;
    if (!wire_keys_load(&options->keys, &bench->keys, bench->reason, sizeof(bench->reason)))
        return false;
    if (options->check && !bench->keys.present) {
        snprintf(bench->reason, sizeof(bench->reason), "--check needs the card's keys");
        return false;
    }
    if (options->sqn_file && !(bench->sqns = fopen(options->sqn_file, "w"))) {
        snprintf(bench->reason, sizeof(bench->reason), "%s: cannot be written", options->sqn_file);
        return false;
    }
    if (options->use_tls &&
        !wire_tls_load(&bench->tls, &options->files, bench->reason, sizeof(bench->reason)))
        return false;
    bench->tls.verify_name = options->use_tls && !options->no_verify_name;
    return mar_users_load(&bench->users, options, bench->reason, sizeof(bench->reason));
}

static bool open_all(struct bench *bench)
{
    struct bench_options *options = &bench->options;
    bench->loads = wire_alloc((size_t)options->connections * sizeof(*bench->loads));
    for (long i = 0; i < options->connections; i++)
        bench->loads[i] = (struct load){.conn = WIRE_CONN_NONE, .is_dead = true};
    for (long i = 0; i < options->connections; i++)
        if (!load_open(&bench->loads[i], options, &bench->tls, &bench->users, i, bench->reason,
                       sizeof(bench->reason)))
            return false;
    return true;
}

static void *run_thread(void *argument)
{
    worker_run(argument);
    return NULL;
}

static void share_out(struct bench *bench)
{
    long workers = bench->options.threads, next = 0;
    int64_t start_us = mcx_clock_mono_us();
    bench->workers = wire_alloc((size_t)workers * sizeof(*bench->workers));
    for (long i = 0; i < workers; i++) {
        struct worker *worker = &bench->workers[i];
        long share =
            bench->options.connections / workers + (i < bench->options.connections % workers);
        *worker = (struct worker){
            .options = &bench->options,
            .users = &bench->users,
            .loads = bench->loads + next,
            .load_count = share,
            .number = i,
            .workers = workers,
            .context = {.options = &bench->options, .keys = &bench->keys, .sqns = bench->sqns},
            .start_us = start_us};
        next += share;
    }
}

static void read_memory(const struct bench_options *options, long *kb)
{
    for (long i = 0; i < options->pid_count; i++)
        kb[i] = stats_rss_kb(options->pids[i]);
}

static bool run_all(struct bench *bench)
{
    long workers = bench->options.threads, started = 0;
    pthread_t *threads = wire_alloc((size_t)workers * sizeof(*threads));
    share_out(bench);
    while (started < workers &&
           pthread_create(&threads[started], NULL, run_thread, &bench->workers[started]) == 0)
        started++;
    int64_t warm_us = bench->workers[0].start_us + (int64_t)(bench->options.warmup_s * 1e6);
    while (!worker_is_interrupted && mcx_clock_mono_us() < warm_us)
        poll(NULL, 0, (int)((warm_us - mcx_clock_mono_us()) / 1000) + 1);
    read_memory(&bench->options, bench->total.rss_before_kb);
    for (long i = 0; i < started; i++) {
        pthread_join(threads[i], NULL);
        stats_merge(&bench->total, &bench->workers[i].stats);
    }
    read_memory(&bench->options, bench->total.rss_after_kb);
    free(threads);
    free(bench->workers);
    return started == workers;
}

static void clean_up(struct bench *bench)
{
    if (bench->sqns)
        fclose(bench->sqns);
    for (long i = 0; bench->loads && i < bench->options.connections; i++)
        load_close(&bench->loads[i]);
    free(bench->loads);
    mar_users_free(&bench->users);
    wire_tls_free(&bench->tls);
    wire_keys_wipe(&bench->keys);
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct sigaction action = {.sa_handler = on_signal};
    int rc = 2;
    mcx_no_core_dumps();
    signal(SIGPIPE, SIG_IGN);
    bench_options_parse(&bench.options, argc, argv);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!prepare(&bench))
        fprintf(stderr, "mcx-bench: %s\n", bench.reason);
    else if (!open_all(&bench)) {
        fprintf(stderr, "mcx-bench: %s\n", bench.reason);
        rc = 5;
    } else if (run_all(&bench))
        rc = stats_report(&bench.total, &bench.options);
    else
        rc = 1;
    clean_up(&bench);
    return rc;
}
