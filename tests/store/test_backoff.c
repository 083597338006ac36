/* SPDX-License-Identifier: Apache-2.0 */
/* A database that is away is asked for again after pauses that grow up to a setting: workers of
 * many front-ends do not keep it from coming back. The pauses are seen from the server's side. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "jobs.h"
#include "site.h"
#include "suites.h"

/* What connects, and where to: it refuses connections until it listens. */
static struct mcx_pool *pool;
static struct board board;
static int door;

static void setup(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    struct timeval limit = {.tv_sec = 10};
    socklen_t len = sizeof at;
    char conninfo[128];

    site_open();
    door = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    ck_assert_int_eq(bind(door, (struct sockaddr *)&at, sizeof at), 0);
    ck_assert_int_eq(getsockname(door, (struct sockaddr *)&at, &len), 0);
    ck_assert_int_eq(setsockopt(door, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit), 0);
    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d user=mcx_hss sslmode=disable gssencmode=disable",
             ntohs(at.sin_port));
    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(conninfo);
    site.conf.database_workers = 1;
}

static void start_with_longest_pause(int ms)
{
    site.conf.database_backoff_max_ms = ms;
    board_init(&board, 0);
    pool = jobs_start(&site.conf, &board);
    ck_assert_int_eq(listen(door, 8), 0);
}

static void teardown(void)
{
    mcx_pool_stop(&pool);
    close(door);
    site_teardown();
}

/* Lets so many in, and hangs up on each; when the last came. None within 10 s fails the test. */
static int64_t hang_up_on(int callers)
{
    int64_t came_ms = 0;

    while (callers-- > 0) {
        int caller = accept(door, NULL, NULL);

        came_ms = mcx_clock_mono_ms();
        ck_assert_int_ge(caller, 0);
        close(caller);
    }
    return came_ms;
}

/* The first pause is 25 ms or more, and each at least twice the least of the one before: five are
 * 775 ms, in clocks of whole ms a few less. */
START_TEST(test_attempts_to_connect_become_rare)
{
    int64_t begin_ms;

    start_with_longest_pause(2000);
    begin_ms = hang_up_on(1);
    ck_assert_int_ge(hang_up_on(5) - begin_ms, 750);
}
END_TEST

/* Without the setting the last of these would come after minutes. */
START_TEST(test_pause_between_attempts_has_a_longest)
{
    start_with_longest_pause(100);
    (void)hang_up_on(14);
}
END_TEST

Suite *backoff_suite(void)
{
    Suite *made = suite_create("backoff");
    TCase *tcase = tcase_create("backoff");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_attempts_to_connect_become_rare);
    tcase_add_test(tcase, test_pause_between_attempts_has_a_longest);
    suite_add_tcase(made, tcase);
    return made;
}
