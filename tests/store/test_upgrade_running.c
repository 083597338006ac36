/* SPDX-License-Identifier: Apache-2.0 */
/* An upgrade of a database that is in use: rows of the oldest version that newer ones are readable
 * from, and a session of a daemon of that version that goes on serving. What such a daemon says for
 * a MAR has not changed since, so today's statements stand for it. */
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cluster.h"
#include "fixture.h"
#include "store/keys.h"
#include "store/upgrade.h"
#include "suites.h"

enum { OLDEST = 4 };

static char folder[128]; /* schema files up to some version */
static char database[64];
static PGconn *sql;

__attribute__((format(printf, 1, 2))) static void shell(const char *format, ...)
{
    char command[512];
    va_list args;

    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    ck_assert_int_eq(system(command), 0);
}

static void setup(void)
{
    PGconn *conn = fixture_connect("postgres");

    snprintf(folder, sizeof folder, "%s/running-XXXXXX", cluster_socket_dir());
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(database, sizeof database, "running_%d", (int)getpid());
    fixture_sql(conn, "CREATE DATABASE %s TEMPLATE template0", database);
    PQfinish(conn);
    sql = fixture_connect(database);
}

static void teardown(void)
{
    PQfinish(sql);
    shell("rm -rf %s", folder);
}

static void upgrade_to(int version)
{
    struct mcx_session *admin = fixture_admin(database);
    struct mcx_upgrade done = {
        .schema_dir = folder, .daemon_role = "mcx_hss", .read_role = "mcx_read"};
    struct mcx_conf_problem problem = {""};
    enum mcx_err err = mcx_store_upgrade(admin, &done, &problem);

    mcx_session_close(&admin);
    ck_assert_msg(err == MCX_OK, "%s", problem.text);
    ck_assert_int_eq(done.to_version, version);
}

/* ---- a database of the oldest version, with a row in every table ---- */

/* What its roles.sql gave the daemon. */
static const char oldest_roles[] =
    "GRANT SELECT ON schema_version, own_system, key_check, identity, public_identity, impi_impu,"
    " credential, sqn, partner, partner_realm, partner_host, grant_, grant_impu, grant_usage,"
    " partner_usage, binding, binding_impu TO mcx_hss;"
    "GRANT UPDATE (seq) ON sqn TO mcx_hss;"
    "GRANT UPDATE (minute, vectors, resyncs) ON grant_usage TO mcx_hss;"
    "GRANT UPDATE (minute, vectors) ON partner_usage TO mcx_hss;"
    "GRANT SELECT (writer, seq, at, hash), INSERT ON audit TO mcx_hss;\n";

static const char *const oldest_rows[] = {
    "INSERT INTO own_system VALUES (true, 'primary', 'primary.example', 'hss.primary.example')",
    "INSERT INTO own_domain VALUES ('primary.example', 'own', true),"
    " ('migration.primary.example', 'inbound', true)",
    "INSERT INTO partner (id, system_id, ind) VALUES (1, 'partner', 2)",
    "INSERT INTO partner_realm VALUES ('partner.example', 1, true)",
    "INSERT INTO partner_host VALUES (1, 'hss.partner.example', 'sip_database')",
    "INSERT INTO partner_domain VALUES ('partner.example', 1)",
    "INSERT INTO partner_usage (partner_id, slot) SELECT 1, generate_series(0, 15)",
    "INSERT INTO mc_user VALUES ('sip:alice@mc', true, NULL)",
    "INSERT INTO mc_device (mc_user_id, label, impi) VALUES ('sip:alice@mc', 'd', "
    "'alice@primary.example')",
    "INSERT INTO agreement (partner_id, direction) VALUES (1, 'outbound'), (1, 'inbound')",
    "INSERT INTO service_area (partner_id, plmn) VALUES (1, '26201')",
    "INSERT INTO ue_document (partner_id, name, document) VALUES (1, 'd', '<d/>'), (NULL, 'd', "
    "'<d/>')",
    "INSERT INTO identity VALUES ('alice@primary.example', 'own', 1),"
    " ('in@migration.primary.example', 'inbound', 1)",
    "INSERT INTO public_identity VALUES ('sip:alice@primary.example', 'own', 1, false, true),"
    " ('sip:in@migration.primary.example', 'inbound', 2, false, true)",
    "INSERT INTO impi_impu VALUES ('alice@primary.example', 'sip:alice@primary.example')",
    "INSERT INTO implicit_set VALUES (1), (2)",
    "INSERT INTO registration VALUES (1, 'sip:s.ims', 's.ims', 'registered')",
    "INSERT INTO credential VALUES (1, 'alice@primary.example', 'milenage', 1,"
    " decode(repeat('01', 49), 'hex'), decode(repeat('01', 49), 'hex'), '\\x8000')",
    "INSERT INTO sqn VALUES (1, 0)",
    "INSERT INTO grant_ (id, binding_uuid, partner_id, subscriber_id, own_impi, is_masked, "
    "asked_impi,"
    " state, created_by) VALUES (1, gen_random_uuid(), 1, 1, 'alice@primary.example', false,"
    " 'alice@primary.example', 'active', 't')",
    "INSERT INTO grant_impu VALUES (1, 1, 'sip:alice@primary.example', "
    "'sip:alice@primary.example')",
    "INSERT INTO grant_usage VALUES (1)",
    "INSERT INTO binding (id, binding_uuid, partner_id, database_realm, primary_impi, "
    "primary_impi_key,"
    " inbound_impi, set_id, state, created_by) VALUES (1, gen_random_uuid(), 1, 'partner.example',"
    " 'Bob@partner.example', 'Bob@partner.example', 'in@migration.primary.example', 2, 'active', "
    "'t')",
    "INSERT INTO binding_impu VALUES (1, 1, 'sip:in@migration.primary.example',"
    " 'sip:Bob@partner.example', 'sip:Bob@partner.example')",
    "INSERT INTO task (id, kind, payload) VALUES (gen_random_uuid(), 'mrr', '{\"binding_uuid\": "
    "\"x\"}')",
    "INSERT INTO audit SELECT w, 1, t, 'x', 'test', '{}', z, audit_hash(z, w, 1, t, 'x', 'test', "
    "'{}')"
    " FROM (SELECT gen_random_uuid() AS w, now() AS t, decode(repeat('00', 32), 'hex') AS z) x"};

