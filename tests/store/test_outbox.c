/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox over a real server: shared, woken, repeated, killed, without database. Design 4. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "cluster.h"
#include "site.h"
#include "store/outbox.h"

enum { TASKS = 300, SEEN_MAX = 1024 };

/* What handlers saw, and what they shall do. */
static struct {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int count;
    uint32_t attempts[SEEN_MAX];
    char id[SEEN_MAX][MCX_TASK_ID_MAX];
    char text[SEEN_MAX][64];
    int retries; /* so many times first */
    bool is_silent;
    struct mcx_outbox *outbox[2];
} board = {.mutex = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

static void handler(void *arg, struct mcx_session *session, const struct mcx_task *task)
{
    struct mcx_outbox **outbox = arg;
    bool retries;

    (void)session;
    pthread_mutex_lock(&board.mutex);
    ck_assert_int_lt(board.count, SEEN_MAX);
    board.attempts[board.count] = task->attempts;
    memcpy(board.id[board.count], task->id, sizeof task->id);
    snprintf(board.text[board.count], sizeof board.text[0], "%s", mcx_task_text(task, "text"));
    board.count++;
    retries = board.retries > 0;
    board.retries -= retries;
    pthread_cond_broadcast(&board.changed);
    while (!*outbox && !board.is_silent) /* the start has not yet come back */
        pthread_cond_wait(&board.changed, &board.mutex);
    pthread_mutex_unlock(&board.mutex);
    if (board.is_silent)
        return;
    if (retries)
        mcx_outbox_retry(*outbox, task->id, 100);
    else
        mcx_outbox_done(*outbox, task->id);
}

static void start(int which)
{
    struct mcx_outbox_options options = {
        .actor = "hss",
        .handler_count = 1,
        .handler = {{.kind = "tell", .run = handler, .arg = &board.outbox[which]}}};
    struct mcx_conf_problem problem = {""};
    struct mcx_outbox *outbox = NULL;

    ck_assert_msg(mcx_outbox_start(&site.conf, &options, &outbox, &problem) == MCX_OK, "%s",
                  problem.text);
    pthread_mutex_lock(&board.mutex);
    board.outbox[which] = outbox;
    pthread_cond_broadcast(&board.changed);
    pthread_mutex_unlock(&board.mutex);
}

static void wait_for(int count)
{
    pthread_mutex_lock(&board.mutex);
    while (board.count < count)
        pthread_cond_wait(&board.changed, &board.mutex);
    pthread_mutex_unlock(&board.mutex);
}

static void add(const char *text)
{
    ck_ok(mcx_task_add(site.admin, "tell", NULL, "text", text, "nothing", NULL, NULL));
}

static void pause_ms(long ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* Until all tasks are written as done; Check's timeout is the limit. */
static void wait_until_done(void)
{
    while (fixture_number(site.sql, "SELECT count(*) FROM task WHERE done_at IS NULL") > 0)
        pause_ms(20);
}

static void setup(void)
{
    site_open();
    site.conf.database_task_lease_s = 1;
}

static void teardown(void)
{
    for (int i = 0; i < 2; i++)
        mcx_outbox_stop(&board.outbox[i]);
    site_teardown();
}

static int by_text(const void *left, const void *right)
{
    return strcmp(left, right);
}

START_TEST(test_two_outboxes_share_tasks_and_do_none_twice)
{
    site.conf.database_task_lease_s = 30;
    for (int i = 0; i < TASKS / 2; i++)
        add("before");
    start(0);
    start(1);
    for (int i = 0; i < TASKS / 2; i++)
        add("after");
    wait_for(TASKS);
    wait_until_done();
    ck_assert_int_eq(board.count, TASKS);
    qsort(board.id, TASKS, sizeof board.id[0], by_text);
    for (int i = 1; i < TASKS; i++)
        ck_assert_str_ne(board.id[i], board.id[i - 1]);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT max(attempts) FROM task"), 1);
}
END_TEST

START_TEST(test_payload_arrives)
{
    ck_ok(mcx_task_add(site.admin, "other", NULL, "text", "not for us", NULL));
    start(0);
    add("\"quoted\" \\ and \xc3\xa4");
    wait_for(1);
    ck_assert_str_eq(board.text[0], "\"quoted\" \\ and \xc3\xa4");
    mcx_outbox_stop(&board.outbox[0]);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT attempts FROM task WHERE kind = 'other'"), 0);
}
END_TEST

/* Polling alone would take a second for each. */
START_TEST(test_notification_wakes)
{
    int64_t begin;

    start(0);
    add("first");
    wait_for(1);
    begin = mcx_clock_mono_ms();
    for (int i = 2; i < 12; i++) {
        add("next");
        wait_for(i);
    }
    ck_assert_int_lt(mcx_clock_mono_ms() - begin, 4000);
}
END_TEST

START_TEST(test_retry_comes_back_with_its_number)
{
    board.retries = 2;
    start(0);
    add("again");
    wait_for(3);
    wait_until_done();
    for (uint32_t i = 0; i < 3; i++)
        ck_assert_uint_eq(board.attempts[i], i + 1);
}
END_TEST

/* A claimer is killed: its task waits for the end of the lease, then somebody else has it. */
START_TEST(test_killed_claimer_loses_its_task)
{
    int said[2];
    char letter = 0;
    pid_t child;

    add("survives");
    ck_assert_int_eq(pipe(said), 0);
    child = fork();
    if (child == 0) {
        board.is_silent = true;
        start(0);
        wait_for(1);
        (void)!write(said[1], "c", 1);
        for (;;)
            pause();
    }
    ck_assert_int_eq(read(said[0], &letter, 1), 1);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    start(1);
    wait_for(1);
    wait_until_done();
    ck_assert_uint_eq(board.attempts[0], 2);
    ck_assert_str_eq(board.text[0], "survives");
}
END_TEST

/* A repeated request arms a row again that somebody is still busy with; his late word is of before.
 */
START_TEST(test_late_done_leaves_a_task_that_was_armed_again)
{
    site.conf.database_task_lease_s = 600;
    board.is_silent = true;
    start(0);
    add("again");
    wait_for(1);
    fixture_sql(site.sql, "UPDATE task SET done_at = NULL, owner = NULL, attempts = 0,"
                          " not_before = now() + interval '1 h'");
    mcx_outbox_done(board.outbox[0], board.id[0]);
    mcx_outbox_stop(&board.outbox[0]); /* writes */
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM task WHERE done_at IS NULL"),
                     1);
}
END_TEST

START_TEST(test_stop_gives_back_what_is_not_done)
{
    site.conf.database_task_lease_s = 600;
    board.is_silent = true;
    start(0);
    add("unfinished");
    wait_for(1);
    mcx_outbox_stop(&board.outbox[0]);
    board.is_silent = false;
    start(1);
    wait_for(2);
    ck_assert_uint_eq(board.attempts[1], 2);
}
END_TEST

/* Done is said while the database is away: it is written when it is back. */
START_TEST(test_database_restart_loses_nothing)
{
    site.conf.database_task_lease_s = 600;
    board.is_silent = true;
    start(0);
    add("one");
    wait_for(1);
    cluster_down();
    mcx_outbox_done(board.outbox[0], board.id[0]);
    board.is_silent = false;
    cluster_up();
    PQreset(site.sql);
    mcx_session_close(&site.admin);
    site.admin = fixture_admin("mcx_test");
    wait_until_done();
    add("two");
    wait_for(2);
    wait_until_done();
    ck_assert_str_eq(board.text[1], "two");
    ck_assert_uint_eq(board.attempts[1], 1);
}
END_TEST

START_TEST(test_finished_with_an_outcome_in_a_transaction)
{
    char id[MCX_TASK_ID_MAX];

    ck_ok(mcx_session_script(site.admin, "BEGIN"));
    ck_ok(mcx_task_add(site.admin, "tell", id, "text", "x", NULL));
    ck_ok(mcx_task_finish(site.admin, id, "ok", "true", NULL));
    ck_ok(mcx_session_script(site.admin, "COMMIT"));
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM task WHERE id = '%s' AND done_at IS NOT "
                                    "NULL AND outcome::json ->> 'ok' = 'true'",
                                    id),
                     1);
}
END_TEST

