/* SPDX-License-Identifier: Apache-2.0 */
/* The number below which all sockets of the process must stay. Any thread; never blocks. */
#include "base/descriptors.h"

#include <stdatomic.h>
#include <sys/resource.h>

static atomic_int told; /* 0: not yet */

void mcx_descriptors_set_cap(int cap)
{
    atomic_store_explicit(&told, cap, memory_order_relaxed);
}

int mcx_descriptors_cap(void)
{
    int cap = atomic_load_explicit(&told, memory_order_relaxed);
    struct rlimit limit;

    if (cap > 0)
        return cap;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < MCX_DESCRIPTORS_END)
        return (int)limit.rlim_cur;
    return MCX_DESCRIPTORS_END;
}
