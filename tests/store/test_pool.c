/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: batches, front-ends side by side, a database that goes away, hangs and returns, start
 * and stop. Design 6. */
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#include "base/clock.h"
#include "cluster.h"
#include "jobs.h"
#include "site.h"
#include "suites.h"

static void setup(void)
{
    site_open();
    site.conf.database_workers = 4;
    site_add_people();
}

/* ---- at work ---- */

enum { FRONT_ENDS = 2, JOBS = 64, ROUNDS = 20 };

static int by_seq(const void *left, const void *right)
{
    const struct draw *a = left, *b = right;

    return (a->seq > b->seq) - (a->seq < b->seq);
}

START_TEST(test_one_subscriber_over_many_connections_and_front_ends)
{
    static struct draw draw[ROUNDS * JOBS];
    struct board board[FRONT_ENDS];
    struct mcx_pool *pool[FRONT_ENDS];

    for (int i = 0; i < FRONT_ENDS; i++) {
        board_init(&board[i], site.alice);
        pool[i] = jobs_start(&site.conf, &board[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = 0;

        for (int i = 0; i < round * JOBS; i++)
            before = draw[i].seq > before ? draw[i].seq : before;
        for (int i = 0; i < JOBS; i++)
            jobs_post(pool[i % FRONT_ENDS], &draw[round * JOBS + i], (uint64_t)i / FRONT_ENDS);
        for (int i = 0; i < FRONT_ENDS; i++)
            board_wait(&board[i], (round + 1) * JOBS / FRONT_ENDS);
        for (int i = 0; i < JOBS; i++) /* rising: nothing asked later gets less */
            ck_assert_int_gt(draw[round * JOBS + i].seq, before);
    }
    for (int i = 0; i < FRONT_ENDS; i++)
        mcx_pool_stop(&pool[i]);
    qsort(draw, ROUNDS * JOBS, sizeof *draw, by_seq);
    for (int i = 0; i < ROUNDS * JOBS; i++) {
        ck_ok(draw[i].err);
        ck_assert_int_eq(draw[i].seq, i + 1);
    }
}
END_TEST

START_TEST(test_queue_has_an_end)
{
    static struct draw draw[40];
    struct board board;
    struct mcx_pool *pool;
    int posted = 0;

    board_init(&board, site.alice);
    site.conf.database_workers = 1;
    site.conf.database_queue_max = 8;
    site.conf.database_batch_max = 1;
    fixture_sql(site.sql, "BEGIN");
    fixture_sql(site.sql, "SELECT 1 FROM sqn FOR UPDATE");
    pool = jobs_start(&site.conf, &board);
    for (int i = 0; i < 40; i++) {
        draw[i].job.shard = 0;
        posted += mcx_pool_post(pool, &draw[i].job) == MCX_OK;
    }
    ck_assert_int_ge(posted, 8);
    ck_assert_int_le(posted, 9); /* one may be at work */
    fixture_sql(site.sql, "ROLLBACK");
    board_wait(&board, posted);
    ck_assert_int_eq(board.done, posted);
    mcx_pool_stop(&pool);
}
END_TEST

/* ---- away, and back ---- */

START_TEST(test_start_without_database_serves_when_it_comes)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;

    board_init(&board, site.alice);
    cluster_down();
    pool = jobs_start(&site.conf, &board);
    jobs_post(pool, &draw, 0);
    board_wait(&board, 1);
    ck_assert_int_eq(draw.err, MCX_DB_AWAY);
    cluster_up();
    do {
        board.dropped = 0;
        board.done = 0;
        jobs_post(pool, &draw, 0);
        board_wait(&board, 1);
    } while (draw.err != MCX_OK);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_lost_database_is_said_and_returns_by_itself)
{
    static struct draw draw[32];
    struct board board;
    struct mcx_pool *pool;

    board_init(&board, site.alice);
    pool = jobs_start(&site.conf, &board);
    for (int i = 0; i < 16; i++)
        jobs_post(pool, &draw[i], (uint64_t)i);
    board_wait(&board, 16);
    ck_assert_int_eq(board.done, 16);
    cluster_down();
    for (int i = 16; i < 32; i++)
        jobs_post(pool, &draw[i], (uint64_t)i);
    board_wait(&board, 32);
    ck_assert_int_eq(board.dropped, 16);
    ck_assert_int_eq(board.last_drop, MCX_DB_AWAY);
    cluster_up();
    do {
        board.dropped = board.done = 0;
        for (int i = 0; i < 16; i++)
            jobs_post(pool, &draw[i], (uint64_t)i);
        board_wait(&board, 16);
    } while (board.dropped > 0);
    mcx_pool_stop(&pool);
}
END_TEST

static pid_t backend(void)
{
    return (pid_t)fixture_number(site.sql,
                                 "SELECT pid FROM pg_stat_activity WHERE usename = 'mcx_hss'"
                                 " AND datname = current_database()");
}

/* The worker does not wait for a server that does not answer: it hangs up and asks on a new
 * connection. */
START_TEST(test_hanging_backend_costs_no_request)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;
    pid_t pid;

    board_init(&board, site.alice);
    site.conf.database_workers = 1;
    site.conf.database_statement_timeout_ms = 200;
    pool = jobs_start(&site.conf, &board);
    pid = backend();
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    jobs_post(pool, &draw, 0);
    board_wait(&board, 1);
    ck_ok(draw.err);
    ck_assert_int_eq(board.runs, 2);
    ck_assert_int_ne(backend(), 0);
    kill(pid, SIGCONT);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_terminated_backend_costs_no_request)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;

    board_init(&board, site.alice);
    site.conf.database_workers = 1;
    pool = jobs_start(&site.conf, &board);
    fixture_sql(site.sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend());
    jobs_post(pool, &draw, 0);
    board_wait(&board, 1);
    ck_ok(draw.err);
    mcx_pool_stop(&pool);
}
END_TEST

