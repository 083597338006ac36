/* SPDX-License-Identifier: Apache-2.0 */
/* Counting, the same for all kinds of connection. Requests of the warm-up are not counted. */
#include "load.h"

#include <stdio.h>

void load_answered(struct load *load, uint32_t code, bool is_experimental, int64_t due_us,
                   int64_t now_us)
{
    struct stats *stats = load->context->stats;
    load->context->answers++;
    if (due_us < load->context->counted_from_us)
        return;
    stats->answered++;
    stats->last_us = now_us;
    histogram_add(&stats->latency, now_us - due_us);
    stats_result(stats, code, is_experimental);
}

void load_lost(struct load *load, int64_t due_us)
{
    load->context->stats->lost += due_us >= load->context->counted_from_us;
}

void load_broke(struct load *load, const char *who)
{
    load->context->stats->connections_lost++;
    if (who)
        fprintf(stderr, "%s: %s\n", who, load->conn.reason);
}
