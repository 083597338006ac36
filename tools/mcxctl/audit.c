/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl audit: who did what, and whether anybody changed the record of it. */
#include <stdio.h>

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

static const struct argp_option list_options[] = {
    {"limit", OPT_LIMIT, "N", 0, "the newest so many (100)", 0}, {0}};

const struct ctl_command ctl_audit[] = {
    {"audit", "list", "", 0, 0, "Lists the newest rows of the audit trail.", list_options, list},
    {"audit", "verify", "", 0, 0,
     "Checks every hash and every link of the audit trail.\v"
     "Keep the printed newest hash elsewhere: rows cut off at the end of a chain leave no gap.",
     ctl_no_options, verify},
    {0}};
