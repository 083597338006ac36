/* SPDX-License-Identifier: Apache-2.0 */
/* The histogram: percentiles of known distributions, within the error that it promises. */
#include "histogram.h"

#include <check.h>
#include <stdlib.h>

START_TEST(test_percentiles_of_a_ramp)
{
    static struct histogram histogram;
    for (int64_t us = 1; us <= 100000; us++)
        histogram_add(&histogram, us);
    static const double parts[] = {0.001, 0.1, 0.5, 0.95, 0.99, 0.999};
    for (unsigned i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        double right = parts[i] * 100000, found = (double)histogram_at(&histogram, parts[i]);
        ck_assert_double_ge(found, right);
        ck_assert_double_le(found, right * (1 + 1.0 / 64) + 1);
    }
    ck_assert_uint_eq(histogram_at(&histogram, 1), 100000);
    ck_assert_uint_eq(histogram.max_us, 100000);
}
END_TEST

START_TEST(test_every_size_has_a_cell_of_its_size)
{
    for (unsigned bit = 0; bit < 32; bit++) {
        struct histogram *histogram = calloc(1, sizeof(*histogram));
        uint64_t us = UINT64_C(1) << bit;
        histogram_add(histogram, (int64_t)us);
        histogram->max_us = UINT64_MAX; /* so that the cell's own bound shows */
        ck_assert_uint_ge(histogram_at(histogram, 0.5), us);
        ck_assert_uint_le(histogram_at(histogram, 0.5), us + us / 32);
        free(histogram);
    }
}
END_TEST

START_TEST(test_merged_halves_are_the_whole)
{
    static struct histogram whole, left, right;
    for (int64_t us = 0; us < 5000; us++) {
        histogram_add(&whole, us * us);
        histogram_add(us % 2 ? &left : &right, us * us);
    }
    histogram_merge(&left, &right);
    ck_assert_mem_eq(&left, &whole, sizeof(whole));
}
END_TEST

START_TEST(test_nothing_and_nonsense_are_zero)
{
    static struct histogram histogram;
    ck_assert_uint_eq(histogram_at(&histogram, 0.5), 0);
    histogram_add(&histogram, -5);
    ck_assert_uint_eq(histogram_at(&histogram, 0.5), 0);
    ck_assert_uint_eq(histogram.count, 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("histogram");
    TCase *tcase = tcase_create("histogram");
    tcase_add_test(tcase, test_percentiles_of_a_ramp);
    tcase_add_test(tcase, test_every_size_has_a_cell_of_its_size);
    tcase_add_test(tcase, test_merged_halves_are_the_whole);
    tcase_add_test(tcase, test_nothing_and_nonsense_are_zero);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
