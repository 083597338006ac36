/* SPDX-License-Identifier: Apache-2.0 */
/* Sessions, design 6: the settings that each begins with, and connections that are no place to go
 * on: a prepared statement is gone (SQLSTATE 26000), or its result changed shape under a live
 * session (0A000). */
#include <stdio.h>

#include "jobs.h"
#include "site.h"
#include "suites.h"

static enum mcx_err facts_of_alice(struct mcx_session *session)
{
    struct mcx_mar_ask ask = fixture_own_ask("alice@primary.example", "sip:alice@primary.example");
    const struct mcx_mar_ask *asks[] = {&ask};
    struct mcx_mar_facts facts;
    enum mcx_err err = MCX_OK, all = mcx_store_mar_facts(session, asks, 1, &facts, &err);

    return all != MCX_OK ? all : err;
}

static void reopen(void)
{
    mcx_session_close(&site.daemon);
    site_open_daemon();
}

static void expect_lost(const char *sqlstate)
{
    ck_assert_int_eq(facts_of_alice(site.daemon), MCX_DB_AWAY);
    ck_assert_str_eq(mcx_session_sqlstate(site.daemon), sqlstate);
    ck_assert(mcx_session_is_broken(site.daemon));
    ck_assert_int_eq(facts_of_alice(site.daemon), MCX_DB_AWAY); /* and nothing is asked on it */
}

START_TEST(test_statement_that_is_gone_ends_the_session)
{
    ck_ok(facts_of_alice(site.daemon));
    ck_ok(mcx_session_script(site.daemon, "DEALLOCATE ALL"));
    expect_lost("26000");
    reopen();
    ck_ok(facts_of_alice(site.daemon));
}
END_TEST

/* A domain is its base type on the wire, so the new session finds what it expects. */
START_TEST(test_changed_shape_ends_the_session)
{
    ck_ok(facts_of_alice(site.daemon));
    fixture_sql(site.sql, "CREATE DOMAIN other AS text COLLATE \"C\";"
                          "ALTER TABLE identity ALTER COLUMN kind TYPE other");
    expect_lost("0A000");
    reopen();
    ck_ok(facts_of_alice(site.daemon));
    fixture_sql(site.sql, "ALTER TABLE identity ALTER COLUMN kind TYPE text COLLATE \"C\";"
                          "DROP DOMAIN other");
    expect_lost("0A000");
}
END_TEST

static void discard_all(struct mcx_session *session)
{
    ck_ok(mcx_session_script(session, "DISCARD ALL"));
}

/* As a pooler between us and the server may do. */
START_TEST(test_lost_statements_cost_no_request)
{
    struct board board;

    board_init(&board, site.alice);
    board.before_first = discard_all;
    site.conf.database_workers = 1;
    jobs_draw_once(&site.conf, &board);
    ck_assert_int_eq(board.runs, 2);
}
END_TEST

/* ---- settings ---- */

/* What somebody set for the daemon's role, and what a worker's session has all the same. */
static const struct setting {
    const char *name, *of_role, *has;
} settings[] = {{"statement_timeout", "0", "4321ms"},
                {"lock_timeout", "0", "1234ms"},
                {"idle_in_transaction_session_timeout", "0", "1min"},
                {"default_transaction_isolation", "serializable", "read committed"},
                {"search_path", "pg_catalog", "public, pg_temp"},
                {"timezone", "+9", "UTC"},
                {"synchronous_commit", "off", "on"},
                {"synchronous_commit", "local", "local"}, /* only off loses what was answered */
                {"synchronous_commit", "remote_apply", "remote_apply"}};
static const struct setting *setting;

static void expect_setting(struct mcx_session *session)
{
    char sql[256];

    snprintf(sql, sizeof sql,
             "DO $$BEGIN IF current_setting('%s') <> '%s' THEN"
             " RAISE EXCEPTION '%%', current_setting('%s'); END IF; END$$",
             setting->name, setting->has, setting->name);
    ck_assert_msg(mcx_session_script(session, sql) == MCX_OK, "%s of the role is %s: %s, not %s",
                  setting->name, setting->of_role, mcx_session_server_text(session), setting->has);
}

START_TEST(test_worker_has_its_settings_whatever_the_role_has)
{
    struct board board;

    setting = &settings[_i];
    fixture_sql(site.sql, "ALTER ROLE mcx_hss IN DATABASE %s SET %s = '%s'", site.database,
                setting->name, setting->of_role);
    board_init(&board, site.alice);
    board.before_first = expect_setting;
    site.conf.database_workers = 1;
    site.conf.database_statement_timeout_ms = 4321;
    site.conf.database_lock_timeout_ms = 1234;
    jobs_draw_once(&site.conf, &board);
}
END_TEST

Suite *session_suite(void)
{
    Suite *made = suite_create("session");
    TCase *tcase = tcase_create("session");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, site_setup, site_teardown);
    tcase_add_test(tcase, test_statement_that_is_gone_ends_the_session);
    tcase_add_test(tcase, test_changed_shape_ends_the_session);
    tcase_add_test(tcase, test_lost_statements_cost_no_request);
    tcase_add_loop_test(tcase, test_worker_has_its_settings_whatever_the_role_has, 0,
                        (int)(sizeof settings / sizeof settings[0]));
    suite_add_tcase(made, tcase);
    return made;
}
