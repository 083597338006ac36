/* SPDX-License-Identifier: Apache-2.0 */
/* Opens a session: connect without blocking, the settings of design 6, checks, prepared statements;
 * and runs statements on it. The session's own thread; waits are bounded, see session_wait.c. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "store/session_private.h"

static enum mcx_err say(struct mcx_conf_problem *problem, enum mcx_err err, const char *before,
                        const char *text)
{
    size_t len = 0;

    snprintf(problem->text, sizeof problem->text, "%s%s", before, text);
    for (char *at = problem->text; *at; at++) { /* libpq speaks in several lines */
        if (*at == '\n' || *at == '\t' || *at == '\r')
            *at = ' ';
        if (*at != ' ')
            len = (size_t)(at - problem->text) + 1;
    }
    problem->text[len] = '\0';
    return err;
}

/* Notices may quote values: only their class and state go to the log. */
static void notice(void *arg, const PGresult *result)
{
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    (void)arg;
    mcx_log(MCX_LOG_DEBUG, "ev=db_notice severity=%s sqlstate=%s", severity ? severity : "-",
            state ? state : "-");
}

static enum mcx_err connect_wait(struct mcx_session *session, int64_t deadline_ms,
                                 struct mcx_conf_problem *problem)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (want != PGRES_POLLING_OK) {
        enum mcx_err err;

        if (want == PGRES_POLLING_FAILED || PQsocket(session->conn) < 0)
            return say(problem, MCX_DB_AWAY, "database: ", PQerrorMessage(session->conn));
        err = mcx_session_wait(session, want == PGRES_POLLING_WRITING, deadline_ms);
        if (err == MCX_CLOSING)
            return say(problem, err, "database: ", "shutting down");
        if (err != MCX_OK)
            return say(problem, MCX_DB_AWAY, "database: ", "no connection in time");
        want = PQconnectPoll(session->conn);
    }
    return MCX_OK;
}

static enum mcx_err connect_start(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    char timeout[16];
    /* Ours first: conninfo, expanded from dbname, overrides them. tcp_user_timeout also ends an
     * attempt on a host that swallows packets, so that the next host of the list gets its turn. */
    const char *keys[] = {"fallback_application_name", "tcp_user_timeout", "client_encoding",
                          "dbname", NULL};
    const char *values[] = {"mcx", timeout, "UTF8", session->options.conninfo, NULL};
    const struct mcx_conf *conf = session->options.conf;
    int hosts = 0;
    enum mcx_err err = mcx_conninfo_check(conf, session->options.conninfo, &hosts, problem);

    if (err != MCX_OK)
        return err;
    snprintf(timeout, sizeof timeout, "%d", session->options.connect_timeout_ms);
    session->conn = PQconnectStartParams(keys, values, 1);
    if (!session->conn)
        return say(problem, MCX_NO_MEMORY, "database: ", "out of memory");
    if (PQstatus(session->conn) == CONNECTION_BAD &&
        mcx_conninfo_refused(conf, PQerrorMessage(session->conn), problem))
        return MCX_CONF;
    if (PQstatus(session->conn) == CONNECTION_BAD)
        return say(problem, MCX_DB_AWAY, "database: ", PQerrorMessage(session->conn));
    PQsetNoticeReceiver(session->conn, notice, NULL);
    return connect_wait(session,
                        mcx_clock_mono_ms() + (int64_t)session->options.connect_timeout_ms * hosts,
                        problem);
}

/* Design 6, "Sessions". One round trip; values are parameters. */
static enum mcx_err apply_settings(struct mcx_session *session)
{
    MCX_PARAMS params = {0};
    char statement[16], lock[16];
    const char *planner = session->options.is_daemon ? "off" : "on";

    snprintf(statement, sizeof statement, "%d", session->options.statement_timeout_ms);
    snprintf(lock, sizeof lock, "%d", session->options.lock_timeout_ms);
    mcx_params_text(&params, statement);
    mcx_params_text(&params, lock);
    mcx_params_text(&params, session->options.is_daemon ? "force_generic_plan" : "auto");
    mcx_params_text(&params, planner);
    return mcx_session_run(session, MCX_STMT_SESSION_SETTINGS, &params, NULL);
}

