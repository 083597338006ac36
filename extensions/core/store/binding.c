/* SPDX-License-Identifier: Apache-2.0 */
/* Partner side: tables binding and binding_impu, inbound identities. CR 10.1.X.1 steps 8 to 11. The
 * caller's thread; blocks on the database. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "identity/identity.h"
#include "store/provision_private.h"

/* Design 3, "Who may say what": every domain is the partner's, and so is the SIP database. */
static enum mcx_err check_domains(struct mcx_session *session,
                                  const struct mcx_provisioning *change,
                                  struct mcx_conf_problem *problem)
{
    struct mcx_span domains[MCX_IMPUS_MAX + 1];
    size_t count = 1;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    domains[0] = mcx_identity_domain(&change->impi);
    for (size_t i = 0; i < change->want->impu_count; i++) {
        domains[count] = mcx_identity_domain(&change->impu[i]);
        count += domains[count].len > 0; /* a tel URI has none */
    }
    mcx_params_i64(&params, change->partner_id);
    mcx_params_texts(&params, domains, count);
    err = mcx_admin_run(session, MCX_STMT_PARTNER_OWNS_DOMAINS, &params, &rows, problem);
    if (err == MCX_OK && mcx_rows_count(&rows) > 0)
        return mcx_admin_refuse(problem, MCX_MISMATCH,
                                "domain %s is not one of partner %s: see mcxctl partner list",
                                mcx_cell_text(&rows, 0, 0), change->want->partner.octets);
    return err;
}

static enum mcx_err check_database(struct mcx_session *session, struct mcx_provisioning *change,
                                   struct mcx_conf_problem *problem)
{
    struct mcx_provision *want = change->want;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = MCX_OK;

    if (want->database_realm.len == 0)
        want->database_realm = change->main_realm;
    err = mcx_store_host("realm", mcx_span_str(&want->database_realm), &want->database_realm,
                         problem);
    if (err == MCX_OK && want->database_host.len > 0)
        err = mcx_store_host("host", mcx_span_str(&want->database_host), &want->database_host,
                             problem);
    if (err != MCX_OK)
        return err;
    mcx_params_i64(&params, change->partner_id);
    mcx_params_str(&params, &want->database_realm);
    mcx_params_text(&params, want->database_host.len ? want->database_host.octets : NULL);
    err = mcx_admin_one(session, MCX_STMT_PARTNER_HAS_DATABASE, &params, &rows, problem);
    if (err == MCX_OK && !mcx_cell_bool(&rows, 0, 0))
        return mcx_admin_refuse(problem, MCX_MISMATCH, "realm %s is not one of partner %s",
                                want->database_realm.octets, want->partner.octets);
    if (err == MCX_OK && !mcx_cell_bool(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_MISMATCH,
                                "host %s is no SIP database or SLF of partner %s",
                                want->database_host.octets, want->partner.octets);
    return err;
}

/* No chains (design 4): what is an identity here, of any kind, is not another system's. */
static enum mcx_err check_chain(struct mcx_session *session, const struct mcx_provisioning *change,
                                struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &change->impi);
    err = mcx_admin_one(session, MCX_STMT_IDENTITY_GET, &params, &rows, problem);
    if (err == MCX_OK)
        return mcx_admin_refuse(
            problem, MCX_MISMATCH, "%s is an identity of this system (%s), not of partner %s",
            change->impi.octets, mcx_cell_text(&rows, 0, 0), change->want->partner.octets);
    return err == MCX_NOT_FOUND ? MCX_OK : err;
}

static enum mcx_err find_live(struct mcx_session *session, struct mcx_provisioning *change,
                              struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_i64(&params, change->partner_id);
    mcx_params_str(&params, &change->impi);
    err = mcx_admin_run(session, MCX_STMT_BINDING_LIVE, &params, &rows, problem);
    if (err == MCX_OK)
        err = mcx_provision_live(session, change, &rows, MCX_STMT_BINDING_END, problem);
    if (err == MCX_OK && change->is_live)
        change->set_id = mcx_cell_i64(&rows, 0, 7);
    return err;
}

static enum mcx_err make_inbound_impi(struct mcx_session *session, struct mcx_provisioning *change,
                                      struct mcx_conf_problem *problem)
{
    MCX_PARAMS identity = {0};
    MCX_PARAMS set = {0};
    enum mcx_err err =
        mcx_impi_generate(mcx_span_str(&change->inbound_domain), &change->want->given_impi);

