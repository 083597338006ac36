/* SPDX-License-Identifier: Apache-2.0 */
/* Statements prepared while the tables were empty still probe by key after a load of 100,000 rows.
 * Design 6, "Sessions". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/wrap.h"
#include "asks.h"
#include "base/clock.h"
#include "cluster.h"
#include "site.h"
#include "store/keys.h"
#include "store/subscriber.h"
#include "suites.h"

enum { LOADED = 100000, BATCH = 128, ROUNDS = 1000, MIGRATIONS = 25 };

static void load(void)
{
    static const struct mcx_key128 k = {{1}}, opc = {{2}};
    struct mcx_keyring ring;
    struct mcx_bulk_load bulk = {.conninfo = cluster_conninfo(site.database, "postgres"),
                                 .ring = &ring,
                                 .count = LOADED,
                                 .k = &k,
                                 .opc = &opc};
    struct mcx_conf_problem problem;

    mcx_keyring_from(&site.conf, &ring);
    ck_ok(mcx_str_set(&bulk.realm, mcx_span_of("primary.example")));
    ck_assert_msg(mcx_store_subscriber_load(site.admin, &bulk, &problem) == MCX_OK, "%s",
                  problem.text);
    ck_assert_uint_eq(bulk.loaded, LOADED);
}

/* ---- plans, as the daemon's session has them ---- */

static void use_settings(PGconn *conn)
{
    const char *values[] = {"2000", "1000", "force_generic_plan", "off"};
    PGresult *result = PQexecParams(conn, mcx_stmt_rows[MCX_STMT_SESSION_SETTINGS].sql, 4, NULL,
                                    values, NULL, NULL, 0);

    ck_assert_int_eq(PQresultStatus(result), PGRES_TUPLES_OK);
    PQclear(result);
}

