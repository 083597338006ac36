/* SPDX-License-Identifier: Apache-2.0 */
/* One connection under load, of whatever protocol, as the worker sees it: requests go in, answers
 * are counted in the worker's stats. Used by one worker thread only. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "stats.h"
#include "wire/conn.h"

struct load;

/* None of them waits. */
struct load_ops {
    /* Takes a free slot for a request for that user. free_count must not be 0. */
    void (*ask)(struct load *load, uint64_t user, int64_t due_us);
    /* Writes what goes; connects and shakes hands, if the connection comes with the request. */
    void (*flush)(struct load *load);
    /* Reads and judges all that has come. */
    void (*read)(struct load *load);
    /* Gives up requests that were due at or before oldest_us. */
    void (*expire)(struct load *load, int64_t oldest_us);
    void (*close)(struct load *load); /* frees it, too */
};

/* What the answers of one worker's connections are counted in. */
struct load_context {
    const struct bench_options *options;
    struct stats *stats;
    uint64_t answers; /* all, for --check 1 in N */
    int64_t counted_from_us;
};

/* First member of each kind of connection. */
struct load {
    const struct load_ops *ops;
    struct load_context *context; /* set by the worker before it asks */
    struct wire_conn conn;
    uint32_t free_count, window;
    bool is_dead;         /* no request will be asked of it any more */
    bool waits_for_write; /* wants to know when conn can be written */
    /* The worker's: which socket it watches, and for what. A load that opens another socket sets
     * is_watched to false. */
    bool is_watched, is_watched_for_write;
};

/* Count one request that was due then: an answer, or none. */
void load_answered(struct load *load, uint32_t code, bool is_experimental, int64_t due_us,
                   int64_t now_us);
void load_lost(struct load *load, int64_t due_us);
/* The connection broke with requests under way, or could not be made: said on standard error
 * by that name; NULL: not said. */
void load_broke(struct load *load, const char *who);

#endif
