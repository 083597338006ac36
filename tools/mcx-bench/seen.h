/* SPDX-License-Identifier: Apache-2.0 */
/* Which user got which identity: no two users the same one, and no user another one than before.
 * Any thread; locked inside. */
#ifndef BENCH_SEEN_H
#define BENCH_SEEN_H

#include <pthread.h>

#include "base/span.h"

struct seen {
    pthread_mutex_t lock; /* of all below */
    struct seen_cell *cells;
    size_t size, used;
    uint64_t *first_of_user; /* hash of its private identity; 0: none yet */
};

void seen_init(struct seen *seen, uint64_t user_count);
void seen_free(struct seen *seen);

/* false: another user has it. */
bool seen_identity(struct seen *seen, struct mcx_span identity, uint64_t user);
/* The same for the private identity; false also if this user had another one. */
bool seen_private(struct seen *seen, struct mcx_span identity, uint64_t user);

#endif
