/* SPDX-License-Identifier: Apache-2.0 */
/* Tables own_system and own_domain. The caller's thread; blocks on the database. */
#include "store/system.h"

#include <string.h>

#include "base/log.h"
#include "identity/identity.h"

enum mcx_err mcx_store_host(const char *what, struct mcx_span text, struct mcx_str *out,
                            struct mcx_conf_problem *problem)
{
    if (mcx_host_canonical(text, out) == MCX_OK)
        return MCX_OK;
    return mcx_admin_refuse(problem, MCX_INVALID, "%s %s: not a host or domain name", what,
                            MCX_SAFE(text));
}

enum mcx_err mcx_store_system_id(struct mcx_span text, struct mcx_str *out,
                                 struct mcx_conf_problem *problem)
{
    bool is_sound = text.len >= 1 && text.len <= 63;

    for (size_t i = 0; is_sound && i < text.len; i++) {
        uint8_t c = text.octets[i];
        bool is_word = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        is_sound = is_word || (i > 0 && (c == '-' || c == '_'));
    }
    if (is_sound && mcx_str_set(out, text) == MCX_OK)
        return MCX_OK;
    return mcx_admin_refuse(
        problem, MCX_INVALID,
        "system id %s: must be a label of 1 to 63 lower-case letters, digits, - and _",
        MCX_SAFE(text));
}

static enum mcx_err set_steps(struct mcx_session *session, void *change,
                              struct mcx_conf_problem *problem)
{
    const struct mcx_own_system *system = change;
    MCX_PARAMS params = {0};
    MCX_PARAMS domain = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &system->system_id);
    mcx_params_str(&params, &system->realm);
    mcx_params_text(&params, system->sip_database.len ? system->sip_database.octets : NULL);
    err = mcx_admin_one(session, MCX_STMT_SYSTEM_SET, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, MCX_EXISTS, "system id or realm %s is a partner's",
                                system->realm.octets);
    mcx_params_str(&domain, &system->realm);
    mcx_params_text(&domain, "own");
    mcx_params_bool(&domain, true);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_DOMAIN_ENSURE, &domain, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "system_set", problem, "system_id", system->system_id.octets,
                              "realm", system->realm.octets, "sip_database",
                              system->sip_database.octets, NULL);
    return err;
}

enum mcx_err mcx_store_system_set(struct mcx_session *session, const struct mcx_own_system *system,
                                  struct mcx_conf_problem *problem)
{
    struct mcx_own_system sound = *system;
    enum mcx_err err =
        mcx_store_system_id(mcx_span_str(&system->system_id), &sound.system_id, problem);

    if (err == MCX_OK)
        err = mcx_store_host("realm", mcx_span_str(&system->realm), &sound.realm, problem);
    if (err == MCX_OK && system->sip_database.len > 0)
        err = mcx_store_host("SIP database", mcx_span_str(&system->sip_database),
                             &sound.sip_database, problem);
    return err == MCX_OK ? mcx_admin_change(session, set_steps, &sound, problem) : err;
}

enum mcx_err mcx_store_system_get(struct mcx_session *session, struct mcx_own_system *out,
                                  struct mcx_conf_problem *problem)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_admin_one(session, MCX_STMT_SYSTEM_GET, NULL, &rows, problem);

    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(
            problem, err,
            "this MC system has no name yet: run mcxctl system set --system-id ID --realm REALM");
    if (err == MCX_OK)
        err = mcx_cell_str(&rows, 0, 0, &out->system_id);
    if (err == MCX_OK)
        err = mcx_cell_str(&rows, 0, 1, &out->realm);
    if (err == MCX_OK)
        err = mcx_cell_str(&rows, 0, 2, &out->sip_database);
    return err;
}

struct domain {
    struct mcx_str domain;
    const char *purpose, *generator;
    bool is_default;
};

static enum mcx_err domain_steps(struct mcx_session *session, void *change,
                                 struct mcx_conf_problem *problem)
{
    const struct domain *domain = change;
    struct mcx_own_system own;
    MCX_PARAMS params = {0};
    MCX_PARAMS purpose = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_store_system_get(session, &own, problem);

    if (err != MCX_OK)
        return err;
    mcx_params_text(&purpose, domain->purpose);
    if (domain->is_default)
        err = mcx_admin_run(session, MCX_STMT_DOMAIN_NO_DEFAULT, &purpose, NULL, problem);
    mcx_params_str(&params, &domain->domain);
    mcx_params_text(&params, domain->purpose);
    mcx_params_bool(&params, domain->is_default);
    mcx_params_text(&params, domain->generator);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_DOMAIN_ADD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, MCX_EXISTS,
                                "domain %s is a partner's, or ours for another purpose: see mcxctl "
                                "domain list and mcxctl partner list",
                                domain->domain.octets);
    if (err != MCX_OK)
        return err;
    return mcx_admin_audit(session, "domain_added", problem, "domain", domain->domain.octets,
                           "purpose", domain->purpose, "generator", domain->generator, NULL);
}

enum mcx_err mcx_store_domain_add(struct mcx_session *session, const char *domain,
                                  const char *purpose, bool is_default, const char *generator,
                                  struct mcx_conf_problem *problem)
{
    struct domain change = {.purpose = purpose, .generator = generator, .is_default = is_default};
    enum mcx_err err = mcx_store_host("domain", mcx_span_of(domain), &change.domain, problem);

    if (err != MCX_OK)
        return err;
    if (strcmp(purpose, "own") != 0 && strcmp(purpose, "inbound") != 0 &&
        strcmp(purpose, "outbound") != 0)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "purpose %s: must be own, inbound or outbound", purpose);
    if (generator && strcmp(generator, "random") != 0 && strcmp(generator, "pool") != 0)
        return mcx_admin_refuse(problem, MCX_INVALID, "generator %s: must be random or pool",
                                generator);
    return mcx_admin_change(session, domain_steps, &change, problem);
}
