/* SPDX-License-Identifier: Apache-2.0 */
/* Table agreement: added, and ended together with what lives under it. The caller's thread; blocks
 * on the database. */
#include "store/agreement.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "identity/identity.h"

static void add_names(struct mcx_params *params, const struct mcx_names *names)
{
    if (names->count == 0)
        mcx_params_text(params, NULL);
    else
        mcx_params_texts(params, names->name, names->count);
}

static void add_positive(struct mcx_params *params, int64_t number, int64_t least)
{
    if (number < least)
        mcx_params_text(params, NULL);
    else
        mcx_params_i64(params, number);
}

static enum mcx_err check_names(struct mcx_session *session, const struct mcx_new_agreement *want,
                                struct mcx_str *domain, struct mcx_conf_problem *problem)
{
    const char *name = want->mc_user_id && !want->is_inbound ? want->mc_user_id : want->group;
    MCX_PARAMS params = {0};
    MCX_PARAMS profile = {0};
    MCX_ROWS rows = {0};
    MCX_ROWS found = {0};
    enum mcx_err err = MCX_OK;

    if (want->user_domain && mcx_host_canonical(mcx_span_of(want->user_domain), domain) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID, "%s: not a domain",
                                MCX_SAFE(mcx_span_of(want->user_domain)));
    if (name) {
        mcx_params_text(&params, name);
        err = mcx_admin_one(session, want->group ? MCX_STMT_GROUP_HOLD : MCX_STMT_USER_HOLD,
                            &params, &rows, problem);
    }
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s is no %s: mcxctl %s add",
                                MCX_SAFE(mcx_span_of(name)), want->group ? "group" : "MC user",
                                want->group ? "group" : "user");
    if (err != MCX_OK || !want->profile)
        return err;
    mcx_params_text(&profile, want->profile);
    err = mcx_admin_one(session, MCX_STMT_PROFILE_ID, &profile, &found, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "there is no service profile %s",
                                MCX_SAFE(mcx_span_of(want->profile)));
    return err;
}

static enum mcx_err insert(struct mcx_session *session, struct mcx_new_agreement *want,
                           const struct mcx_str *domain, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, want->partner);
    mcx_params_text(&params, want->is_inbound ? "inbound" : "outbound");
    mcx_params_text(&params, want->mc_user_id);
    mcx_params_text(&params, want->group);
    add_names(&params, &want->services);
    mcx_params_text(&params, want->user_domain ? domain->octets : NULL);
    add_names(&params, &want->service_ids);
    mcx_params_text(&params, want->from);
    add_positive(&params, want->for_s, 1);
    mcx_params_text(&params, want->expires);
    mcx_params_bool(&params, want->mask);
    mcx_params_i64(&params, want->priority);
    add_positive(&params, want->max_duration_s, 1);
    mcx_params_text(&params, want->profile);
    add_positive(&params, want->max_bindings, 0);
    err = mcx_admin_one(session, MCX_STMT_AGREEMENT_ADD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err,
                                "%s is no partner of this system: see mcxctl partner add",
                                MCX_SAFE(mcx_span_of(want->partner)));
    if (err == MCX_OK && !mcx_cell_bool(&rows, 0, 2))
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "the end %s lies in the past, or before the beginning",
                                mcx_cell_text(&rows, 0, 1));
    if (err == MCX_OK) {
        want->id = mcx_cell_i64(&rows, 0, 0);
        snprintf(want->expires_at, sizeof want->expires_at, "%s", mcx_cell_text(&rows, 0, 1));
    }
    return err;
}

static enum mcx_err add_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct mcx_new_agreement *want = arg;
    struct mcx_str domain = {0};
    char id[24];
    enum mcx_err err = check_names(session, want, &domain, problem);

    if (err == MCX_OK)
        err = insert(session, want, &domain, problem);
    if (err != MCX_OK)
        return err;
    snprintf(id, sizeof id, "%lld", (long long)want->id);
    return mcx_admin_audit(session, "agreement_added", problem, "id", id, "partner", want->partner,
                           "direction", want->is_inbound ? "inbound" : "outbound", "mc_user",
                           want->mc_user_id, "group", want->group, "domain", want->user_domain,
                           "expires", want->expires_at, NULL);
}

enum mcx_err mcx_store_agreement_add(struct mcx_session *session,
                                     struct mcx_new_agreement *agreement,
                                     struct mcx_conf_problem *problem)
{
    return mcx_admin_change(session, add_steps, agreement, problem);
}

/* ---- its end ---- */

struct ending {
    int64_t id;
    const char *reason;
    size_t ended;
};

static enum mcx_err end_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct ending *ending = arg;
    char id[24], ended[24];
    MCX_PARAMS hold = {0};
    MCX_PARAMS params = {0};
    MCX_ROWS held = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i64(&hold, ending->id);
    mcx_params_i64(&params, ending->id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, ending->reason);
    err = mcx_admin_one(session, MCX_STMT_AGREEMENT_HOLD, &hold, &held, problem);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_AGREEMENT_END, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%lld is no agreement that could end",
                                (long long)ending->id);
    if (err == MCX_OK)
        err = mcx_admin_count(session, MCX_STMT_AGREEMENT_END_BINDINGS, &params, &ending->ended,
                              problem);
    if (err == MCX_OK)
        err = mcx_admin_count(session, MCX_STMT_AGREEMENT_END_MIGRATIONS, &params, &ending->ended,
                              problem);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_AGREEMENT_END_SHORTENS, &hold, NULL, problem);
    if (err != MCX_OK)
        return err;
    snprintf(id, sizeof id, "%lld", (long long)ending->id);
    snprintf(ended, sizeof ended, "%zu", ending->ended);
    return mcx_admin_audit(session, "agreement_ended", problem, "id", id, "reason", ending->reason,
                           "bindings_ended", ended, NULL);
}

enum mcx_err mcx_store_agreement_end(struct mcx_session *session, int64_t id, const char *reason,
                                     size_t *ended, struct mcx_conf_problem *problem)
{
    struct ending ending = {id, reason, 0};
    enum mcx_err err = mcx_admin_change(session, end_steps, &ending, problem);

    *ended = ending.ended;
    return err;
}
