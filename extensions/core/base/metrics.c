/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges as relaxed atomics, one cache line each so that threads do not slow each
 * other down, and their Prometheus text. Any thread; never blocks. */
#include "base/metrics.h"

#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static struct {
    _Alignas(64) _Atomic int64_t value;
} cells[MCX_M_COUNT];

static const struct {
    const char *type, *label, *help;
} rows[MCX_M_COUNT] = {
#define MCX_METRIC(name, type, label, help) [MCX_M_##name] = {#type, label, help},
#include "base/metrics.def"
#undef MCX_METRIC
};

void mcx_metric_add(enum mcx_metric metric, int64_t delta)
{
    if ((unsigned)metric < MCX_M_COUNT)
        atomic_fetch_add_explicit(&cells[metric].value, delta, memory_order_relaxed);
}

int64_t mcx_metric_get(enum mcx_metric metric)
{
    if ((unsigned)metric >= MCX_M_COUNT)
        return 0;
    return atomic_load_explicit(&cells[metric].value, memory_order_relaxed);
}

/* The family name: what stands before the labels. */
static int family_len(size_t row)
{
    return (int)strcspn(rows[row].label, "{");
}

static int is_same_family(size_t a, size_t b)
{
    int len = family_len(a);

    return len == family_len(b) && strncmp(rows[a].label, rows[b].label, (size_t)len) == 0;
}

size_t mcx_metrics_text(char *out, size_t size)
{
    size_t used = 0;

    for (size_t row = 0; row < MCX_M_COUNT; row++) {
        int len = family_len(row), wrote = 0;

        /* HELP and TYPE once per family; rows of one family stand together in metrics.def. */
        if (row == 0 || !is_same_family(row - 1, row))
            wrote = snprintf(out + used, size - used, "# HELP %.*s %s\n# TYPE %.*s %s\n", len,
                             rows[row].label, rows[row].help, len, rows[row].label, rows[row].type);
        if (wrote < 0 || (size_t)wrote >= size - used)
            return 0;
        used += (size_t)wrote;
        wrote = snprintf(out + used, size - used, "%s %" PRId64 "\n", rows[row].label,
                         mcx_metric_get((enum mcx_metric)row));
        if (wrote < 0 || (size_t)wrote >= size - used)
            return 0;
        used += (size_t)wrote;
    }
    return used;
}
