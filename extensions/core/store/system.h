/* SPDX-License-Identifier: Apache-2.0 */
/* This MC system's own names and the identity domains that it owns. Blocks on the database. */
#ifndef MCX_STORE_SYSTEM_H
#define MCX_STORE_SYSTEM_H

#include "store/admin.h"

struct mcx_own_system {
    struct mcx_str system_id;    /* MC-System-Id: lower-case label */
    struct mcx_str realm;        /* Diameter realm, lower case */
    struct mcx_str sip_database; /* the host that partners ask; len 0: they use the realm */
};

/* Sets or changes it; the realm becomes a domain of own identities. INVALID: *problem says which
 * name. */
MCX_MUST_USE enum mcx_err mcx_store_system_set(struct mcx_session *session,
                                               const struct mcx_own_system *system,
                                               struct mcx_conf_problem *problem);
/* Inside a transaction it also holds the row, so that changes of partners, domains and bindings
 * come one after the other. NOT_FOUND: never set, said with the remedy. */
MCX_MUST_USE enum mcx_err mcx_store_system_get(struct mcx_session *session,
                                               struct mcx_own_system *out,
                                               struct mcx_conf_problem *problem);

/* purpose: own, inbound or outbound. generator of its migration identities: random or pool
 * (store/identity_pool.h); NULL: as it is, random for a new one. What has identities keeps them.
 * EXISTS: ours for another purpose, or a partner's. */
MCX_MUST_USE enum mcx_err mcx_store_domain_add(struct mcx_session *session, const char *domain,
                                               const char *purpose, bool is_default,
                                               const char *generator,
                                               struct mcx_conf_problem *problem);

/* Lower-cased host or realm; INVALID said. what names it for people. */
MCX_MUST_USE enum mcx_err mcx_store_host(const char *what, struct mcx_span text,
                                         struct mcx_str *out, struct mcx_conf_problem *problem);
/* Lower-case label of 1 to 63 letters, digits, hyphens, underscores; INVALID said. Design 3, AVP
 * table. */
MCX_MUST_USE enum mcx_err mcx_store_system_id(struct mcx_span text, struct mcx_str *out,
                                              struct mcx_conf_problem *problem);

#endif