static void write_oldest_roles(void)
{
    char path[256];
    FILE *file;

    snprintf(path, sizeof path, "%s/roles.sql", folder);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fputs(oldest_roles, file);
    fclose(file);
}

static void make_oldest(struct mcx_conf *conf)
{
    struct mcx_session *admin;
    struct mcx_conf_problem problem;
    struct mcx_keyring ring;

    shell("cp %s/000[1-4]_*.sql %s/", MCX_SCHEMA_DIR, folder);
    write_oldest_roles();
    upgrade_to(OLDEST);
    for (size_t i = 0; i < sizeof oldest_rows / sizeof oldest_rows[0]; i++)
        fixture_sql(sql, "%s", oldest_rows[i]);
    fixture_conf(conf, database);
    mcx_keyring_from(conf, &ring);
    admin = fixture_admin(database);
    ck_ok(mcx_store_keys_register(admin, &ring, &problem));
    mcx_session_close(&admin);
}

/* Into table kept: how many rows each table has. */
static void count_rows(void)
{
    fixture_sql(sql, "CREATE SCHEMA kept; CREATE TABLE kept.kept AS SELECT tablename AS name,"
                     " (xpath('/row/c/text()', query_to_xml('SELECT count(*) AS c FROM '"
                     " || tablename, false, true, '')))[1]::text::bigint AS rows"
                     " FROM pg_tables WHERE schemaname = 'public'");
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM kept.kept WHERE rows = 0"), 0);
}

/* ---- a daemon of that version ---- */

struct old_daemon {
    PGconn *conn;
    pthread_t thread;
    atomic_int rounds;
    atomic_bool stop, has_failed;
    char failure[256]; /* of the thread, until it is joined */
};

static const struct old_ask {
    enum mcx_stmt stmt;
    const char *param[12];
    int column; /* of its one row */
    const char *value;
} old_asks[] = {
    {MCX_STMT_MAR_FACTS_OWN, {"{alice@primary.example}", "{sip:alice@primary.example}"}, 4, "1"},
    {MCX_STMT_MAR_FACTS_OWN,
     {"{in@migration.primary.example}", "{sip:in@migration.primary.example}"},
     14,
     "Bob@partner.example"},
    {MCX_STMT_MAR_FACTS_PARTNER,
     {"{alice@primary.example}", "{sip:alice@primary.example}", "{partner}", "{partner.example}",
      "{hss.partner.example}"},
     6,
     "1"},
    {MCX_STMT_SQN_ADVANCE_OWN, {"{1}", "{1}", "{0}"}, 0, "1"},
    {MCX_STMT_SQN_ADVANCE_PARTNER,
     {"{1}", "{1}", "{1}", "{1}", "{0}", "{0}", "{1}", "1000000", "1000000", "1000000",
      "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa", "hss"},
     1,
     "1"}};