/* The plan's lines; the caller clears. */
static PGresult *explain(PGconn *conn, const struct mcx_stmt_row *row)
{
    char text[512];
    size_t len = (size_t)snprintf(text, sizeof text, "EXPLAIN EXECUTE \"%s\"", row->name);
    PGresult *result;

    for (size_t i = 0; row->params[i]; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%sNULL", i == 0 ? "(" : ", ");
    snprintf(text + len, sizeof text - len, "%s", row->params[0] ? ")" : "");
    result = PQexec(conn, text);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(conn));
    return result;
}

/* A scan of CTEs, functions and small tables of partners is no matter; of the big ones it is. */
static void check_plan(PGconn *conn, const struct mcx_stmt_row *row)
{
    PGresult *plan = explain(conn, row);

    for (int line = 0; line < PQntuples(plan); line++) {
        const char *text = PQgetvalue(plan, line, 0);

        ck_assert_msg(!strstr(text, "Seq Scan"), "%s: %s", row->name, text);
        ck_assert_msg(!strstr(text, "Hash Join") && !strstr(text, "Merge Join"), "%s: %s",
                      row->name, text);
    }
    PQclear(plan);
}

static bool is_hot(const struct mcx_stmt_row *row)
{
    return strncmp(row->name, "MAR_", 4) == 0 || strncmp(row->name, "SQN_ADVANCE", 11) == 0;
}

START_TEST(test_plans_probe_after_a_load)
{
    PGconn *conn = PQconnectdb(cluster_conninfo(site.database, "mcx_hss"));
    int checked = 0;

    use_settings(conn);
    for (int i = 0; i < MCX_STMT_COUNT; i++) {
        if (mcx_stmt_rows[i].use != MCX_USE_DAEMON || !is_hot(&mcx_stmt_rows[i]))
            continue;
        fixture_prepare(conn, &mcx_stmt_rows[i]);
        PQclear(explain(conn, &mcx_stmt_rows[i])); /* planned now, on empty tables */
        checked++;
    }
    ck_assert_int_eq(checked, 4);
    load();
    for (int i = 0; i < MCX_STMT_COUNT; i++) {
        if (mcx_stmt_rows[i].use == MCX_USE_DAEMON && is_hot(&mcx_stmt_rows[i]))
            check_plan(conn, &mcx_stmt_rows[i]);
    }
    PQfinish(conn);
}
END_TEST

/* Rows of tables that sessions have read since the last call. They tell when they end: this waits
 * until no more than `left` are there. */
static long long rows_read(int left)
{
    long long rows;

    while (fixture_number(site.sql, "SELECT count(*) FROM pg_stat_activity WHERE pid <>"
                                    " pg_backend_pid() AND datname = current_database()"
                                    " AND backend_type = 'client backend'") > left)
        ;
    rows = fixture_number(site.sql, "SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint"
                                    " FROM pg_stat_user_tables");
    fixture_sql(site.sql, "SELECT pg_stat_reset()");
    return rows;
}

/* One scan would read all of them. */
START_TEST(test_old_session_probes_after_a_load)
{
    struct mcx_session *session = fixture_daemon(&site.conf);
    struct mcx_mar_ask ask[BATCH];
    const struct mcx_mar_ask *asks[BATCH];
    static struct mcx_mar_facts facts[BATCH];
    enum mcx_err err[BATCH];
    struct mcx_sqn_want want[BATCH];

    for (int i = 0; i < BATCH; i++) {
        char impi[64], impu[80];

        snprintf(impi, sizeof impi, "%015d@primary.example", 777 * i);
        snprintf(impu, sizeof impu, "sip:%s", impi);
        ask[i] = fixture_own_ask(impi, impu);
        asks[i] = &ask[i];
    }
    ck_ok(mcx_store_mar_facts(session, asks, BATCH, facts, err));
    ck_assert(!facts[0].has_credential);
    load();
    (void)rows_read(2);
    ck_ok(mcx_store_mar_facts(session, asks, BATCH, facts, err));
    for (int i = 0; i < BATCH; i++) {
        ck_assert(facts[i].has_credential && facts[i].belongs);
        want[i] = (struct mcx_sqn_want){.subscriber_id = facts[i].subscriber_id, .items = 1};
    }
    ck_ok(mcx_store_sqn_advance(session, want, BATCH));
    for (int i = 0; i < BATCH; i++)
        ck_assert_int_eq(want[i].first_seq, 1);
    mcx_session_close(&session);
    ck_assert_int_lt(rows_read(1), LOADED);
}
END_TEST

/* ---- grants and bindings ---- */

/* Live ones by the hundred thousand, as if they had come by MIRs. */
static void load_live(PGconn *conn)
{
    fixture_sql(conn,
                "INSERT INTO binding (binding_uuid, partner_id, database_realm, primary_impi,"
                " primary_impi_key, inbound_impi, set_id, state, expires_at, created_by)"
                " SELECT gen_random_uuid(), p.id, 'partner.example', k, k, 'i' || k, -i - 1000000,"
                " 'active', now() + interval '1 day' + i * interval '1 s', 'x' FROM partner p,"
                " (SELECT i, 'z' || i || '@partner.example' AS k FROM generate_series(1, %d) i) x"
                " WHERE p.system_id = 'partner'",
                LOADED);
    fixture_sql(conn, "INSERT INTO binding_impu SELECT id, 1, 'sip:' || inbound_impi, 'sip:' ||"
                      " primary_impi, 'sip:' || primary_impi FROM binding WHERE id > 1");
    fixture_sql(conn,
                "INSERT INTO grant_ (binding_uuid, partner_id, subscriber_id, own_impi, is_masked,"
                " asked_impi, state, expires_at, created_by) SELECT gen_random_uuid(), p.id, i, k,"
                " false, k, 'active', now() + interval '1 day' + i * interval '1 s', 'x'"
                " FROM partner p, (SELECT i, 'z' || i || '@primary.example' AS k FROM"
                " generate_series(1, %d) i) x WHERE p.system_id = 'partner'",
                LOADED);
    fixture_sql(conn, "INSERT INTO grant_impu SELECT id, 1, 'sip:' || own_impi, 'sip:' || own_impi"
                      " FROM grant_ WHERE id > 1");
}

/* A MIR of each kind, its repeat, its release, and a sweep. */
static void one_migration(struct mcx_session *session)
{
    struct mcx_binding_ask in = migration_in(NULL, "carol");
    struct mcx_binding_ask out = migration_out(NULL, "alice", true);
    struct mcx_binding_outcome made;
    size_t ended;

    for (int i = 0; i < 2; i++) {
        made = migration_make(session, &in);
        ck_assert_int_eq(made.verdict, i == 0 ? MCX_BINDING_NEW : MCX_BINDING_REPEAT);
    }
    ck_ok(mcx_store_binding_release(session, made.binding_id, "partner", NULL, MCX_REVOKED, "x",
                                    "x"));
    for (int i = 0; i < 2; i++) {
        made = migration_make(session, &out);
        ck_assert_int_eq(made.verdict, i == 0 ? MCX_BINDING_NEW : MCX_BINDING_REPEAT);
    }
    ck_ok(mcx_store_binding_release(session, made.binding_id, "primary", NULL, MCX_REVOKED, "x",
                                    "x"));
    ck_ok(mcx_store_sweep(session, 60, &ended));
    ck_assert_uint_eq(ended, 0);
}

/* Each of these statements may be planned before there are any live rows. */
START_TEST(test_old_session_migrates_by_key_after_a_load)
{
    PGconn *conn = fixture_connect(site.database);
    struct mcx_session *session = fixture_daemon(&site.conf);

    (void)fixture_subscriber(site.admin, &site.conf, "alice");
    one_migration(session);
    load_live(conn);
    PQfinish(conn);
    (void)rows_read(2);
    for (int i = 0; i < MIGRATIONS; i++)
        one_migration(session);
    mcx_session_close(&session);
    ck_assert_int_lt(rows_read(1), LOADED);
}
END_TEST

/* Users among many grants, live and ended: a page of them, one of them, and his end. */
START_TEST(test_users_are_found_by_key_among_many_grants)
{
    PGconn *conn = fixture_connect(site.database);
    struct mcx_session *admin = fixture_admin(site.database);
    MCX_PARAMS list = {0}, end = {0};

    fixture_sql(conn,
                "INSERT INTO mc_user SELECT 'u' || n, true, NULL FROM generate_series(1, 100) n");
    fixture_sql(
        conn,
        "INSERT INTO grant_ (binding_uuid, partner_id, subscriber_id, own_impi, is_masked,"
        " asked_impi, mc_user_id, state, created_by, ended_at, ended_by, cause, reason)"
        " SELECT gen_random_uuid(), p.id, i, i || s, false, i || s, 'u' || i, s, 'x', CASE WHEN x "
        "IS NOT NULL THEN now() END, x, CASE WHEN x IS NOT NULL THEN 'revoked' END, x"
        " FROM partner p, generate_series(1, %d) i,"
        " (VALUES ('active', NULL), ('ended', 'x')) v (s, x)"
        " WHERE p.system_id = 'partner'",
        LOADED);
    mcx_params_text(&list, "");
    mcx_params_text(&list, "");
    mcx_params_i32(&list, 100);
    mcx_params_text(&end, "u7");
    mcx_params_text(&end, "x");
    mcx_params_text(&end, "x");
    PQfinish(conn);
    (void)rows_read(2);
    ck_ok(mcx_session_run(admin, MCX_STMT_USER_LIST, &list, NULL));
    ck_ok(mcx_session_run(admin, MCX_STMT_USER_GRANTS_END, &end, NULL));
    mcx_session_close(&admin);
    ck_assert_int_lt(rows_read(1), LOADED);
    ck_assert_int_eq(fixture_number(site.sql, "SELECT count(*) FROM grant_ WHERE state = 'ended'"),
                     LOADED + 1);
}
END_TEST

/* Prints rows a second; runs where MCX_LONG asks for it. */
START_TEST(test_rate_of_batches)
{
    struct mcx_session *session = fixture_daemon(&site.conf);
    struct mcx_sqn_want want[BATCH];
    static struct mcx_mar_ask ask[BATCH];
    static struct mcx_mar_facts facts[BATCH];
    const struct mcx_mar_ask *asks[BATCH];
    enum mcx_err err[BATCH];
    int64_t begin, facts_us = 0, advance_us = 0;

    load();
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < BATCH; i++) {
            char impi[64], impu[80];

            snprintf(impi, sizeof impi, "%015d@primary.example", (round * 131 + i * 733) % LOADED);
            snprintf(impu, sizeof impu, "sip:%s", impi);
            ask[i] = fixture_own_ask(impi, impu);
            asks[i] = &ask[i];
        }
        begin = mcx_clock_mono_us();
        ck_ok(mcx_store_mar_facts(session, asks, BATCH, facts, err));
        facts_us += mcx_clock_mono_us() - begin;
        for (int i = 0; i < BATCH; i++)
            want[i] = (struct mcx_sqn_want){.subscriber_id = facts[i].subscriber_id, .items = 1};
        begin = mcx_clock_mono_us();
        ck_ok(mcx_store_sqn_advance(session, want, BATCH));
        advance_us += mcx_clock_mono_us() - begin;
        for (int i = 0; i < BATCH; i++)
            ck_ok(want[i].err);
    }
    printf("facts %lld rows/s, advance %lld rows/s, on one connection\n",
           (long long)ROUNDS * BATCH * 1000000 / (long long)facts_us,
           (long long)ROUNDS * BATCH * 1000000 / (long long)advance_us);
    mcx_session_close(&session);
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("plans");
    TCase *tcase = tcase_create("plans");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, site_open, site_teardown);
    tcase_add_test(tcase, test_plans_probe_after_a_load);
    tcase_add_test(tcase, test_old_session_probes_after_a_load);
    tcase_add_test(tcase, test_old_session_migrates_by_key_after_a_load);
    tcase_add_test(tcase, test_users_are_found_by_key_among_many_grants);
    if (getenv("MCX_LONG"))
        tcase_add_test(tcase, test_rate_of_batches);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite, backlog_suite}, 2);
}
