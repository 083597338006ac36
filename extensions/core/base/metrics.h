/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges, one row each in metrics.def. Lock-free; any thread; never blocks. */
#ifndef MCX_BASE_METRICS_H
#define MCX_BASE_METRICS_H

#include <stddef.h>
#include <stdint.h>

enum mcx_metric {
#define MCX_METRIC(name, type, label, help) MCX_M_##name,
#include "base/metrics.def"
#undef MCX_METRIC
    MCX_M_COUNT
};

void mcx_metric_add(enum mcx_metric metric, int64_t delta);
static inline void mcx_metric_inc(enum mcx_metric metric)
{
    mcx_metric_add(metric, 1);
}
int64_t mcx_metric_get(enum mcx_metric metric);

/* Prometheus text exposition (0.0.4) of all rows; returns the length, or 0 if size is too small. */
size_t mcx_metrics_text(char *out, size_t size);

#endif
