/* SPDX-License-Identifier: Apache-2.0 */
/* Tables partner, partner_realm, partner_host, partner_domain, partner_usage. The caller's thread;
 * blocks on the database. */
#include "store/partner.h"

#include <string.h>

#include "base/log.h"
#include "store/system.h"

static void add_list(struct mcx_params *params, const struct mcx_host_list *list)
{
    struct mcx_span items[MCX_HOSTS_MAX];

    for (size_t i = 0; i < list->count; i++)
        items[i] = mcx_span_str(&list->host[i]);
    mcx_params_texts(params, items, list->count);
}

static enum mcx_err check_conflicts(struct mcx_session *session,
                                    const struct mcx_new_partner *partner,
                                    struct mcx_conf_problem *problem)
{
    const struct mcx_host_list *const lists[] = {&partner->sip_databases, &partner->slfs,
                                                 &partner->cms};
    struct mcx_span hosts[3 * MCX_HOSTS_MAX];
    size_t count = 0;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    for (size_t list = 0; list < 3; list++) {
        for (size_t i = 0; i < lists[list]->count; i++)
            hosts[count++] = mcx_span_str(&lists[list]->host[i]);
    }
    mcx_params_str(&params, &partner->system_id);
    add_list(&params, &partner->realms);
    mcx_params_texts(&params, hosts, count);
    add_list(&params, &partner->domains);
    err = mcx_admin_run(session, MCX_STMT_PARTNER_CONFLICTS, &params, &rows, problem);
    if (err == MCX_OK && mcx_rows_count(&rows) > 0)
        return mcx_admin_refuse(problem, MCX_EXISTS, "%s %s belongs to %s",
                                mcx_cell_text(&rows, 0, 0), mcx_cell_text(&rows, 0, 1),
                                mcx_cell_text(&rows, 0, 2));
    return err;
}

static enum mcx_err check_purpose(struct mcx_session *session, const struct mcx_str *domain,
                                  const char *purpose, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    if (domain->len == 0)
        return MCX_OK;
    mcx_params_str(&params, domain);
    err = mcx_admin_one(session, MCX_STMT_DOMAIN_PURPOSE, &params, &rows, problem);
    if (err == MCX_NOT_FOUND || (err == MCX_OK && strcmp(mcx_cell_text(&rows, 0, 0), purpose) != 0))
        return mcx_admin_refuse(
            problem, MCX_NOT_FOUND,
            "%s is no domain for %s identities: mcxctl domain add %s --purpose %s", domain->octets,
            purpose, domain->octets, purpose);
    return err;
}

static const char *or_null(const struct mcx_str *text)
{
    return text->len > 0 ? text->octets : NULL;
}

static enum mcx_err insert(struct mcx_session *session, struct mcx_new_partner *partner,
                           int64_t *id, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &partner->system_id);
    mcx_params_text(&params, partner->is_zh ? "zh" : "cx");
    mcx_params_text(&params, or_null(&partner->inbound_domain));
    mcx_params_text(&params, or_null(&partner->outbound_domain));
    mcx_params_text(&params, partner->ca_note ? partner->ca_note : "");
    err = mcx_admin_one(session, MCX_STMT_PARTNER_ADD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(
            problem, MCX_EXISTS,
            "partner %s is already there: mcxctl partner remove it first, or leave it",
            partner->system_id.octets);
    if (err == MCX_OK) {
        *id = mcx_cell_i64(&rows, 0, 0);
        partner->ind = (uint8_t)mcx_cell_i64(&rows, 0, 1);
    }
    return err;
}

static enum mcx_err add_names(struct mcx_session *session, int64_t id, enum mcx_stmt stmt,
                              const struct mcx_host_list *list, const char *role,
                              struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};

    if (list->count == 0)
        return MCX_OK;
    mcx_params_i64(&params, id);
    add_list(&params, list);
    if (role)
        mcx_params_text(&params, role);
    return mcx_admin_run(session, stmt, &params, NULL, problem);
}

static enum mcx_err add_steps(struct mcx_session *session, void *change,
                              struct mcx_conf_problem *problem)
{
    struct mcx_new_partner *partner = change;
    const struct {
        enum mcx_stmt stmt;
        const struct mcx_host_list *list;
        const char *role;
    } names[] = {{MCX_STMT_PARTNER_REALMS_ADD, &partner->realms, NULL},
                 {MCX_STMT_PARTNER_HOSTS_ADD, &partner->sip_databases, "sip_database"},
                 {MCX_STMT_PARTNER_HOSTS_ADD, &partner->slfs, "slf"},
                 {MCX_STMT_PARTNER_HOSTS_ADD, &partner->cms, "cms"},
                 {MCX_STMT_PARTNER_HOSTS_ADD, &partner->agents, "agent"},
                 {MCX_STMT_PARTNER_DOMAINS_ADD, &partner->domains, NULL}};
    struct mcx_own_system own;
    MCX_PARAMS usage = {0};
    int64_t id = 0;
    enum mcx_err err = mcx_store_system_get(session, &own, problem);

