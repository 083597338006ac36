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
    if (why == MCX_DB_ERROR || why == MCX_NO_MEMORY)
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
