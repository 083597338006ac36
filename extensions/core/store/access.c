/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 step 8: reads what is agreed with the primary system that asks, and lets
 * policy/access.c decide. Read only. The caller's thread; blocks on the database. */
#include <ctype.h>
#include <string.h>

#include "identity/identity.h"
#include "store/choice.h"

/* "@domain" of an MC id, in lower case; len 0 if it has none. MC ids are URIs, mostly SIP URIs. */
static void at_domain(struct mcx_span id, struct mcx_str *out)
{
    struct mcx_str canonical;
    size_t at;

    out->len = 0;
    out->octets[0] = '\0';
    if (mcx_impu_canonical(id, &canonical) == MCX_OK)
        id = mcx_span_str(&canonical);
    for (at = id.len; at > 0 && id.octets[at - 1] != '@'; at--)
        ;
    if (at == 0 || at == id.len ||
        mcx_str_set(out, mcx_span(id.octets + at - 1, id.len - at + 1)) != MCX_OK)
        return;
    for (size_t i = 0; i < out->len; i++)
        out->octets[i] = (char)tolower((unsigned char)out->octets[i]);
}

/* Domains of the private identity and of those public ones that have one; the private identity in
 * canonical form. False: not identities at all. */
static bool get_domains(const struct mcx_identities *source,
                        struct mcx_str canonical[MCX_PUBLIC_MAX + 1],
                        struct mcx_span domains[MCX_PUBLIC_MAX + 1], size_t *count)
{
    if (source->impu_count > MCX_PUBLIC_MAX ||
        mcx_impi_canonical(mcx_span_str(&source->impi), &canonical[0]) != MCX_OK)
        return false;
    domains[0] = mcx_identity_domain(&canonical[0]);
    *count = 1;
    for (size_t i = 0; i < source->impu_count; i++) {
        if (mcx_impu_canonical(mcx_span_str(&source->impu[i]), &canonical[i + 1]) != MCX_OK)
            return false;
        domains[*count] = mcx_identity_domain(&canonical[i + 1]);
        *count += domains[*count].len > 0;
    }
    return true;
}

/* A name that is no host name belongs to nobody. */
static void add_host(struct mcx_params *params, const struct mcx_str *name, struct mcx_str *out)
{
    if (mcx_host_canonical(mcx_span_str(name), out) != MCX_OK)
        *out = *name;
    mcx_params_str(params, out);
}

static unsigned services_of(const char *names)
{
    unsigned services = 0;

    for (unsigned i = 0; i < MCX_SERVICES; i++)
        services |= strstr(names, mcx_service_rows[i].name) ? 1U << i : 0;
    return services ? services : MCX_ALL_SERVICES;
}

static void take_facts(const struct mcx_rows *rows, struct mcx_access_facts *facts)
{
    if (mcx_rows_count(rows) != 1)
        return;
    facts->is_system_known = true;
    facts->partner_id = mcx_cell_i64(rows, 0, 0);
    facts->has_realm = mcx_cell_bool(rows, 0, 1);
    facts->has_host = mcx_cell_bool(rows, 0, 2);
    facts->has_domains = facts->has_domains && mcx_cell_bool(rows, 0, 3);
    facts->has_agreement = mcx_cell_bool(rows, 0, 4);
    facts->has_rule = !mcx_cell_is_null(rows, 0, 5);
    facts->agreement_id = mcx_cell_i64(rows, 0, 5);
    facts->services = services_of(mcx_cell_text(rows, 0, 6));
    facts->expires_s = mcx_cell_i64(rows, 0, 7); /* NULL: 0, MCX_NEVER */
    facts->is_full = mcx_cell_bool(rows, 0, 8);
}

enum mcx_err mcx_store_access_choose(struct mcx_session *session, const struct mcx_access_ask *ask,
                                     struct mcx_access_choice *choice)
{
    const struct mcx_par *par = ask->par;
    struct mcx_str canonical[MCX_PUBLIC_MAX + 1] = {0}, service_domain[MCX_PUBLIC_MAX];
    struct mcx_str realm = {0}, host = {0}, user_domain;
    struct mcx_span domains[MCX_PUBLIC_MAX + 1], ids[MCX_PUBLIC_MAX], at[MCX_PUBLIC_MAX];
    struct mcx_access_facts facts = {.is_system_known = false};
    size_t domain_count = 0;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    facts.has_domains = get_domains(&par->source, canonical, domains, &domain_count);
    at_domain(mcx_span_str(&par->mc_user_id), &user_domain);
    if (user_domain.len == 0)
        at_domain(mcx_span_str(&canonical[0]), &user_domain);
    for (size_t i = 0; i < par->service_ids.count && i < MCX_PUBLIC_MAX; i++) {
        ids[i] = mcx_span_str(&par->service_ids.id[i]);
        at_domain(ids[i], &service_domain[i]);
        at[i] = mcx_span_str(&service_domain[i]);
    }
    mcx_params_str(&params, &ask->system);
    add_host(&params, &par->database_realm, &realm);
    add_host(&params, &par->database_host, &host);
    mcx_params_texts(&params, domains, facts.has_domains ? domain_count : 0);
    mcx_params_str(&params, &par->mc_user_id);
    mcx_params_text(&params, user_domain.len > 0 ? user_domain.octets + 1 : "");
    mcx_params_texts(&params, ids, par->service_ids.count);
    mcx_params_texts(&params, at, par->service_ids.count);
    mcx_params_str(&params, &canonical[0]);
    err = mcx_session_run(session, MCX_STMT_ACCESS_FACTS, &params, &rows);
    if (err != MCX_OK)
        return err;
    take_facts(&rows, &facts);
    mcx_access_decide(ask, &facts, choice);
    return MCX_OK;
}
