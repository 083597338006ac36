/* SPDX-License-Identifier: Apache-2.0 */
/* The body of POST /mcx/v1/partner-connections (CR 10.1.X.1 step 1; conf/openapi.json). Pure; any
 * thread. */
#ifndef MCX_HTTP_ASK_H
#define MCX_HTTP_ASK_H

#include "http/location.h"
#include "policy/migration.h"

/* Everything of *out that a body can say; whether the user may say so is for the token. INVALID:
 * fault says what is wrong. Members that we do not know are refused, so that a misspelt one is
 * noticed. */
MCX_MUST_USE enum mcx_err mcx_ask_read(struct mcx_span body, struct mcx_migration_ask *out,
                                       struct mcx_ask_fault *fault);

#endif
