/* SPDX-License-Identifier: Apache-2.0 */
/* Randomness from getrandom(2), fetched 256 octets at a time per thread and wiped as it is handed
 * out. A child after fork throws its inherited buffer away. Any thread; blocks only before the
 * kernel's pool is seeded at boot. */
#include "base/random.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "base/secret.h"

struct reserve {
    uint8_t octets[256];
    size_t left; /* unused octets, at the end */
    unsigned generation;
};

static __thread struct reserve reserve;
static atomic_uint generation; /* of this process: a forked child counts on */
static pthread_once_t fork_watch = PTHREAD_ONCE_INIT;

static void after_fork_in_child(void)
{
    atomic_fetch_add_explicit(&generation, 1, memory_order_relaxed);
}

static void watch_forks(void)
{
    if (pthread_atfork(NULL, NULL, after_fork_in_child) != 0)
        abort();
}

static void from_kernel(uint8_t *out, size_t len)
{
    while (len > 0) {
        ssize_t got = getrandom(out, len, 0);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            static const char line[] = "ev=no_randomness reason=getrandom_failed action=abort\n";

            (void)!fwrite(line, 1, sizeof line - 1, stderr);
            abort();
        }
        out += got;
        len -= (size_t)got;
    }
}

void mcx_random(void *out, size_t len)
{
    unsigned current;
    uint8_t *from;

    if (len > sizeof reserve.octets / 2) {
        from_kernel(out, len);
        return;
    }
    (void)pthread_once(&fork_watch, watch_forks);
    current = atomic_load_explicit(&generation, memory_order_relaxed);
    if (reserve.left < len || reserve.generation != current) {
        from_kernel(reserve.octets, sizeof reserve.octets);
        reserve.left = sizeof reserve.octets;
        reserve.generation = current;
    }
    from = reserve.octets + sizeof reserve.octets - reserve.left;
    memcpy(out, from, len);
    mcx_wipe(from, len);
    reserve.left -= len;
}
