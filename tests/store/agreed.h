/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of an agreement's end start from: one with "partner", what alice makes under it, and
 * its end. Errors fail the test. */
#ifndef MCX_TEST_AGREED_H
#define MCX_TEST_AGREED_H

#include "policy_rows.h"
#include "store/migration.h"

#define AGREED_LATE_S 3786912000 /* 2090-01-01T00:00:00Z */

/* Its id; its partner need not be named. */
int64_t agreed_new(struct mcx_new_agreement agreement);
/* Ends it, and with it so many grants, bindings and migrations, a migration with its grant as one.
 */
void agreed_end(int64_t agreement, size_t count);
/* Rows of the table that have not ended. */
long long agreed_live(const char *table);

/* Her grant, without a migration begun here. */
void alice_goes(void);
/* Her migration, which waits for its MIR. */
struct mcx_migration alice_asks(void);
struct mcx_migration alice_asks_with_grant(void);
/* Step 12; what is kept. */
int64_t alice_is_given(struct mcx_migration *migration, int64_t expires_s);

#endif
