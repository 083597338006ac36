/* SPDX-License-Identifier: Apache-2.0 */
/* How migrations end, and who is told. Each end is one statement and so one transaction, or a part
 * of one that makes another. Worker thread; blocks on the database. */
#include "store/migration_private.h"

enum { TRIES_MAX = 4 };

enum mcx_err mcx_migration_run_patiently(struct mcx_session *session, enum mcx_stmt stmt,
                                         const struct mcx_params *params, struct mcx_rows *rows)
{
    enum mcx_err err = mcx_session_run(session, stmt, params, rows);

    for (int tried = 1; err == MCX_DB_ERROR && mcx_session_is_passing(session) && tried < TRIES_MAX;
         tried++)
        err = mcx_session_run(session, stmt, params, rows);
    return err;
}

enum mcx_err mcx_store_migration_unsure(struct mcx_session *session, const char *binding_id,
                                        uint32_t after_s)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, binding_id);
    mcx_params_i32(&params, (int32_t)after_s);
    return mcx_session_run(session, MCX_STMT_MIGRATION_TELL_AGAIN, &params, NULL);
}

static enum mcx_err end_it(struct mcx_session *session, const struct mcx_migration_end *end,
                           bool is_in_transaction)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, end->binding_id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, end->cause);
    mcx_params_text(&params, end->reason);
    mcx_params_text(&params, end->mc_user_id);
    mcx_params_text(&params, end->from ? end->from->octets : NULL);
    mcx_params_bool(&params, end->tells_partner);
    mcx_params_text(&params, end->primary ? end->primary->octets : NULL);
    err = is_in_transaction
              ? mcx_session_run(session, MCX_STMT_MIGRATION_END, &params, &rows)
              : mcx_migration_run_patiently(session, MCX_STMT_MIGRATION_END, &params, &rows);
    return err == MCX_OK && mcx_rows_count(&rows) == 0 ? MCX_NOT_FOUND : err;
}

enum mcx_err mcx_migration_end_within(struct mcx_session *session,
                                      const struct mcx_migration_end *end)
{
    return end_it(session, end, true);
}

enum mcx_err mcx_store_migration_end(struct mcx_session *session,
                                     const struct mcx_migration_end *end)
{
    return end_it(session, end, false);
}

static enum mcx_err read_state(struct mcx_session *session, enum mcx_stmt stmt,
                               const struct mcx_params *params, bool *is_removed, bool *is_over)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_session_run(session, stmt, params, &rows);

    if (err == MCX_OK && mcx_rows_count(&rows) != 1)
        err = MCX_DB_ERROR;
    if (err == MCX_OK) {
        *is_removed = mcx_cell_bool(&rows, 0, 0);
        *is_over = mcx_cell_bool(&rows, 0, 1);
    }
    return err;
}

enum mcx_err mcx_store_release_state(struct mcx_session *session, const char *binding_id,
                                     const char *partner, bool *is_removed, bool *is_over)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, binding_id);
    mcx_params_text(&params, partner);
    return read_state(session, MCX_STMT_RELEASE_STATE, &params, is_removed, is_over);
}

enum mcx_err mcx_store_release_home_state(struct mcx_session *session, const char *binding_id,
                                          const struct mcx_str *realm, const struct mcx_str *host,
                                          bool is_patience_over, bool *is_removed, bool *is_over)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, binding_id);
    mcx_params_str(&params, realm);
    mcx_params_str(&params, host);
    mcx_params_bool(&params, is_patience_over);
    return read_state(session, MCX_STMT_RELEASE_HOME_STATE, &params, is_removed, is_over);
}

enum mcx_err mcx_store_migration_expire(struct mcx_session *session, size_t *ended)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, mcx_session_actor(session));
    err = mcx_session_run(session, MCX_STMT_MIGRATION_EXPIRED, &params, &rows);
    *ended = err == MCX_OK ? mcx_rows_count(&rows) : 0;
    return err;
}