static bool has_shape(const struct mcx_rows *rows, const struct mcx_stmt_row *row)
{
    if ((size_t)PQnfields(rows->result) != strlen(row->results) ||
        (size_t)PQnparams(rows->result) != strlen(row->params))
        return false;
    for (int i = 0; row->results[i]; i++) {
        if (PQftype(rows->result, i) != mcx_stmt_type(row->results[i]))
            return false;
    }
    return true;
}

static enum mcx_err prepare(struct mcx_session *session, enum mcx_stmt stmt)
{
    const struct mcx_stmt_row *row = &mcx_stmt_rows[stmt];
    Oid types[MCX_PARAMS_MAX];
    size_t count = strlen(row->params);
    MCX_ROWS rows = {0};
    enum mcx_err err;

    for (size_t i = 0; i < count && i < MCX_PARAMS_MAX; i++)
        types[i] = mcx_stmt_type(row->params[i]);
    if (!PQsendPrepare(session->conn, row->name, row->sql, (int)count, types))
        return mcx_session_lost(session, "send");
    err = mcx_session_receive(session, NULL);
    if (err != MCX_OK)
        return err;
    if (!PQsendDescribePrepared(session->conn, row->name))
        return mcx_session_lost(session, "send");
    err = mcx_session_receive(session, &rows);
    if (err != MCX_OK)
        return err;
    if (!has_shape(&rows, row)) {
        snprintf(session->sqlstate, sizeof session->sqlstate, "42804"); /* datatype_mismatch */
        return MCX_DB_ERROR;
    }
    session->is_prepared[stmt] = true;
    return MCX_OK;
}

static enum mcx_err prepare_all(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    for (int stmt = 0; stmt < MCX_STMT_COUNT; stmt++) {
        enum mcx_err err;

        if (mcx_stmt_rows[stmt].use != MCX_USE_DAEMON || session->is_prepared[stmt])
            continue;
        err = prepare(session, (enum mcx_stmt)stmt);
        if (err == MCX_DB_AWAY)
            return say(problem, err, "database: ", "connection lost while preparing");
        if (err != MCX_OK)
            return mcx_conf_blame(session->options.conf, problem, "database.conninfo",
                                  "database %s: statement %s cannot be prepared (SQLSTATE %s); as "
                                  "its owner run mcxctl db upgrade --daemon-role %s",
                                  PQdb(session->conn), mcx_stmt_rows[stmt].name, session->sqlstate,
                                  PQuser(session->conn));
    }
    return MCX_OK;
}

static void name_actor(struct mcx_session *session)
{
    char host[64] = "";

    if (gethostname(host, sizeof host - 1) != 0)
        host[0] = '\0';
    snprintf(session->actor, sizeof session->actor, "%s@%s/%ld", session->options.actor, host,
             (long)getpid());
}

static void make_writer(struct mcx_session *session)
{
    mcx_random(session->writer, sizeof session->writer);
    session->writer[6] = (uint8_t)((session->writer[6] & 0x0f) | 0x40); /* RFC 4122 4.4 */
    session->writer[8] = (uint8_t)((session->writer[8] & 0x3f) | 0x80);
}

static enum mcx_err open_steps(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    enum mcx_err err = connect_start(session, problem);

    if (err != MCX_OK)
        return err;
    if (PQsetnonblocking(session->conn, 1) != 0)
        return say(problem, MCX_DB_AWAY, "database: ", PQerrorMessage(session->conn));
    err = apply_settings(session);
    if (err != MCX_OK)
        return say(problem, MCX_DB_AWAY, "database: session settings refused: ", session->sqlstate);
    if (!session->options.is_daemon)
        return MCX_OK;
    err = mcx_session_check(session, problem);
    return err == MCX_OK ? prepare_all(session, problem) : err;
}

