/* SPDX-License-Identifier: Apache-2.0 */
/* Facts for the decisions of the configuration management server (policy/migration.h), and the
 * decisions on them. Read only. Worker thread or tool; blocks on the database. */
#ifndef MCX_STORE_CHOICE_H
#define MCX_STORE_CHOICE_H

#include "policy/migration.h"
#include "store/session.h"

/* CR 10.1.X.1 steps 2 and 3. OK: *choice is decided, whatever its verdict. DB_AWAY, DB_ERROR. */
MCX_MUST_USE enum mcx_err mcx_store_migration_choose(struct mcx_session *session,
                                                     const struct mcx_migration_ask *ask,
                                                     struct mcx_migration_choice *choice);

/* CR 10.1.X.1 step 8; design 3, "Who may say what". */
MCX_MUST_USE enum mcx_err mcx_store_access_choose(struct mcx_session *session,
                                                  const struct mcx_access_ask *ask,
                                                  struct mcx_access_choice *choice);

#endif
