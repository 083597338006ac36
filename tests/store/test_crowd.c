/* SPDX-License-Identifier: Apache-2.0 */
/* Many connections at once, batches in any order, backends killed: no SEQ twice, none out of order.
 * Design 5. */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/metrics.h"
#include "cluster.h"
#include "site.h"
#include "suites.h"

static void setup(void)
{
    site_open();
    site.conf.database_lock_timeout_ms = 200;
    site_open_daemon();
}

static long long stored(long long subscriber_id)
{
    return fixture_number(site.sql, "SELECT seq FROM sqn WHERE subscriber_id = %lld",
                          subscriber_id);
}

enum { THREADS = 8, USERS = 40, BATCH = 32 };

struct crowd {
    long long first_user;
    int rounds;
    atomic_bool stop;
    atomic_llong issued[USERS];
    atomic_int failed;
};

struct member {
    struct crowd *crowd;
    unsigned seed;
    pthread_t thread;
    long long *seen; /* pairs user, value of each SEQ handed out */
    size_t count, size;
};

static void add_users(long long *first)
{
    char name[16];

    for (int i = 0; i < USERS; i++) {
        snprintf(name, sizeof name, "u%d", i);
        if (i == 0)
            *first = fixture_subscriber(site.admin, &site.conf, name);
        else
            ck_assert_int_eq(fixture_subscriber(site.admin, &site.conf, name), *first + i);
    }
}

static void note(struct member *member, long long user, long long value)
{
    if (member->count + 2 > member->size) {
        member->size = 2 * member->size + 4096;
        member->seen = realloc(member->seen, member->size * sizeof *member->seen);
    }
    member->seen[member->count++] = user;
    member->seen[member->count++] = value;
}

static void one_batch(struct member *member, struct mcx_session *own)
{
    struct mcx_sqn_want want[BATCH] = {{0}};

    for (int i = 0; i < BATCH; i++) {
        want[i].subscriber_id = member->crowd->first_user + rand_r(&member->seed) % USERS;
        want[i].items = 1;
    }
    if (mcx_store_sqn_advance(own, want, BATCH) != MCX_OK)
        return;
    for (int i = 0; i < BATCH; i++) {
        if (want[i].err == MCX_OK)
            note(member, want[i].subscriber_id, want[i].first_seq);
        else
            atomic_fetch_add(&member->crowd->failed, 1);
    }
}

static struct mcx_session *reopen(void)
{
    struct mcx_session_options options = {.conninfo = site.conf.database_conninfo,
                                          .is_daemon = true,
                                          .statement_timeout_ms = 5000,
                                          .lock_timeout_ms = 4000,
                                          .connect_timeout_ms = 3000,
                                          .stop_fd = -1,
                                          .actor = "hss",
                                          .conf = &site.conf};
    struct mcx_conf_problem problem;
    struct mcx_session *made = NULL;

    while (mcx_session_open(&options, &made, &problem) != MCX_OK)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    return made;
}

static void *crowd_thread(void *arg)
{
    struct member *member = arg;
    struct mcx_session *own = reopen();

    for (int i = 0; i < member->crowd->rounds && !atomic_load(&member->crowd->stop); i++) {
        if (mcx_session_is_broken(own)) {
            mcx_session_close(&own);
            own = reopen();
        }
        one_batch(member, own);
    }
    mcx_session_close(&own);
    return NULL;
}

static int by_pair(const void *left, const void *right)
{
    const long long *a = left, *b = right;

    if (a[0] != b[0])
        return a[0] < b[0] ? -1 : 1;
    return (a[1] > b[1]) - (a[1] < b[1]);
}

/* No value twice for one user; each thread saw each user's values rise; nothing beyond what is
 * stored. */
static void check_crowd(struct member *members, bool is_gapless)
{
    size_t count = 0, at = 0;
    long long *all;

    for (int i = 0; i < THREADS; i++) {
        long long last[USERS] = {0};

        for (size_t j = 0; j < members[i].count; j += 2) {
            long long user = members[i].seen[j] - members[i].crowd->first_user;

            ck_assert_int_gt(members[i].seen[j + 1], last[user]);
            last[user] = members[i].seen[j + 1];
        }
        count += members[i].count;
    }
    ck_assert_uint_gt(count, 0);
    all = malloc(count * sizeof *all);
    for (int i = 0; i < THREADS; i++) {
        memcpy(all + at, members[i].seen, members[i].count * sizeof *all);
        at += members[i].count;
        free(members[i].seen);
    }
    qsort(all, count / 2, 2 * sizeof *all, by_pair);
    for (size_t i = 2; i < count; i += 2) {
        if (all[i] == all[i - 2])
            ck_assert_int_lt(all[i - 1], all[i + 1]);
        if (i + 2 >= count || all[i] != all[i + 2])
            ck_assert_int_le(all[i + 1], stored(all[i]));
    }
    if (is_gapless)
        ck_assert_int_eq(fixture_number(site.sql, "SELECT sum(seq) FROM sqn"),
                         (long long)count / 2);
    free(all);
}

