/* SPDX-License-Identifier: Apache-2.0 */
/* What waits for an answer, by a 64-bit number (trap R14: numbers travel through freeDiameter and
 * the pool, never pointers) and by deadline: transactions (txn.h) and exchanges (exchange.h). An
 * entry is a member of its owner's struct. Whoever extracts it ends the wait; others find nothing.
 * A timer thread extracts what has run out of time. The lock is held for a few pointers only. */
#ifndef MCX_DIAMETER_WAITING_H
#define MCX_DIAMETER_WAITING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mcx_wait {
    uint64_t number;                        /* never 0 while it waits */
    int64_t deadline_ms;                    /* monotonic; the owner's, before insert */
    struct mcx_wait *chain, *older, *newer; /* private */
};

/* Static: {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = ...}. */
struct mcx_waiting {
    pthread_mutex_t lock; /* guards all below, and what the owner says */
    /* Its time is up. It has been extracted; without the lock, in the timer thread; must not block.
     */
    void (*ended)(struct mcx_wait *wait);
    pthread_cond_t wake;
    struct mcx_wait **bucket;
    size_t mask, count;
    struct mcx_wait *oldest, *newest;
    uint64_t last_number;
    bool running, stopping;
    pthread_t timer;
};

/* expected: how many wait at once, for the size of the hash; more find room. Once for each table.
 * 0 or errno; after an error the table is as one that was stopped. */
MCX_MUST_USE int mcx_waiting_start(struct mcx_waiting *waiting, size_t expected);
/* Joins the timer, then calls left for all that wait, oldest first, without the lock. Idempotent;
 * also for a table that never started. */
void mcx_waiting_stop(struct mcx_waiting *waiting, void (*left)(struct mcx_wait *wait));

/* With the lock held by the caller. */
/* Gives a number to one that has 0, and returns it. CLOSING: not running; *wait is as before. */
MCX_MUST_USE enum mcx_err mcx_waiting_insert(struct mcx_waiting *waiting, struct mcx_wait *wait);
/* NULL: nothing waits under that number, or the table is stopped. */
MCX_MUST_USE struct mcx_wait *mcx_waiting_find(const struct mcx_waiting *waiting, uint64_t number);
MCX_MUST_USE struct mcx_wait *mcx_waiting_extract(struct mcx_waiting *waiting, uint64_t number);

/* Does anything wait under that number? Takes the lock itself. */
MCX_MUST_USE bool mcx_waiting_stands(struct mcx_waiting *waiting, uint64_t number);

#endif
