/* SPDX-License-Identifier: Apache-2.0 */
/* One thread with its connections: when to send what. */
#ifndef BENCH_WORKER_H
#define BENCH_WORKER_H

#include <signal.h>

#include "load.h"

struct worker {
    const struct bench_options *options;
    uint64_t user_count;
    struct load **loads; /* its own */
    long load_count;
    long number, workers; /* which one of how many */
    struct load_context context;
    struct stats stats;
    int64_t start_us; /* the same for all */
};

extern volatile sig_atomic_t worker_is_interrupted; /* stop asking, wait for what is in flight */

void worker_run(struct worker *worker); /* until all is answered or lost */

#endif
