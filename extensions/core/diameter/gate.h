/* SPDX-License-Identifier: Apache-2.0 */
/* Counts what is in flight through our threads, and closes at the first DPR that we send (trap S2):
 * after that nothing of ours posts to freeDiameter's queues; messages are freed. Any thread; never
 * blocks, except wait. */
#ifndef MCX_DIAMETER_GATE_H
#define MCX_DIAMETER_GATE_H

#include <stdbool.h>

bool mcx_gate_enter(void); /* false: closed, do not post */
void mcx_gate_leave(void); /* after a true enter */
void mcx_gate_close(void); /* idempotent */
bool mcx_gate_is_open(void);

#endif
