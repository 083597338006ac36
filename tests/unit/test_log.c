/* SPDX-License-Identifier: Apache-2.0 */
/* base/log: one line per call whatever the values hold, levels, and the gate of repeated lines. */
#include "base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_clock.h"
#include "unit.h"

static char folder[] = "/tmp/mcx-unit-log-XXXXXX";
static char path[64];
static char text[1 << 20];

static void set_up(void)
{
    strcpy(folder, "/tmp/mcx-unit-log-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/log", folder);
    mcx_log_set_level(MCX_LOG_INFO);
    ck_assert_int_eq(mcx_log_open(path), MCX_OK);
    fake_clock_set_real((struct timespec){.tv_sec = 1795438681, .tv_nsec = 7999999});
}

static void tear_down(void)
{
    ck_assert_int_eq(mcx_log_open(NULL), MCX_OK);
    (void)unlink(path);
    (void)rmdir(folder);
}

static const char *logged(void)
{
    FILE *file = fopen(path, "r");
    size_t len;

    ck_assert_ptr_nonnull(file);
    len = fread(text, 1, sizeof text - 1, file);
    text[len] = '\0';
    (void)fclose(file);
    return text;
}

static size_t lines_of(const char *of)
{
    size_t lines = 0;

    for (; *of; of++)
        lines += *of == '\n';
    return lines;
}

START_TEST(test_line_has_time_level_thread_and_event)
{
    char head[64];

    snprintf(head, sizeof head, "2026-11-23T12:58:01.007Z warn t=%ld ev=test n=7\n",
             (long)getpid());
    mcx_log(MCX_LOG_WARN, "ev=test n=%d", 7);
    ck_assert_str_eq(logged(), head);
}
END_TEST

START_TEST(test_level_below_threshold_is_silent)
{
    ck_assert(!mcx_log_enabled(MCX_LOG_DEBUG));
    mcx_log(MCX_LOG_DEBUG, "ev=quiet");
    mcx_log_limited(MCX_LOG_DEBUG, "ev=quiet");
    ck_assert_str_eq(logged(), "");
    mcx_log_set_level(MCX_LOG_DEBUG);
    mcx_log(MCX_LOG_DEBUG, "ev=loud");
    ck_assert_ptr_nonnull(strstr(logged(), " debug t="));
    mcx_log_set_level(MCX_LOG_ERROR);
    ck_assert(!mcx_log_enabled(MCX_LOG_WARN) && mcx_log_enabled(MCX_LOG_ERROR));
}
END_TEST

START_TEST(test_a_value_cannot_forge_a_line)
{
    mcx_log(MCX_LOG_INFO, "ev=peer name=%s", "x\n2026-01-01 error ev=forged\r\x1b[2J");
    ck_assert_uint_eq(lines_of(logged()), 1);
    ck_assert_ptr_nonnull(strstr(logged(), "name=x?2026-01-01 error ev=forged??[2J\n"));
}
END_TEST

START_TEST(test_long_line_is_cut_and_says_so)
{
    char value[5000];

    memset(value, 'v', sizeof value);
    value[sizeof value - 1] = '\0';
    mcx_log(MCX_LOG_INFO, "ev=long v=%s", value);
    ck_assert_uint_eq(lines_of(logged()), 1);
    ck_assert(strlen(logged()) <= 1200);
    ck_assert_str_eq(logged() + strlen(logged()) - 4, "...\n");
}
END_TEST

START_TEST(test_errno_survives_and_percent_m_works)
{
    errno = ENOENT;
    mcx_log(MCX_LOG_INFO, "ev=m why=%m");
    ck_assert_int_eq(errno, ENOENT);
    ck_assert_ptr_nonnull(strstr(logged(), "why=No such file or directory\n"));
}
END_TEST

START_TEST(test_repeats_are_counted_and_told_once_a_second)
{
    for (int ms = 5000; ms < 6000; ms += 10) {
        fake_clock_set_mono_ms(ms);
        mcx_log_limited(MCX_LOG_WARN, "ev=again at=%d", ms);
    }
    ck_assert_uint_eq(lines_of(logged()), 1);
    ck_assert_ptr_null(strstr(logged(), "suppressed"));
}
END_TEST

static void say_again(void)
{
    mcx_log_limited(MCX_LOG_WARN, "ev=again");
}