    if (err != MCX_OK)
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "no domain for inbound identities: mcxctl domain add DOMAIN --purpose inbound");
    mcx_params_str(&identity, &change->want->given_impi);
    mcx_params_text(&identity, "inbound");
    mcx_params_i64(&identity, 0); /* known in a moment */
    err = mcx_admin_run(session, MCX_STMT_IDENTITY_ADD, &identity, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_take_ids(session, "implicit_set", 1, &change->set_id, problem);
    mcx_params_i64(&set, change->set_id);
    return err == MCX_OK ? mcx_admin_run(session, MCX_STMT_SET_ADD, &set, NULL, problem) : err;
}

static enum mcx_err insert(struct mcx_session *session, struct mcx_provisioning *change,
                           struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;
    MCX_PARAMS params = {0};
    MCX_PARAMS ref = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = make_inbound_impi(session, change, problem);

    if (err != MCX_OK)
        return err;
    mcx_params_text(&params, want->binding_id);
    mcx_params_i64(&params, change->partner_id);
    mcx_params_str(&params, &want->database_realm);
    mcx_params_text(&params, want->database_host.len ? want->database_host.octets : NULL);
    mcx_params_str(&params, &want->impi);
    mcx_params_str(&params, &change->impi);
    mcx_params_str(&params, &want->given_impi);
    mcx_params_text(&params, want->mc_user_id);
    mcx_params_i64(&params, change->set_id);
    mcx_params_text(&params, want->expires_at);
    mcx_params_text(&params, mcx_session_actor(session));
    err = mcx_admin_one(session, MCX_STMT_BINDING_ADD, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    change->live_id = mcx_cell_i64(&rows, 0, 0);
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
    mcx_params_str(&params, &want->database_realm);
    mcx_params_text(&params, want->database_host.len ? want->database_host.octets : NULL);
    err = mcx_admin_one(session, MCX_STMT_BINDING_EXTEND, &params, &rows, problem);
    if (err == MCX_OK)
        snprintf(want->expires_at, sizeof want->expires_at, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

static enum mcx_err add_impu(struct mcx_session *session, struct mcx_provisioning *change,
                             size_t which, int32_t position, struct mcx_conf_problem *problem)
{
    struct mcx_str *inbound = &change->want->given_impu[which];
    MCX_PARAMS params = {0};
    enum mcx_err err = mcx_impu_generate(mcx_span_str(&change->inbound_domain), inbound);

    if (err != MCX_OK)
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "no domain for inbound identities: mcxctl domain add DOMAIN --purpose inbound");
    mcx_params_i64(&params, change->live_id);
    mcx_params_i32(&params, position);
    mcx_params_str(&params, &change->want->impu[which]);
    mcx_params_str(&params, &change->impu[which]);
    mcx_params_str(&params, inbound);
    mcx_params_i64(&params, change->set_id);
    return mcx_admin_run(session, MCX_STMT_BINDING_IMPU_ADD, &params, NULL, problem);
}

static enum mcx_err binding_steps(struct mcx_session *session, void *arg,
                                  struct mcx_conf_problem *problem)
{
    struct mcx_provisioning *change = arg;
    enum mcx_err err = mcx_provision_begin(session, change, problem);

    if (err == MCX_OK)
        err = check_domains(session, change, problem);
    if (err == MCX_OK)
        err = check_database(session, change, problem);
    if (err == MCX_OK)
        err = check_chain(session, change, problem);
    if (err == MCX_OK)
        err = find_live(session, change, problem);
    if (err == MCX_OK)
        err = change->is_live ? extend(session, change, problem) : insert(session, change, problem);
    if (err == MCX_OK)
        err = mcx_provision_impus(session, change, MCX_STMT_BINDING_IMPUS, add_impu, problem);
    return err == MCX_OK ? mcx_provision_audit(session, change, "binding_provisioned", problem)
                         : err;
}

enum mcx_err mcx_store_binding_provision(struct mcx_session *session,
                                         struct mcx_provision *provision,
                                         struct mcx_conf_problem *problem)
{
    struct mcx_provisioning change = {.want = provision};

    return mcx_admin_change(session, binding_steps, &change, problem);
}
