/* SPDX-License-Identifier: Apache-2.0 */
/* A hash by number, and a list by deadline: most have the same time to live, so new ones go to the
 * end of the list; others walk to their place. */
#include "diameter/waiting.h"

#include <errno.h>
#include <stdlib.h>

#include "base/clock.h"

static struct mcx_wait **bucket_of(const struct mcx_waiting *waiting, uint64_t number)
{
    return &waiting->bucket[number & waiting->mask]; /* numbers are consecutive */
}

/* ---- under the lock ---- */

static void list_insert(struct mcx_waiting *waiting, struct mcx_wait *wait)
{
    struct mcx_wait *after = waiting->newest;

    while (after && after->deadline_ms > wait->deadline_ms)
        after = after->older;
    wait->older = after;
    wait->newer = after ? after->newer : waiting->oldest;
    *(wait->newer ? &wait->newer->older : &waiting->newest) = wait;
    *(after ? &after->newer : &waiting->oldest) = wait;
}

static void list_remove(struct mcx_waiting *waiting, struct mcx_wait *wait)
{
    *(wait->older ? &wait->older->newer : &waiting->oldest) = wait->newer;
    *(wait->newer ? &wait->newer->older : &waiting->newest) = wait->older;
}

enum mcx_err mcx_waiting_insert(struct mcx_waiting *waiting, struct mcx_wait *wait)
{
    struct mcx_wait **bucket = NULL;

    if (!waiting->running)
        return MCX_CLOSING;
    if (wait->number == 0)
        wait->number = ++waiting->last_number;
    bucket = bucket_of(waiting, wait->number);
    wait->chain = *bucket;
    *bucket = wait;
    list_insert(waiting, wait);
    waiting->count++;
    if (waiting->oldest == wait)
        pthread_cond_signal(&waiting->wake);
    return MCX_OK;
}

static void take_out(struct mcx_waiting *waiting, struct mcx_wait **at)
{
    struct mcx_wait *wait = *at;

    *at = wait->chain;
    list_remove(waiting, wait);
    waiting->count--;
}

static struct mcx_wait **place_of(const struct mcx_waiting *waiting, uint64_t number)
{
    struct mcx_wait **at = bucket_of(waiting, number);

    while (*at && (*at)->number != number)
        at = &(*at)->chain;
    return at;
}

struct mcx_wait *mcx_waiting_find(const struct mcx_waiting *waiting, uint64_t number)
{
    return waiting->running ? *place_of(waiting, number) : NULL;
}

struct mcx_wait *mcx_waiting_extract(struct mcx_waiting *waiting, uint64_t number)
{
    struct mcx_wait *wait = mcx_waiting_find(waiting, number);

    if (wait)
        take_out(waiting, place_of(waiting, number));
    return wait;
}

/* The oldest, if its time is up by now_ms. */
static struct mcx_wait *extract_late(struct mcx_waiting *waiting, int64_t now_ms)
{
    struct mcx_wait *wait = waiting->oldest;

    if (!wait || wait->deadline_ms > now_ms)
        return NULL;
    take_out(waiting, place_of(waiting, wait->number));
    return wait;
}

/* ---- timer ---- */

static void wait_for_deadline(struct mcx_waiting *waiting)
{
    struct timespec until;

    if (!waiting->oldest) {
        pthread_cond_wait(&waiting->wake, &waiting->lock);
        return;
    }
    until = mcx_clock_mono_timespec(waiting->oldest->deadline_ms);
    pthread_cond_timedwait(&waiting->wake, &waiting->lock, &until);
}

static void *timer_main(void *arg)
{
    struct mcx_waiting *waiting = arg;

    pthread_mutex_lock(&waiting->lock);
    while (!waiting->stopping) {
        struct mcx_wait *late = extract_late(waiting, mcx_clock_mono_ms());

        if (!late) {
            wait_for_deadline(waiting);
            continue;
        }
        pthread_mutex_unlock(&waiting->lock);
        waiting->ended(late);
        pthread_mutex_lock(&waiting->lock);
    }
    pthread_mutex_unlock(&waiting->lock);
    return NULL;
}

static size_t power_of_two(size_t at_least)
{
    size_t n = 64;

    while (n < at_least)
        n *= 2;
    return n;
}

int mcx_waiting_start(struct mcx_waiting *waiting, size_t expected)
{
    int ret = 0;

    waiting->mask = power_of_two(expected) - 1;
    waiting->bucket = calloc(waiting->mask + 1, sizeof(struct mcx_wait *));
    if (!waiting->bucket)
        return ENOMEM;
    mcx_clock_cond_init(&waiting->wake);
    waiting->running = true; /* before the timer is: nobody else knows the table yet */
    ret = pthread_create(&waiting->timer, NULL, timer_main, waiting);
    if (ret == 0)
        return 0;
    waiting->running = false;
    free(waiting->bucket);
    waiting->bucket = NULL;
    return ret;
}

static struct mcx_wait *extract_oldest(struct mcx_waiting *waiting)
{
    struct mcx_wait *wait = NULL;

    pthread_mutex_lock(&waiting->lock); /* owners look at the count, also of a stopped one */
    wait = extract_late(waiting, INT64_MAX);
    pthread_mutex_unlock(&waiting->lock);
    return wait;
}

void mcx_waiting_stop(struct mcx_waiting *waiting, void (*left)(struct mcx_wait *wait))
{
    struct mcx_wait *wait = NULL;
    bool was_running = false;

    pthread_mutex_lock(&waiting->lock);
    was_running = waiting->running;
    waiting->running = false;
    waiting->stopping = true;
    if (was_running)
        pthread_cond_signal(&waiting->wake);
    pthread_mutex_unlock(&waiting->lock);
    if (!was_running)
        return;
    pthread_join(waiting->timer, NULL);
    while ((wait = extract_oldest(waiting)))
        left(wait);
    /* Not running: nobody looks into it any more. */
    free(waiting->bucket);
    waiting->bucket = NULL;
}

bool mcx_waiting_stands(struct mcx_waiting *waiting, uint64_t number)
{
    bool stands = false;

    pthread_mutex_lock(&waiting->lock);
    stands = mcx_waiting_find(waiting, number) != NULL;
    pthread_mutex_unlock(&waiting->lock);
    return stands;
}
