/* SPDX-License-Identifier: Apache-2.0 */
/* Latencies in microseconds, log-linear: an error under 1/64 of the value, from 1 µs to an hour.
 * One thread each; merged at the end. */
#ifndef BENCH_HISTOGRAM_H
#define BENCH_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_CELLS (64 * 28)

struct histogram {
    uint64_t cells[HISTOGRAM_CELLS];
    uint64_t count, max_us;
};

void histogram_add(struct histogram *histogram, int64_t us); /* below 0 counts as 0 */
void histogram_merge(struct histogram *into, const struct histogram *from);
/* The value below or at which that part (0 to 1) lies; 0 when empty. */
uint64_t histogram_at(const struct histogram *histogram, double part);

#endif
