/* SPDX-License-Identifier: Apache-2.0 */
/* What stops a start, because only an operator can mend it; each with what to do. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void expect_refusal(const char *text)
{
    struct board board;
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    board_init(&board, site.alice);
    ck_assert_int_eq(mcx_pool_start(&site.conf, &jobs_ops, &board, &pool, &problem), MCX_CONF);
    ck_assert_ptr_null(pool);
    ck_assert_msg(strstr(problem.text, text) != NULL, "%s", problem.text);
}

START_TEST(test_wrong_key_refuses_start)
{
    site.conf.key[0].key[5] ^= 1;
    expect_refusal("keys[0].file: kek-1.key: is not the key 1 that database");
}
END_TEST

START_TEST(test_missing_key_refuses_start)
{
    site.conf.key[0].id = 9;
    expect_refusal("encrypted with key 1, which is not loaded");
}
END_TEST

START_TEST(test_key_of_a_rotation_is_no_reason_to_refuse)
{
    struct board board;
    struct mcx_pool *pool;

    fixture_sql(site.sql,
                "INSERT INTO key_check (key_id, check_value) VALUES (2, '\\x0102030405060708')");
    board_init(&board, site.alice);
    pool = jobs_start(&site.conf, &board);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_empty_database_refuses_start)
{
    char name[64];

    snprintf(name, sizeof name, "empty_%s", site.database);
    fixture_sql(site.sql, "CREATE DATABASE %s TEMPLATE template0", name);
    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(cluster_conninfo(name, "mcx_hss"));
    expect_refusal("run mcxctl db upgrade");
}
END_TEST

START_TEST(test_schema_versions_refuse_start)
{
    struct board board;
    struct mcx_pool *pool;

    board_init(&board, site.alice);
    fixture_sql(site.sql,
                "UPDATE schema_version SET readable_from = 1, version = 99 WHERE version = 9");
    pool = jobs_start(&site.conf, &board); /* newer, and readable */
    mcx_pool_stop(&pool);
    fixture_sql(site.sql, "UPDATE schema_version SET readable_from = 99 WHERE version = 99");
    expect_refusal("install a newer release");
    fixture_sql(site.sql, "DELETE FROM schema_version WHERE version = 99");
    expect_refusal("run mcxctl db upgrade");
}
END_TEST

START_TEST(test_role_without_rights_refuses_start)
{
    fixture_sql(site.sql,
                "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'nobody') THEN"
                " CREATE ROLE nobody LOGIN; END IF; END $$");
    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(cluster_conninfo(site.database, "nobody"));
    expect_refusal("role nobody may not read");
}
END_TEST

#define LONG                                                                                       \
    "12345678901234567890123456789012345678901234567890123456789012345678901234567890123456789012" \
    "34"

/* Each row: what libpq cannot read, and what is said of it: never a word of the string, which may
 * be of a password. The second half parses, and is refused when a connection is to begin. */
static const struct {
    const char *conninfo, *says;
} unreadable[] = {
    {"host=x hunter2=red", "database.conninfo: has an option that libpq does not know; see"},
    {"host=x password=my hunter2", "database.conninfo: a word without = after it; put"},
    {"host=x password='hunter2", "database.conninfo: a single quote is not closed; close"},
    {"postgresql://u:hunter2@[::1/mcx",
     "database.conninfo: is not a URI that libpq can read; write"},
    {"postgresql://u:p@x/mcx?hunter2=1", "database.conninfo: has a query parameter that libpq"},
    {"postgresql://u:hunter2%zz@x/mcx", "database.conninfo: has an option with a value"},
    {"postgresql://own:Top@hunter2@localhost/h", "database.conninfo: has an @ that is not the one"},
    {"postgres://u:p@hunter2,y@localhost", "database.conninfo: has an @ that is not the one"},
    {"postgresql://u:p@127.0.0.1:1/hunter2@x/h", "database.conninfo: has an @ that is not the one"},
    {"postgresql://hunter2:12/3@localhost/h", "database.conninfo: has an @ that is not the one"},
    {"host=x port=hunter2", "database.conninfo: an option that takes a number"},
    {"host=x port=70000 password=hunter2", "database.conninfo: port is not a number from 1"},
    {"host=x sslmode=hunter2", "database.conninfo: sslmode is none of"},
    {"host=x target_session_attrs=hunter2", "database.conninfo: target_session_attrs is unknown"},
    {"host=x ssl_min_protocol_version=hunter2", "database.conninfo: has an option with a value"},
    {"service=hunter2",
     "database.conninfo: names a service that pg_service.conf does not have; see"},
    {"password=hunter2 host=/" LONG,
     "database.conninfo: host is a folder with too long a path; name"},
    {"host=a,b hostaddr=1.2.3.4 password=hunter2", "database.conninfo: host, hostaddr and port"},
};

