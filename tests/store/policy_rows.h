/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of agreements start from: systems, the user alice with one device, and words to enter
 * more as an operator does. Errors fail the test. */
#ifndef MCX_TEST_POLICY_ROWS_H
#define MCX_TEST_POLICY_ROWS_H

#include "site.h"
#include "store/agreement.h"
#include "store/mcuser.h"

#define POLICY_ALICE "sip:alice@mc.primary.example" /* MC user and MCPTT ID; device "handset" */

/* A test case whose tests start with these rows. */
TCase *policy_case(const char *name);

/* A user who may migrate, with the id as his one MC service id. */
void policy_user(const char *id, const char *service);
/* Its id. max_bindings 0: no cap. */
int64_t policy_agree(struct mcx_new_agreement agreement);
void policy_cover(struct mcx_new_area area);

#endif
