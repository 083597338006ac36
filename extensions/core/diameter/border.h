/* SPDX-License-Identifier: Apache-2.0 */
/* Who is behind a peer, and the screening of what peers deliver (design 7; traps C1-C6, R5, R12,
 * T1, T7). Rights come from the peer that delivered the request, never from its AVPs. Started by
 * the shell acl_border. */
#ifndef MCX_DIAMETER_BORDER_H
#define MCX_DIAMETER_BORDER_H

#include "base/conf.h"
#include "diameter/fd.h"

enum mcx_party_kind { MCX_PARTY_NONE, MCX_PARTY_CORE, MCX_PARTY_OWN, MCX_PARTY_PARTNER };

struct mcx_party {
    enum mcx_party_kind kind;
    size_t index;                           /* into conf->core, conf->own or conf->partner */
    const struct mcx_conf_core *core;       /* CORE */
    const struct mcx_conf_own *own;         /* OWN: another node of this system */
    const struct mcx_conf_partner *partner; /* PARTNER */
};

/* Registers peer validation, routing and dispatch callbacks. conf is borrowed for the life of the
 * process. Called once, from the shell's entry (configuration thread). Returns 0 or errno as
 * freeDiameter expects of an entry. */
int mcx_border_start(const struct mcx_conf *conf);
bool mcx_border_started(void);

/* By configuration alone: which party does this Diameter identity belong to? A partner's agents
 * count as the partner. Any thread; does not block. */
struct mcx_party mcx_border_party(struct mcx_span peer_host);

/* Whose peer delivered this message. Any thread that owns it. */
struct mcx_party mcx_border_source(struct msg *msg);

/* Has the connection that this request came by gone, be it that the peer has another by now, or was
 * it refused? Then its answer must not leave (RFC 6733 6.2). false without a border. Any thread
 * that owns it; a short mutex. */
bool mcx_border_is_past(struct msg *request);

/* Called by hooks.c for each message received, in the peer's receiving thread: repairs what would
 * stop freeDiameter (and marks the request so that it is answered 5004), and refuses peers that are
 * not who their certificate says. */
void mcx_border_received(struct msg *msg, struct peer_hdr *peer);

/* Called by hooks.c when CER and CEA have been exchanged, with the CEA, in the peer's own thread.
 * false: this peer is not who it claims to be, and its connection has been ended. true without a
 * border. */
bool mcx_border_connected(struct msg *cea, struct peer_hdr *peer);

#endif