/* One @ before the host, and any in parameters, are what libpq takes for a URI. */
static const char *const readable[] = {
    "postgresql://u:T%40p@127.0.0.1:1/h?application_name=a@b",
    "postgresql://127.0.0.1:1/h?user=a@b",
    "host=127.0.0.1 port=1 user=a@b password=a@b@c",
};

START_TEST(test_at_signs_where_libpq_takes_them_are_no_reason_to_refuse)
{
    struct board board;
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(readable[_i]);
    board_init(&board, site.alice);
    ck_assert_int_eq(mcx_pool_start(&site.conf, &jobs_ops, &board, &pool, &problem), MCX_OK);
    mcx_pool_stop(&pool);
}
END_TEST

START_TEST(test_conninfo_that_libpq_cannot_read_refuses_start)
{
    struct board board;
    struct mcx_pool *pool = NULL;
    struct mcx_conf_problem problem = {""};

    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(unreadable[_i].conninfo);
    board_init(&board, site.alice);
    ck_assert_int_eq(mcx_pool_start(&site.conf, &jobs_ops, &board, &pool, &problem), MCX_CONF);
    ck_assert_msg(strstr(problem.text, unreadable[_i].says) != NULL, "%s", problem.text);
    ck_assert_msg(strstr(problem.text, "hunter2") == NULL, "%s", problem.text);
}
END_TEST

/* Failover is libpq's: the first host that is there and takes writes. */
START_TEST(test_second_host_of_the_list_is_used)
{
    struct board board;
    char conninfo[256];

    snprintf(conninfo, sizeof conninfo,
             "host=/nowhere,%s dbname=%s user=mcx_hss target_session_attrs=read-write",
             cluster_socket_dir(), site.database);
    free(site.conf.database_conninfo);
    site.conf.database_conninfo = strdup(conninfo);
    board_init(&board, site.alice);
    jobs_draw_once(&site.conf, &board);
}
END_TEST

Suite *start_suite(void)
{
    Suite *made = suite_create("start");
    TCase *tcase = tcase_create("start");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, site_teardown);
    tcase_add_test(tcase, test_wrong_key_refuses_start);
    tcase_add_test(tcase, test_missing_key_refuses_start);
    tcase_add_test(tcase, test_key_of_a_rotation_is_no_reason_to_refuse);
    tcase_add_test(tcase, test_empty_database_refuses_start);
    tcase_add_test(tcase, test_schema_versions_refuse_start);
    tcase_add_test(tcase, test_role_without_rights_refuses_start);
    tcase_add_loop_test(tcase, test_conninfo_that_libpq_cannot_read_refuses_start, 0,
                        (int)(sizeof unreadable / sizeof unreadable[0]));
    tcase_add_loop_test(tcase, test_at_signs_where_libpq_takes_them_are_no_reason_to_refuse, 0,
                        (int)(sizeof readable / sizeof readable[0]));
    tcase_add_test(tcase, test_second_host_of_the_list_is_used);
    suite_add_tcase(made, tcase);
    return made;
}
