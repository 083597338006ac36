/* SPDX-License-Identifier: Apache-2.0 */
/* One atomic word: the lowest bit says closed, the rest counts who is inside. close waits for those
 * who are: they only post to queues that have room, so that is microseconds; freeDiameter destroys
 * its queues much later. */
#include "diameter/gate.h"

#include <sched.h>
#include <stdatomic.h>

enum { CLOSED = 1, ONE = 2 };

static atomic_uint gate;

bool mcx_gate_enter(void)
{
    unsigned int was = atomic_fetch_add(&gate, ONE);

    if (was & CLOSED) {
        atomic_fetch_sub(&gate, ONE);
        return false;
    }
    return true;
}

void mcx_gate_leave(void)
{
    atomic_fetch_sub(&gate, ONE);
}

void mcx_gate_close(void)
{
    atomic_fetch_or(&gate, CLOSED);
    while (atomic_load(&gate) >= ONE)
        sched_yield();
}

bool mcx_gate_is_open(void)
{
    return !(atomic_load(&gate) & CLOSED);
}
