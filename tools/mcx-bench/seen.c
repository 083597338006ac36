/* SPDX-License-Identifier: Apache-2.0 */
/* An open-addressing table of 64-bit hashes: two identities of a million would be taken for one
 * with a chance of 3 in 10^8. */
#include "seen.h"

#include <stdlib.h>

#include "wire/buf.h"

struct seen_cell {
    uint64_t hash, user; /* hash 0: free */
};

void seen_init(struct seen *seen, uint64_t user_count)
{
    *seen = (struct seen){.size = 1024};
    pthread_mutex_init(&seen->lock, NULL);
    seen->cells = wire_alloc(seen->size * sizeof(*seen->cells));
    seen->first_of_user = wire_alloc(user_count * sizeof(uint64_t));
}

void seen_free(struct seen *seen)
{
    if (!seen->cells)
        return;
    free(seen->cells);
    free(seen->first_of_user);
    pthread_mutex_destroy(&seen->lock);
    *seen = (struct seen){0};
}

/* Its cell, or the free one where it belongs. */
static struct seen_cell *find(struct seen_cell *cells, size_t size, uint64_t hash)
{
    size_t at = (hash ^ hash >> 32) & (size - 1);
    while (cells[at].hash && cells[at].hash != hash)
        at = (at + 1) & (size - 1);
    return &cells[at];
}

static void grow(struct seen *seen)
{
    size_t size = 2 * seen->size;
    struct seen_cell *cells = wire_alloc(size * sizeof(*cells));
    for (size_t i = 0; i < seen->size; i++)
        if (seen->cells[i].hash)
            *find(cells, size, seen->cells[i].hash) = seen->cells[i];
    free(seen->cells);
    seen->cells = cells;
    seen->size = size;
}

static uint64_t hash_of(struct mcx_span identity)
{
    uint64_t hash = mcx_span_hash(identity);
    return hash ? hash : 1;
}

static bool take(struct seen *seen, uint64_t hash, uint64_t user)
{
    if (2 * seen->used >= seen->size)
        grow(seen);
    struct seen_cell *cell = find(seen->cells, seen->size, hash);
    if (cell->hash)
        return cell->user == user;
    *cell = (struct seen_cell){hash, user};
    seen->used++;
    return true;
}

bool seen_identity(struct seen *seen, struct mcx_span identity, uint64_t user)
{
    pthread_mutex_lock(&seen->lock);
    bool is_fine = take(seen, hash_of(identity), user);
    pthread_mutex_unlock(&seen->lock);
    return is_fine;
}

bool seen_private(struct seen *seen, struct mcx_span identity, uint64_t user)
{
    uint64_t hash = hash_of(identity);
    pthread_mutex_lock(&seen->lock);
    bool is_fine = take(seen, hash, user) &&
                   (seen->first_of_user[user] == 0 || seen->first_of_user[user] == hash);
    seen->first_of_user[user] = hash;
    pthread_mutex_unlock(&seen->lock);
    return is_fine;
}
