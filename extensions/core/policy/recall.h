/* SPDX-License-Identifier: Apache-2.0 */
/* What a primary's RTR or PPR does to the inbound binding of its user, as a pure function (design
 * 7; TS 29.228 6.1.3 and 6.2.2). Any thread. */
#ifndef MCX_POLICY_RECALL_H
#define MCX_POLICY_RECALL_H

#include "base/span.h"
#include "policy/result.h"

/* Public-Identities in one RTR at most. */
#define MCX_RECALL_IMPUS_MAX 32

enum mcx_recall_command { MCX_RTR, MCX_PPR };

/* Reason-Code, TS 29.229 6.3.17. */
enum mcx_dereg_reason {
    MCX_DEREG_PERMANENT_TERMINATION,
    MCX_DEREG_NEW_SERVER_ASSIGNED,
    MCX_DEREG_SERVER_CHANGE,
    MCX_DEREG_REMOVE_SCSCF,
    MCX_DEREG_REASONS
};

/* One request, decoded and of sound shape. */
struct mcx_recall_ask {
    enum mcx_recall_command command;
    struct mcx_str partner;       /* whose peer delivered it: its system_id in border.partners */
    struct mcx_str impi;          /* canonical: what the partner side asks this primary with */
    enum mcx_dereg_reason reason; /* RTR */
    size_t impu_count;            /* RTR; 0: all of the IMPI */
    struct mcx_str impu[MCX_RECALL_IMPUS_MAX]; /* canonical */
};

/* What the database says. */
struct mcx_recall_facts {
    bool is_live;     /* a binding of exactly this partner and IMPI, not ended, not expired */
    bool has_an_impu; /* one of those listed is of it; true for no list */
};

enum mcx_recall_do { MCX_RECALL_END, MCX_RECALL_IGNORE, MCX_RECALL_UNKNOWN };

/* END: no list, or PERMANENT_TERMINATION: the IMPUs of a binding are one implicit registration set,
 * so that one of them stands for all (TS 29.228 6.1.3.1). IGNORE: a PPR; an RTR that only moves
 * some IMPUs between S-CSCFs of the primary, where a partner's user is not registered. UNKNOWN: no
 * such binding, or none of the listed IMPUs is of it. */
enum mcx_recall_do mcx_recall_plan(const struct mcx_recall_ask *ask,
                                   const struct mcx_recall_facts *facts);

#endif
