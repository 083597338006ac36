/* SPDX-License-Identifier: Apache-2.0 */
/* Primary side: tables grant_ and grant_impu, outbound identities. CR 10.1.X.1 steps 4 and 5. The
 * caller's thread; blocks on the database. */
#include <stdio.h>
#include <string.h>

#include "identity/identity.h"
#include "store/provision_private.h"

/* An own, live subscriber; anything else has nothing to grant: no chains, design 4. */
static enum mcx_err check_subscriber(struct mcx_session *session, struct mcx_provisioning *change,
                                     int64_t *subscriber_id, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_PARAMS impus = {0};
    MCX_ROWS rows = {0};
    MCX_ROWS missing = {0};
    enum mcx_err err;

    mcx_params_str(&params, &change->impi);
    err = mcx_admin_one(session, MCX_STMT_CREDENTIAL_STATE, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err,
                                "%s is no subscriber of this system with keys of its own",
                                change->impi.octets);
    if (err == MCX_OK && mcx_cell_bool(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_NOT_LIVE,
                                "%s is barred: mcxctl subscriber unbar it first",
                                change->impi.octets);
    if (err != MCX_OK)
        return err;
    *subscriber_id = mcx_cell_i64(&rows, 0, 0);
    mcx_params_str(&impus, &change->impi);
    mcx_params_texts(&impus, change->impus, change->want->impu_count);
    err = mcx_admin_run(session, MCX_STMT_IMPI_IMPU_MISSING, &impus, &missing, problem);
    if (err == MCX_OK && mcx_rows_count(&missing) > 0)
        return mcx_admin_refuse(problem, MCX_NOT_FOUND, "%s is no public identity of %s",
                                mcx_cell_text(&missing, 0, 0), change->impi.octets);
    return err;
}

static enum mcx_err find_live(struct mcx_session *session, struct mcx_provisioning *change,
                              struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &change->impi);
    mcx_params_i64(&params, change->partner_id);
    err = mcx_admin_run(session, MCX_STMT_GRANT_LIVE, &params, &rows, problem);
    if (err == MCX_OK)
        err = mcx_provision_live(session, change, &rows, MCX_STMT_GRANT_END, problem);
    if (err != MCX_OK || !change->is_live || change->live_is_masked == change->want->is_masked)
        return err;
    /* Design 3, "Idempotence": if the masking decision changes, the old one ends first. */
    change->is_live = false;
    change->want->replaced = true;
    return mcx_provision_end(session, MCX_STMT_GRANT_END, change->live_id, "replaced",
                             "masking changed", problem);
}

/* What the partner will ask with: a fresh outbound identity, or the own one. */
static enum mcx_err make_asked_impi(struct mcx_session *session, struct mcx_provisioning *change,
                                    struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};

    if (!change->want->is_masked) {
        change->want->given_impi = change->impi;
        return MCX_OK;
    }
    if (mcx_impi_generate(mcx_span_str(&change->outbound_domain), &change->want->given_impi) !=
        MCX_OK)
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "no domain for outbound identities: mcxctl domain add DOMAIN --purpose outbound");
    mcx_params_str(&params, &change->want->given_impi);
    mcx_params_text(&params, "outbound");
    mcx_params_i64(&params, 0); /* known in a moment */
    return mcx_admin_run(session, MCX_STMT_IDENTITY_ADD, &params, NULL, problem);
}

