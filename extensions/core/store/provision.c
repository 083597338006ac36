/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of provisioning that both sides share, and ending. The caller's thread; blocks on the
 * database. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "identity/identity.h"
#include "store/provision_private.h"

static enum mcx_err canonical(struct mcx_provisioning *change, struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;

    if (want->impu_count == 0 || want->impu_count > MCX_IMPUS_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "1 to %d IMPUs are needed", MCX_IMPUS_MAX);
    if (mcx_impi_canonical(mcx_span_str(&want->impi), &change->impi) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID, "%s: not a private identity (user@realm)",
                                MCX_SAFE(mcx_span_str(&want->impi)));
    for (size_t i = 0; i < want->impu_count; i++) {
        if (mcx_impu_canonical(mcx_span_str(&want->impu[i]), &change->impu[i]) != MCX_OK)
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "%s: not a public identity (sip:, sips: or tel:)",
                                    MCX_SAFE(mcx_span_str(&want->impu[i])));
        change->impus[i] = mcx_span_str(&change->impu[i]);
        for (size_t other = 0; other < i; other++) {
            if (mcx_str_equal(&change->impu[i], &change->impu[other]))
                return mcx_admin_refuse(problem, MCX_INVALID, "%s is given twice",
                                        change->impu[i].octets);
        }
    }
    return MCX_OK;
}

static enum mcx_err find_partner(struct mcx_session *session, struct mcx_provisioning *change,
                                 struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &change->want->partner);
    err = mcx_admin_one(session, MCX_STMT_PARTNER_FOR_BINDING, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err,
                                "%s is no partner of this system: see mcxctl partner add",
                                MCX_SAFE(mcx_span_str(&change->want->partner)));
    if (err != MCX_OK)
        return err;
    change->partner_id = mcx_cell_i64(&rows, 0, 0);
    err = mcx_cell_str(&rows, 0, 1, &change->inbound_domain);
    if (err == MCX_OK)
        err = mcx_cell_str(&rows, 0, 2, &change->outbound_domain);
    if (err == MCX_OK)
        err = mcx_cell_str(&rows, 0, 3, &change->main_realm);
    return err;
}

