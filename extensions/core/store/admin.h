/* SPDX-License-Identifier: Apache-2.0 */
/* What provisioning shares: one transaction per change, refusals as sentences with a remedy, and
 * the audit trail. For tools and, later, for rare and complex requests; blocks on the database. */
#ifndef MCX_STORE_ADMIN_H
#define MCX_STORE_ADMIN_H

#include "store/session.h"

#define MCX_IMPUS_MAX 8 /* 1*8{Public-Identity}, design 3 */

/* One change: steps runs between BEGIN and COMMIT; any error undoes it and is answered, with
 * *problem said. DB_AWAY at COMMIT: unknown whether it was done; every change may be asked for
 * again. */
typedef enum mcx_err (*mcx_admin_steps)(struct mcx_session *session, void *change,
                                        struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_admin_change(struct mcx_session *session, mcx_admin_steps steps,
                                           void *change, struct mcx_conf_problem *problem);

/* Says why and answers err. */
enum mcx_err mcx_admin_refuse(struct mcx_conf_problem *problem, enum mcx_err err,
                              const char *format, ...) __attribute__((format(printf, 3, 4)));
/* Says why a statement failed; a broken unique key is EXISTS, else err. */
enum mcx_err mcx_admin_failed(struct mcx_session *session, enum mcx_err err,
                              struct mcx_conf_problem *problem);
/* As mcx_session_run, with DB_AWAY and DB_ERROR said in *problem; a broken unique key is EXISTS. */
MCX_MUST_USE enum mcx_err mcx_admin_run(struct mcx_session *session, enum mcx_stmt stmt,
                                        const struct mcx_params *params, struct mcx_rows *rows,
                                        struct mcx_conf_problem *problem);
/* The same for statements that answer exactly one row; NOT_FOUND, unsaid, for none. */
MCX_MUST_USE enum mcx_err mcx_admin_one(struct mcx_session *session, enum mcx_stmt stmt,
                                        const struct mcx_params *params, struct mcx_rows *rows,
                                        struct mcx_conf_problem *problem);

/* A whole change that ends one row: stmt takes its number and answers one row, or none: NOT_FOUND,
 * said as "there is no <what> <number>". Audited as kind. */
struct mcx_row_end {
    enum mcx_stmt stmt;
    int64_t number;
    const char *what, *kind;
};
MCX_MUST_USE enum mcx_err mcx_admin_end_row(struct mcx_session *session,
                                            const struct mcx_row_end *end,
                                            struct mcx_conf_problem *problem);

/* Appends to this session's chain, inside the transaction of the change. names and values by turns,
 * ended by NULL; values may be NULL. They become one JSON object. Never a secret. */
MCX_MUST_USE enum mcx_err mcx_admin_audit(struct mcx_session *session, const char *kind,
                                          struct mcx_conf_problem *problem, ...)
    __attribute__((sentinel));

/* Takes count consecutive numbers of a kind ("subscriber", "implicit_set"). */
MCX_MUST_USE enum mcx_err mcx_admin_take_ids(struct mcx_session *session, const char *kind,
                                             int64_t count, int64_t *first,
                                             struct mcx_conf_problem *problem);

#endif