    if (err == MCX_OK && mcx_str_equal(&own.system_id, &partner->system_id))
        return mcx_admin_refuse(problem, MCX_EXISTS, "%s is this system itself",
                                own.system_id.octets);
    if (err == MCX_OK)
        err = check_conflicts(session, partner, problem);
    if (err == MCX_OK)
        err = check_purpose(session, &partner->inbound_domain, "inbound", problem);
    if (err == MCX_OK)
        err = check_purpose(session, &partner->outbound_domain, "outbound", problem);
    if (err == MCX_OK)
        err = insert(session, partner, &id, problem);
    for (size_t i = 0; err == MCX_OK && i < sizeof names / sizeof names[0]; i++)
        err = add_names(session, id, names[i].stmt, names[i].list, names[i].role, problem);
    mcx_params_i64(&usage, id);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_PARTNER_USAGE_ADD, &usage, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "partner_added", problem, "system_id",
                              partner->system_id.octets, "realm", partner->realms.host[0].octets,
                              NULL);
    return err;
}

static enum mcx_err lower_list(const char *what, struct mcx_host_list *list,
                               struct mcx_conf_problem *problem)
{
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; err == MCX_OK && i < list->count; i++)
        err = mcx_store_host(what, mcx_span_str(&list->host[i]), &list->host[i], problem);
    return err;
}

enum mcx_err mcx_store_partner_add(struct mcx_session *session, struct mcx_new_partner *partner,
                                   struct mcx_conf_problem *problem)
{
    struct mcx_host_list *const lists[] = {&partner->realms, &partner->sip_databases,
                                           &partner->slfs,   &partner->cms,
                                           &partner->agents, &partner->domains};
    static const char *const what[] = {"realm", "SIP database", "SLF", "cms", "agent", "domain"};
    enum mcx_err err =
        mcx_store_system_id(mcx_span_str(&partner->system_id), &partner->system_id, problem);

    for (size_t i = 0; err == MCX_OK && i < sizeof lists / sizeof lists[0]; i++)
        err = lower_list(what[i], lists[i], problem);
    if (err != MCX_OK)
        return err;
    if (partner->realms.count == 0 || partner->sip_databases.count + partner->slfs.count == 0 ||
        partner->domains.count == 0)
        return mcx_admin_refuse(
            problem, MCX_INVALID,
            "a partner needs at least one realm, one SIP database or SLF, and one domain");
    return mcx_admin_change(session, add_steps, partner, problem);
}

struct removal {
    const struct mcx_str *system_id;
    const char *reason;
};

static enum mcx_err remove_steps(struct mcx_session *session, void *change,
                                 struct mcx_conf_problem *problem)
{
    const struct removal *removal = change;
    struct mcx_own_system own;
    MCX_PARAMS params = {0};
    MCX_PARAMS remove = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_store_system_get(session, &own, problem);

    if (err != MCX_OK)
        return err;
    mcx_params_str(&params, removal->system_id);
    err = mcx_admin_one(session, MCX_STMT_PARTNER_GET, &params, &rows, problem);
    if (err == MCX_NOT_FOUND || (err == MCX_OK && !mcx_cell_bool(&rows, 0, 1)))
        return mcx_admin_refuse(problem, MCX_NOT_FOUND, "%s is no partner of this system",
                                MCX_SAFE(mcx_span_str(removal->system_id)));
    if (err != MCX_OK)
        return err;
    mcx_params_i64(&remove, mcx_cell_i64(&rows, 0, 0));
    mcx_params_text(&remove, mcx_session_actor(session));
    mcx_params_text(&remove, removal->reason);
    err = mcx_admin_run(session, MCX_STMT_PARTNER_REMOVE, &remove, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_MIGRATIONS_END_WITH_PARTNER, &remove, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "partner_removed", problem, "system_id",
                              removal->system_id->octets, "reason", removal->reason, NULL);
    return err;
}

enum mcx_err mcx_store_partner_remove(struct mcx_session *session, const struct mcx_str *system_id,
                                      const char *reason, struct mcx_conf_problem *problem)
{
    return mcx_admin_change(session, remove_steps,
                            &(struct removal){.system_id = system_id, .reason = reason}, problem);
}
