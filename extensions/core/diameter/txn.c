/* SPDX-License-Identifier: Apache-2.0 */
/* A fixed pool of slots, a hash by number, and a list by deadline. All have the same time to live,
 * so new ones go to the end of the list; what is put back walks to its place. */
#include "diameter/txn.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/metrics.h"

struct slot {
    uint64_t number; /* 0: free */
    struct mcx_txn txn;
    struct slot *chain; /* next with the same hash, or next free */
    struct slot *older, *newer;
};

static struct {
    pthread_mutex_t lock; /* guards all below */
    pthread_cond_t wake;
    struct slot *slots, *free, **buckets;
    size_t mask;
    struct slot *oldest, *newest;
    uint64_t last_number;
    uint32_t time_ms;
    bool running, stopping;
    pthread_t timer;
    void (*expired)(uint64_t, struct mcx_txn *);
} table = {.lock = PTHREAD_MUTEX_INITIALIZER};

static struct slot **bucket_of(uint64_t number)
{
    return &table.buckets[number & table.mask]; /* numbers are consecutive */
}

static void list_insert(struct slot *slot)
{
    struct slot *after = table.newest;

    while (after && after->txn.deadline_ms > slot->txn.deadline_ms)
        after = after->older;
    slot->older = after;
    slot->newer = after ? after->newer : table.oldest;
    *(slot->newer ? &slot->newer->older : &table.newest) = slot;
    *(after ? &after->newer : &table.oldest) = slot;
}

static void list_remove(struct slot *slot)
{
    *(slot->older ? &slot->older->newer : &table.oldest) = slot->newer;
    *(slot->newer ? &slot->newer->older : &table.newest) = slot->older;
}

static bool insert(uint64_t number, const struct mcx_txn *txn)
{
    struct slot *slot = table.free;

    if (!slot)
        return false;
    table.free = slot->chain;
    slot->number = number;
    slot->txn = *txn;
    slot->chain = *bucket_of(number);
    *bucket_of(number) = slot;
    list_insert(slot);
    mcx_metric_add(MCX_M_IN_FLIGHT, 1);
    return true;
}

static bool extract(uint64_t number, struct mcx_txn *out)
{
    for (struct slot **at = bucket_of(number); *at; at = &(*at)->chain) {
        struct slot *slot = *at;

        if (slot->number != number)
            continue;
        *at = slot->chain;
        list_remove(slot);
        *out = slot->txn;
        slot->number = 0;
        slot->chain = table.free;
        table.free = slot;
        mcx_metric_add(MCX_M_IN_FLIGHT, -1);
        return true;
    }
    return false;
}

/* Waits for the oldest deadline, or for the first transaction, or for stop. */
static void wait_for_work(int64_t now_ms)
{
    struct timespec until;

    if (!table.oldest) {
        pthread_cond_wait(&table.wake, &table.lock);
        return;
    }
    if (table.oldest->txn.deadline_ms <= now_ms)
        return;
    until = mcx_clock_mono_timespec(table.oldest->txn.deadline_ms);
    pthread_cond_timedwait(&table.wake, &table.lock, &until);
}

static void *timer_main(void *arg)
{
    pthread_mutex_lock(&table.lock);
    while (!table.stopping) {
        int64_t now_ms = mcx_clock_mono_ms();
        struct mcx_txn txn;
        uint64_t number = 0;

        wait_for_work(now_ms);
        if (table.stopping || !table.oldest || table.oldest->txn.deadline_ms > mcx_clock_mono_ms())
            continue;
        number = table.oldest->number;
        if (extract(number, &txn)) {
            pthread_mutex_unlock(&table.lock);
            table.expired(number, &txn);
            pthread_mutex_lock(&table.lock);
        }
    }
    pthread_mutex_unlock(&table.lock);
    return arg;
}

static size_t power_of_two(size_t at_least)
{
    size_t n = 64;

    while (n < at_least)
        n *= 2;
    return n;
}

int mcx_txn_start(size_t capacity, uint32_t answer_time_ms,
                  void (*expired)(uint64_t number, struct mcx_txn *txn))
{
    int ret = 0;

    table.slots = calloc(capacity, sizeof *table.slots);
    table.mask = power_of_two(capacity) - 1;
    table.buckets = calloc(table.mask + 1, sizeof *table.buckets);
    if (!table.slots || !table.buckets)
        return ENOMEM;
    for (size_t i = 0; i < capacity; i++) {
        table.slots[i].chain = table.free;
        table.free = &table.slots[i];
    }
    table.time_ms = answer_time_ms;
    table.expired = expired;
    mcx_clock_cond_init(&table.wake);
    ret = pthread_create(&table.timer, NULL, timer_main, NULL);
    table.running = ret == 0;
    return ret;
}

void mcx_txn_stop(void (*left)(uint64_t number, struct mcx_txn *txn))
{
    struct mcx_txn txn;

    if (!table.running)
        return;
    pthread_mutex_lock(&table.lock);
    table.running = false;
    table.stopping = true;
    pthread_cond_signal(&table.wake);
    pthread_mutex_unlock(&table.lock);
    pthread_join(table.timer, NULL);
    while (table.oldest) {
        uint64_t number = table.oldest->number;

        if (extract(number, &txn))
            left(number, &txn);
    }
    free(table.slots);
    free(table.buckets);
    table.slots = table.free = NULL;
    table.buckets = NULL;
}

uint64_t mcx_txn_add(struct mcx_txn *txn)
{
    uint64_t number = 0;

    txn->deadline_ms = mcx_clock_mono_ms() + table.time_ms;
    txn->began_us = mcx_clock_mono_us();
    pthread_mutex_lock(&table.lock);
    if (table.running && insert(table.last_number + 1, txn)) {
        number = ++table.last_number;
        if (table.oldest == table.newest)
            pthread_cond_signal(&table.wake);
    }
    pthread_mutex_unlock(&table.lock);
    return number;
}

bool mcx_txn_take(uint64_t number, struct mcx_txn *out)
{
    bool found = false;

    pthread_mutex_lock(&table.lock);
    if (table.running)
        found = extract(number, out);
    pthread_mutex_unlock(&table.lock);
    return found;
}

/* Under the lock. */
static struct slot *find(uint64_t number)
{
    struct slot *slot = table.running ? *bucket_of(number) : NULL;

    while (slot && slot->number != number)
        slot = slot->chain;
    return slot;
}

bool mcx_txn_stands(uint64_t number)
{
    bool stands = false;

    pthread_mutex_lock(&table.lock);
    stands = find(number) != NULL;
    pthread_mutex_unlock(&table.lock);
    return stands;
}

bool mcx_txn_set_relay(uint64_t number, struct mcx_mar_relay *relay, size_t partner_index)
{
    struct slot *slot = NULL;

    pthread_mutex_lock(&table.lock);
    slot = find(number);
    if (slot) {
        slot->txn.relay = relay;
        slot->txn.partner_index = partner_index;
    }
    pthread_mutex_unlock(&table.lock);
    return slot != NULL;
}

enum mcx_err mcx_txn_put_back(uint64_t number, const struct mcx_txn *txn)
{
    enum mcx_err err = MCX_CLOSING;

    pthread_mutex_lock(&table.lock);
    if (table.running)
        err = insert(number, txn) ? MCX_OK : MCX_BUSY;
    if (err == MCX_OK && table.oldest->number == number)
        pthread_cond_signal(&table.wake);
    pthread_mutex_unlock(&table.lock);
    return err;
}