static enum mcx_err insert(struct mcx_session *session, struct mcx_provisioning *change,
                           int64_t subscriber_id, struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;
    MCX_PARAMS params = {0};
    MCX_PARAMS ref = {0};
    MCX_PARAMS usage = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, want->binding_id);
    mcx_params_i64(&params, change->partner_id);
    mcx_params_i64(&params, subscriber_id);
    mcx_params_str(&params, &change->impi);
    mcx_params_bool(&params, want->is_masked);
    mcx_params_str(&params, &want->given_impi);
    mcx_params_text(&params, want->mc_user_id);
    mcx_params_text(&params, want->expires_at);
    mcx_params_text(&params, mcx_session_actor(session));
    err = mcx_admin_one(session, MCX_STMT_GRANT_ADD, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    change->live_id = mcx_cell_i64(&rows, 0, 0);
    mcx_params_i64(&usage, change->live_id);
    err = mcx_admin_run(session, MCX_STMT_GRANT_USAGE_ADD, &usage, NULL, problem);
    if (err != MCX_OK || !want->is_masked)
        return err;
    mcx_params_str(&ref, &want->given_impi);
    mcx_params_i64(&ref, change->live_id);
    return mcx_admin_run(session, MCX_STMT_IDENTITY_REF, &ref, NULL, problem);
}

static enum mcx_err extend(struct mcx_session *session, struct mcx_provisioning *change,
                           struct mcx_conf_problem *problem)
{
    struct mcx_provision *want = change->want;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    want->was_there = true;
    want->given_impi = change->live_given_impi;
    if (!want->id)
        snprintf(want->binding_id, sizeof want->binding_id, "%s", change->live_uuid);
    mcx_params_i64(&params, change->live_id);
    mcx_params_text(&params, want->expires_at);
    mcx_params_text(&params, want->mc_user_id);
    mcx_params_text(&params, want->id);
    err = mcx_admin_one(session, MCX_STMT_GRANT_EXTEND, &params, &rows, problem);
    if (err == MCX_OK)
        snprintf(want->expires_at, sizeof want->expires_at, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

static enum mcx_err add_impu(struct mcx_session *session, struct mcx_provisioning *change,
                             size_t which, int32_t position, struct mcx_conf_problem *problem)
{
    struct mcx_str *asked = &change->want->given_impu[which];
    MCX_PARAMS params = {0};
    MCX_PARAMS identity = {0};
    enum mcx_err err = MCX_OK;

    *asked = change->impu[which];
    if (change->want->is_masked) {
        err = mcx_impu_generate(mcx_span_str(&change->outbound_domain), asked);
        mcx_params_str(&identity, asked);
        if (err == MCX_OK)
            err = mcx_admin_run(session, MCX_STMT_PUBLIC_OUTBOUND_ADD, &identity, NULL, problem);
    }
    if (err != MCX_OK)
        return err;
    mcx_params_i64(&params, change->live_id);
    mcx_params_i32(&params, position);
    mcx_params_str(&params, &change->impu[which]);
    mcx_params_str(&params, asked);
    return mcx_admin_run(session, MCX_STMT_GRANT_IMPU_ADD, &params, NULL, problem);
}

static enum mcx_err grant_steps(struct mcx_session *session, void *arg,
                                struct mcx_conf_problem *problem)
{
    struct mcx_provisioning *change = arg;
    int64_t subscriber_id = 0;
    enum mcx_err err = mcx_provision_begin(session, change, problem);

    if (err == MCX_OK)
        err = check_subscriber(session, change, &subscriber_id, problem);
    if (err == MCX_OK)
        err = find_live(session, change, problem);
    if (err == MCX_OK && change->is_live)
        err = extend(session, change, problem);
    else if (err == MCX_OK) {
        err = make_asked_impi(session, change, problem);
        if (err == MCX_OK)
            err = insert(session, change, subscriber_id, problem);
    }
    if (err == MCX_OK)
        err = mcx_provision_impus(session, change, MCX_STMT_GRANT_IMPUS, add_impu, problem);
    return err == MCX_OK ? mcx_provision_audit(session, change, "grant_provisioned", problem) : err;
}

enum mcx_err mcx_store_grant_provision(struct mcx_session *session, struct mcx_provision *provision,
                                       struct mcx_conf_problem *problem)
{
    struct mcx_provisioning change = {.want = provision};

    return mcx_admin_change(session, grant_steps, &change, problem);
}
