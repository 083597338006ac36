/* SPDX-License-Identifier: Apache-2.0 */
/* What stops a start, because only an operator can mend it; each with what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster.h"
#include "fixture.h"
#include "jobs.h"
#include "suites.h"

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

static void expect_refusal(const char *text)
{
    struct board board;
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    board_init(&board, alice);
    ck_assert_int_eq(mcx_pool_start(&conf, &jobs_ops, &board, &pool, &problem), MCX_CONF);
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
    board_init(&board, alice);
    pool = jobs_start(&conf, &board);
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

    board_init(&board, alice);
    fixture_sql(sql, "UPDATE schema_version SET readable_from = 1, version = 99 WHERE version = 8");
    pool = jobs_start(&conf, &board); /* newer, and readable */
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

/* Failover is libpq's: the first host that is there and takes writes. */
START_TEST(test_second_host_of_the_list_is_used)
{
    struct draw draw = {.seq = 0};
    struct board board;
    struct mcx_pool *pool;
    char conninfo[256];

    snprintf(conninfo, sizeof conninfo,
             "host=/nowhere,%s dbname=%s user=mcx_hss target_session_attrs=read-write",
             cluster_socket_dir(), database);
    free(conf.database_conninfo);
    conf.database_conninfo = strdup(conninfo);
    board_init(&board, alice);
    pool = jobs_start(&conf, &board);
    jobs_post(pool, &draw, 0);
    board_wait(&board, 1);
    ck_ok(draw.err);
    mcx_pool_stop(&pool);
}
END_TEST

Suite *start_suite(void)
{
    Suite *made = suite_create("start");
    TCase *tcase = tcase_create("start");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_wrong_key_refuses_start);
    tcase_add_test(tcase, test_missing_key_refuses_start);
    tcase_add_test(tcase, test_key_of_a_rotation_is_no_reason_to_refuse);
    tcase_add_test(tcase, test_empty_database_refuses_start);
    tcase_add_test(tcase, test_schema_versions_refuse_start);
    tcase_add_test(tcase, test_role_without_rights_refuses_start);
    tcase_add_test(tcase, test_conninfo_that_does_not_parse_refuses_start);
    tcase_add_test(tcase, test_second_host_of_the_list_is_used);
    suite_add_tcase(made, tcase);
    return made;
}
