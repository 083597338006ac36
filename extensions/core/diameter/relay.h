/* SPDX-License-Identifier: Apache-2.0 */
/* Authentication through a migration binding: the MAR to the primary system and its answer
 * (CR 10.6.2 steps 5-8). */
#ifndef MCX_DIAMETER_RELAY_H
#define MCX_DIAMETER_RELAY_H

#include "diameter/sender.h"
#include "hss/mar.h"

/* conf is borrowed for the life of the process. 0 or errno. */
int mcx_relay_start(const struct mcx_conf *conf);

/* Sends on transaction `number`, which waits for the answer from now on; whatever goes wrong is
 * answered. Worker thread; does not block. */
void mcx_relay_begin(uint64_t number, const struct mcx_mar_relay *relay);

/* The MAR of this number can't leave: 5012 to the SIP core. Any thread. */
void mcx_relay_failed(uint64_t number, const char *reason);

/* Of every relayed MAR. */
extern const struct mcx_reply_ops mcx_relay_ops;

#endif
