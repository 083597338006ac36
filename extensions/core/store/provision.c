/* SPDX-License-Identifier: Apache-2.0 */
/* Provisioning by hand: what a person gave, in canonical form, to the statement that MIRs use, and
 * its verdict as a sentence with a remedy; and ending. The caller's thread; blocks on the database.
 */
#include "store/provision.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "identity/identity.h"
#include "store/allocation.h"

/* ---- making ---- */

/* The change on its way. */
struct provisioning {
    struct mcx_provision *want;
    struct mcx_identities received; /* as given */
    struct mcx_binding_ask ask;
    struct mcx_binding_outcome outcome;
};

static enum mcx_err canonical(struct provisioning *change, struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;
    struct mcx_identities *ids = &change->ask.source;

    if (want->impu_count == 0 || want->impu_count > MCX_IMPUS_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "1 to %d IMPUs are needed", MCX_IMPUS_MAX);
    if (mcx_impi_canonical(mcx_span_str(&want->impi), &ids->impi) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID, "%s: not a private identity (user@realm)",
                                MCX_SAFE(mcx_span_str(&want->impi)));
    for (size_t i = 0; i < want->impu_count; i++) {
        if (mcx_impu_canonical(mcx_span_str(&want->impu[i]), &ids->impu[i]) != MCX_OK)
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "%s: not a public identity (sip:, sips: or tel:)",
                                    MCX_SAFE(mcx_span_str(&want->impu[i])));
        for (size_t other = 0; other < i; other++) {
            if (mcx_str_equal(&ids->impu[i], &ids->impu[other]))
                return mcx_admin_refuse(problem, MCX_INVALID, "%s is given twice",
                                        ids->impu[i].octets);
        }
        change->received.impu[i] = want->impu[i];
    }
    ids->impu_count = change->received.impu_count = want->impu_count;
    change->received.impi = want->impi;
    return MCX_OK;
}

static enum mcx_err find_expiry(struct mcx_session *session, struct provisioning *change,
                                struct mcx_conf_problem *problem)
{
    const struct mcx_provision *want = change->want;
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
        change->ask.expires_s =
            mcx_cell_is_null(&rows, 0, 2) ? MCX_NEVER : mcx_cell_i64(&rows, 0, 2);
    return err;
}

static enum mcx_err check_id(struct mcx_session *session, const struct mcx_provision *want,
                             struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, want->id);
    return mcx_admin_run(session, MCX_STMT_UUID_CHECK, &params, NULL, problem);
}

static enum mcx_err check_database(struct mcx_provision *want, struct mcx_conf_problem *problem)
{
    enum mcx_err err = MCX_OK;

    if (want->database_realm.len > 0)
        err = mcx_store_host("realm", mcx_span_str(&want->database_realm), &want->database_realm,
                             problem);
    if (err == MCX_OK && want->database_host.len > 0)
        err = mcx_store_host("host", mcx_span_str(&want->database_host), &want->database_host,
                             problem);
    return err;
}

/* A verdict that refuses, for people. */
static enum mcx_err say(const struct provisioning *change, struct mcx_conf_problem *problem)
{
    const struct mcx_binding_outcome *outcome = &change->outcome;
    const char *impi = change->ask.source.impi.octets, *partner = change->ask.system;
    bool is_inbound = change->ask.direction == MCX_INBOUND;

    switch (outcome->verdict) {
    case MCX_BINDING_NEW:
    case MCX_BINDING_REPEAT:
        return MCX_OK;
    case MCX_BINDING_NO_AGREEMENT:
        if (outcome->detail[0])
            return mcx_admin_refuse(problem, MCX_MISMATCH,
                                    "%s is not one of partner %s: see mcxctl partner list",
                                    outcome->detail, partner);
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no partner of this system: see mcxctl partner add",
                                MCX_SAFE(mcx_span_of(partner)));
    case MCX_BINDING_UNKNOWN_USER:
        if (is_inbound)
            return mcx_admin_refuse(problem, MCX_MISMATCH, "%s, not of partner %s", outcome->detail,
                                    partner);
        if (outcome->detail[0])
            return mcx_admin_refuse(problem, MCX_NOT_FOUND, "%s is no public identity of %s",
                                    outcome->detail, impi);
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no subscriber of this system with keys of its own", impi);
    case MCX_BINDING_BARRED:
        return mcx_admin_refuse(problem, MCX_NOT_LIVE,
                                "%s is barred: mcxctl subscriber unbar it first", impi);
    case MCX_BINDING_PAST:
        return mcx_admin_refuse(problem, MCX_INVALID, "it would end before it begins");
    case MCX_BINDING_OTHER_USER:
        return mcx_admin_refuse(problem, MCX_MISMATCH,
                                "%s is live for MC user %s: end it first, mcxctl binding end %s",
                                impi, outcome->detail, outcome->binding_id);
    case MCX_BINDING_USED_ID:
        return mcx_admin_refuse(problem, MCX_MISMATCH,
                                "id %s is another one's, or was released: take another --id",
                                change->ask.binding_id);
    case MCX_BINDING_EXHAUSTED:
        return mcx_admin_refuse(
            problem, MCX_NOT_LIVE,
            "no domain for %s identities, or its pool is empty: mcxctl domain add DOMAIN "
            "--purpose %s, mcxctl pool list",
            is_inbound ? "inbound" : "outbound", is_inbound ? "inbound" : "outbound");
    case MCX_BINDING_TOO_MANY:
        return mcx_admin_refuse(problem, MCX_LIMIT, "%s: more than %d IMPUs", impi, MCX_IMPUS_MAX);
    }
    return MCX_DB_ERROR;
}

