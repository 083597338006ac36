/* SPDX-License-Identifier: Apache-2.0 */
/* Wiping and comparing secrets, and keeping them out of core files. Any thread; does not block. */
#include "base/secret.h"

#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

void mcx_wipe(void *octets, size_t len)
{
    if (len > 0)
        explicit_bzero(octets, len);
}

bool mcx_secret_equal(const void *a, const void *b, size_t len)
{
    const volatile uint8_t *x = a, *y = b;
    uint8_t difference = 0;

    for (size_t i = 0; i < len; i++)
        difference |= (uint8_t)(x[i] ^ y[i]);
    return difference == 0;
}

void mcx_key128_wipe(struct mcx_key128 *key)
{
    mcx_wipe(key, sizeof *key);
}

void mcx_no_core_dumps(void)
{
    const struct rlimit none = {0, 0};

    /* Neither can fail with these arguments, and there is nothing better to do if one did. */
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
}
