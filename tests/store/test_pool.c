/* SPDX-License-Identifier: Apache-2.0 */
/* Workers: batches, front-ends side by side, a database that goes away, hangs and returns, start
 * and stop. Design 6. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "cluster.h"
#include "fixture.h"

static struct mcx_conf conf;
static const char *database;
static struct mcx_session *admin;
static PGconn *sql;
static long long alice;

static void setup(void)
{
    database = fixture_database();
    fixture_conf(&conf, database);
    conf.database_workers = 4;
    admin = fixture_admin(database);
    fixture_system(admin);
    alice = fixture_subscriber(admin, &conf, "alice");
    sql = fixture_connect(database);
}

static void teardown(void)
{
    PQfinish(sql);
    mcx_session_close(&admin);
}

/* ---- jobs: each draws one SEQ of alice ---- */

struct draw {
    struct mcx_job job;
    struct board *board;
    enum mcx_err err;
    int64_t seq;
};

/* Where finished jobs are counted, and waited for. */
struct board {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int done, dropped, runs;
    enum mcx_err last_drop;
};

static void board_init(struct board *board)
{
    memset(board, 0, sizeof *board);
    pthread_mutex_init(&board->mutex, NULL);
    pthread_cond_init(&board->changed, NULL);
}

static enum mcx_err run(void *arg, struct mcx_session *session, struct mcx_job **jobs, size_t count)
{
    struct board *board = arg;
    struct mcx_sqn_want *want = calloc(count, sizeof *want);
    enum mcx_err err;

    for (size_t i = 0; i < count; i++)
        want[i] = (struct mcx_sqn_want){.subscriber_id = alice, .items = 1};
    err = mcx_store_sqn_advance(session, want, count);
    pthread_mutex_lock(&board->mutex);
    board->runs++;
    for (size_t i = 0; err == MCX_OK && i < count; i++) {
        struct draw *draw = (struct draw *)jobs[i];

        draw->err = want[i].err;
        draw->seq = want[i].first_seq;
        board->done++;
    }
    pthread_cond_broadcast(&board->changed);
    pthread_mutex_unlock(&board->mutex);
    free(want);
    return err == MCX_DB_AWAY ? MCX_DB_AWAY : MCX_OK;
}

static void drop(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why)
{
    struct board *board = arg;

    pthread_mutex_lock(&board->mutex);
    for (size_t i = 0; i < count; i++)
        ((struct draw *)jobs[i])->err = why;
    board->dropped += (int)count;
    board->last_drop = why;
    pthread_cond_broadcast(&board->changed);
    pthread_mutex_unlock(&board->mutex);
}

static const struct mcx_pool_ops ops = {run, drop};

/* Waits until so many jobs came to an end, one way or the other; Check's own timeout is the limit.
 */
static void wait_for(struct board *board, int count)
{
    pthread_mutex_lock(&board->mutex);
    while (board->done + board->dropped < count)
        pthread_cond_wait(&board->changed, &board->mutex);
    pthread_mutex_unlock(&board->mutex);
}

static struct mcx_pool *start(struct board *board)
{
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    ck_assert_msg(mcx_pool_start(&conf, &ops, board, &pool, &problem) == MCX_OK, "%s",
                  problem.text);
    return pool;
}

