/* SPDX-License-Identifier: Apache-2.0 */
/* Transactions, refusals and audit rows of provisioning. The caller's thread; blocks on the
 * database. */
#include "store/admin.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { AUDIT_PAIRS_MAX = 12 };

enum mcx_err mcx_admin_refuse(struct mcx_conf_problem *problem, enum mcx_err err,
                              const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(problem->text, sizeof problem->text, format, args);
    va_end(args);
    return err;
}

enum mcx_err mcx_admin_failed(struct mcx_session *session, enum mcx_err err,
                              struct mcx_conf_problem *problem)
{
    const char *state = mcx_session_sqlstate(session);

    if (err == MCX_DB_AWAY)
        return mcx_admin_refuse(problem, err,
                                "the database connection was lost; nothing is known of the "
                                "outcome: look, then try again");
    if (err != MCX_DB_ERROR)
        return mcx_admin_refuse(problem, err, "%s", mcx_err_text(err));
    if (strcmp(state, "42P01") == 0)
        return mcx_admin_refuse(problem, err,
                                "this database has no tables of ours: run mcxctl db upgrade");
    if (strcmp(state, "42501") == 0)
        return mcx_admin_refuse(
            problem, err,
            "this database role may not do that (%s): connect as the owner of the tables",
            mcx_session_server_text(session));
    if (strcmp(state, "23505") == 0)
        return mcx_admin_refuse(problem, MCX_EXISTS, "already there (%s)",
                                mcx_session_constraint(session));
    return mcx_admin_refuse(problem, err, "the database refused: %s (SQLSTATE %s%s%s)",
                            mcx_session_server_text(session), state,
                            mcx_session_constraint(session)[0] ? ", constraint " : "",
                            mcx_session_constraint(session));
}

enum mcx_err mcx_admin_run(struct mcx_session *session, enum mcx_stmt stmt,
                           const struct mcx_params *params, struct mcx_rows *rows,
                           struct mcx_conf_problem *problem)
{
    enum mcx_err err = mcx_session_run(session, stmt, params, rows);

    return err == MCX_OK ? MCX_OK : mcx_admin_failed(session, err, problem);
}

enum mcx_err mcx_admin_one(struct mcx_session *session, enum mcx_stmt stmt,
                           const struct mcx_params *params, struct mcx_rows *rows,
                           struct mcx_conf_problem *problem)
{
    enum mcx_err err = mcx_admin_run(session, stmt, params, rows, problem);

    return err == MCX_OK && mcx_rows_count(rows) != 1 ? MCX_NOT_FOUND : err;
}

enum mcx_err mcx_admin_count(struct mcx_session *session, enum mcx_stmt stmt,
                             const struct mcx_params *params, size_t *count,
                             struct mcx_conf_problem *problem)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_admin_one(session, stmt, params, &rows, problem);

    if (err == MCX_OK)
        *count += (size_t)mcx_cell_i64(&rows, 0, 0);
    return err;
}

enum mcx_err mcx_admin_change(struct mcx_session *session, mcx_admin_steps steps, void *change,
                              struct mcx_conf_problem *problem)
{
    enum mcx_err err = mcx_session_script(session, "BEGIN");

    if (err != MCX_OK)
        return mcx_admin_failed(session, err, problem);
    err = steps(session, change, problem);
    if (err != MCX_OK) {
        mcx_session_rollback(session);
        return err;
    }
    err = mcx_session_script(session, "COMMIT");
    return err == MCX_OK ? MCX_OK : mcx_admin_failed(session, err, problem);
}

enum mcx_err mcx_admin_audit(struct mcx_session *session, const char *kind,
                             struct mcx_conf_problem *problem, ...)
{
    struct mcx_span names[AUDIT_PAIRS_MAX], values[AUDIT_PAIRS_MAX];
    MCX_PARAMS params = {0};
    const char *name;
    size_t count = 0;
    va_list args;

    va_start(args, problem);
    while (count < AUDIT_PAIRS_MAX && (name = va_arg(args, const char *)) != NULL) {
        const char *value = va_arg(args, const char *);

        names[count] = mcx_span_of(name);
        values[count] = value ? mcx_span_of(value) : (struct mcx_span){0};
        count++;
    }
    va_end(args);
    mcx_params_span(&params, mcx_session_writer(session));
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, kind);
    mcx_params_texts(&params, names, count);
    mcx_params_texts(&params, values, count);
    return mcx_admin_run(session, MCX_STMT_AUDIT_APPEND, &params, NULL, problem);
}

enum mcx_err mcx_admin_take_ids(struct mcx_session *session, const char *kind, int64_t count,
                                int64_t *first, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, kind);
    mcx_params_i64(&params, count);
    err = mcx_admin_one(session, MCX_STMT_COUNTER_TAKE, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, MCX_DB_ERROR, "table id_counter has no row %s", kind);
    if (err == MCX_OK)
        *first = mcx_cell_i64(&rows, 0, 0);
    return err;
}

static enum mcx_err end_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    const struct mcx_row_end *end = arg;
    char id[24];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    snprintf(id, sizeof id, "%lld", (long long)end->number);
    mcx_params_i64(&params, end->number);
    err = mcx_admin_one(session, end->stmt, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "there is no %s %s", end->what, id);
    return err == MCX_OK ? mcx_admin_audit(session, end->kind, problem, "id", id, NULL) : err;
}

enum mcx_err mcx_admin_end_row(struct mcx_session *session, const struct mcx_row_end *end,
                               struct mcx_conf_problem *problem)
{
    struct mcx_row_end change = *end;

    return mcx_admin_change(session, end_steps, &change, problem);
}
