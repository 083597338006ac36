/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions and gate under threads (run under TSan by the tsan preset): each number is answered
 * exactly once, whether a worker, a relay's answer or the timer is first. Messages are opaque here:
 * only their addresses travel. */
#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "diameter/gate.h"
#include "diameter/txn.h"

enum { THREADS = 4, ROUNDS = 20000, CAPACITY = 512 };

static atomic_int answered[THREADS * ROUNDS];
static atomic_long expiries, leftovers, takes, refused;

static void end(struct mcx_txn *txn, atomic_long *counter)
{
    free(txn->relay);
    atomic_fetch_add(&answered[(uintptr_t)txn->request - 1], 1);
    atomic_fetch_add(counter, 1);
}

static void on_expired(uint64_t number, struct mcx_txn *txn)
{
    ck_assert(number != 0);
    end(txn, &expiries);
}

static void on_left(uint64_t number, struct mcx_txn *txn)
{
    end(txn, &leftovers);
}

/* Adds, sometimes relays, sometimes redirects, sometimes forgets: then the timer has it. */
static void *player(void *arg)
{
    uintptr_t base = (uintptr_t)arg * ROUNDS;

    for (uintptr_t i = 0; i < ROUNDS; i++) {
        struct mcx_txn txn = {.request = (struct msg *)(base + i + 1)}, got;
        uint64_t number = mcx_txn_add(&txn);

        if (number == 0) {
            end(&txn, &refused);
            continue;
        }
        if (i % 3 == 0) {
            struct mcx_mar_relay *relay = calloc(1, sizeof *relay);

            if (!mcx_txn_set_relay(number, relay, 0))
                free(relay);
        }
        if (i % 7 == 0)
            continue;
        if (i % 5 == 0 && mcx_txn_take(number, &got) && mcx_txn_put_back(number, &got) != MCX_OK)
            end(&got, &refused);
        if (mcx_txn_take(number, &got))
            end(&got, &takes);
        ck_assert(!mcx_txn_take(number, &got));
    }
    return NULL;
}

START_TEST(test_each_transaction_is_answered_exactly_once)
{
    pthread_t thread[THREADS];

    ck_assert_int_eq(mcx_txn_start(CAPACITY, 5, on_expired), 0);
    for (uintptr_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, player, (void *)i), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    mcx_txn_stop(on_left);
    for (int i = 0; i < THREADS * ROUNDS; i++)
        ck_assert_int_eq(atomic_load(&answered[i]), 1);
    ck_assert_int_gt(atomic_load(&takes), 0);
    ck_assert_int_gt(atomic_load(&expiries), 0);
}
END_TEST

static atomic_bool destroyed;
static atomic_long entered, late;

static void *poster(void *arg)
{
    while (mcx_gate_enter()) {
        if (atomic_load(&destroyed))
            atomic_fetch_add(&late, 1);
        atomic_fetch_add(&entered, 1);
        mcx_gate_leave();
    }
    return NULL;
}

START_TEST(test_nobody_is_inside_a_closed_gate)
{
    pthread_t thread[THREADS];

    for (int i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, poster, NULL), 0);
    while (atomic_load(&entered) < 1000)
        sched_yield();
    mcx_gate_close();
    atomic_store(&destroyed, true);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    ck_assert_int_eq(atomic_load(&late), 0);
    ck_assert(!mcx_gate_is_open());
    ck_assert(!mcx_gate_enter());
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("txn");
    Suite *suite = suite_create("diameter/txn");
    SRunner *runner = srunner_create(suite);
    int failed = 0;

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_each_transaction_is_answered_exactly_once);
    tcase_add_test(tcase, test_nobody_is_inside_a_closed_gate);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
