/* SPDX-License-Identifier: Apache-2.0 */
/* Replies to the UE as values: what went wrong, and what the user can do. Pure; any thread. */
#include <stdio.h>

#include "cms/cms_private.h"

enum { RETRY_S = 5 };

struct mcx_ue_reply mcx_ue_reply_problem(enum mcx_ue_outcome outcome, const char *problem,
                                         const char *detail)
{
    struct mcx_ue_reply reply = {.outcome = outcome, .problem = problem};

    snprintf(reply.detail, sizeof reply.detail, "%s", detail);
    if (outcome == MCX_UE_UNAVAILABLE)
        reply.retry_after_s = RETRY_S;
    return reply;
}

struct mcx_ue_reply mcx_ue_reply_away(enum mcx_err why)
{
    if (!mcx_err_passes(why))
        return mcx_ue_reply_problem(MCX_UE_FAULT, "internal",
                                    "The server could not do this. Its operator's log says why.");
    return mcx_ue_reply_problem(MCX_UE_UNAVAILABLE, "unavailable",
                                "The server is not able to answer now. Ask again later: the same "
                                "request gives the same result.");
}

struct mcx_ue_binding mcx_ue_reply_binding(const struct mcx_migration *migration,
                                           const struct mcx_span *document)
{
    struct mcx_ue_binding binding = {.mc_user_id = migration->mc_user_id,
                                     .device = migration->device,
                                     .partner = migration->partner,
                                     .is_requested = migration->is_requested,
                                     .inbound = migration->inbound,
                                     .expires_s = migration->expires_s};

    snprintf(binding.binding_id, sizeof binding.binding_id, "%s", migration->binding_id);
    if (document && document->len > 0) {
        binding.document = document->octets;
        binding.document_len = document->len;
    }
    return binding;
}

struct mcx_ue_reply mcx_ue_reply_kept(const char *binding_id)
{
    struct mcx_ue_reply reply = mcx_ue_reply_problem(
        MCX_UE_UNAVAILABLE, "partner-unavailable",
        "The partner system does not answer now. The request is kept and goes on by itself: ask "
        "again in a moment.");

    reply.binding_id = binding_id;
    return reply;
}

/* The partner's own word on this user or system: nothing stays allocated (design 3). */
static const struct {
    uint32_t code;
    enum mcx_ue_outcome outcome;
    const char *problem, *detail;
} refusals[] = {
    {MCX_MCX_IDENTITIES_EXHAUSTED, MCX_UE_UNAVAILABLE, "partner-exhausted",
     "The partner system has no room for another user now. Ask again later."},
    {MCX_MCX_USER_NOT_AUTHORIZED, MCX_UE_FORBIDDEN, "refused-by-partner",
     "The partner system does not admit this user. Ask your administrator."},
    {MCX_MCX_NO_AGREEMENT, MCX_UE_FORBIDDEN, "refused-by-partner",
     "The partner system does not admit users of this system. Ask your administrator."},
    {MCX_MCX_UNKNOWN_USER, MCX_UE_FORBIDDEN, "refused-by-partner",
     "The partner system does not admit this user. Ask your administrator."},
    {MCX_MCX_UNKNOWN_BINDING, MCX_UE_UNAVAILABLE, "ended",
     "This migration was ended at the partner system. Ask again for a new one."},
};

struct mcx_ue_reply mcx_ue_reply_refused(const struct mcx_result *result)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (result->is_mcx && refusals[i].code == result->code)
            return mcx_ue_reply_problem(refusals[i].outcome, refusals[i].problem,
                                        refusals[i].detail);
    return mcx_ue_reply_problem(MCX_UE_FORBIDDEN, "refused-by-partner",
                                "The partner system refused the request. Ask your administrator.");
}

static const struct {
    enum mcx_ue_outcome outcome;
    const char *problem;
} verdicts[] = {
    [MCX_MIGRATE_NO_USER] = {MCX_UE_FORBIDDEN, "unknown-user"},
    [MCX_MIGRATE_NOT_AUTHORIZED] = {MCX_UE_FORBIDDEN, "not-authorized"},
    [MCX_MIGRATE_NO_DEVICE] = {MCX_UE_NOT_FOUND, "no-device"},
    [MCX_MIGRATE_SEVERAL_DEVICES] = {MCX_UE_CONFLICT, "several-devices"},
    [MCX_MIGRATE_NO_PARTNER] = {MCX_UE_NOT_FOUND, "no-partner"},
};

struct mcx_ue_reply mcx_ue_reply_verdict(const struct mcx_migration_choice *choice)
{
    struct mcx_ue_reply reply = mcx_ue_reply_problem(
        verdicts[choice->verdict].outcome, verdicts[choice->verdict].problem, choice->detail);

    reply.label_count = choice->label_count;
    reply.label = choice->label;
    return reply;
}
