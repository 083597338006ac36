/* SPDX-License-Identifier: Apache-2.0 */
/* The decision on one MAR. Three small deciders, one per kind of ask; each returns at its first
 * failed check, in the order of TS 29.228 6.3.1, or, for a partner, of design 7. */
#include "policy/mar.h"

static struct mcx_mar_plan refuse(struct mcx_result result, const char *reason)
{
    return (struct mcx_mar_plan){.what = MCX_MAR_REFUSE, .reason = reason, .refusal = result};
}

static struct mcx_result unknown(enum mcx_iface iface)
{
    /* Zh has its own code for it: TS 29.109 6.2. */
    return mcx_result_experimental(iface == MCX_ZH ? MCX_EXP_ZH_IDENTITY_UNKNOWN
                                                   : MCX_EXP_USER_UNKNOWN);
}

static bool is_aka(const struct mcx_mar_policy *policy, enum mcx_scheme scheme)
{
    return scheme == MCX_SCHEME_AKA ||
           (scheme == MCX_SCHEME_UNKNOWN && policy->unknown_scheme_is_aka);
}

/* A resynchronisation and Zh get one vector (TS 33.102 6.3.5, TS 29.109 4.2). */
static uint32_t items_for(const struct mcx_mar_ask *ask, uint32_t cap)
{
    if (ask->has_auts || ask->iface == MCX_ZH)
        return 1;
    if (cap > MCX_ITEMS_MAX)
        cap = MCX_ITEMS_MAX;
    return ask->items < cap ? ask->items : cap;
}

static struct mcx_mar_plan plan_own(const struct mcx_mar_policy *policy,
                                    const struct mcx_mar_ask *ask,
                                    const struct mcx_mar_facts *facts)
{
    if (!facts->belongs)
        return refuse(mcx_result_experimental(MCX_EXP_IDENTITIES_DONT_MATCH), "not_together");
    if (!is_aka(policy, ask->scheme))
        return refuse(mcx_result_experimental(MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED), "scheme");
    if (!facts->has_credential)
        return refuse(mcx_result_experimental(MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED), "no_credential");
    return (struct mcx_mar_plan){.what = MCX_MAR_SERVE,
                                 .reason = ask->has_auts ? "resync" : "serve",
                                 .items = items_for(ask, policy->vectors_max),
                                 .ind = ask->iface == MCX_ZH ? 1 : 0};
}

static struct mcx_mar_plan plan_inbound(const struct mcx_mar_policy *policy,
                                        const struct mcx_mar_ask *ask,
                                        const struct mcx_mar_facts *facts)
{
    if (!facts->binding_live)
        return refuse(unknown(ask->iface), "binding_ended");
    if (!facts->belongs)
        return refuse(mcx_result_experimental(MCX_EXP_IDENTITIES_DONT_MATCH), "not_together");
    /* HA1 binds private identity and realm: only AKA survives the substitution (design 4). */
    if (!is_aka(policy, ask->scheme))
        return refuse(mcx_result_experimental(MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED), "scheme");
    if (mcx_str_equal(&facts->primary_realm, &policy->own_realm) ||
        mcx_str_equal(&facts->primary_realm, &ask->origin_realm))
        return refuse(mcx_result_code(MCX_RC_UNABLE_TO_COMPLY), "relay_loop");
    return (struct mcx_mar_plan){
        .what = MCX_MAR_RELAY, .reason = "relay", .items = items_for(ask, policy->vectors_max)};
}

/* The own SIP core or BSF asks. */
static struct mcx_mar_plan plan_core(const struct mcx_mar_policy *policy,
                                     const struct mcx_mar_ask *ask,
                                     const struct mcx_mar_facts *facts)
{
    bool has_impu = ask->impu.len > 0;

    if (facts->impi_kind == MCX_KIND_NONE || facts->impi_kind == MCX_KIND_OUTBOUND)
        return refuse(unknown(ask->iface), "unknown_impi");
    if (has_impu && (facts->impu_kind == MCX_KIND_NONE || facts->impu_kind == MCX_KIND_OUTBOUND))
        return refuse(unknown(ask->iface), "unknown_impu");
    if (facts->impi_kind == MCX_KIND_INBOUND)
        return plan_inbound(policy, ask, facts);
    return plan_own(policy, ask, facts);
}

struct mcx_mar_plan mcx_mar_plan_grant_ended(const struct mcx_mar_ask *ask)
{
    return refuse(unknown(ask->iface), "no_grant");
}

/* Another realm asks: only the granted pair exists for it, whatever the true reason (design 7). */
static struct mcx_mar_plan plan_partner(const struct mcx_mar_policy *policy,
                                        const struct mcx_mar_ask *ask,
                                        const struct mcx_mar_facts *facts)
{
    if (!facts->partner_known)
        return refuse(unknown(ask->iface), "unknown_partner");
    if (facts->impi_kind == MCX_KIND_NONE)
        return refuse(unknown(ask->iface), "unknown_impi");
    if (facts->impi_kind == MCX_KIND_INBOUND)
        return refuse(unknown(ask->iface), "chain");
    if (!facts->grant_live)
        return mcx_mar_plan_grant_ended(ask);
    if (ask->impu.len == 0 || !facts->belongs)
        return refuse(unknown(ask->iface), "not_the_granted_pair");
    if (!is_aka(policy, ask->scheme))
        return refuse(mcx_result_experimental(MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED), "scheme");
    if (!facts->has_credential)
        return refuse(mcx_result_experimental(MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED), "no_credential");
    return (struct mcx_mar_plan){.what = MCX_MAR_SERVE,
                                 .reason = ask->has_auts ? "resync_for_partner" : "serve_partner",
                                 .items = items_for(ask, policy->partner_vectors_max),
                                 .ind = facts->ind};
}

struct mcx_mar_plan mcx_mar_plan(const struct mcx_mar_policy *policy, const struct mcx_mar_ask *ask,
                                 const struct mcx_mar_facts *facts)
{
    return ask->from_partner ? plan_partner(policy, ask, facts) : plan_core(policy, ask, facts);
}
