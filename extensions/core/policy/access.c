/* SPDX-License-Identifier: Apache-2.0 */
/* CR 10.1.X.1 step 8, as the partner: the primary system first, then its user, then the cap. A
 * primary learns no more than the verdict; the reason is for our log. Pure; any thread. */
#include "policy/migration.h"

static void say(struct mcx_access_choice *choice, enum mcx_access_verdict verdict,
                const char *reason)
{
    choice->verdict = verdict;
    choice->reason = reason;
}

void mcx_access_decide(const struct mcx_access_ask *ask, const struct mcx_access_facts *facts,
                       struct mcx_access_choice *choice)
{
    int64_t asked = ask->par->expires_s, ours = facts->expires_s;

    *choice = (struct mcx_access_choice){.partner_id = facts->partner_id};
    if (!mcx_str_equal(&ask->system, &ask->par->system))
        say(choice, MCX_ACCESS_NO_AGREEMENT, "other_system");
    else if (!facts->is_system_known)
        say(choice, MCX_ACCESS_NO_AGREEMENT, "unknown_system");
    else if (!facts->has_realm)
        say(choice, MCX_ACCESS_NO_AGREEMENT, "foreign_realm");
    else if (!facts->has_host)
        say(choice, MCX_ACCESS_NO_AGREEMENT, "foreign_host");
    else if (!facts->has_domains)
        say(choice, MCX_ACCESS_NO_AGREEMENT, "foreign_domain");
    else if (!facts->has_agreement)
        say(choice, MCX_ACCESS_NO_AGREEMENT, "no_agreement");
    else if (!facts->has_rule)
        say(choice, MCX_ACCESS_NOT_AUTHORIZED, "no_rule_for_user");
    else if (facts->is_full)
        say(choice, MCX_ACCESS_EXHAUSTED, "too_many_bindings");
    else
        say(choice, MCX_ACCESS, "agreement");
    if (choice->verdict != MCX_ACCESS)
        return;
    choice->agreement_id = facts->agreement_id;
    choice->services = facts->services;
    choice->expires_s = asked == MCX_NEVER || (ours != MCX_NEVER && ours < asked) ? ours : asked;
}
