/* SPDX-License-Identifier: Apache-2.0 */
/* base/clock: units, and the normalised timespec of trap C3. */
#include "base/clock.h"

#include "unit.h"

START_TEST(test_monotonic_units_agree_and_never_go_back)
{
    int64_t before = mcx_clock_mono_us();

    for (int i = 0; i < 1000; i++) {
        int64_t ms = mcx_clock_mono_ms();
        int64_t after = mcx_clock_mono_us();

        ck_assert(before <= after);
        ck_assert(before / 1000 <= ms && ms <= after / 1000);
        before = after;
    }
}
END_TEST

static int64_t ns_of(struct timespec ts)
{
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

START_TEST(test_real_time_after_is_always_normalised)
{
    static const uint32_t rows[] = {0, 1, 500, 999, 1000, 1001, 1999, 59999, 4294967295U};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct timespec low, high, after;

        ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &low), 0);
        after = mcx_clock_real_after_ms(rows[i]);
        ck_assert_int_eq(clock_gettime(CLOCK_REALTIME, &high), 0);
        ck_assert(after.tv_nsec >= 0 && after.tv_nsec < 1000000000);
        ck_assert(ns_of(after) >= ns_of(low) + (int64_t)rows[i] * 1000000);
        ck_assert(ns_of(after) <= ns_of(high) + (int64_t)rows[i] * 1000000);
    }
}
END_TEST

START_TEST(test_monotonic_milliseconds_become_a_timespec)
{
    struct timespec ts = mcx_clock_mono_timespec(12345);

    ck_assert(ts.tv_sec == 12 && ts.tv_nsec == 345000000);
    ts = mcx_clock_mono_timespec(-5);
    ck_assert(ts.tv_sec == 0 && ts.tv_nsec == 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("clock");

    tcase_add_test(tests, test_monotonic_units_agree_and_never_go_back);
    tcase_add_test(tests, test_real_time_after_is_always_normalised);
    tcase_add_test(tests, test_monotonic_milliseconds_become_a_timespec);
    return unit_run(tests);
}