static enum mcx_err find_expiry(struct mcx_session *session, struct mcx_provision *want,
                                struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, want->expires);
    if (want->for_s > 0)
        mcx_params_i64(&params, want->for_s);
    else
        mcx_params_text(&params, NULL);
    err = mcx_admin_one(session, MCX_STMT_EXPIRY, &params, &rows, problem);
    if (err == MCX_OK && !mcx_cell_bool(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_INVALID, "%s lies in the past",
                                mcx_cell_text(&rows, 0, 0));
    if (err == MCX_OK)
        snprintf(want->expires_at, sizeof want->expires_at, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

static enum mcx_err find_id(struct mcx_session *session, struct mcx_provision *want,
                            struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, want->id);
    err = mcx_admin_one(session, MCX_STMT_UUID_CHECK, &params, &rows, problem);
    if (err == MCX_OK)
        snprintf(want->binding_id, sizeof want->binding_id, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

enum mcx_err mcx_provision_begin(struct mcx_session *session, struct mcx_provisioning *change,
                                 struct mcx_conf_problem *problem)
{
    enum mcx_err err = mcx_store_system_get(session, &change->want->own, problem);

    if (err == MCX_OK)
        err = canonical(change, problem);
    if (err == MCX_OK)
        err = find_partner(session, change, problem);
    if (err == MCX_OK)
        err = find_expiry(session, change->want, problem);
    if (err == MCX_OK)
        err = find_id(session, change->want, problem);
    return err;
}

enum mcx_err mcx_provision_end(struct mcx_session *session, enum mcx_stmt end, int64_t id,
                               const char *cause, const char *reason,
                               struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};

    mcx_params_i64(&params, id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, cause);
    mcx_params_text(&params, reason);
    return mcx_admin_run(session, end, &params, NULL, problem);
}

enum mcx_err mcx_provision_live(struct mcx_session *session, struct mcx_provisioning *change,
                                const struct mcx_rows *rows, enum mcx_stmt end,
                                struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;

    if (mcx_rows_count(rows) == 0)
        return MCX_OK;
    change->live_id = mcx_cell_i64(rows, 0, 0);
    if (mcx_cell_bool(rows, 0, 3))
        return mcx_provision_end(session, end, change->live_id, "expired", "provisioned anew",
                                 problem);
    if (want->mc_user_id && !mcx_cell_is_null(rows, 0, 2) &&
        strcmp(want->mc_user_id, mcx_cell_text(rows, 0, 2)) != 0)
        return mcx_admin_refuse(
            problem, MCX_MISMATCH, "%s is live for MC user %s: end it first, mcxctl binding end %s",
            change->impi.octets, mcx_cell_text(rows, 0, 2), mcx_cell_text(rows, 0, 6));
    change->is_live = true;
    change->live_is_masked = mcx_cell_bool(rows, 0, 1);
    snprintf(change->live_uuid, sizeof change->live_uuid, "%s", mcx_cell_text(rows, 0, 6));
    return mcx_cell_str(rows, 0, 5, &change->live_given_impi);
}

enum mcx_err mcx_provision_impus(struct mcx_session *session, struct mcx_provisioning *change,
                                 enum mcx_stmt list, mcx_provision_add_impu add,
                                 struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;
    int32_t last = 0;

    mcx_params_i64(&params, change->live_id);
    err = mcx_admin_run(session, list, &params, &rows, problem);
    for (size_t row = 0; err == MCX_OK && row < mcx_rows_count(&rows); row++)
        last = (int32_t)mcx_cell_i64(&rows, row, 0);
    for (size_t i = 0; err == MCX_OK && i < change->want->impu_count; i++) {
        bool has_one = false;

        for (size_t row = 0; err == MCX_OK && row < mcx_rows_count(&rows) && !has_one; row++) {
            has_one = mcx_span_equal(mcx_cell_span(&rows, row, 1), change->impus[i]);
            if (has_one)
                err = mcx_cell_str(&rows, row, 2, &change->want->given_impu[i]);
        }
        if (err != MCX_OK || has_one)
            continue;
        if (++last > MCX_IMPUS_MAX)
            return mcx_admin_refuse(problem, MCX_LIMIT, "%s: more than %d IMPUs",
                                    change->impi.octets, MCX_IMPUS_MAX);
        err = add(session, change, i, last, problem);
    }
    return err;
}

enum mcx_err mcx_provision_audit(struct mcx_session *session, const struct mcx_provisioning *change,
                                 const char *kind, struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;

    return mcx_admin_audit(session, kind, problem, "id", want->binding_id, "partner",
                           want->partner.octets, "impi", change->impi.octets, "given_impi",
                           want->given_impi.octets, "expires", want->expires_at, "repeated",
                           want->was_there ? "true" : "false", NULL);
}

/* ---- ending ---- */

struct end {
    const char *id, *cause, *reason;
    size_t ended;
};

static enum mcx_err end_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct end *end = arg;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, end->id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, end->cause);
    mcx_params_text(&params, end->reason);
    err = mcx_admin_run(session, MCX_STMT_BINDING_END_BY_ID, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    end->ended = mcx_rows_count(&rows);
    if (end->ended == 0)
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no live grant or binding: see mcxctl binding list --all",
                                end->id);
    return mcx_admin_audit(session, "binding_ended", problem, "id", end->id, "given_impi",
                           mcx_cell_text(&rows, 0, 0), "cause", end->cause, "reason", end->reason,
                           NULL);
}

enum mcx_err mcx_store_binding_end(struct mcx_session *session, const char *id, const char *cause,
                                   const char *reason, size_t *ended,
                                   struct mcx_conf_problem *problem)
{
    struct end end = {.id = id, .cause = cause, .reason = reason};
    enum mcx_err err;

    if (strcmp(cause, "released") != 0 && strcmp(cause, "revoked") != 0 &&
        strcmp(cause, "expired") != 0)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "cause %s: must be released, revoked or expired", cause);
    err = mcx_admin_change(session, end_steps, &end, problem);
    *ended = end.ended;
    return err;
}
