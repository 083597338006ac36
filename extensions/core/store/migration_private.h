/* SPDX-License-Identifier: Apache-2.0 */
/* What migration.c and migration_end.c share. Nobody else includes this. */
#ifndef MCX_STORE_MIGRATION_PRIVATE_H
#define MCX_STORE_MIGRATION_PRIVATE_H

#include "store/migration.h"

/* As mcx_session_run, not inside a transaction. Migration, then grant is the order of locks here;
 * who ends a grant by itself goes the other way, and PostgreSQL ends one of the two: nothing was
 * done, and it is done again, a few times. */
MCX_MUST_USE enum mcx_err mcx_migration_run_patiently(struct mcx_session *session,
                                                      enum mcx_stmt stmt,
                                                      const struct mcx_params *params,
                                                      struct mcx_rows *rows);
/* As mcx_store_migration_end, inside a transaction. */
MCX_MUST_USE enum mcx_err mcx_migration_end_within(struct mcx_session *session,
                                                   const struct mcx_migration_end *end);

#endif
