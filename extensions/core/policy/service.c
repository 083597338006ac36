/* SPDX-License-Identifier: Apache-2.0 */
/* The rows of services.def as a table. Pure; any thread. */
#include "policy/service.h"

const struct mcx_service_row mcx_service_rows[MCX_SERVICES] = {
#define MCX_SERVICE(name, text, claim, scope) {text, claim, scope},
#include "policy/services.def"
#undef MCX_SERVICE
};

enum mcx_service mcx_service_named(struct mcx_span name)
{
    int which = 0;

    while (which < MCX_SERVICES && !mcx_span_equal(mcx_span_of(mcx_service_rows[which].name), name))
        which++;
    return (enum mcx_service)which;
}
