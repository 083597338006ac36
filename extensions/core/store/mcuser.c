/* SPDX-License-Identifier: Apache-2.0 */
/* Tables mc_user, mc_service_id, mc_group, mc_group_member, mc_service_policy. The caller's thread;
 * blocks on the database. */
#include "store/mcuser.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"

static void add_rule(struct mcx_params *params, const struct mcx_new_rule *rule)
{
    mcx_params_bool(params, rule->is_given);
    if (rule->rule == MCX_UNSAID)
        mcx_params_text(params, NULL);
    else
        mcx_params_bool(params, rule->rule == MCX_YES);
}

static const char *rule_text(const struct mcx_new_rule *rule)
{
    if (!rule->is_given)
        return NULL;
    return rule->rule == MCX_UNSAID ? "unset" : rule->rule == MCX_YES ? "yes" : "no";
}

/* For the sentence when a statement answers no row. */
static enum mcx_err none(enum mcx_err err, enum mcx_err why, const char *what, struct mcx_span name,
                         struct mcx_conf_problem *problem)
{
    return err == MCX_NOT_FOUND ? mcx_admin_refuse(problem, why, "%s %s", MCX_SAFE(name), what)
                                : err;
}

enum mcx_err mcx_store_name_check(const char *what, struct mcx_span name,
                                  struct mcx_conf_problem *problem)
{
    if (name.len == 0 || name.len > MCX_STR_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "%s has 1 to %d octets", what, MCX_STR_MAX);
    for (size_t i = 0; i < name.len; i++) {
        if (name.octets[i] < ' ' || name.octets[i] == 0x7f)
            return mcx_admin_refuse(problem, MCX_INVALID, "%s: %s may have no control characters",
                                    MCX_SAFE(name), what);
    }
    return MCX_OK;
}

static enum mcx_err run_pair(struct mcx_session *session, enum mcx_stmt stmt, struct mcx_span a,
                             struct mcx_span b, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};

    mcx_params_span(&params, a);
    mcx_params_span(&params, b);
    return mcx_admin_one(session, stmt, &params, &rows, problem);
}

/* ---- users ---- */

static enum mcx_err begin(struct mcx_session *session, const char *id, enum mcx_stmt stmt,
                          const char *what, enum mcx_err why, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};

    mcx_params_text(&params, id);
    return none(mcx_admin_one(session, stmt, &params, &rows, problem), why, what, mcx_span_of(id),
                problem);
}

static enum mcx_err set_rules(struct mcx_session *session, enum mcx_stmt stmt, const char *id,
                              const struct mcx_new_rule *may_migrate,
                              const struct mcx_new_rule *mask, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, id);
    add_rule(&params, may_migrate);
    add_rule(&params, mask);
    return mcx_admin_run(session, stmt, &params, NULL, problem);
}

static enum mcx_err add_service_ids(struct mcx_session *session,
                                    const struct mcx_user_change *change, size_t service,
                                    struct mcx_conf_problem *problem)
{
    const struct mcx_names *ids = &change->service_ids[service];
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; err == MCX_OK && i < ids->count; i++) {
        MCX_PARAMS params = {0};
        MCX_ROWS rows = {0};

        err = mcx_store_name_check("a service id", ids->name[i], problem);
        if (err != MCX_OK)
            return err;
        mcx_params_text(&params, mcx_service_rows[service].name);
        mcx_params_span(&params, ids->name[i]);
        mcx_params_text(&params, change->id);
        err = none(mcx_admin_one(session, MCX_STMT_SERVICE_ID_ADD, &params, &rows, problem),
                   MCX_EXISTS, "is the service id of another MC user", ids->name[i], problem);
    }
    return err;
}

static enum mcx_err for_each(struct mcx_session *session, const struct mcx_names *names,
                             struct mcx_span user, bool user_first, enum mcx_stmt stmt,
                             const char *what, struct mcx_conf_problem *problem)
{
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; err == MCX_OK && i < names->count; i++)
        err = none(run_pair(session, stmt, user_first ? user : names->name[i],
                            user_first ? names->name[i] : user, problem),
                   MCX_NOT_FOUND, what, names->name[i], problem);
    return err;
}

