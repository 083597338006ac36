/* SPDX-License-Identifier: Apache-2.0 */
/* Agreements with partners and their service areas (CR 10.1.X.1 steps 3 and 8). What fits whom is
 * written in schema/0006. For tools; blocks on the database. */
#ifndef MCX_STORE_AGREEMENT_H
#define MCX_STORE_AGREEMENT_H

#include "policy/area.h"
#include "store/mcuser.h"

struct mcx_new_agreement {
    const char *partner;
    bool is_inbound;
    const char *mc_user_id, *group, *user_domain; /* at most one; all NULL: everybody */
    struct mcx_names services;                    /* none: every one */
    struct mcx_names service_ids;                 /* inbound; "@domain": all of that */
    const char *from, *expires;                   /* times with zone; NULL: now on, for_s */
    int64_t for_s;                                /* 0 and no expires: for ever */
    bool mask;
    int64_t priority;
    int64_t max_duration_s; /* 0: none */
    const char *profile;    /* inbound: name of a service profile; NULL: the partner's */
    int64_t max_bindings;   /* inbound; -1: no cap */
    /* answers */
    int64_t id;
    char expires_at[32];
};
MCX_MUST_USE enum mcx_err mcx_store_agreement_add(struct mcx_session *session,
                                                  struct mcx_new_agreement *agreement,
                                                  struct mcx_conf_problem *problem);

/* Grants and bindings that no other agreement in force covers end with it (cause revoked), and the
 * other side is told; what others cover lives no longer than the last of them lets it. *ended: how
 * many. NOT_FOUND: no such one, or it has ended. */
MCX_MUST_USE enum mcx_err mcx_store_agreement_end(struct mcx_session *session, int64_t id,
                                                  const char *reason, size_t *ended,
                                                  struct mcx_conf_problem *problem);

struct mcx_new_area {
    const char *partner, *name;
    int64_t priority;
    const char *plmn, *ecgi_prefix; /* NULL: any */
    struct mcx_area shape;          /* box, polygon or circle, or none of them; checked here */
    int64_t id;                     /* answer */
};
MCX_MUST_USE enum mcx_err mcx_store_area_add(struct mcx_session *session, struct mcx_new_area *area,
                                             struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_store_area_delete(struct mcx_session *session, int64_t id,
                                                struct mcx_conf_problem *problem);

#endif
