/* SPDX-License-Identifier: Apache-2.0 */
/* Schema upgrades, and what the roles may and may not. Design 4 and schema/README.md. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "fixture.h"
#include "store/upgrade.h"
#include "suites.h"

static char folder[128];  /* a copy of schema/ that tests may change */
static char database[64]; /* empty */
static PGconn *sql;

static void setup(void)
{
    char command[512];
    PGconn *conn = fixture_connect("postgres");

    snprintf(folder, sizeof folder, "%s/schema-XXXXXX", cluster_socket_dir());
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(command, sizeof command, "cp %s/*.sql %s/", MCX_SCHEMA_DIR, folder);
    ck_assert_int_eq(system(command), 0);
    snprintf(database, sizeof database, "empty_%d", (int)getpid());
    fixture_sql(conn, "CREATE DATABASE %s TEMPLATE template0", database);
    PQfinish(conn);
    sql = fixture_connect(database);
}

static void teardown(void)
{
    char command[512];

    PQfinish(sql);
    snprintf(command, sizeof command, "rm -rf %s", folder);
    ck_assert_int_eq(system(command), 0);
}

static enum mcx_err upgrade_for(const char *daemon_role, const char *read_role,
                                struct mcx_upgrade *done, struct mcx_conf_problem *problem)
{
    struct mcx_session *admin = fixture_admin(database);
    enum mcx_err err;

    *done = (struct mcx_upgrade){
        .schema_dir = folder, .daemon_role = daemon_role, .read_role = read_role};
    problem->text[0] = '\0';
    err = mcx_store_upgrade(admin, done, problem);
    mcx_session_close(&admin);
    return err;
}

static enum mcx_err upgrade(struct mcx_upgrade *done, struct mcx_conf_problem *problem)
{
    return upgrade_for("mcx_hss", "mcx_read", done, problem);
}

static void upgrade_refused(const char *text)
{
    struct mcx_upgrade done;
    struct mcx_conf_problem problem;

    ck_assert_int_ne(upgrade(&done, &problem), MCX_OK);
    ck_assert_msg(strstr(problem.text, text) != NULL, "%s", problem.text);
}

static void upgrade_done(int from, int to)
{
    struct mcx_upgrade done;
    struct mcx_conf_problem problem;

    ck_assert_msg(upgrade(&done, &problem) == MCX_OK, "%s", problem.text);
    ck_assert_int_eq(done.from_version, from);
    ck_assert_int_eq(done.to_version, to);
}

/* Puts text behind a file of the copy; mode as of fopen. */
static void write_file(const char *name, const char *mode, const char *text)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, mode);
    ck_assert_ptr_nonnull(file);
    fputs(text, file);
    fclose(file);
}

START_TEST(test_upgrade_twice_changes_nothing)
{
    upgrade_done(0, MCX_SCHEMA_VERSION);
    upgrade_done(MCX_SCHEMA_VERSION, MCX_SCHEMA_VERSION);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM schema_version"),
                     MCX_SCHEMA_VERSION);
}
END_TEST

START_TEST(test_changed_file_is_refused)
{
    upgrade_done(0, MCX_SCHEMA_VERSION);
    write_file("0002_identities.sql", "a", "-- changed\n");
    upgrade_refused("0002_identities.sql was changed after it was applied");
}
END_TEST

START_TEST(test_new_file_is_applied)
{
    upgrade_done(0, MCX_SCHEMA_VERSION);
    write_file("0010_more.sql", "w", "-- x\n-- readable_from: 4\nCREATE TABLE more (n integer);\n");
    upgrade_done(MCX_SCHEMA_VERSION, MCX_SCHEMA_VERSION + 1);
    ck_assert_int_eq(
        fixture_number(sql, "SELECT readable_from FROM schema_version WHERE version = 10"), 4);
}
END_TEST

START_TEST(test_failing_file_leaves_nothing_of_itself)
{
    write_file("0010_bad.sql", "w",
               "-- x\n-- readable_from: 4\nCREATE TABLE half (n integer);\nSELECT 1/0;\n");
    upgrade_refused("0010_bad.sql: division by zero");
    ck_assert_int_eq(fixture_number(sql, "SELECT max(version) FROM schema_version"),
                     MCX_SCHEMA_VERSION);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM pg_tables WHERE tablename = 'half'"),
                     0);
}
END_TEST

