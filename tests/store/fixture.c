/* SPDX-License-Identifier: Apache-2.0 */
/* Databases from a template, and the people of the tests. */
#include "fixture.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/log.h"
#include "cluster.h"
#include "identity/identity.h"
#include "store/keys.h"
#include "store/partner.h"
#include "store/subscriber.h"
#include "store/upgrade.h"

static const char database_name[] = "mcx_test";

/* ---- SQL ---- */

static void no_notice(void *arg, const char *message)
{
    (void)arg;
    (void)message;
}

PGconn *fixture_connect(const char *database)
{
    PGconn *conn = PQconnectdb(cluster_conninfo(database, "postgres"));

    ck_assert_msg(PQstatus(conn) == CONNECTION_OK, "%s", PQerrorMessage(conn));
    PQsetNoticeProcessor(conn, no_notice, NULL);
    return conn;
}

static PGresult *run(PGconn *conn, const char *format, va_list args)
{
    char sql[4096];
    PGresult *result;

    vsnprintf(sql, sizeof sql, format, args);
    result = PQexec(conn, sql);
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK ||
                      PQresultStatus(result) == PGRES_TUPLES_OK,
                  "%s: %s", sql, PQerrorMessage(conn));
    return result;
}

void fixture_sql(PGconn *conn, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    PQclear(run(conn, format, args));
    va_end(args);
}

long long fixture_number(PGconn *conn, const char *format, ...)
{
    PGresult *result;
    long long number;
    va_list args;

    va_start(args, format);
    result = run(conn, format, args);
    va_end(args);
    ck_assert_int_ge(PQntuples(result), 1);
    number = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
    PQclear(result);
    return number;
}

/* ---- databases and sessions ---- */

static struct mcx_session *open_admin(const char *database)
{
    struct mcx_session_options options = {.conninfo = cluster_conninfo(database, "postgres"),
                                          .connect_timeout_ms = 10000,
                                          .stop_fd = -1,
                                          .actor = "test"};
    struct mcx_session *session = NULL;
    struct mcx_conf_problem problem = {""};

    if (mcx_session_open(&options, &session, &problem) != MCX_OK)
        fprintf(stderr, "%s\n", problem.text);
    return session;
}

struct mcx_session *fixture_admin(const char *database)
{
    struct mcx_session *session = open_admin(database);

    ck_assert_ptr_nonnull(session);
    return session;
}

/* Rows that the schema files bring. */
static const char keep_sql[] =
    "CREATE SCHEMA kept; CREATE TABLE kept.schema_version AS TABLE schema_version;"
    "CREATE TABLE kept.id_counter AS TABLE id_counter;"
    "CREATE TABLE kept.service_profile AS TABLE service_profile";

static bool make_database(void)
{
    PGconn *conn = PQconnectdb(cluster_conninfo("postgres", "postgres"));
    struct mcx_upgrade upgrade = {
        .schema_dir = MCX_SCHEMA_DIR, .daemon_role = "mcx_hss", .read_role = "mcx_read"};
    struct mcx_conf_problem problem = {""};
    struct mcx_session *session;
    bool is_good;

    PQclear(PQexec(conn, "CREATE DATABASE mcx_test"));
    PQfinish(conn);
    session = open_admin(database_name);
    is_good = session && mcx_store_upgrade(session, &upgrade, &problem) == MCX_OK &&
              mcx_session_script(session, keep_sql) == MCX_OK;
    if (!is_good)
        fprintf(stderr, "%s\n", problem.text);
    mcx_session_close(&session);
    return is_good;
}

/* All rows as the schema files left them; what tests did to the database itself is taken back. */
static const char reset_sql[] =
    "DO $$ DECLARE t text; BEGIN"
    " SET LOCAL session_replication_role = replica;"
    " DROP FUNCTION IF EXISTS poison CASCADE; DROP SEQUENCE IF EXISTS poison_tries;"
    " EXECUTE format('ALTER ROLE mcx_hss IN DATABASE %I RESET ALL', current_database());"
    " FOR t IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
    "  EXECUTE format('DELETE FROM public.%I', t);"
    "  IF to_regclass(format('kept.%I', t)) IS NOT NULL THEN"
    "   EXECUTE format('INSERT INTO public.%I OVERRIDING SYSTEM VALUE TABLE kept.%I', t, t);"
    "  END IF;"
    " END LOOP; END $$";

