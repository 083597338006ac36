/* SPDX-License-Identifier: Apache-2.0 */
/* base/random.h that hands out what the test says. */
#ifndef MCX_FAKE_RANDOM_H
#define MCX_FAKE_RANDOM_H

#include "base/random.h"

/* The octets that mcx_random gives from now on, over and over. Borrowed. */
void fake_random_set(const void *octets, size_t len);
/* How many octets were handed out since. */
size_t fake_random_used(void);

#endif