START_TEST(test_files_without_sense_are_refused)
{
    char command[512];

    write_file("0011_gap.sql", "w", "-- x\n-- readable_from: 1\n");
    upgrade_refused("is a file missing?");
    snprintf(command, sizeof command, "mv %s/0011_gap.sql %s/0010_gap.sql", folder, folder);
    ck_assert_int_eq(system(command), 0);
    write_file("0010_gap.sql", "w", "SELECT 1;\n");
    upgrade_refused("readable_from");
    snprintf(command, sizeof command, "rm %s/*.sql", folder);
    ck_assert_int_eq(system(command), 0);
    upgrade_refused("--schema-dir");
}
END_TEST

START_TEST(test_newer_database_is_refused)
{
    char command[512];

    upgrade_done(0, MCX_SCHEMA_VERSION);
    snprintf(command, sizeof command, "rm %s/%04d_*.sql", folder, MCX_SCHEMA_VERSION);
    ck_assert_int_eq(system(command), 0);
    upgrade_refused("use the files of the newer release");
}
END_TEST

static void *upgrade_thread(void *arg)
{
    struct mcx_conf_problem *problem = arg;
    struct mcx_upgrade done;

    if (upgrade(&done, problem) == MCX_OK) /* else it says why */
        snprintf(problem->text, sizeof problem->text, "version %d", done.to_version);
    return NULL;
}