const char *fixture_database(void)
{
    PGconn *conn = fixture_connect(database_name);

    prctl(PR_SET_PDEATHSIG, SIGKILL); /* Check runs each test in a child */
    fixture_sql(conn, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                      " WHERE datname = current_database() AND pid <> pg_backend_pid()");
    PQclear(PQexec(conn, reset_sql));
    ck_assert_int_eq(fixture_number(conn, "SELECT count(*) FROM identity"), 0);
    PQfinish(conn);
    return database_name;
}

void fixture_prepare(PGconn *conn, const struct mcx_stmt_row *row)
{
    Oid types[MCX_PARAMS_MAX];
    size_t count = strlen(row->params);
    PGresult *result;

    for (size_t i = 0; i < count; i++)
        types[i] = mcx_stmt_type(row->params[i]);
    result = PQprepare(conn, row->name, row->sql, (int)count, types);
    ck_assert_msg(PQresultStatus(result) == PGRES_COMMAND_OK, "%s", PQerrorMessage(conn));
    PQclear(result);
}

void fixture_conf(struct mcx_conf *conf, const char *database)
{
    memset(conf, 0, sizeof *conf);
#define MCX_INT(section, name, def, min, max, help)  conf->section##_##name = def;
#define MCX_UINT(section, name, def, min, max, help) conf->section##_##name = def;
#define MCX_TEXT(section, name, def, help)
#define MCX_WORD(section, name, def, words, help)
#define MCX_FLAG(section, name, def, help)
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
    conf->database_conninfo =
        strdup(cluster_conninfo(database, "mcx_hss")); /* as long as the test */
    conf->database_backoff_max_ms = 100;
    conf->key_count = 1;
    conf->key[0].id = 1;
    conf->key[0].file_name = fixture_str("kek-1.key");
    memset(conf->key[0].key, 0x11, sizeof conf->key[0].key);
}

struct mcx_session *fixture_daemon(const struct mcx_conf *conf)
{
    struct mcx_session_options options = {.conninfo = conf->database_conninfo,
                                          .is_daemon = true,
                                          .statement_timeout_ms =
                                              conf->database_statement_timeout_ms,
                                          .lock_timeout_ms = conf->database_lock_timeout_ms,
                                          .connect_timeout_ms = 3000,
                                          .stop_fd = -1,
                                          .actor = "hss",
                                          .conf = conf};
    struct mcx_session *session = NULL;
    struct mcx_conf_problem problem = {""};

    ck_assert_msg(mcx_session_open(&options, &session, &problem) == MCX_OK, "%s", problem.text);
    return session;
}

/* ---- people ---- */

struct mcx_str fixture_str(const char *text)
{
    struct mcx_str out = {0};

    ck_ok(mcx_str_set(&out, mcx_span_of(text)));
    return out;
}

static void add_partner(struct mcx_session *admin, const char *name, const char *realm,
                        const char *host)
{
    struct mcx_conf_problem problem = {""};
    struct mcx_new_partner partner = {.system_id = fixture_str(name),
                                      .realms = {1, {fixture_str(realm)}},
                                      .sip_databases = {1, {fixture_str(host)}},
                                      .domains = {1, {fixture_str(realm)}}};

    ck_assert_msg(mcx_store_partner_add(admin, &partner, &problem) == MCX_OK, "%s", problem.text);
}

void fixture_system(struct mcx_session *admin)
{
    struct mcx_conf_problem problem = {""};
    struct mcx_own_system own = {.system_id = fixture_str("primary"),
                                 .realm = fixture_str("primary.example")};

    ck_ok(mcx_store_system_set(admin, &own, &problem));
    ck_ok(mcx_store_domain_add(admin, "masked.primary.example", "outbound", true, NULL, &problem));
    ck_ok(
        mcx_store_domain_add(admin, "migration.primary.example", "inbound", true, NULL, &problem));
    add_partner(admin, "partner", "partner.example", "hss.partner.example");
    add_partner(admin, "other", "other.example", "hss.other.example");
}

