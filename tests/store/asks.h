/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for grants and bindings, as MIRs bring them. MC users are sip:NAME@mc.example. */
#ifndef MCX_TEST_ASKS_H
#define MCX_TEST_ASKS_H

#include "fixture.h"
#include "store/allocation.h"

/* NAME@primary.example towards "partner". */
struct mcx_binding_ask migration_out(const char *id, const char *name, bool mask);
/* NAME@partner.example, received with capitals, from "partner". At most 1000 asks a test. */
struct mcx_binding_ask migration_in(const char *id, const char *name);
void migration_add_impu(struct mcx_binding_ask *ask, const char *impu);

/* Fails the test on errors. Any thread with a session of its own. */
struct mcx_binding_outcome migration_make(struct mcx_session *session,
                                          const struct mcx_binding_ask *ask);

#endif
