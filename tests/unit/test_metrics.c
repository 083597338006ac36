/* SPDX-License-Identifier: Apache-2.0 */
/* base/metrics: exact under threads, and Prometheus text of every row. */
#include "base/metrics.h"

#include <pthread.h>

#include "unit.h"

enum { THREADS = 4, ROUNDS = 50000 };

static void *adder(void *arg)
{
    for (int i = 0; i < ROUNDS; i++) {
        mcx_metric_inc(MCX_M_MAR_RECEIVED);
        mcx_metric_add(MCX_M_IN_FLIGHT, i % 2 ? -3 : 3);
    }
    return arg;
}

START_TEST(test_no_count_is_lost_between_threads)
{
    pthread_t threads[THREADS];

    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, adder, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    ck_assert(mcx_metric_get(MCX_M_MAR_RECEIVED) == THREADS * ROUNDS);
    ck_assert(mcx_metric_get(MCX_M_IN_FLIGHT) == 0);
}
END_TEST

START_TEST(test_unknown_metric_is_ignored)
{
    mcx_metric_add(MCX_M_COUNT, 1);
    ck_assert(mcx_metric_get(MCX_M_COUNT) == 0);
}
END_TEST

START_TEST(test_text_has_help_type_and_value_of_each_row)
{
    char text[16384];
    size_t len, lines = 0, families = 0;

    mcx_metric_add(MCX_M_DB_ROWS, 42);
    len = mcx_metrics_text(text, sizeof text);
    ck_assert(len > 0 && len == strlen(text));
    ck_assert(strstr(text, "# HELP mcx_db_rows_total requests in committed batches\n"
                           "# TYPE mcx_db_rows_total counter\nmcx_db_rows_total 42\n"));
    ck_assert(strstr(text, "# TYPE mcx_in_flight gauge\nmcx_in_flight 0\n"));
    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    for (const char *at = text; (at = strstr(at, "# TYPE ")); at++)
        families++;
    ck_assert_uint_eq(lines, (size_t)MCX_M_COUNT + 2 * families);
    ck_assert(strstr(text, "# TYPE mcx_ue_answers_total counter\n"
                           "mcx_ue_answers_total{status=\"2xx\"} 0\n"
                           "mcx_ue_answers_total{status=\"4xx\"} 0\n"));
    ck_assert(strstr(text, "# TYPE mcx_border_observed_total counter\n"
                           "mcx_border_observed_total{rule=\"origin_host\"} 0\n"
                           "mcx_border_observed_total{rule=\"not_allowed\"} 0\n"));
    ck_assert_int_eq(text[len - 1], '\n');
}
END_TEST

START_TEST(test_text_that_does_not_fit_is_none)
{
    char text[16384];
    size_t len = mcx_metrics_text(text, sizeof text);

    for (size_t size = len % 13; size <= len; size += 13) { /* the last is len */
        char *exact = malloc(size ? size : 1);

        ck_assert_uint_eq(mcx_metrics_text(exact, size), 0);
        free(exact);
    }
    ck_assert_uint_eq(mcx_metrics_text(text, len + 1), len);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("metrics");

    tcase_add_test(tests, test_no_count_is_lost_between_threads);
    tcase_add_test(tests, test_unknown_metric_is_ignored);
    tcase_add_test(tests, test_text_has_help_type_and_value_of_each_row);
    tcase_add_test(tests, test_text_that_does_not_fit_is_none);
    return unit_run(tests);
}