/* ---- stop ---- */

START_TEST(test_stop_does_not_wait_for_a_hanging_server)
{
    struct draw draw = {.seq = 0}, waiting = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;
    int64_t begin;
    pid_t pid;

    board_init(&board, site.alice);
    site.conf.database_workers = 1;
    site.conf.database_batch_max = 1;
    pool = jobs_start(&site.conf, &board);
    pid = backend();
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    jobs_post(pool, &draw, 0);
    jobs_post(pool, &waiting, 0);
    begin = mcx_clock_mono_ms();
    mcx_pool_stop(&pool);
    ck_assert_int_lt(mcx_clock_mono_ms() - begin, 1500);
    ck_assert_int_eq(board.done + board.dropped, 2);
    ck_assert_int_eq(waiting.err, MCX_CLOSING);
    kill(pid, SIGCONT);
}
END_TEST

START_TEST(test_stop_while_connecting)
{
    struct board board;
    struct mcx_pool *pool;
    int64_t begin;

    board_init(&board, site.alice);
    cluster_down();
    pool = jobs_start(&site.conf, &board);
    begin = mcx_clock_mono_ms();
    mcx_pool_stop(&pool);
    ck_assert_int_lt(mcx_clock_mono_ms() - begin, 1500);
    cluster_up();
}
END_TEST

enum { POSTERS = 4, POSTS = 2000 };

struct poster {
    struct mcx_pool *pool;
    pthread_t thread;
    struct draw draw[POSTS];
    int accepted;
};

static void *post_many(void *arg)
{
    struct poster *poster = arg;

    for (int i = 0; i < POSTS; i++) {
        poster->draw[i].job.shard = (uint64_t)i;
        switch (mcx_pool_post(poster->pool, &poster->draw[i].job)) {
        case MCX_OK:
            poster->accepted++;
            break;
        case MCX_CLOSING:
            return NULL;
        default:
            break;
        }
    }
    return NULL;
}

/* The gate of a front-end closes first; then nothing posts while the pool goes. */
START_TEST(test_every_job_comes_to_one_end)
{
    static struct poster poster[POSTERS];
    struct board board;
    struct mcx_pool *pool;
    int accepted = 0;

    board_init(&board, site.alice);
    pool = jobs_start(&site.conf, &board);
    for (int i = 0; i < POSTERS; i++) {
        poster[i].pool = pool;
        pthread_create(&poster[i].thread, NULL, post_many, &poster[i]);
    }
    for (int i = 0; i < POSTERS; i++) {
        pthread_join(poster[i].thread, NULL);
        accepted += poster[i].accepted;
    }
    mcx_pool_stop(&pool);
    ck_assert_ptr_null(pool);
    ck_assert_int_gt(accepted, 0);
    ck_assert_int_eq(board.done + board.dropped, accepted);
}
END_TEST

/* Somebody puts another database in its place: nothing is served from it. */
START_TEST(test_reconnect_checks_the_key_again)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;

    board_init(&board, site.alice);
    site.conf.database_workers = 1;
    pool = jobs_start(&site.conf, &board);
    fixture_sql(site.sql, "UPDATE key_check SET check_value = '\\x0102030405060708'");
    fixture_sql(site.sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend());
    jobs_post(pool, &draw, 0);
    board_wait(&board, 1);
    ck_assert_int_eq(draw.err, MCX_DB_AWAY);
    mcx_pool_stop(&pool);
}
END_TEST

Suite *pool_suite(void)
{
    Suite *made = suite_create("pool");
    TCase *tcase = tcase_create("pool");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_one_subscriber_over_many_connections_and_front_ends);
    tcase_add_test(tcase, test_queue_has_an_end);
    tcase_add_test(tcase, test_start_without_database_serves_when_it_comes);
    tcase_add_test(tcase, test_lost_database_is_said_and_returns_by_itself);
    tcase_add_test(tcase, test_hanging_backend_costs_no_request);
    tcase_add_test(tcase, test_terminated_backend_costs_no_request);
    tcase_add_test(tcase, test_stop_does_not_wait_for_a_hanging_server);
    tcase_add_test(tcase, test_stop_while_connecting);
    tcase_add_test(tcase, test_every_job_comes_to_one_end);
    tcase_add_test(tcase, test_reconnect_checks_the_key_again);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(
        false, (Suite * (*const[])(void)){pool_suite, backoff_suite, start_suite, session_suite},
        4);
}
