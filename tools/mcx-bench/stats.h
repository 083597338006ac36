/* SPDX-License-Identifier: Apache-2.0 */
/* What one worker counted; merged and shown at the end. */
#ifndef BENCH_STATS_H
#define BENCH_STATS_H

#include <stdbool.h>

#include "histogram.h"
#include "options.h"

#define STATS_RESULTS_MAX 32

struct stats {
    struct histogram latency;
    struct {
        uint32_t code;
        bool is_experimental;
        uint64_t count;
    } results[STATS_RESULTS_MAX];
    uint64_t sent, answered, lost, late, checked,
        bad; /* after the warm-up; late: answered after --timeout */
    uint64_t connections_lost;
    int64_t first_us, last_us; /* end of the warm-up, last counted answer */
    long rss_before_kb[BENCH_PIDS_MAX], rss_after_kb[BENCH_PIDS_MAX];
};

void stats_result(struct stats *stats, uint32_t code, bool is_experimental);
void stats_merge(struct stats *into, const struct stats *from);
/* VmRSS of /proc/PID/status; -1: no such process. */
long stats_rss_kb(long pid);
/* Prints, and answers the exit status. */
int stats_report(const struct stats *stats, const struct bench_options *options);

#endif