static void run_one(struct old_daemon *daemon, const struct old_ask *ask)
{
    const struct mcx_stmt_row *row = &mcx_stmt_rows[ask->stmt];
    PGresult *result = PQexecPrepared(daemon->conn, row->name, (int)strlen(row->params), ask->param,
                                      NULL, NULL, 0);

    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        snprintf(daemon->failure, sizeof daemon->failure, "%s: %s", row->name,
                 PQerrorMessage(daemon->conn));
    else if (PQntuples(result) != 1 || strcmp(PQgetvalue(result, 0, ask->column), ask->value) != 0)
        snprintf(daemon->failure, sizeof daemon->failure, "%s: %d rows: %s", row->name,
                 PQntuples(result), PQntuples(result) ? PQgetvalue(result, 0, ask->column) : "");
    PQclear(result);
}

static void *serve(void *arg)
{
    struct old_daemon *daemon = arg;

    while (!atomic_load(&daemon->stop) && !daemon->failure[0]) {
        for (size_t i = 0; i < sizeof old_asks / sizeof old_asks[0] && !daemon->failure[0]; i++)
            run_one(daemon, &old_asks[i]);
        atomic_fetch_add(&daemon->rounds, 1);
    }
    atomic_store(&daemon->has_failed, daemon->failure[0] != '\0');
    return NULL;
}

/* Time limits are generous: a file of the upgrade may hold it up, not fail it. */
static void start(struct old_daemon *daemon)
{
    const char *settings[] = {"30000", "30000", "force_generic_plan", "off"};

    daemon->conn = PQconnectdb(cluster_conninfo(database, "mcx_hss"));
    PQclear(PQexecParams(daemon->conn, mcx_stmt_rows[MCX_STMT_SESSION_SETTINGS].sql, 4, NULL,
                         settings, NULL, NULL, 0));
    for (int i = 0; i < MCX_STMT_COUNT; i++) {
        if (mcx_stmt_rows[i].use == MCX_USE_DAEMON)
            fixture_prepare(daemon->conn, &mcx_stmt_rows[i]);
    }
    ck_assert_int_eq(pthread_create(&daemon->thread, NULL, serve, daemon), 0);
}

/* Until it has served so many rounds more, or failed. */
static void await_rounds(struct old_daemon *daemon, int more)
{
    int until = atomic_load(&daemon->rounds) + more;

    while (atomic_load(&daemon->rounds) < until && !atomic_load(&daemon->has_failed))
        fixture_sql(sql, "SELECT pg_sleep(0.002)");
}

static void stop(struct old_daemon *daemon)
{
    atomic_store(&daemon->stop, true);
    pthread_join(daemon->thread, NULL);
    PQfinish(daemon->conn);
    ck_assert_msg(!daemon->failure[0], "%s", daemon->failure);
}

/* ---- afterwards ---- */

/* Nothing was lost, each row still says what it said, and the audit trail holds. */
static void check_rows(const struct mcx_conf *conf, int rounds)
{
    struct mcx_session *session = fixture_daemon(conf);
    struct mcx_mar_ask own = fixture_own_ask("alice@primary.example", "sip:alice@primary.example");
    struct mcx_mar_ask away =
        fixture_own_ask("in@migration.primary.example", "sip:in@migration.primary.example");
    struct mcx_mar_ask theirs =
        fixture_partner_ask("partner", "alice@primary.example", "sip:alice@primary.example");
    struct mcx_session *admin = fixture_admin(database);
    MCX_ROWS broken = {0};

    ck_assert_int_eq(
        fixture_number(sql, "SELECT count(*) FROM kept.kept WHERE rows > (xpath('/row/c/text()',"
                            " query_to_xml('SELECT count(*) AS c FROM ' || name, false, true,"
                            " '')))[1]::text::bigint"),
        0);
    ck_assert(fixture_facts(session, &own).has_credential);
    ck_assert(fixture_facts(session, &away).binding_live);
    ck_assert(fixture_facts(session, &theirs).grant_live);
    ck_assert_int_eq(fixture_number(sql, "SELECT seq FROM sqn"), 2LL * rounds);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM audit"), rounds + 1);
    ck_ok(mcx_session_run(admin, MCX_STMT_AUDIT_BROKEN, NULL, &broken));
    ck_assert_uint_eq(mcx_rows_count(&broken), 0);
    mcx_session_close(&admin);
    mcx_session_close(&session);
}