START_TEST(test_next_line_says_how_many_were_held_back)
{
    fake_clock_set_mono_ms(10000);
    for (int i = 0; i < 100; i++)
        say_again();
    fake_clock_set_mono_ms(10999);
    say_again();
    ck_assert_uint_eq(lines_of(logged()), 1);
    fake_clock_set_mono_ms(11000);
    say_again();
    ck_assert_uint_eq(lines_of(logged()), 2);
    ck_assert_ptr_nonnull(strstr(logged(), "ev=again suppressed=100\n"));
    fake_clock_set_mono_ms(12000);
    say_again();
    ck_assert_uint_eq(lines_of(logged()), 3);
    ck_assert_ptr_null(strstr(strstr(logged(), "=100\n") + 5, "suppressed"));
}
END_TEST

enum { THREADS = 4, ROUNDS = 500 };

static void *writer(void *arg)
{
    for (int i = 0; i < ROUNDS; i++)
        mcx_log(MCX_LOG_INFO, "ev=thread round=%d filler=%0200d", i, 0);
    return arg;
}

START_TEST(test_lines_of_threads_stay_whole)
{
    pthread_t threads[THREADS];
    const char *at;

    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, writer, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        ck_assert_int_eq(pthread_join(threads[i], NULL), 0);
    at = logged();
    ck_assert_uint_eq(lines_of(at), THREADS * ROUNDS);
    for (; *at; at = strchr(at, '\n') + 1)
        ck_assert(strncmp(at, "2026-11-23T", 11) == 0 && strcspn(at, "\n") > 240);
}
END_TEST

START_TEST(test_opening_again_follows_a_rotated_file)
{
    char old[80];

    mcx_log(MCX_LOG_INFO, "ev=first");
    snprintf(old, sizeof old, "%s.1", path);
    ck_assert_int_eq(rename(path, old), 0);
    ck_assert_int_eq(mcx_log_open(path), MCX_OK);
    mcx_log(MCX_LOG_INFO, "ev=second");
    ck_assert_ptr_null(strstr(logged(), "ev=first"));
    ck_assert_ptr_nonnull(strstr(logged(), "ev=second"));
    ck_assert_int_eq(unlink(old), 0);
}
END_TEST

START_TEST(test_file_is_not_for_others_and_a_bad_path_is_an_error)
{
    struct stat status;

    ck_assert_int_eq(stat(path, &status), 0);
    ck_assert_int_eq(status.st_mode & 07137, 0);
    ck_assert_int_eq(mcx_log_open("/nonexistent/folder/log"), MCX_SYSTEM);
    mcx_log(MCX_LOG_INFO, "ev=still_here");
    ck_assert_ptr_nonnull(strstr(logged(), "ev=still_here"));
}
END_TEST

START_TEST(test_safe_copies_escape_and_end)
{
    char octets[200];

    ck_assert_str_eq(MCX_SAFE(LITERAL("sip:a@b.example;x=1")), "sip:a@b.example;x=1");
    ck_assert_str_eq(MCX_SAFE(LITERAL("a\0b \"'\\\n\x7f\xff")),
                     "a\\x00b\\x20\\x22\\x27\\x5c\\x0a\\x7f\\xff");
    ck_assert_str_eq(MCX_SAFE(mcx_span(NULL, 0)), "");
    memset(octets, 'y', sizeof octets);
    ck_assert_uint_eq(strlen(MCX_SAFE(mcx_span(octets, 96))), 96);
    ck_assert_uint_eq(strlen(MCX_SAFE(mcx_span(octets, 97))), 99);
    ck_assert_str_eq(MCX_SAFE(mcx_span(octets, 200)) + 96, "...");
    memset(octets, 0, sizeof octets);
    ck_assert_uint_eq(strlen(MCX_SAFE(mcx_span(octets, 24))), 96);
    ck_assert_str_eq(MCX_SAFE(mcx_span(octets, 25)) + 92, "\\x00...");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("log");

    tcase_add_checked_fixture(tests, set_up, tear_down);
    tcase_add_test(tests, test_line_has_time_level_thread_and_event);
    tcase_add_test(tests, test_level_below_threshold_is_silent);
    tcase_add_test(tests, test_a_value_cannot_forge_a_line);
    tcase_add_test(tests, test_long_line_is_cut_and_says_so);
    tcase_add_test(tests, test_errno_survives_and_percent_m_works);
    tcase_add_test(tests, test_repeats_are_counted_and_told_once_a_second);
    tcase_add_test(tests, test_next_line_says_how_many_were_held_back);
    tcase_add_test(tests, test_lines_of_threads_stay_whole);
    tcase_add_test(tests, test_opening_again_follows_a_rotated_file);
    tcase_add_test(tests, test_file_is_not_for_others_and_a_bad_path_is_an_error);
    tcase_add_test(tests, test_safe_copies_escape_and_end);
    return unit_run(tests);
}
