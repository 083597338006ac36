/* SPDX-License-Identifier: Apache-2.0 */
/* Stands in for base/random.c at link time. One thread. */
#include "fake_random.h"

#include <stdint.h>

static const uint8_t zero[1];
static const uint8_t *source = zero;
static size_t source_len = 1, used;

void fake_random_set(const void *octets, size_t len)
{
    source = octets;
    source_len = len;
    used = 0;
}

size_t fake_random_used(void)
{
    return used;
}

void mcx_random(void *out, size_t len)
{
    for (size_t i = 0; i < len; i++)
        ((uint8_t *)out)[i] = source[used++ % source_len];
}
