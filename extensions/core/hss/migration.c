/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical forms in, verdicts of the store out as results. Worker thread. */
#include "hss/migration.h"

#include <stdio.h>
#include <string.h>

#include "base/metrics.h"
#include "identity/identity.h"
#include "store/allocation.h"

/* Each verdict as the answer says it. */
static const struct {
    struct mcx_result result;
    enum mcx_culprit culprit;
} answers[] = {
    [MCX_BINDING_NEW] = {{.code = MCX_RC_SUCCESS}, MCX_CULPRIT_NONE},
    [MCX_BINDING_REPEAT] = {{.code = MCX_RC_SUCCESS}, MCX_CULPRIT_NONE},
    [MCX_BINDING_NO_AGREEMENT] = {{MCX_MCX_NO_AGREEMENT, true, true}, MCX_CULPRIT_NONE},
    [MCX_BINDING_UNKNOWN_USER] = {{MCX_MCX_UNKNOWN_USER, true, true}, MCX_CULPRIT_NONE},
    [MCX_BINDING_BARRED] = {{MCX_MCX_USER_NOT_AUTHORIZED, true, true}, MCX_CULPRIT_NONE},
    [MCX_BINDING_PAST] = {{.code = MCX_RC_INVALID_AVP_VALUE}, MCX_CULPRIT_EXPIRY},
    [MCX_BINDING_OTHER_USER] = {{.code = MCX_RC_CONTRADICTING_AVPS}, MCX_CULPRIT_MC_USER_ID},
    [MCX_BINDING_USED_ID] = {{MCX_MCX_UNKNOWN_BINDING, true, true}, MCX_CULPRIT_NONE},
    [MCX_BINDING_EXHAUSTED] = {{MCX_MCX_IDENTITIES_EXHAUSTED, true, true}, MCX_CULPRIT_NONE},
    [MCX_BINDING_TOO_MANY] = {{.code = MCX_RC_AVP_OCCURS_TOO_MANY_TIMES}, MCX_CULPRIT_IMPU},
};

static void refuse(struct mcx_given *given, struct mcx_migration_said *said,
                   struct mcx_result result, const char *reason)
{
    given->result = result;
    said->reason = reason;
    mcx_metric_inc(MCX_M_MIR_REFUSED);
}

static bool canonical(const struct mcx_identities *from, struct mcx_identities *out)
{
    if (mcx_impi_canonical(mcx_span_str(&from->impi), &out->impi) != MCX_OK)
        return false;
    for (size_t i = 0; i < from->impu_count; i++) {
        if (mcx_impu_canonical(mcx_span_str(&from->impu[i]), &out->impu[i]) != MCX_OK)
            return false;
    }
    out->impu_count = from->impu_count;
    return true;
}

static void fill(const struct mcx_mir *mir, const struct mcx_binding_outcome *outcome,
                 struct mcx_given *given, struct mcx_migration_said *said)
{
    bool is_own = mir->direction == MCX_OUTBOUND && !(mir->has_masking && mir->mask);

    given->result = answers[outcome->verdict].result;
    said->culprit = answers[outcome->verdict].culprit;
    said->reason = outcome->reason;
    snprintf(said->detail, sizeof said->detail, "%s", outcome->detail);
    if (!mcx_result_is_success(given->result)) {
        mcx_metric_inc(MCX_M_MIR_REFUSED);
        return;
    }
    mcx_metric_inc(MCX_M_MIR_SERVED);
    given->given = is_own ? mir->source : outcome->given; /* own ones as they were asked */
    given->expires_s = outcome->expires_s;
}

enum mcx_err mcx_hss_mir(struct mcx_session *session, const struct mcx_mir *mir,
                         struct mcx_given *given, struct mcx_migration_said *said)
{
    bool is_inbound = mir->direction == MCX_INBOUND;
    struct mcx_binding_ask ask = {.direction = mir->direction,
                                  .binding_id = mir->binding_id,
                                  .system = mir->system.octets,
                                  .mc_user_id = mir->mc_user_id.octets,
                                  .mask = mir->has_masking && mir->mask,
                                  .received = &mir->source,
                                  .database_realm = mir->database_realm.octets,
                                  .database_host =
                                      mir->database_host.len > 0 ? mir->database_host.octets : NULL,
                                  .expires_s = mir->expires_s,
                                  .max_s = mcx_session_conf(session)->hss_migration_max_s};
    struct mcx_binding_outcome outcome;
    enum mcx_err err;

    *given = (struct mcx_given){.result = mcx_result_code(MCX_RC_UNABLE_TO_COMPLY)};
    *said = (struct mcx_migration_said){.reason = "fault"};
    if (!canonical(&mir->source, &ask.source)) {
        refuse(given, said,
               mcx_result_mcx(is_inbound ? MCX_MCX_NO_AGREEMENT : MCX_MCX_UNKNOWN_USER),
               "no_identity");
        return MCX_OK;
    }
    err = mcx_store_binding_make(session, &ask, &outcome);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_OK)
        fill(mir, &outcome, given, said);
    else
        refuse(given, said, given->result, mcx_err_label(err));
    if (err == MCX_DB_ERROR)
        snprintf(said->detail, sizeof said->detail, "SQLSTATE %s", mcx_session_sqlstate(session));
    return MCX_OK;
}

enum mcx_err mcx_hss_mrr(struct mcx_session *session, const struct mcx_mrr *mrr, const char *by,
                         struct mcx_result *result, struct mcx_migration_said *said)
{
    enum mcx_err err = mcx_store_binding_release(session, mrr->binding_id, mrr->system.octets,
                                                 mrr->cause, by, "Migration-Release-Request");

    *said = (struct mcx_migration_said){.reason = mcx_err_label(err)};
    *result = mcx_result_code(MCX_RC_UNABLE_TO_COMPLY);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_OK)
        *result = mcx_result_code(MCX_RC_SUCCESS);
    else if (err == MCX_NOT_FOUND)
        *result = mcx_result_mcx(MCX_MCX_UNKNOWN_BINDING);
    else
        snprintf(said->detail, sizeof said->detail, "SQLSTATE %s", mcx_session_sqlstate(session));
    mcx_metric_inc(err == MCX_OK ? MCX_M_MRR_SERVED : MCX_M_MRR_REFUSED);
    return MCX_OK;
}
