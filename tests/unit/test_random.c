/* SPDX-License-Identifier: Apache-2.0 */
/* base/random: no octet is handed out twice, not across threads and not across fork. */
#include "base/random.h"

#include <pthread.h>
#include <stdint.h>
#include <sys/wait.h>
#include <unistd.h>

#include "unit.h"

enum { DRAWS = 2000, THREADS = 4 };

struct draw {
    uint8_t octets[16];
};

static struct draw draws[THREADS * DRAWS];

static int compare(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct draw));
}

static void assert_all_distinct(size_t count)
{
    qsort(draws, count, sizeof draws[0], compare);
    for (size_t i = 1; i < count; i++)
        ck_assert(compare(&draws[i - 1], &draws[i]) != 0);
}

static void *drawer(void *arg)
{
    struct draw *mine = arg;

    for (size_t i = 0; i < DRAWS; i++)
        mcx_random(mine[i].octets, sizeof mine[i].octets);
    return NULL;
}

START_TEST(test_threads_never_draw_the_same)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, drawer, &draws[i * DRAWS]), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    assert_all_distinct(THREADS * DRAWS);
}
END_TEST

START_TEST(test_a_forked_child_does_not_repeat_its_parent)
{
    int ends[2], status;
    pid_t child;

    mcx_random(draws[0].octets, 16); /* now octets wait in the buffer */
    ck_assert_int_eq(pipe(ends), 0);
    child = fork();
    ck_assert(child >= 0);
    if (child == 0) {
        mcx_random(draws[1].octets, 16);
        _exit(write(ends[1], draws[1].octets, 16) == 16 ? 0 : 1);
    }
    ck_assert_int_eq(read(ends[0], draws[1].octets, 16), 16);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    mcx_random(draws[2].octets, 16);
    assert_all_distinct(3);
    ck_assert_int_eq(close(ends[0]), 0);
    ck_assert_int_eq(close(ends[1]), 0);
}
END_TEST

/* Every length up to beyond the buffer is filled to its last octet and not beyond. */
START_TEST(test_fills_exactly_what_was_asked)
{
    for (size_t len = 0; len <= 600; len += 7) {
        uint8_t octets[608] = {0}, any[608] = {0};

        for (int round = 0; round < 8; round++) {
            mcx_random(octets, len);
            for (size_t i = 0; i < sizeof any; i++)
                any[i] |= octets[i];
        }
        for (size_t i = 0; i < sizeof any; i++)
            ck_assert((any[i] != 0) == (i < len));
    }
}
END_TEST

START_TEST(test_bits_are_balanced)
{
    uint8_t octets[4096];
    size_t ones = 0;

    for (size_t i = 0; i < sizeof octets; i += 32)
        mcx_random(octets + i, 32);
    for (size_t i = 0; i < sizeof octets; i++)
        ones += (size_t)__builtin_popcount(octets[i]);
    /* 32,768 bits: standard deviation 90.5; ten of them either way. */
    ck_assert(ones > 16384 - 905 && ones < 16384 + 905);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("random");

    tcase_add_test(tests, test_threads_never_draw_the_same);
    tcase_add_test(tests, test_a_forked_child_does_not_repeat_its_parent);
    tcase_add_test(tests, test_fills_exactly_what_was_asked);
    tcase_add_test(tests, test_bits_are_balanced);
    return unit_run(tests);
}
