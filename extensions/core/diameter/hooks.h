/* SPDX-License-Identifier: Apache-2.0 */
/* The one hook registration of the project (traps B5, S1): keeps freeDiameter's default handlers,
 * which print whole messages with their keys, from running; logs header fields only; calls
 * mcx_border_received, mcx_sender_sent and mcx_gate_close; completes MAAs that freeDiameter itself
 * makes. */
#ifndef MCX_DIAMETER_HOOKS_H
#define MCX_DIAMETER_HOOKS_H

/* Once, from the runtime's start. 0 or errno. */
int mcx_hooks_start(void);

#endif