START_TEST(test_oldest_daemon_goes_on_and_nothing_is_lost)
{
    static struct old_daemon daemon; /* and conf: until the process ends */
    static struct mcx_conf conf;

    make_oldest(&conf);
    count_rows();
    start(&daemon);
    await_rounds(&daemon, 2);
    shell("cp %s/*.sql %s/", MCX_SCHEMA_DIR, folder);
    upgrade_to(MCX_SCHEMA_VERSION);
    await_rounds(&daemon, 3);
    stop(&daemon);
    check_rows(&conf, atomic_load(&daemon.rounds));
}
END_TEST

/* Building an index takes minutes where there are many rows: reading goes on meanwhile. Of 0009,
 * but for the index of its new column. */
START_TEST(test_nobody_is_shut_out_while_an_index_is_built)
{
    static const struct {
        int version;
        const char *keeps, *tables;
    } files[] = {{8, "[89]", "'grant_'::regclass, 'binding'::regclass, 'migration'::regclass"},
                 {9, "9", "'grant_'::regclass, 'binding'::regclass"}};

    shell("cp %s/*.sql %s/", MCX_SCHEMA_DIR, folder);
    shell("rm %s/000%s_*.sql", folder, files[_i].keeps);
    shell("echo 'SELECT 1;' > %s/roles.sql", folder); /* today's knows columns of later versions */
    upgrade_to(files[_i].version - 1);
    fixture_sql(sql,
                "CREATE FUNCTION is_open() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN"
                " IF EXISTS (SELECT FROM pg_locks WHERE pid = pg_backend_pid()"
                "  AND mode = 'AccessExclusiveLock' AND relation IN (%s))"
                " THEN RAISE 'an index is built while its table is shut'; END IF; END $$",
                files[_i].tables);
    fixture_sql(sql, "CREATE EVENT TRIGGER is_open ON ddl_command_end WHEN TAG IN ('CREATE INDEX')"
                     " EXECUTE FUNCTION is_open()");
    shell("cp %s/000%d_*.sql %s/", MCX_SCHEMA_DIR, files[_i].version, folder);
    upgrade_to(files[_i].version);
}
END_TEST

/* Rows of version 7: the documents of what has ended go, what an operator ordered is known. */
START_TEST(test_migrations_of_version_7_are_as_0008_makes_them)
{
    shell("cp %s/*.sql %s/", MCX_SCHEMA_DIR, folder);
    shell("rm %s/000[8-9]_*.sql", folder);
    shell("echo 'SELECT 1;' > %s/roles.sql", folder);
    upgrade_to(7);
    fixture_sql(sql, "INSERT INTO partner (id, system_id, ind) VALUES (1, 'partner', 2);"
                     "INSERT INTO migration (binding_uuid, mc_user_id, device, own_impi,"
                     " partner_id, is_requested, is_masked, state, database_realm, own_impus,"
                     " service_ids, document, created_by, ended_at, ended_by, cause, reason)"
                     " SELECT gen_random_uuid(), u, 'd', u, 1, true, false, s, 'r', '{}', '{}',"
                     " 'x', 't', CASE s WHEN 'ended' THEN now() END, CASE s WHEN 'ended' THEN 't'"
                     " END, CASE s WHEN 'ended' THEN 'expired' END, CASE s WHEN 'ended' THEN 't'"
                     " END FROM (VALUES ('over', 'ended'), ('ordered', 'asking'), ('asked',"
                     " 'asking'), ('before', 'asking')) v (u, s);"
                     "INSERT INTO task (id, kind, payload, done_at) SELECT gen_random_uuid(),"
                     " 'migrate', json_build_object('mc_user_id', u, 'partner', 'partner',"
                     " 'device', ''), d::timestamptz FROM (VALUES ('ordered', NULL), ('over',"
                     " NULL), ('before', '2020-01-01')) v (u, d)");
    shell("cp %s/0008_*.sql %s/", MCX_SCHEMA_DIR, folder);
    upgrade_to(8);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM migration WHERE document IS NULL AND"
                                         " mc_user_id = 'over'"),
                     1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM migration WHERE document IS NULL"),
                     1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM migration WHERE is_ordered AND"
                                         " mc_user_id = 'ordered'"),
                     1);
    ck_assert_int_eq(fixture_number(sql, "SELECT count(*) FROM migration WHERE is_ordered"), 1);
}
END_TEST

Suite *upgrade_running_suite(void)
{
    Suite *made = suite_create("upgrade_running");
    TCase *tcase = tcase_create("upgrade_running");

    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_oldest_daemon_goes_on_and_nothing_is_lost);
    tcase_add_loop_test(tcase, test_nobody_is_shut_out_while_an_index_is_built, 0, 2);
    tcase_add_test(tcase, test_migrations_of_version_7_are_as_0008_makes_them);
    suite_add_tcase(made, tcase);
    return made;
}
