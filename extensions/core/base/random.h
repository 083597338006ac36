/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel randomness (getrandom), buffered per thread, replaceable at link time in tests. Any
 * thread. */
#ifndef MCX_BASE_RANDOM_H
#define MCX_BASE_RANDOM_H

#include <stddef.h>

/* Fills out with unpredictable octets. Aborts the process if the kernel has none: no vector may
 * leave without. */
void mcx_random(void *out, size_t len);

#endif