static void post(struct mcx_pool *pool, struct draw *draw, uint64_t shard)
{
    draw->job.shard = shard;
    ck_ok(mcx_pool_post(pool, &draw->job));
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
        board_init(&board[i]);
        pool[i] = start(&board[i]);
    }
    for (int round = 0; round < ROUNDS; round++) {
        int64_t before = 0;

        for (int i = 0; i < round * JOBS; i++)
            before = draw[i].seq > before ? draw[i].seq : before;
        for (int i = 0; i < JOBS; i++)
            post(pool[i % FRONT_ENDS], &draw[round * JOBS + i], (uint64_t)i / FRONT_ENDS);
        for (int i = 0; i < FRONT_ENDS; i++)
            wait_for(&board[i], (round + 1) * JOBS / FRONT_ENDS);
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

    board_init(&board);
    conf.database_workers = 1;
    conf.database_queue_max = 8;
    conf.database_batch_max = 1;
    fixture_sql(sql, "BEGIN");
    fixture_sql(sql, "SELECT 1 FROM sqn FOR UPDATE");
    pool = start(&board);
    for (int i = 0; i < 40; i++) {
        draw[i].job.shard = 0;
        posted += mcx_pool_post(pool, &draw[i].job) == MCX_OK;
    }
    ck_assert_int_ge(posted, 8);
    ck_assert_int_le(posted, 9); /* one may be at work */
    fixture_sql(sql, "ROLLBACK");
    wait_for(&board, posted);
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

    board_init(&board);
    cluster_down();
    pool = start(&board);
    post(pool, &draw, 0);
    wait_for(&board, 1);
    ck_assert_int_eq(draw.err, MCX_DB_AWAY);
    cluster_up();
    do {
        board.dropped = 0;
        board.done = 0;
        post(pool, &draw, 0);
        wait_for(&board, 1);
    } while (draw.err != MCX_OK);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_lost_database_is_said_and_returns_by_itself)
{
    static struct draw draw[32];
    struct board board;
    struct mcx_pool *pool;

    board_init(&board);
    pool = start(&board);
    for (int i = 0; i < 16; i++)
        post(pool, &draw[i], (uint64_t)i);
    wait_for(&board, 16);
    ck_assert_int_eq(board.done, 16);
    cluster_down();
    for (int i = 16; i < 32; i++)
        post(pool, &draw[i], (uint64_t)i);
    wait_for(&board, 32);
    ck_assert_int_eq(board.dropped, 16);
    ck_assert_int_eq(board.last_drop, MCX_DB_AWAY);
    cluster_up();
    do {
        board.dropped = board.done = 0;
        for (int i = 0; i < 16; i++)
            post(pool, &draw[i], (uint64_t)i);
        wait_for(&board, 16);
    } while (board.dropped > 0);
    mcx_pool_stop(&pool);
}
END_TEST

