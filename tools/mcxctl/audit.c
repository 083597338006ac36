/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl audit: who did what, whether anybody changed the record of it, and how long it is kept. */
#include <stdio.h>
#include <stdlib.h>

#include "options.h"
#include "store/admin.h"

static int list(struct ctl *ctl)
{
    int64_t limit;
    MCX_PARAMS params = {0};

    if (!ctl_limit(ctl, &limit))
        return CTL_USAGE;
    mcx_params_i32(&params, (int32_t)limit);
    return ctl_show(ctl, MCX_STMT_AUDIT_LIST, &params);
}

static int verify(struct ctl *ctl)
{
    struct mcx_conf_problem problem;
    MCX_ROWS broken = {0};
    int status = ctl_connect(ctl);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_admin_run(ctl->session, MCX_STMT_AUDIT_BROKEN, NULL, &broken, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    if (mcx_rows_count(&broken) == 0)
        return ctl_show_record(ctl, MCX_STMT_AUDIT_HEADS, NULL, "");
    (void)ctl_show(ctl, MCX_STMT_AUDIT_BROKEN, NULL);
    fprintf(stderr, "mcxctl: the audit trail was changed\n");
    return CTL_REFUSED;
}

/* ---- retention ---- */

struct cut {
    int32_t days;
    int64_t rows; /* answer */
};

/* Else a cut would take away what shows that somebody changed the trail. */
static enum mcx_err refuse_broken(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    MCX_ROWS broken = {0};
    enum mcx_err err = mcx_admin_run(session, MCX_STMT_AUDIT_BROKEN, NULL, &broken, problem);

    if (err != MCX_OK || mcx_rows_count(&broken) == 0)
        return err;
    return mcx_admin_refuse(problem, MCX_INVALID,
                            "nothing was cut, since the audit trail was changed: row %lld of "
                            "writer %s: %s; see mcxctl audit verify",
                            (long long)mcx_cell_i64(&broken, 0, 1), mcx_cell_text(&broken, 0, 0),
                            mcx_cell_text(&broken, 0, 3));
}

static enum mcx_err cut_rows(struct mcx_session *session, struct cut *cut,
                             struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_admin_run(session, MCX_STMT_AUDIT_CUT_FORGET, NULL, NULL, problem);

    mcx_params_i32(&params, cut->days);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_AUDIT_CUT, &params, &rows, problem);
    if (err == MCX_OK)
        cut->rows = mcx_cell_i64(&rows, 0, 0);
    return err;
}

static enum mcx_err cut_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct cut *cut = arg;
    char days[16], count[24];
    MCX_ROWS kept = {0};
    enum mcx_err err = mcx_admin_run(session, MCX_STMT_AUDIT_CUT_LOCK, NULL, NULL, problem);

    if (err == MCX_OK)
        err = refuse_broken(session, problem);
    if (err == MCX_OK)
        err = cut_rows(session, cut, problem);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_AUDIT_CUT_KEPT, NULL, &kept, problem);
    if (err != MCX_OK)
        return err;
    snprintf(days, sizeof days, "%d", cut->days);
    snprintf(count, sizeof count, "%lld", (long long)cut->rows);
    return mcx_admin_audit(session, "audit_cut", problem, "older_than_days", days, "rows", count,
                           "kept", mcx_cell_text(&kept, 0, 0), NULL);
}

static int cut(struct ctl *ctl)
{
    struct cut change = {0};
    struct mcx_conf_problem problem;
    char *end;
    long days = strtol(ctl->arg[0], &end, 10);
    int status;
    enum mcx_err err;

    if (*end || end == ctl->arg[0] || days < 1 || days > 36500)
        return ctl_usage(ctl, "DAYS must be 1 to 36500");
    change.days = (int32_t)days;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_admin_change(ctl->session, cut_steps, &change, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    ctl_say_number(ctl, "deleted", change.rows);
    return CTL_OK;
}

static const struct argp_option list_options[] = {
    {"limit", OPT_LIMIT, "N", 0, "the newest so many (100)", 0}, {0}};

const struct ctl_command ctl_audit[] = {
    {"audit", "list", "", 0, 0, "Lists the newest rows of the audit trail.", list_options, list},
    {"audit", "verify", "", 0, 0,
     "Checks every hash and every link of the audit trail.\v"
     "Keep the printed newest hash elsewhere: rows cut off at the end of a chain leave no gap.",
     ctl_no_options, verify},
    {"audit", "cut", "DAYS", 1, 1,
     "Deletes rows of the audit trail that are older than so many days.\v"
     "What is left can still be verified: of the rows that others follow the hash is kept. A trail "
     "that was changed is not cut.",
     ctl_no_options, cut},
    {0}};
