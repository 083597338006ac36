/* SPDX-License-Identifier: Apache-2.0 */
/* Is the body of a 200 what a UE needs to register at the partner (CR 10.1.X.1 step 13)? */
#ifndef BENCH_CONNECTION_CHECK_H
#define BENCH_CONNECTION_CHECK_H

#include "options.h"
#include "seen.h"

/* NULL: sound. Else what is wrong, a constant text without anything of the body: it may hold
 * credentials. */
const char *connection_check(struct mcx_span body, const struct migrate_options *options,
                             struct seen *seen, uint64_t user);

#endif
