/* SPDX-License-Identifier: Apache-2.0 */
/* What mcx-bench can load: each mode is a kind of connection with its options and its verdict. */
#ifndef BENCH_MODE_H
#define BENCH_MODE_H

#include "load.h"

struct bench_mode {
    const char *name;
    const struct bench_usage *usage;
    /* Reads files and makes what all connections share; NULL: reason. Users are 0 to *user_count -
     * 1. */
    void *(*prepare)(struct bench_options *options, uint64_t *user_count, char *reason,
                     size_t size);
    void (*clean_up)(void *shared); /* NULL is fine */
    /* Opens a connection and waits for that; NULL: reason. */
    struct load *(*open)(void *shared, long number, char *reason, size_t size);
    struct stats_form form;
};

extern const struct bench_mode mar_mode, migrate_mode;

#endif