START_TEST(test_two_upgrades_at_once_both_succeed)
{
    struct mcx_conf_problem problem[2];
    pthread_t thread[2];

    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(pthread_create(&thread[i], NULL, upgrade_thread, &problem[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(thread[i], NULL);
        ck_assert_int_eq(strtol(problem[i].text + sizeof "version", NULL, 10), MCX_SCHEMA_VERSION);
    }
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM schema_version"),
                     MCX_SCHEMA_VERSION);
}
END_TEST

/* ---- roles ---- */

static void denied(PGconn *conn, const char *query)
{
    PGresult *result = PQexec(conn, query);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

    ck_assert_msg(state && strcmp(state, "42501") == 0, "%s: %s", query, state ? state : "allowed");
    PQclear(result);
}

static void allowed(PGconn *conn, const char *query)
{
    fixture_sql(conn, "%s", query);
}

START_TEST(test_daemon_can_neither_change_tables_nor_delete)
{
    static const char *const forbidden[] = {
        "CREATE TABLE x (n integer)",
        "CREATE TEMP TABLE x (n integer)",
        "CREATE SCHEMA x",
        "CREATE FUNCTION x() RETURNS integer LANGUAGE sql RETURN 1",
        "ALTER TABLE sqn ADD COLUMN x integer",
        "DROP TABLE sqn",
        "TRUNCATE sqn",
        "INSERT INTO sqn VALUES (1, 1)",
        "INSERT INTO credential DEFAULT VALUES",
        "INSERT INTO partner DEFAULT VALUES",
        "INSERT INTO pool_identity DEFAULT VALUES",
        "UPDATE sqn SET subscriber_id = 1",
        "UPDATE credential SET is_barred = false",
        "UPDATE grant_ SET asked_impi = ''",
        "UPDATE grant_ SET subscriber_id = 1",
        "UPDATE binding SET inbound_impi = ''",
        "UPDATE identity SET kind = 'own'",
        "UPDATE partner SET state = 'active'",
        "UPDATE task SET payload = '{}'",
        "UPDATE grant_usage SET grant_id = 1",
        "UPDATE audit SET payload = ''",
        "SELECT payload FROM audit",
        "UPDATE mc_user SET may_migrate = true",
        "INSERT INTO agreement DEFAULT VALUES",
        "UPDATE pdn_credential SET wrapped = ''",
        "UPDATE ue_document SET document = ''"};
    char query[128];
    PGresult *tables;
    PGconn *conn;

    upgrade_done(0, MCX_SCHEMA_VERSION);
    conn = PQconnectdb(cluster_conninfo(database, "mcx_hss"));
    for (size_t i = 0; i < sizeof forbidden / sizeof forbidden[0]; i++)
        denied(conn, forbidden[i]);
    tables = PQexec(sql, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
    ck_assert_int_gt(PQntuples(tables), 25);
    for (int i = 0; i < PQntuples(tables); i++) {
        snprintf(query, sizeof query, "DELETE FROM %s", PQgetvalue(tables, i, 0));
        denied(conn, query);
    }
    PQclear(tables);
    allowed(conn, "UPDATE sqn SET seq = seq");
    PQfinish(conn);
}
END_TEST

START_TEST(test_reader_sees_all_but_keys)
{
    PGconn *conn;

    upgrade_done(0, MCX_SCHEMA_VERSION);
    conn = PQconnectdb(cluster_conninfo(database, "mcx_read"));
    denied(conn, "SELECT k FROM credential");
    denied(conn, "SELECT opc FROM credential");
    denied(conn, "UPDATE sqn SET seq = 0");
    denied(conn, "INSERT INTO task DEFAULT VALUES");
    allowed(conn, "SELECT impi, is_barred FROM credential");
    allowed(conn, "SELECT * FROM audit");
    allowed(conn, "SELECT * FROM grant_");
    PQfinish(conn);
}
END_TEST

START_TEST(test_upgrade_takes_back_rights_given_by_hand)
{
    PGconn *conn;

    upgrade_done(0, MCX_SCHEMA_VERSION);
    fixture_sql(sql, "GRANT ALL ON ALL TABLES IN SCHEMA public TO mcx_hss");
    upgrade_done(MCX_SCHEMA_VERSION, MCX_SCHEMA_VERSION);
    conn = PQconnectdb(cluster_conninfo(database, "mcx_hss"));
    denied(conn, "DELETE FROM sqn");
    PQfinish(conn);
}
END_TEST

/* Whoever would lose what it needs: who runs this, who owns tables, and one that is both. */
START_TEST(test_roles_that_would_be_locked_out_are_refused)
{
    static const struct {
        const char *daemon_role, *read_role, *says;
    } unfit[] = {{"postgres", "mcx_read", "postgres owns the tables"},
                 {"mcx_hss", "postgres", "postgres owns the tables"},
                 {"old_owner", "mcx_read", "old_owner owns the tables"},
                 {"mcx_hss", "mcx_hss", "--read-role must be another role"}};
    struct mcx_conf_problem problem;
    struct mcx_upgrade done;

    upgrade_done(0, MCX_SCHEMA_VERSION);
    fixture_sql(sql, "CREATE ROLE old_owner; ALTER TABLE task OWNER TO old_owner");
    for (size_t i = 0; i < sizeof unfit / sizeof unfit[0]; i++) {
        ck_assert_int_eq(upgrade_for(unfit[i].daemon_role, unfit[i].read_role, &done, &problem),
                         MCX_CONF);
        ck_assert_msg(strstr(problem.text, unfit[i].says) != NULL, "%s", problem.text);
    }
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM information_schema.role_table_grants"
                                         " WHERE grantee = 'old_owner' AND table_name = 'task'"
                                         " AND privilege_type = 'DELETE'"),
                     1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM information_schema.role_table_grants"
                                         " WHERE grantee = 'mcx_hss' AND table_name = 'sqn'"
                                         " AND privilege_type = 'SELECT'"),
                     1);
    fixture_sql(sql, "DROP OWNED BY old_owner; DROP ROLE old_owner");
}
END_TEST

static Suite *suite(void)
{
    Suite *made = suite_create("upgrade");
    TCase *tcase = tcase_create("upgrade");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_upgrade_twice_changes_nothing);
    tcase_add_test(tcase, test_changed_file_is_refused);
    tcase_add_test(tcase, test_new_file_is_applied);
    tcase_add_test(tcase, test_failing_file_leaves_nothing_of_itself);
    tcase_add_test(tcase, test_files_without_sense_are_refused);
    tcase_add_test(tcase, test_newer_database_is_refused);
    tcase_add_test(tcase, test_two_upgrades_at_once_both_succeed);
    tcase_add_test(tcase, test_daemon_can_neither_change_tables_nor_delete);
    tcase_add_test(tcase, test_reader_sees_all_but_keys);
    tcase_add_test(tcase, test_upgrade_takes_back_rights_given_by_hand);
    tcase_add_test(tcase, test_roles_that_would_be_locked_out_are_refused);
    suite_add_tcase(made, tcase);
    return made;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite, upgrade_running_suite}, 2);
}
