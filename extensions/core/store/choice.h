/* SPDX-License-Identifier: Apache-2.0 */
/* Facts for the decisions of the configuration management server (policy/migration.h), and the
 * decisions on them. Read only. Worker thread or tool; blocks on the database. */
#ifndef MCX_STORE_CHOICE_H
#define MCX_STORE_CHOICE_H

#include "policy/migration.h"
#include "store/session.h"

/* CR 10.1.X.1 steps 2 and 3. OK: *choice is decided, whatever its verdict. DB_AWAY, DB_ERROR. Two
 * statements, a third one only to say why there is no partner. */
MCX_MUST_USE enum mcx_err mcx_store_migration_choose(struct mcx_session *session,
                                                     const struct mcx_migration_ask *ask,
                                                     struct mcx_migration_choice *choice);

/* The same decision, with every partner and why it is or is not chosen. None if step 2 refused. */
struct mcx_explained {
    struct mcx_str partner;
    bool is_chosen;
    const char *why;      /* static */
    int64_t agreement_id; /* 0: none */
    int64_t priority, area_priority;
    bool is_covered; /* area_priority counts */
};
struct mcx_explanation {
    size_t count;
    struct mcx_explained partner[MCX_CANDIDATES_MAX];
};
MCX_MUST_USE enum mcx_err mcx_store_migration_explain(struct mcx_session *session,
                                                      const struct mcx_migration_ask *ask,
                                                      struct mcx_migration_choice *choice,
                                                      struct mcx_explanation *explanation);

/* CR 10.1.X.1 step 8; design 3, "Who may say what". */
MCX_MUST_USE enum mcx_err mcx_store_access_choose(struct mcx_session *session,
                                                  const struct mcx_access_ask *ask,
                                                  struct mcx_access_choice *choice);

#endif
