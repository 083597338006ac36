/* SPDX-License-Identifier: Apache-2.0 */
/* mcx-bench: load on a SIP database (mar) or on a configuration management server (migrate), in a
 * closed or an open loop, with the answers checked. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/secret.h"
#include "mode.h"
#include "worker.h"

struct bench {
    const struct bench_mode *mode;
    struct bench_options options;
    void *shared;
    uint64_t user_count;
    struct load **loads;
    struct worker *workers;
    struct stats total;
    char reason[400];
};

static void on_signal(int number)
{
    worker_is_interrupted = 1;
}

static const struct bench_mode *find_mode(int *argc, char ***argv)
{
    static const struct bench_mode *const modes[] = {&mar_mode, &migrate_mode};
    static char name[64];
    for (size_t i = 0; *argc > 1 && i < sizeof(modes) / sizeof(modes[0]); i++) {
        if (strcmp((*argv)[1], modes[i]->name) != 0)
            continue;
        snprintf(name, sizeof(name), "mcx-bench %s", modes[i]->name);
        (*argv)[1] = name; /* what argp calls us */
        (*argc)--;
        (*argv)++;
        return modes[i];
    }
    return &mar_mode;
}

static bool open_all(struct bench *bench)
{
    long count = bench->options.connections;
    bench->loads = wire_alloc((size_t)count * sizeof(struct load *));
    for (long i = 0; i < count; i++) {
        bench->loads[i] = bench->mode->open(bench->shared, i, bench->reason, sizeof(bench->reason));
        if (!bench->loads[i])
            return false;
    }
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
        *worker = (struct worker){.options = &bench->options,
                                  .user_count = bench->user_count,
                                  .loads = bench->loads + next,
                                  .load_count = share,
                                  .number = i,
                                  .workers = workers,
                                  .context = {.options = &bench->options},
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
    for (long i = 0; bench->loads && i < bench->options.connections && bench->loads[i]; i++)
        bench->loads[i]->ops->close(bench->loads[i]);
    free(bench->loads);
    bench->mode->clean_up(bench->shared);
}

static int run(struct bench *bench)
{
    bench->shared = bench->mode->prepare(&bench->options, &bench->user_count, bench->reason,
                                         sizeof(bench->reason));
    if (!bench->shared || !open_all(bench)) {
        fprintf(stderr, "mcx-bench: %s\n", bench->reason);
        return bench->shared ? 5 : 2;
    }
    return run_all(bench) ? stats_report(&bench->total, &bench->options, &bench->mode->form) : 1;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct sigaction action = {.sa_handler = on_signal};
    mcx_no_core_dumps();
    signal(SIGPIPE, SIG_IGN);
    bench.mode = find_mode(&argc, &argv);
    bench_options_parse(bench.mode->usage, &bench.options, argc, argv);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    int rc = run(&bench);
    clean_up(&bench);
    return rc;
}
