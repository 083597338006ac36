/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed pool of slots, all with the same time to live, in one table of what waits. The lock of
 * the table guards the slots too. */
#include "diameter/txn.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/metrics.h"
#include "diameter/waiting.h"

struct slot {
    struct mcx_wait wait; /* first */
    struct mcx_txn txn;
    struct slot *next_free;
};

static void ended(struct mcx_wait *wait);

static struct mcx_waiting waiting = {.lock = PTHREAD_MUTEX_INITIALIZER, .ended = ended};

static struct {
    struct slot *slots, *free;
    uint32_t time_ms;
    void (*expired)(uint64_t, struct mcx_txn *);
    void (*left)(uint64_t, struct mcx_txn *);
} pool;

/* ---- under the lock ---- */

/* BUSY: no slot is free; CLOSING: not running. *number 0: a new one. */
static enum mcx_err insert(uint64_t *number, const struct mcx_txn *txn)
{
    struct slot *slot = pool.free;
    enum mcx_err err;

    if (!slot)
        return waiting.running ? MCX_BUSY : MCX_CLOSING;
    slot->wait = (struct mcx_wait){.number = *number, .deadline_ms = txn->deadline_ms};
    err = mcx_waiting_insert(&waiting, &slot->wait);
    if (err != MCX_OK)
        return err;
    pool.free = slot->next_free;
    slot->txn = *txn;
    *number = slot->wait.number;
    mcx_metric_add(MCX_M_IN_FLIGHT, 1);
    return MCX_OK;
}

static void give_back(struct slot *slot, struct mcx_txn *out)
{
    *out = slot->txn;
    slot->next_free = pool.free;
    pool.free = slot;
    mcx_metric_add(MCX_M_IN_FLIGHT, -1);
}

/* ---- ends by the table ---- */

static void hand_over(struct mcx_wait *wait, void (*taker)(uint64_t, struct mcx_txn *))
{
    uint64_t number = wait->number;
    struct mcx_txn txn;

    pthread_mutex_lock(&waiting.lock);
    give_back((struct slot *)wait, &txn);
    pthread_mutex_unlock(&waiting.lock);
    taker(number, &txn);
}

static void ended(struct mcx_wait *wait)
{
    hand_over(wait, pool.expired);
}

static void left_over(struct mcx_wait *wait)
{
    hand_over(wait, pool.left);
}

int mcx_txn_start(size_t capacity, uint32_t answer_time_ms,
                  void (*expired)(uint64_t number, struct mcx_txn *txn))
{
    pool.slots = calloc(capacity, sizeof *pool.slots);
    if (!pool.slots)
        return ENOMEM;
    for (size_t i = 0; i < capacity; i++) {
        pool.slots[i].next_free = pool.free;
        pool.free = &pool.slots[i];
    }
    pool.time_ms = answer_time_ms;
    pool.expired = expired;
    return mcx_waiting_start(&waiting, capacity);
}

void mcx_txn_stop(void (*left)(uint64_t number, struct mcx_txn *txn))
{
    pool.left = left;
    mcx_waiting_stop(&waiting, left_over);
    pthread_mutex_lock(&waiting.lock);
    free(pool.slots);
    pool.slots = pool.free = NULL;
    pthread_mutex_unlock(&waiting.lock);
}

uint64_t mcx_txn_add(struct mcx_txn *txn)
{
    uint64_t number = 0;
    enum mcx_err err;

    txn->began_us = mcx_clock_mono_us();
    txn->deadline_ms = txn->began_us / 1000 + pool.time_ms;
    pthread_mutex_lock(&waiting.lock);
    err = insert(&number, txn);
    pthread_mutex_unlock(&waiting.lock);
    return err == MCX_OK ? number : 0;
}

bool mcx_txn_take(uint64_t number, struct mcx_txn *out)
{
    struct mcx_wait *wait = NULL;

    pthread_mutex_lock(&waiting.lock);
    wait = mcx_waiting_extract(&waiting, number);
    if (wait)
        give_back((struct slot *)wait, out);
    pthread_mutex_unlock(&waiting.lock);
    return wait != NULL;
}

bool mcx_txn_stands(uint64_t number)
{
    return mcx_waiting_stands(&waiting, number);
}

bool mcx_txn_set_relay(uint64_t number, struct mcx_mar_relay *relay, size_t partner_index)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&waiting.lock);
    slot = (struct slot *)mcx_waiting_find(&waiting, number);
    if (slot) {
        slot->txn.relay = relay;
        slot->txn.partner_index = partner_index;
    }
    pthread_mutex_unlock(&waiting.lock);
    return slot != NULL;
}

enum mcx_err mcx_txn_put_back(uint64_t number, const struct mcx_txn *txn)
{
    enum mcx_err err;

    pthread_mutex_lock(&waiting.lock);
    err = insert(&number, txn);
    pthread_mutex_unlock(&waiting.lock);
    return err;
}
