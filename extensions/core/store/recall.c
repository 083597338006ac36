/* SPDX-License-Identifier: Apache-2.0 */
/* Table binding, from the primary's requests. Worker thread; blocks on the database. */
#include "store/recall.h"

#include <stdio.h>

enum mcx_err mcx_store_recall_facts(struct mcx_session *session, const struct mcx_recall_ask *ask,
                                    struct mcx_recall_facts *facts, struct mcx_recalled *binding,
                                    struct mcx_conf_problem *problem)
{
    struct mcx_span impus[MCX_RECALL_IMPUS_MAX];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    for (size_t i = 0; i < ask->impu_count; i++)
        impus[i] = mcx_span_str(&ask->impu[i]);
    mcx_params_str(&params, &ask->partner);
    mcx_params_str(&params, &ask->impi);
    mcx_params_texts(&params, impus, ask->impu_count);
    err = mcx_admin_one(session, MCX_STMT_BINDING_RECALLED, &params, &rows, problem);
    *facts = (struct mcx_recall_facts){0};
    if (err != MCX_OK)
        return err == MCX_NOT_FOUND ? MCX_OK : err;
    facts->is_live = true;
    facts->has_an_impu = mcx_cell_bool(&rows, 0, 2);
    binding->id = mcx_cell_i64(&rows, 0, 0);
    snprintf(binding->uuid, sizeof binding->uuid, "%s", mcx_cell_text(&rows, 0, 1));
    return mcx_cell_str(&rows, 0, 3, &binding->inbound_impi);
}

enum mcx_err mcx_store_recall_end(struct mcx_session *session, const struct mcx_recall_ask *ask,
                                  const struct mcx_recalled *binding,
                                  struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    char reason[64];
    enum mcx_err err;

    snprintf(reason, sizeof reason, "RTR of the primary, Reason-Code %d", (int)ask->reason);
    mcx_params_i64(&params, binding->id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, "revoked");
    mcx_params_text(&params, reason);
    err = mcx_admin_run(session, MCX_STMT_BINDING_END, &params, NULL, problem);
    if (err != MCX_OK)
        return err;
    return mcx_admin_audit(session, "binding_ended", problem, "id", binding->uuid, "partner",
                           ask->partner.octets, "given_impi", binding->inbound_impi.octets, "cause",
                           "revoked", "reason", reason, NULL);
}
