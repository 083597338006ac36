/* SPDX-License-Identifier: Apache-2.0 */
/* Other MC systems: who they are, what they own, which of our domains their users' identities come
 * from. Must agree with border.partners of mcx.conf. Blocks on the database. */
#ifndef MCX_STORE_PARTNER_H
#define MCX_STORE_PARTNER_H

#include "store/admin.h"

struct mcx_new_partner {
    struct mcx_str system_id;
    struct mcx_host_list realms; /* the first is the main one */
    struct mcx_host_list sip_databases, slfs, cms, agents;
    struct mcx_host_list domains;                   /* of identities that it owns */
    bool is_zh;                                     /* relay by Zh instead of Cx */
    struct mcx_str inbound_domain, outbound_domain; /* ours; len 0: the default */
    const char *ca_note;
    uint8_t ind; /* answer */
};

/* EXISTS: there already, or a realm, host or domain is somebody else's; said. A removed partner
 * comes back with its IND. */
MCX_MUST_USE enum mcx_err mcx_store_partner_add(struct mcx_session *session,
                                                struct mcx_new_partner *partner,
                                                struct mcx_conf_problem *problem);

/* Ends its grants and bindings with cause revoked. NOT_FOUND said. */
MCX_MUST_USE enum mcx_err mcx_store_partner_remove(struct mcx_session *session,
                                                   const struct mcx_str *system_id,
                                                   const char *reason,
                                                   struct mcx_conf_problem *problem);

#endif
