/* SPDX-License-Identifier: Apache-2.0 */
/* Requests of ours that wait (run under TSan by the tsan preset), with the sender replaced: each
 * wait ends exactly once, by whoever is first, and nobody waits after the stop. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/clock.h"
#include "diameter/exchange.h"
#include "diameter/sender.h"
#include "unit.h"

enum { MANY = 2000, KEPT = 4096 };

static const struct mcx_reply_ops *ops; /* what exchange.c gave to the sender */
static atomic_ullong last_number;
static enum mcx_err sender_says;
static atomic_int freed, done_count, ok_count, timeout_count, away_count, closing_count;

int fd_msg_free(msg_or_avp *msg)
{
    atomic_fetch_add(&freed, 1);
    return 0;
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, const struct mcx_reply_ops *reply_ops,
                                uint64_t number, uint32_t timeout_ms)
{
    if (sender_says != MCX_OK)
        return sender_says;
    if (!ops) /* always the same; written before there are threads */
        ops = reply_ops;
    atomic_store(&last_number, number);
    *request = NULL;
    return MCX_OK;
}

static void done(void *arg, enum mcx_err err, struct msg *answer)
{
    atomic_fetch_add(&done_count, 1);
    if (err == MCX_OK && answer)
        atomic_fetch_add(&ok_count, 1);
    atomic_fetch_add(err == MCX_TIMEOUT    ? &timeout_count
                     : err == MCX_NOT_LIVE ? &away_count
                                           : &closing_count,
                     err != MCX_OK);
    atomic_fetch_add((atomic_int *)arg, 1); /* last: tests wait for it */
}

static uint64_t begin(atomic_int *ended, uint32_t timeout_ms)
{
    const struct mcx_party party = {.kind = MCX_PARTY_CORE};
    struct msg *request = (struct msg *)&last_number; /* never looked into */

    ck_assert_int_eq(
        mcx_exchange_begin(&request, &party, mcx_span("h", 1), timeout_ms, done, ended), MCX_OK);
    ck_assert_ptr_null(request);
    return atomic_load(&last_number);
}

static void answer(uint64_t number)
{
    struct msg *msg = (struct msg *)&freed;

    ops->answered((void *)(uintptr_t)number, &msg);
    ck_assert_ptr_null(msg);
}

static void setup(void)
{
    sender_says = MCX_OK;
    ck_assert_int_eq(mcx_exchange_start(), 0);
}

START_TEST(test_answer_ends_the_wait_once)
{
    atomic_int ended = 0;
    uint64_t number = begin(&ended, 60000);

    answer(number);
    answer(number); /* another one, late */
    ops->failed(number, "no_route");
    ck_assert_int_eq(ended, 1);
    ck_assert_int_eq(ok_count, 1);
    mcx_exchange_stop();
    ck_assert_int_eq(ended, 1);
}
END_TEST

START_TEST(test_silence_ends_it_by_our_own_clock)
{
    atomic_int first = 0, second = 0;
    int64_t began_ms = mcx_clock_mono_ms();

    (void)begin(&first, 60000);
    (void)begin(&second, 30); /* due before an older one */
    while (atomic_load(&second) == 0 && mcx_clock_mono_ms() - began_ms < 5000)
        sched_yield();
    ck_assert_int_eq(timeout_count, 1);
    ck_assert_int_eq(first, 0);
    mcx_exchange_stop();
    ck_assert_int_eq(closing_count, 1);
    ck_assert_int_eq(first, 1);
}
END_TEST

START_TEST(test_no_route_is_told_at_once)
{
    atomic_int ended = 0;
    uint64_t number = begin(&ended, 60000);

    ops->failed(number, "no_route");
    ck_assert_int_eq(away_count, 1);
    mcx_exchange_stop();
}
END_TEST

START_TEST(test_refused_by_the_sender_is_not_taken)
{
    const struct mcx_party party = {.kind = MCX_PARTY_CORE};
    struct msg *request = (struct msg *)&last_number;
    atomic_int ended = 0;

    sender_says = MCX_BUSY;
    ck_assert_int_eq(mcx_exchange_begin(&request, &party, mcx_span("h", 1), 60000, done, &ended),
                     MCX_BUSY);
    ck_assert_ptr_nonnull(request);
    mcx_exchange_stop();
    ck_assert_int_eq(ended, 0);
    ck_assert_int_eq(mcx_exchange_begin(&request, &party, mcx_span("h", 1), 60000, done, &ended),
                     MCX_CLOSING);
}
END_TEST

/* ---- many at once ---- */

static atomic_ullong board[KEPT];
static atomic_int ends[MANY];

static void *answer_some(void *arg)
{
    for (size_t i = (uintptr_t)arg; i < MANY; i += 2) {
        uint64_t number;

        while ((number = atomic_load(&board[i])) == 0)
            sched_yield();
        if (i % 3 == 0)
            ops->failed(number, "no_route");
        else
            answer(number);
    }
    return NULL;
}

START_TEST(test_each_of_many_ends_exactly_once)
{
    pthread_t threads[2];

    for (size_t i = 0; i < MANY; i++) {
        atomic_store(&board[i], begin(&ends[i], i % 7 == 0 ? 1 : 60000));
        if (i == 0)
            for (uintptr_t t = 0; t < 2; t++)
                ck_assert_int_eq(pthread_create(&threads[t], NULL, answer_some, (void *)t), 0);
    }
    for (size_t t = 0; t < 2; t++)
        pthread_join(threads[t], NULL);
    mcx_exchange_stop();
    ck_assert_int_eq(done_count, MANY);
    for (size_t i = 0; i < MANY; i++)
        ck_assert_int_eq(ends[i], 1);
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("waits");

    tcase_add_checked_fixture(tcase, setup, NULL);
    tcase_add_test(tcase, test_answer_ends_the_wait_once);
    tcase_add_test(tcase, test_silence_ends_it_by_our_own_clock);
    tcase_add_test(tcase, test_no_route_is_told_at_once);
    tcase_add_test(tcase, test_refused_by_the_sender_is_not_taken);
    tcase_add_test(tcase, test_each_of_many_ends_exactly_once);
    return unit_run(tcase);
}
