/* SPDX-License-Identifier: Apache-2.0 */
/* Identities loaded beforehand, for domains whose generator is "pool" (CR 10.1.X.1 steps 5 and 10).
 * Taking them is part of making a binding, giving them back of the sweep: store/allocation.h. For
 * tools; blocks on the database. */
#ifndef MCX_STORE_IDENTITY_POOL_H
#define MCX_STORE_IDENTITY_POOL_H

#include <stdio.h>

#include "store/admin.h"

struct mcx_pool_load {
    const char *domain; /* of identities that name none (tel URIs); NULL: they are refused */
    /* answers */
    size_t added, were_there;
};

/* One identity a line: user@domain, or a sip, sips or tel URI; empty lines and those that begin
 * with # are left out. All or nothing, in one transaction. INVALID: a line is none, said with its
 * number. NOT_FOUND: not a domain of ours for migration identities. EXISTS: one is somebody's. */
MCX_MUST_USE enum mcx_err mcx_store_pool_load(struct mcx_session *session, FILE *from,
                                              struct mcx_pool_load *load,
                                              struct mcx_conf_problem *problem);

#endif
