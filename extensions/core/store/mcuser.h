/* SPDX-License-Identifier: Apache-2.0 */
/* MC users, their MC service ids, groups and devices: what CR 10.1.X.1 steps 2 to 4 are decided by.
 * Precedence is written in schema/0006. For tools; blocks on the database. */
#ifndef MCX_STORE_MCUSER_H
#define MCX_STORE_MCUSER_H

#include "policy/migration.h"
#include "store/admin.h"

/* A rule that is set, cleared (UNSAID), or left alone. */
struct mcx_new_rule {
    bool is_given;
    enum mcx_rule rule;
};

#define MCX_NAMES_MAX 32 /* in one change */
struct mcx_names {
    size_t count;
    struct mcx_span name[MCX_NAMES_MAX];
};

/* Ids and labels that an operator enters: 1 to MCX_STR_MAX octets, no control characters, since
 * statements join them with line feeds. what: "a service id". INVALID, said. */
MCX_MUST_USE enum mcx_err mcx_store_name_check(const char *what, struct mcx_span name,
                                               struct mcx_conf_problem *problem);

struct mcx_user_change {
    const char *id;
    bool is_new; /* must not be there; else it must */
    struct mcx_new_rule may_migrate, mask;
    struct mcx_names service_ids[MCX_SERVICES]; /* added */
    struct mcx_names not_service_ids, groups, not_groups;
};
/* EXISTS: is there, or a service id is another user's. NOT_FOUND: no such user, group or id. All
 * said. */
MCX_MUST_USE enum mcx_err mcx_store_user_change(struct mcx_session *session,
                                                const struct mcx_user_change *change,
                                                struct mcx_conf_problem *problem);
/* With service ids, memberships and devices; live grants of the user are revoked. */
MCX_MUST_USE enum mcx_err mcx_store_user_delete(struct mcx_session *session, const char *id,
                                                const char *reason, size_t *ended,
                                                struct mcx_conf_problem *problem);

struct mcx_group_change {
    const char *name;
    bool is_new;
    struct mcx_new_rule may_migrate, mask;
};
MCX_MUST_USE enum mcx_err mcx_store_group_change(struct mcx_session *session,
                                                 const struct mcx_group_change *change,
                                                 struct mcx_conf_problem *problem);
/* MISMATCH: an agreement names it. */
MCX_MUST_USE enum mcx_err mcx_store_group_delete(struct mcx_session *session, const char *name,
                                                 struct mcx_conf_problem *problem);

/* CR 10.1.X.1 step 4, "per service configuration". */
MCX_MUST_USE enum mcx_err mcx_store_service_mask(struct mcx_session *session,
                                                 enum mcx_service service, bool mask,
                                                 struct mcx_conf_problem *problem);

struct mcx_new_device {
    const char *mc_user_id, *label, *impi;
    size_t impu_count; /* 0: those that this database knows of the IMPI */
    struct mcx_span impu[MCX_PUBLIC_MAX];
    struct mcx_names services; /* none: all */
    const char *realm, *host;  /* of its SIP database or SLF; NULL: this one */
};
MCX_MUST_USE enum mcx_err mcx_store_device_add(struct mcx_session *session,
                                               const struct mcx_new_device *device,
                                               struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_store_device_delete(struct mcx_session *session, const char *user,
                                                  const char *label,
                                                  struct mcx_conf_problem *problem);

#endif