static enum mcx_err user_steps(struct mcx_session *session, void *arg,
                               struct mcx_conf_problem *problem)
{
    const struct mcx_user_change *change = arg;
    enum mcx_err err = change->is_new
                           ? begin(session, change->id, MCX_STMT_USER_ADD,
                                   "is already there: mcxctl user set", MCX_EXISTS, problem)
                           : begin(session, change->id, MCX_STMT_USER_HOLD,
                                   "is no MC user: mcxctl user add", MCX_NOT_FOUND, problem);

    if (err == MCX_OK)
        err = set_rules(session, MCX_STMT_USER_RULES, change->id, &change->may_migrate,
                        &change->mask, problem);
    for (size_t i = 0; err == MCX_OK && i < MCX_SERVICES; i++)
        err = add_service_ids(session, change, i, problem);
    if (err == MCX_OK)
        err = for_each(session, &change->not_service_ids, mcx_span_of(change->id), false,
                       MCX_STMT_SERVICE_ID_DELETE, "is no service id of this user", problem);
    if (err == MCX_OK)
        err = for_each(session, &change->groups, mcx_span_of(change->id), true,
                       MCX_STMT_GROUP_MEMBER_ADD, "is no group: mcxctl group add", problem);
    if (err == MCX_OK)
        err = for_each(session, &change->not_groups, mcx_span_of(change->id), true,
                       MCX_STMT_GROUP_MEMBER_DELETE, "is no group of this user", problem);
    if (err != MCX_OK)
        return err;
    return mcx_admin_audit(session, change->is_new ? "user_added" : "user_set", problem, "mc_user",
                           change->id, "may_migrate", rule_text(&change->may_migrate), "mask",
                           rule_text(&change->mask), NULL);
}

enum mcx_err mcx_store_user_change(struct mcx_session *session,
                                   const struct mcx_user_change *change,
                                   struct mcx_conf_problem *problem)
{
    struct mcx_user_change copy = *change;
    enum mcx_err err = change->is_new
                           ? mcx_store_name_check("an MC user id", mcx_span_of(change->id), problem)
                           : MCX_OK;

    return err == MCX_OK ? mcx_admin_change(session, user_steps, &copy, problem) : err;
}

struct deletion {
    const char *id, *reason;
    size_t ended;
};

static enum mcx_err delete_steps(struct mcx_session *session, void *arg,
                                 struct mcx_conf_problem *problem)
{
    struct deletion *deletion = arg;
    char ended[24];
    MCX_PARAMS grants = {0};
    MCX_PARAMS params = {0};
    enum mcx_err err =
        begin(session, deletion->id, MCX_STMT_USER_HOLD, "is no MC user", MCX_NOT_FOUND, problem);

    if (err != MCX_OK)
        return err;
    mcx_params_text(&params, deletion->id);
    err = mcx_admin_run(session, MCX_STMT_USER_DEVICES_HOLD, &params, NULL, problem);
    if (err != MCX_OK)
        return err;
    mcx_params_text(&grants, deletion->id);
    mcx_params_text(&grants, mcx_session_actor(session));
    mcx_params_text(&grants, deletion->reason);
    err = mcx_admin_count(session, MCX_STMT_USER_GRANTS_END, &grants, &deletion->ended, problem);
    if (err == MCX_OK)
        err = mcx_admin_count(session, MCX_STMT_USER_MIGRATIONS_END, &grants, &deletion->ended,
                              problem);
    if (err != MCX_OK)
        return err;
    err = mcx_admin_run(session, MCX_STMT_USER_DELETE, &params, NULL, problem);
    snprintf(ended, sizeof ended, "%zu", deletion->ended);
    return err == MCX_OK
               ? mcx_admin_audit(session, "user_deleted", problem, "mc_user", deletion->id, "ended",
                                 ended, "reason", deletion->reason, NULL)
               : err;
}