long long fixture_subscriber(struct mcx_session *admin, const struct mcx_conf *conf,
                             const char *name)
{
    static const struct mcx_key128 k = {{1}}, opc = {{2}};
    struct mcx_new_subscriber want = {.impu_count = 1, .k = &k, .opc = &opc};
    struct mcx_conf_problem problem = {""};
    struct mcx_keyring ring;
    char text[128];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};

    mcx_keyring_from(conf, &ring);
    snprintf(text, sizeof text, "%s@primary.example", name);
    want.impi = fixture_str(text);
    snprintf(text, sizeof text, "sip:%s@primary.example", name);
    want.impu[0] = fixture_str(text);
    ck_assert_msg(mcx_store_subscriber_add(admin, &ring, &want, &problem) == MCX_OK, "%s",
                  problem.text);
    mcx_params_str(&params, &want.impi);
    ck_ok(mcx_session_run(admin, MCX_STMT_CREDENTIAL_STATE, &params, &rows));
    ck_assert_uint_eq(mcx_rows_count(&rows), 1);
    return mcx_cell_i64(&rows, 0, 0);
}

static struct mcx_provision provision(const char *partner, const char *name, const char *realm)
{
    struct mcx_provision want = {.partner = fixture_str(partner), .impu_count = 1};
    char text[128];

    snprintf(text, sizeof text, "%s@%s", name, realm);
    want.impi = fixture_str(text);
    snprintf(text, sizeof text, "sip:%s@%s", name, realm);
    want.impu[0] = fixture_str(text);
    return want;
}

struct mcx_provision fixture_grant(struct mcx_session *admin, const char *partner, const char *name,
                                   bool is_masked)
{
    struct mcx_provision want = provision(partner, name, "primary.example");
    struct mcx_conf_problem problem = {""};

    want.is_masked = is_masked;
    ck_assert_msg(mcx_store_grant_provision(admin, &want, &problem) == MCX_OK, "%s", problem.text);
    return want;
}

struct mcx_provision fixture_binding(struct mcx_session *admin, const char *name)
{
    struct mcx_provision want = provision("partner", name, "partner.example");
    struct mcx_conf_problem problem = {""};

    ck_assert_msg(mcx_store_binding_provision(admin, &want, &problem) == MCX_OK, "%s",
                  problem.text);
    return want;
}

/* ---- asks ---- */

struct mcx_mar_ask fixture_own_ask(const char *impi, const char *impu)
{
    return (struct mcx_mar_ask){.iface = MCX_CX,
                                .origin_host = fixture_str("s.ims.primary.example"),
                                .origin_realm = fixture_str("primary.example"),
                                .impi = fixture_str(impi),
                                .impu = fixture_str(impu),
                                .items = 1};
}

struct mcx_mar_ask fixture_partner_ask(const char *partner, const char *impi, const char *impu)
{
    struct mcx_mar_ask ask = fixture_own_ask(impi, impu);
    char text[128];

    ask.from_partner = true;
    ask.partner = fixture_str(partner);
    snprintf(text, sizeof text, "%s.example", partner);
    ask.origin_realm = fixture_str(text);
    snprintf(text, sizeof text, "hss.%s.example", partner);
    ask.origin_host = fixture_str(text);
    return ask;
}

struct mcx_mar_facts fixture_facts(struct mcx_session *session, const struct mcx_mar_ask *ask)
{
    struct mcx_mar_facts facts;
    enum mcx_err err;

    ck_ok(mcx_store_mar_facts(session, &ask, 1, &facts, &err));
    ck_ok(err);
    return facts;
}

int fixture_main(bool is_durable, Suite *(*const suites[])(void), size_t count)
{
    SRunner *runner = srunner_create(NULL);
    int failed;

    for (size_t i = 0; i < count; i++)
        srunner_add_suite(runner, suites[i]());
    mcx_log_set_level(MCX_LOG_ERROR);
    cluster_start(is_durable);
    if (!make_database()) {
        cluster_stop();
        return 99;
    }
    srunner_run_all(runner, CK_ENV);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    cluster_stop();
    return failed == 0 ? 0 : 1;
}