/* What is not a JSON object would stop all claims: the table refuses it. */
START_TEST(test_payload_that_is_no_object_is_refused)
{
    PGresult *result = PQexec(site.sql, "INSERT INTO task (id, kind, payload) VALUES"
                                        " (gen_random_uuid(), 'tell', '[1]')");

    ck_assert_int_eq(PQresultStatus(result), PGRES_FATAL_ERROR);
    PQclear(result);
}
END_TEST

static Suite *outbox_suite(void)
{
    Suite *made = suite_create("outbox");
    TCase *tcase = tcase_create("outbox");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_two_outboxes_share_tasks_and_do_none_twice);
    tcase_add_test(tcase, test_payload_arrives);
    tcase_add_test(tcase, test_notification_wakes);
    tcase_add_test(tcase, test_retry_comes_back_with_its_number);
    tcase_add_test(tcase, test_killed_claimer_loses_its_task);
    tcase_add_test(tcase, test_late_done_leaves_a_task_that_was_armed_again);
    tcase_add_test(tcase, test_stop_gives_back_what_is_not_done);
    tcase_add_test(tcase, test_database_restart_loses_nothing);
    tcase_add_test(tcase, test_finished_with_an_outcome_in_a_transaction);
    tcase_add_test(tcase, test_payload_that_is_no_object_is_refused);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){outbox_suite}, 1);
}