enum mcx_err mcx_session_open(const struct mcx_session_options *options, struct mcx_session **out,
                              struct mcx_conf_problem *problem)
{
    struct mcx_session *session = calloc(1, sizeof *session);
    enum mcx_err err;

    *out = NULL;
    if (!session)
        return say(problem, MCX_NO_MEMORY, "database: ", "out of memory");
    session->options = *options;
    name_actor(session);
    make_writer(session);
    err = open_steps(session, problem);
    if (err == MCX_DB_AWAY && session->stop_by_ms != 0)
        err = MCX_CLOSING;
    if (err != MCX_OK) {
        mcx_session_close(&session);
        return err;
    }
    session->options.tick = NULL; /* statements have their own limit */
    *out = session;
    return MCX_OK;
}

void mcx_session_close(struct mcx_session **session)
{
    if (*session) {
        if ((*session)->conn)
            PQfinish((*session)->conn);
        free(*session);
    }
    *session = NULL;
}

enum mcx_err mcx_session_run(struct mcx_session *session, enum mcx_stmt stmt,
                             const struct mcx_params *params, struct mcx_rows *rows)
{
    enum mcx_err err = params ? params->err : MCX_OK;

    if (session->is_broken)
        return MCX_DB_AWAY;
    if (err == MCX_OK && (params ? (size_t)params->count : 0) != strlen(mcx_stmt_rows[stmt].params))
        err = MCX_INVALID;
    if (err == MCX_OK && !session->is_prepared[stmt])
        err = prepare(session, stmt);
    if (err != MCX_OK)
        return err;
    if (!PQsendQueryPrepared(session->conn, mcx_stmt_rows[stmt].name, params ? params->count : 0,
                             params ? params->value : NULL, params ? params->length : NULL,
                             params ? params->format : NULL, 1))
        return mcx_session_lost(session, "send");
    return mcx_session_receive(session, rows);
}

enum mcx_err mcx_session_script(struct mcx_session *session, const char *sql)
{
    if (session->is_broken)
        return MCX_DB_AWAY;
    if (!PQsendQuery(session->conn, sql))
        return mcx_session_lost(session, "send");
    return mcx_session_receive(session, NULL);
}

void mcx_session_rollback(struct mcx_session *session)
{
    const struct mcx_session before = *session;

    if (mcx_session_script(session, "ROLLBACK") != MCX_OK)
        return;
    memcpy(session->sqlstate, before.sqlstate, sizeof session->sqlstate);
    memcpy(session->constraint, before.constraint, sizeof session->constraint);
    memcpy(session->server_text, before.server_text, sizeof session->server_text);
}

enum mcx_err mcx_session_copy_begin(struct mcx_session *session, enum mcx_stmt stmt)
{
    return mcx_session_script(session, mcx_stmt_rows[stmt].sql);
}

bool mcx_session_is_broken(const struct mcx_session *session)
{
    return session->is_broken;
}

const char *mcx_session_sqlstate(const struct mcx_session *session)
{
    return session->sqlstate;
}

bool mcx_session_is_passing(const struct mcx_session *session)
{
    return strcmp(session->sqlstate, "40P01") == 0 || strcmp(session->sqlstate, "40001") == 0 ||
           strcmp(session->sqlstate, "55P03") == 0;
}

const char *mcx_session_constraint(const struct mcx_session *session)
{
    return session->constraint;
}

const char *mcx_session_server_text(const struct mcx_session *session)
{
    return session->server_text;
}

const char *mcx_session_actor(const struct mcx_session *session)
{
    return session->actor;
}

struct mcx_span mcx_session_writer(const struct mcx_session *session)
{
    return mcx_span(session->writer, sizeof session->writer);
}

const struct mcx_conf *mcx_session_conf(const struct mcx_session *session)
{
    return session->options.conf;
}

int64_t mcx_session_statement_ms(const struct mcx_session *session)
{
    return session->options.statement_timeout_ms;
}
