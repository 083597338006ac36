/* SPDX-License-Identifier: Apache-2.0 */
/* MC services and MC service ids (TS 23.280 8.1), from the one list services.def. Pure. */
#ifndef MCX_POLICY_SERVICE_H
#define MCX_POLICY_SERVICE_H

#include "base/span.h"

enum mcx_service {
#define MCX_SERVICE(name, text, claim, scope) MCX_SERVICE_##name,
#include "policy/services.def"
#undef MCX_SERVICE
    MCX_SERVICES
};

struct mcx_service_row {
    const char *name, *claim, *scope;
};
extern const struct mcx_service_row mcx_service_rows[MCX_SERVICES];

/* MCX_SERVICES: none of that name. */
enum mcx_service mcx_service_named(struct mcx_span name);

/* MC service ids of one user, at most one a service. */
struct mcx_service_ids {
    bool has[MCX_SERVICES];
    struct mcx_str id[MCX_SERVICES]; /* MCPTT ID, MCVideo ID, MCData ID */
};

#endif
