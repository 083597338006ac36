/* SPDX-License-Identifier: Apache-2.0 */
/* Default deny between systems: who may send what here, and where requests of ours may go. Pure;
 * any thread. */
#ifndef MCX_DIAMETER_BORDER_SCREEN_H
#define MCX_DIAMETER_BORDER_SCREEN_H

#include "diameter/border.h"
#include "diameter/guard.h"

struct mcx_screening {
    struct mcx_span own_host, own_realm;
    bool is_absolute_only; /* rules that border.mode may suspend are left out */
};

/* NONE, or the first rule that this request of that peer breaks (design 7). */
enum mcx_rule mcx_screen(const struct mcx_heard *heard, struct mcx_span peer_host,
                         const struct mcx_screening *screening);

/* Requests of ours of this application may go over the connection with this host, as far as that
 * depends on the party: S-DB stays in the own system and goes to the very node asked, S-S goes to
 * partners only. */
bool mcx_may_get(const struct mcx_party *party, struct mcx_span host, uint32_t application,
                 struct mcx_span destination_host);

#endif