enum mcx_err mcx_store_user_delete(struct mcx_session *session, const char *id, const char *reason,
                                   size_t *ended, struct mcx_conf_problem *problem)
{
    struct deletion deletion = {id, reason, 0};
    enum mcx_err err = mcx_admin_change(session, delete_steps, &deletion, problem);

    *ended = deletion.ended;
    return err;
}

/* ---- groups ---- */

static enum mcx_err group_steps(struct mcx_session *session, void *arg,
                                struct mcx_conf_problem *problem)
{
    const struct mcx_group_change *change = arg;
    enum mcx_err err = change->is_new
                           ? begin(session, change->name, MCX_STMT_GROUP_ADD,
                                   "is already there: mcxctl group set", MCX_EXISTS, problem)
                           : begin(session, change->name, MCX_STMT_GROUP_HOLD,
                                   "is no group: mcxctl group add", MCX_NOT_FOUND, problem);

    if (err == MCX_OK)
        err = set_rules(session, MCX_STMT_GROUP_RULES, change->name, &change->may_migrate,
                        &change->mask, problem);
    return err == MCX_OK ? mcx_admin_audit(session, change->is_new ? "group_added" : "group_set",
                                           problem, "group", change->name, "may_migrate",
                                           rule_text(&change->may_migrate), "mask",
                                           rule_text(&change->mask), NULL)
                         : err;
}

enum mcx_err mcx_store_group_change(struct mcx_session *session,
                                    const struct mcx_group_change *change,
                                    struct mcx_conf_problem *problem)
{
    struct mcx_group_change copy = *change;
    enum mcx_err err = change->is_new ? mcx_store_name_check("the name of a group",
                                                             mcx_span_of(change->name), problem)
                                      : MCX_OK;

    return err == MCX_OK ? mcx_admin_change(session, group_steps, &copy, problem) : err;
}

static enum mcx_err group_delete_steps(struct mcx_session *session, void *arg,
                                       struct mcx_conf_problem *problem)
{
    const char *name = arg;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err =
        begin(session, name, MCX_STMT_GROUP_HOLD, "is no group", MCX_NOT_FOUND, problem);

    if (err != MCX_OK)
        return err;
    mcx_params_text(&params, name);
    err = mcx_admin_run(session, MCX_STMT_GROUP_AGREEMENTS, &params, &rows, problem);
    if (err == MCX_OK && mcx_rows_count(&rows) > 0)
        return mcx_admin_refuse(problem, MCX_MISMATCH,
                                "agreement %lld is of group %s, which stays to explain it: take "
                                "its members out instead",
                                (long long)mcx_cell_i64(&rows, 0, 0), name);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_GROUP_DELETE, &params, NULL, problem);
    return err == MCX_OK ? mcx_admin_audit(session, "group_deleted", problem, "group", name, NULL)
                         : err;
}

enum mcx_err mcx_store_group_delete(struct mcx_session *session, const char *name,
                                    struct mcx_conf_problem *problem)
{
    char copy[128];

    snprintf(copy, sizeof copy, "%s", name);
    return mcx_admin_change(session, group_delete_steps, copy, problem);
}

/* ---- services ---- */

struct service_mask {
    enum mcx_service service;
    bool mask;
};

static enum mcx_err service_steps(struct mcx_session *session, void *arg,
                                  struct mcx_conf_problem *problem)
{
    const struct service_mask *change = arg;
    const char *name = mcx_service_rows[change->service].name;
    MCX_PARAMS params = {0};
    enum mcx_err err;

    mcx_params_text(&params, name);
    mcx_params_bool(&params, change->mask);
    err = mcx_admin_run(session, MCX_STMT_SERVICE_POLICY_SET, &params, NULL, problem);
    return err == MCX_OK ? mcx_admin_audit(session, "service_set", problem, "service", name, "mask",
                                           change->mask ? "yes" : "no", NULL)
                         : err;
}

enum mcx_err mcx_store_service_mask(struct mcx_session *session, enum mcx_service service,
                                    bool mask, struct mcx_conf_problem *problem)
{
    struct service_mask change = {service, mask};

    return mcx_admin_change(session, service_steps, &change, problem);
}