static void start_crowd(struct crowd *crowd, struct member *members)
{
    add_users(&crowd->first_user);
    for (int i = 0; i < THREADS; i++) {
        members[i] = (struct member){.crowd = crowd, .seed = (unsigned)i + 1};
        ck_assert_int_eq(pthread_create(&members[i].thread, NULL, crowd_thread, &members[i]), 0);
    }
}

static void join_crowd(struct member *members)
{
    for (int i = 0; i < THREADS; i++)
        pthread_join(members[i].thread, NULL);
}

static int repeat(void)
{
    return getenv("MCX_LONG") ? 20 : 1;
}

START_TEST(test_batches_in_any_order_do_not_deadlock)
{
    struct crowd crowd = {.rounds = 60 * repeat()};
    struct member members[THREADS];

    site.conf.database_lock_timeout_ms = 4000;
    start_crowd(&crowd, members);
    join_crowd(members);
    ck_assert_int_eq(atomic_load(&crowd.failed), 0);
    ck_assert_int_eq(mcx_metric_get(MCX_M_DB_RETRIES), 0);
    check_crowd(members, true);
}
END_TEST

static PGconn *reconnect(PGconn *conn)
{
    do {
        PQfinish(conn);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
        conn = PQconnectdb(cluster_conninfo(site.database, "postgres"));
    } while (PQstatus(conn) != CONNECTION_OK);
    return conn;
}

/* -1: the connection is gone, as those of a crashed server are. */
static long long ask(PGconn *conn, const char *query)
{
    PGresult *result = PQexec(conn, query);
    long long number = PQresultStatus(result) == PGRES_TUPLES_OK
                           ? strtoll(PQgetvalue(result, 0, 0), NULL, 10)
                           : -1;

    PQclear(result);
    return number;
}

/* Until some batches more were committed; false: the connection was lost. */
static bool wait_for_progress(PGconn *conn)
{
    long long before = ask(conn, "SELECT sum(seq) FROM sqn"), now = before;

    while (now >= 0 && now < before + 20 * BATCH)
        now = ask(conn, "SELECT sum(seq) FROM sqn");
    return now >= 0;
}

/* One that is at work in this moment. */
static void kill_a_writer(void)
{
    PGconn *conn = reconnect(NULL);
    long long pid = 0;

    while (pid <= 0 || kill((pid_t)pid, SIGKILL) != 0) {
        if (!wait_for_progress(conn))
            conn = reconnect(conn);
        pid =
            ask(conn, "SELECT coalesce(max(pid), 0) FROM pg_stat_activity WHERE usename = 'mcx_hss'"
                      " AND state = 'active' AND datname = current_database()");
    }
    PQfinish(conn);
}

/* SIGKILL makes PostgreSQL end every connection and recover: commits whose answer was not seen are
 * gaps. */
START_TEST(test_killed_backend_issues_nothing_twice)
{
    struct crowd crowd = {.rounds = 1000000};
    struct member members[THREADS];

    start_crowd(&crowd, members);
    for (int i = 0; i < 3 * repeat(); i++)
        kill_a_writer();
    for (PGconn *conn = reconnect(NULL); conn != NULL;)
        conn = wait_for_progress(conn) ? (PQfinish(conn), NULL) : reconnect(conn);
    atomic_store(&crowd.stop, true);
    join_crowd(members);
    PQreset(site.sql);
    ck_assert_int_eq(PQstatus(site.sql), CONNECTION_OK);
    check_crowd(members, false);
    mcx_session_close(&site.daemon);
    mcx_session_close(&site.admin);
}
END_TEST

Suite *crowd_suite(void)
{
    Suite *made = suite_create("crowd");
    TCase *tcase = tcase_create("crowd");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_batches_in_any_order_do_not_deadlock);
    tcase_add_test(tcase, test_killed_backend_issues_nothing_twice);
    suite_add_tcase(made, tcase);
    return made;
}
