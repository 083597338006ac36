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
    /* After the warm-up; late: answered after --timeout; bad: of those checked. */
    uint64_t sent, answered, lost, late, checked, bad;
    uint64_t connections_lost;
    int64_t first_us, last_us; /* end of the warm-up, last counted answer */
    long rss_before_kb[BENCH_PIDS_MAX], rss_after_kb[BENCH_PIDS_MAX];
};

/* How a mode's verdict is worded. */
struct stats_form {
    uint32_t ok;        /* the only good result */
    const char *judged; /* plural of what was checked */
};

void stats_result(struct stats *stats, uint32_t code, bool is_experimental);
void stats_merge(struct stats *into, const struct stats *from);
/* VmRSS of /proc/PID/status; -1: no such process. */
long stats_rss_kb(long pid);
/* Prints, and answers the exit status. */
int stats_report(const struct stats *stats, const struct bench_options *options,
                 const struct stats_form *form);

#endif
