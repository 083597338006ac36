/* SPDX-License-Identifier: Apache-2.0 */
/* The table of policy/recall.h. Pure; any thread. */
#include "policy/recall.h"

enum mcx_recall_do mcx_recall_plan(const struct mcx_recall_ask *ask,
                                   const struct mcx_recall_facts *facts)
{
    if (!facts->is_live)
        return MCX_RECALL_UNKNOWN;
    if (ask->command == MCX_PPR)
        return MCX_RECALL_IGNORE;
    if (!facts->has_an_impu)
        return MCX_RECALL_UNKNOWN;
    if (ask->impu_count == 0 || ask->reason == MCX_DEREG_PERMANENT_TERMINATION)
        return MCX_RECALL_END;
    return MCX_RECALL_IGNORE;
}
