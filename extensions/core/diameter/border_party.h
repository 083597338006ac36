/* SPDX-License-Identifier: Apache-2.0 */
/* Who a Diameter identity is: which party of mcx.conf, and the part that it plays there. Built at
 * start, read-only afterwards; any thread; never blocks. */
#ifndef MCX_DIAMETER_BORDER_PARTY_H
#define MCX_DIAMETER_BORDER_PARTY_H

#include "diameter/border.h"

enum mcx_role { MCX_ROLE_NONE, MCX_ROLE_CORE, MCX_ROLE_SIP_DATABASE, MCX_ROLE_CMS, MCX_ROLE_AGENT };

struct mcx_named {
    struct mcx_party party;
    enum mcx_role role;
};

/* Start only. EINVAL after a logged sentence when a name or realm belongs to two parties or to us.
 */
int mcx_party_load(const struct mcx_conf *conf, struct mcx_span own_host,
                   struct mcx_span own_realm);
struct mcx_named mcx_party_named(struct mcx_span host);
bool mcx_party_same(const struct mcx_party *a, const struct mcx_party *b);
bool mcx_party_has_realm(const struct mcx_party *party, struct mcx_span realm);
/* The partner's system id, or "core", "own" or "none", for logs. */
const char *mcx_party_label(const struct mcx_party *party);

#endif
