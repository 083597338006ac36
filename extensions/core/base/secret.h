/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets as types: wiped at scope end, compared in constant time, no print function. Pure; any
 * thread. */
#ifndef MCX_BASE_SECRET_H
#define MCX_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct mcx_key128 {
    uint8_t octets[16];
};

/* Not removed by the optimiser. */
void mcx_wipe(void *octets, size_t len);
/* Time depends on len only. */
bool mcx_secret_equal(const void *a, const void *b, size_t len);

void mcx_key128_wipe(struct mcx_key128 *key);
#define MCX_SECRET_KEY128 __attribute__((cleanup(mcx_key128_wipe))) struct mcx_key128

/* At start of any process that holds secrets: PR_SET_DUMPABLE 0 and RLIMIT_CORE 0, so that no core
 * file is written. A setting may keep dumps for debugging (log.core_dumps). */
void mcx_no_core_dumps(void);

#endif
