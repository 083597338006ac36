/* SPDX-License-Identifier: Apache-2.0 */
/* Cells: 0 to 127 exactly, then 64 cells for each doubling. */
#include "histogram.h"

static unsigned cell_of(uint64_t us)
{
    if (us < 128)
        return (unsigned)us;
    unsigned shift = 63 - 6 - (unsigned)__builtin_clzll(us); /* brings us to 64...127 */
    unsigned cell = 64 * shift + (unsigned)(us >> shift);
    return cell < HISTOGRAM_CELLS ? cell : HISTOGRAM_CELLS - 1;
}

static uint64_t highest_of(unsigned cell)
{
    if (cell < 128)
        return cell;
    unsigned shift = cell / 64 - 1;
    return (((uint64_t)(cell - 64 * shift) + 1) << shift) - 1;
}

void histogram_add(struct histogram *histogram, int64_t us)
{
    uint64_t value = us > 0 ? (uint64_t)us : 0;
    histogram->cells[cell_of(value)]++;
    histogram->count++;
    if (value > histogram->max_us)
        histogram->max_us = value;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    for (unsigned i = 0; i < HISTOGRAM_CELLS; i++)
        into->cells[i] += from->cells[i];
    into->count += from->count;
    if (from->max_us > into->max_us)
        into->max_us = from->max_us;
}

uint64_t histogram_at(const struct histogram *histogram, double part)
{
    uint64_t wanted = (uint64_t)(part * (double)histogram->count + 0.5), seen = 0;
    if (wanted == 0)
        wanted = 1;
    for (unsigned i = 0; i < HISTOGRAM_CELLS && histogram->count; i++) {
        seen += histogram->cells[i];
        if (seen >= wanted)
            return highest_of(i) < histogram->max_us ? highest_of(i) : histogram->max_us;
    }
    return histogram->max_us;
}
