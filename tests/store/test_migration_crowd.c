/* SPDX-License-Identifier: Apache-2.0 */
/* Many MIRs at once: one row for one key, no waiting between keys, and nothing lost or doubled when
 * connections die in the middle. Design 3, "Idempotence". */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "asks.h"
#include "site.h"
#include "suites.h"

#define ID_A "11111111-1111-4111-8111-111111111111"
#define ID_B "22222222-2222-4222-8222-222222222222"

static void setup(void)
{
    site_open();
    site_add_people();
}

/* ---- one key ---- */

enum { CROWD = 64 };

struct member {
    pthread_t thread;
    bool is_inbound;
    struct mcx_session *session;
    pthread_barrier_t *gate;
    struct mcx_binding_outcome out;
};

static void *ask_once(void *arg)
{
    struct member *member = arg;
    struct mcx_binding_ask ask =
        member->is_inbound ? migration_in(NULL, "carol") : migration_out(NULL, "alice", true);

    pthread_barrier_wait(member->gate);
    member->out = migration_make(member->session, &ask);
    return NULL;
}

static void crowd(bool is_inbound)
{
    static struct member members[CROWD];
    pthread_barrier_t gate;
    int made = 0;

    site.conf.database_lock_timeout_ms = 5000;
    pthread_barrier_init(&gate, NULL, CROWD);
    for (int i = 0; i < CROWD; i++) {
        members[i] = (struct member){
            .is_inbound = is_inbound, .gate = &gate, .session = fixture_daemon(&site.conf)};
        pthread_create(&members[i].thread, NULL, ask_once, &members[i]);
    }
    for (int i = 0; i < CROWD; i++) {
        pthread_join(members[i].thread, NULL);
        made += members[i].out.verdict == MCX_BINDING_NEW;
        ck_assert_str_eq(members[i].out.given.impi.octets, members[0].out.given.impi.octets);
        ck_assert_str_eq(members[i].out.given.impu[0].octets, members[0].out.given.impu[0].octets);
        mcx_session_close(&members[i].session);
    }
    ck_assert_int_eq(made, 1);
}

START_TEST(test_crowd_on_one_key_makes_one_grant)
{
    crowd(false);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_"), 1);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM identity WHERE kind = 'outbound'"), 1);
}
END_TEST

START_TEST(test_crowd_on_one_key_makes_one_binding)
{
    crowd(true);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), 1);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM identity WHERE kind = 'inbound'"), 1);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM implicit_set s JOIN binding b"
                                              " ON b.set_id = s.id"),
                     1);
}
END_TEST

/* ---- several keys ---- */

/* One MIR is committed only at the end: those of other users of the same partner are made before.
 */
START_TEST(test_keys_do_not_wait_for_each_other)
{
    struct mcx_session *slow = fixture_daemon(&site.conf), *other = fixture_daemon(&site.conf);
    struct mcx_binding_ask ask = migration_out(ID_A, "alice", true);

    ck_ok(mcx_session_script(slow, "BEGIN"));
    ck_assert_int_eq(migration_make(slow, &ask).verdict, MCX_BINDING_NEW);
    ask = migration_in(ID_A, "carol");
    ck_assert_int_eq(migration_make(slow, &ask).verdict, MCX_BINDING_NEW);
    ask = migration_out(ID_B, "bob", true);
    ck_assert_int_eq(migration_make(other, &ask).verdict, MCX_BINDING_NEW);
    ask = migration_in(ID_B, "dave");
    ck_assert_int_eq(migration_make(other, &ask).verdict, MCX_BINDING_NEW);
    ck_ok(mcx_session_script(slow, "COMMIT"));
    mcx_session_close(&slow);
    mcx_session_close(&other);
}
END_TEST

/* ---- lost connections ---- */

enum { THREADS = 4, KEYS = 60, KILLS = 40, PAUSE_NS = 40000000 };

static struct {
    pthread_mutex_t mutex;
    bool is_over;
} killer = {.mutex = PTHREAD_MUTEX_INITIALIZER};

static bool is_over(void)
{
    bool over;

    pthread_mutex_lock(&killer.mutex);
    over = killer.is_over;
    pthread_mutex_unlock(&killer.mutex);
    return over;
}

static void *kill_backends(void *arg)
{
    (void)arg;
    for (int kills = 0; kills < KILLS && !is_over(); kills++) {
        PGconn *conn = fixture_connect("mcx_test");

        fixture_sql(conn, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ="
                          " 'mcx_hss' AND datname = current_database() ORDER BY random() LIMIT 1");
        PQfinish(conn);
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_NS}, NULL);
    }
    return NULL;
}

struct walker {
    pthread_t thread;
    int which;
    int lost;
};

static struct mcx_session *reopen(struct mcx_session *old)
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

    mcx_session_close(&old);
    while (mcx_session_open(&options, &made, &problem) != MCX_OK)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    return made;
}

/* Asks until it is answered, then once more: the answers agree. */
static void *walk(void *arg)
{
    struct walker *walker = arg;
    struct mcx_session *own = reopen(NULL);

    for (int key = 0; key < KEYS; key++) {
        struct mcx_binding_outcome first = {0}, out;
        char name[32];
        struct mcx_binding_ask ask;

        snprintf(name, sizeof name, "w%dx%d", walker->which, key);
        ask = migration_in(NULL, name);
        for (int answers = 0; answers < 2;) {
            enum mcx_err err = mcx_store_binding_make(own, &ask, &out);

            if (err == MCX_OK && answers++ == 0)
                first = out;
            if (err == MCX_OK)
                continue;
            ck_assert_int_eq(err, MCX_DB_AWAY);
            walker->lost++;
            own = reopen(own);
        }
        ck_assert_str_eq(first.given.impi.octets, out.given.impi.octets);
    }
    mcx_session_close(&own);
    return NULL;
}

START_TEST(test_lost_connections_double_nothing)
{
    struct walker walkers[THREADS] = {0};
    pthread_t thread;

    pthread_create(&thread, NULL, kill_backends, NULL);
    for (int i = 0; i < THREADS; i++) {
        walkers[i].which = i;
        pthread_create(&walkers[i].thread, NULL, walk, &walkers[i]);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(walkers[i].thread, NULL);
    pthread_mutex_lock(&killer.mutex);
    killer.is_over = true;
    pthread_mutex_unlock(&killer.mutex);
    pthread_join(thread, NULL);
    ck_assert_int_gt(walkers[0].lost + walkers[1].lost + walkers[2].lost + walkers[3].lost, 0);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM binding"), THREADS * KEYS);
    ck_assert_int_eq(
        fixture_number(site.sql, "SELECT count(*) FROM identity WHERE kind = 'inbound'"),
        THREADS * KEYS);
    ck_assert_int_eq(fixture_number(site.sql,
                                    "SELECT count(*) FROM binding b WHERE NOT EXISTS (SELECT"
                                    " FROM identity i WHERE i.impi = b.inbound_impi AND"
                                    " i.ref = b.id)"),
                     0);
}
END_TEST

Suite *migration_crowd_suite(void)
{
    Suite *made = suite_create("migration_crowd");
    TCase *tcase = tcase_create("migration_crowd");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_crowd_on_one_key_makes_one_grant);
    tcase_add_test(tcase, test_crowd_on_one_key_makes_one_binding);
    tcase_add_test(tcase, test_keys_do_not_wait_for_each_other);
    tcase_add_test(tcase, test_lost_connections_double_nothing);
    suite_add_tcase(made, tcase);
    return made;
}