static void fill(const struct provisioning *change)
{
    const struct mcx_binding_outcome *outcome = &change->outcome;
    struct mcx_provision *want = change->want;
    time_t at = (time_t)outcome->expires_s;
    struct tm parts;

    memcpy(want->binding_id, outcome->binding_id, sizeof want->binding_id);
    want->given_impi = outcome->given.impi;
    memcpy(want->given_impu, outcome->given.impu, sizeof want->given_impu);
    want->was_there = outcome->verdict == MCX_BINDING_REPEAT;
    want->replaced = outcome->replaced;
    if (outcome->database_realm.len > 0)
        want->database_realm = outcome->database_realm;
    if (outcome->expires_s == MCX_NEVER || !gmtime_r(&at, &parts))
        snprintf(want->expires_at, sizeof want->expires_at, "infinity");
    else
        strftime(want->expires_at, sizeof want->expires_at, "%Y-%m-%dT%H:%M:%SZ", &parts);
}

static enum mcx_err make(struct mcx_session *session, struct provisioning *change,
                         struct mcx_conf_problem *problem)
{
    struct mcx_provision *want = change->want;
    struct mcx_binding_ask *ask = &change->ask;
    enum mcx_err err;

    ask->binding_id = want->id;
    ask->system = want->partner.octets;
    ask->mc_user_id = want->mc_user_id;
    ask->mask = want->is_masked;
    ask->received = &change->received;
    ask->database_realm = want->database_realm.len > 0 ? want->database_realm.octets : NULL;
    ask->database_host = want->database_host.len > 0 ? want->database_host.octets : NULL;
    err = mcx_store_binding_make(session, ask, &change->outcome);
    if (err != MCX_OK)
        return mcx_admin_failed(session, err, problem);
    err = say(change, problem);
    if (err == MCX_OK)
        fill(change);
    return err;
}

static enum mcx_err provision(struct mcx_session *session, struct mcx_provision *want,
                              enum mcx_direction direction, struct mcx_conf_problem *problem)
{
    struct provisioning change = {.want = want, .ask = {.direction = direction}};
    enum mcx_err err = mcx_store_system_get(session, &want->own, problem);

    if (err == MCX_OK)
        err = canonical(&change, problem);
    if (err == MCX_OK)
        err = find_expiry(session, &change, problem);
    if (err == MCX_OK)
        err = check_id(session, want, problem);
    if (err == MCX_OK)
        err = check_database(want, problem);
    return err == MCX_OK ? make(session, &change, problem) : err;
}

enum mcx_err mcx_store_grant_provision(struct mcx_session *session, struct mcx_provision *want,
                                       struct mcx_conf_problem *problem)
{
    return provision(session, want, MCX_OUTBOUND, problem);
}

enum mcx_err mcx_store_binding_provision(struct mcx_session *session, struct mcx_provision *want,
                                         struct mcx_conf_problem *problem)
{
    return provision(session, want, MCX_INBOUND, problem);
}

/* ---- ending ---- */

struct end {
    const char *id, *cause, *reason;
    size_t ended;
};

/* One whose grant is in another SIP database of the system, or that waits for one. */
static enum mcx_err end_migration(struct mcx_session *session, struct end *end,
                                  struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    enum mcx_err err;

    mcx_params_text(&params, end->id);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, end->reason);
    mcx_params_text(&params, end->cause);
    err = mcx_admin_count(session, MCX_STMT_MIGRATION_END_BY_ID, &params, &end->ended, problem);
    if (err == MCX_OK && end->ended == 0)
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no live grant or binding: see mcxctl binding list --all",
                                end->id);
    return err;
}

static enum mcx_err end_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct end *end = arg;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    bool is_given;
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
        err = end_migration(session, end, problem);
    if (err != MCX_OK)
        return err;
    is_given = mcx_rows_count(&rows) > 0; /* else a migration that has no grant here */
    return mcx_admin_audit(session, "binding_ended", problem, "id", end->id, "cause", end->cause,
                           "reason", end->reason, is_given ? "given_impi" : NULL,
                           is_given ? mcx_cell_text(&rows, 0, 0) : NULL, NULL);
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
