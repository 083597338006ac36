/* SPDX-License-Identifier: Apache-2.0 */
/* One connection under load: its requests in flight, what waits to be written, and the reading of
 * answers. Used by one worker thread only. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdio.h>

#include "mar.h"
#include "stats.h"
#include "wire/peer.h"

struct load_slot {
    int64_t due_us; /* when the request should have left; latency counts from there */
    uint16_t generation;
    bool is_busy;
};

struct load {
    struct wire_conn conn;
    struct wire_identity identity;
    char host[300];
    struct mar mar;
    struct wire_buf out;
    size_t written; /* of out */
    struct load_slot *slots;
    uint16_t *free;
    uint32_t free_count, window;
    bool is_dead, waits_for_write;
};

/* What judging an answer needs. */
struct load_context {
    const struct bench_options *options;
    const struct wire_keys *keys;
    FILE *sqns; /* of --sqn-file, shared by all threads; NULL: none */
    struct stats *stats;
    uint64_t answers; /* all, for --check 1 in N */
    int64_t counted_from_us;
};

/* Connects and exchanges capabilities; false: reason. */
bool load_open(struct load *load, const struct bench_options *options, const struct wire_tls *tls,
               const struct mar_users *users, long number, char *reason, size_t size);
/* Takes a free slot and appends a MAR for that user. free_count must not be 0. */
void load_ask(struct load *load, const struct mar_users *users, uint64_t user, int64_t due_us);
/* Writes what goes without waiting. */
void load_flush(struct load *load, struct load_context *context);
/* Reads and judges all that has come. */
void load_read(struct load *load, struct load_context *context);
/* Gives up requests that are older than --timeout. */
void load_expire(struct load *load, struct load_context *context, int64_t now_us);
void load_close(struct load *load);

#endif
