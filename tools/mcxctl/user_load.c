/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl user load: MC users by the hundred thousand for a test, each with one device, for
 * subscribers that `subscriber load` made. One transaction. */
#include <inttypes.h>
#include <stdio.h>

#include "options.h"
#include "store/admin.h"

enum { CHUNK = 20000 };

struct load {
    int64_t first, count;
    const char *realm, *mc_realm;
    int64_t loaded;
};

static enum mcx_err load_chunk(struct mcx_session *session, const struct load *load,
                               struct mcx_conf_problem *problem)
{
    int64_t left = load->count - load->loaded;
    int64_t first = load->first + load->loaded;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};

    mcx_params_i64(&params, first);
    mcx_params_i64(&params, first + (left < CHUNK ? left : CHUNK) - 1);
    mcx_params_text(&params, load->realm);
    mcx_params_text(&params, load->mc_realm);
    return mcx_admin_run(session, MCX_STMT_USER_LOAD, &params, &rows, problem);
}

static enum mcx_err load_all(struct mcx_session *session, void *change,
                             struct mcx_conf_problem *problem)
{
    struct load *load = change;
    char count[24];
    enum mcx_err err = MCX_OK;

    for (; err == MCX_OK && load->loaded < load->count; load->loaded += CHUNK)
        err = load_chunk(session, load, problem);
    if (err == MCX_EXISTS)
        return mcx_admin_refuse(problem, err, "some of these users exist: another --first, please");
    if (err != MCX_OK)
        return err;
    snprintf(count, sizeof count, "%" PRId64, load->count);
    return mcx_admin_audit(session, "users_loaded", problem, "realm", load->realm, "mc_realm",
                           load->mc_realm, "count", count, NULL);
}

static int run(struct ctl *ctl)
{
    struct load load = {.realm = ctl_value(ctl, OPT_REALM, 0),
                        .mc_realm = ctl_value(ctl, OPT_MC_REALM, 0)};
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!load.realm || !load.mc_realm || !ctl_has(ctl, OPT_COUNT))
        return ctl_usage(ctl, "--count, --realm and --mc-realm are needed");
    if (!ctl_number(ctl, OPT_COUNT, 1, 100000000, &load.count) ||
        !ctl_number(ctl, OPT_FIRST, 0, 999999999999999 - load.count, &load.first))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_admin_change(ctl->session, load_all, &load, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    ctl_say_number(ctl, "loaded", load.count);
    return CTL_OK;
}

static const struct argp_option options[] = {
    {"count", OPT_COUNT, "N", 0, "how many", 0},
    {"first", OPT_FIRST, "N", 0, "first number (0)", 0},
    {"realm", OPT_REALM, "REALM", 0, "of the IMPIs", 0},
    {"mc-realm", OPT_MC_REALM, "REALM", 0, "of the MC ids", 0},
    {0}};

const struct ctl_command ctl_user_load[] = {
    {"user", "load", "", 0, 0,
     "Loads many MC users for a test: MC user and MCPTT id sip:000000000000000@MC-REALM and on, "
     "who may migrate, with a device \"handset\" of IMPI 000000000000000@REALM and on.",
     options, run},
    {0}};