static pid_t backend(void)
{
    return (pid_t)fixture_number(sql, "SELECT pid FROM pg_stat_activity WHERE usename = 'mcx_hss'"
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

    board_init(&board);
    conf.database_workers = 1;
    conf.database_statement_timeout_ms = 200;
    pool = start(&board);
    pid = backend();
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    post(pool, &draw, 0);
    wait_for(&board, 1);
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

    board_init(&board);
    conf.database_workers = 1;
    pool = start(&board);
    fixture_sql(sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend());
    post(pool, &draw, 0);
    wait_for(&board, 1);
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

    board_init(&board);
    conf.database_workers = 1;
    conf.database_batch_max = 1;
    pool = start(&board);
    pid = backend();
    ck_assert_int_eq(kill(pid, SIGSTOP), 0);
    post(pool, &draw, 0);
    post(pool, &waiting, 0);
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

    board_init(&board);
    cluster_down();
    pool = start(&board);
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

    board_init(&board);
    pool = start(&board);
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

/* ---- what only an operator can mend ---- */

static void expect_refusal(const char *text)
{
    struct board board;
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    board_init(&board);
    ck_assert_int_eq(mcx_pool_start(&conf, &ops, &board, &pool, &problem), MCX_CONF);
    ck_assert_ptr_null(pool);
    ck_assert_msg(strstr(problem.text, text) != NULL, "%s", problem.text);
}

START_TEST(test_wrong_key_refuses_start)
{
    conf.key[0].key[5] ^= 1;
    expect_refusal("key 1 in kek-1.key is not the key");
}
END_TEST

START_TEST(test_missing_key_refuses_start)
{
    conf.key[0].id = 9;
    expect_refusal("encrypted with key 1, which is not loaded");
}
END_TEST

START_TEST(test_key_of_a_rotation_is_no_reason_to_refuse)
{
    struct board board;
    struct mcx_pool *pool;

    fixture_sql(sql,
                "INSERT INTO key_check (key_id, check_value) VALUES (2, '\\x0102030405060708')");
    board_init(&board);
    pool = start(&board);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_empty_database_refuses_start)
{
    char name[64];

    snprintf(name, sizeof name, "empty_%s", database);
    fixture_sql(sql, "CREATE DATABASE %s TEMPLATE template0", name);
    free(conf.database_conninfo);
    conf.database_conninfo = strdup(cluster_conninfo(name, "mcx_hss"));
    expect_refusal("run mcxctl db upgrade");
}
END_TEST

START_TEST(test_schema_versions_refuse_start)
{
    struct board board;
    struct mcx_pool *pool;

    board_init(&board);
    fixture_sql(sql, "UPDATE schema_version SET readable_from = 1, version = 99 WHERE version = 4");
    pool = start(&board); /* newer, and readable */
    mcx_pool_stop(&pool);
    fixture_sql(sql, "UPDATE schema_version SET readable_from = 99 WHERE version = 99");
    expect_refusal("install a newer release");
    fixture_sql(sql, "DELETE FROM schema_version WHERE version = 99");
    expect_refusal("run mcxctl db upgrade");
}
END_TEST

START_TEST(test_role_without_rights_refuses_start)
{
    fixture_sql(sql,
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nobody') THEN"
                " CREATE ROLE nobody LOGIN; END IF; END $$");
    free(conf.database_conninfo);
    conf.database_conninfo = strdup(cluster_conninfo(database, "nobody"));
    expect_refusal("role nobody may not read");
}
END_TEST

START_TEST(test_conninfo_that_does_not_parse_refuses_start)
{
    free(conf.database_conninfo);
    conf.database_conninfo = strdup("host=x colour=red");
    expect_refusal("database.conninfo");
}
END_TEST

/* Somebody puts another database in its place: nothing is served from it. */
START_TEST(test_reconnect_checks_the_key_again)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;

    board_init(&board);
    conf.database_workers = 1;
    pool = start(&board);
    fixture_sql(sql, "UPDATE key_check SET check_value = '\\x0102030405060708'");
    fixture_sql(sql, "SELECT pg_terminate_backend(%d, 5000)", (int)backend());
    post(pool, &draw, 0);
    wait_for(&board, 1);
    ck_assert_int_eq(draw.err, MCX_DB_AWAY);
    mcx_pool_stop(&pool);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("pool");
    TCase *tcase = tcase_create("pool");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_one_subscriber_over_many_connections_and_front_ends);
    tcase_add_test(tcase, test_queue_has_an_end);
    tcase_add_test(tcase, test_start_without_database_serves_when_it_comes);
    tcase_add_test(tcase, test_lost_database_is_said_and_returns_by_itself);
    tcase_add_test(tcase, test_hanging_backend_costs_no_request);
    tcase_add_test(tcase, test_terminated_backend_costs_no_request);
    tcase_add_test(tcase, test_stop_does_not_wait_for_a_hanging_server);
    tcase_add_test(tcase, test_stop_while_connecting);
    tcase_add_test(tcase, test_every_job_comes_to_one_end);
    tcase_add_test(tcase, test_wrong_key_refuses_start);
    tcase_add_test(tcase, test_missing_key_refuses_start);
    tcase_add_test(tcase, test_key_of_a_rotation_is_no_reason_to_refuse);
    tcase_add_test(tcase, test_empty_database_refuses_start);
    tcase_add_test(tcase, test_schema_versions_refuse_start);
    tcase_add_test(tcase, test_role_without_rights_refuses_start);
    tcase_add_test(tcase, test_conninfo_that_does_not_parse_refuses_start);
    tcase_add_test(tcase, test_reconnect_checks_the_key_again);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
