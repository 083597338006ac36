/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl pool: migration identities loaded beforehand (CR 10.1.X.1 steps 5 and 10). */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "store/identity_pool.h"

static int load(struct ctl *ctl)
{
    bool is_stdin = strcmp(ctl->arg[0], "-") == 0;
    struct mcx_pool_load load = {.domain = ctl_value(ctl, OPT_DOMAIN, 0)};
    struct mcx_conf_problem problem;
    char added[24], were_there[24];
    int status = ctl_connect(ctl);
    FILE *from;
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    from = is_stdin ? stdin : fopen(ctl->arg[0], "re");
    if (!from) {
        fprintf(stderr, "mcxctl: %s: %s\n", ctl->arg[0], strerror(errno));
        return CTL_USAGE;
    }
    err = mcx_store_pool_load(ctl->session, from, &load, &problem);
    if (!is_stdin)
        fclose(from);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(added, sizeof added, "%zu", load.added);
    snprintf(were_there, sizeof were_there, "%zu", load.were_there);
    ctl_say(ctl, "added", added, "were_there", were_there, NULL);
    return CTL_OK;
}

static int list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_POOL_LIST, NULL);
}

static const struct argp_option load_options[] = {
    {"domain", OPT_DOMAIN, "DOMAIN", 0, "of identities that name none: tel URIs", 0}, {0}};

const struct ctl_command ctl_pool[] = {
    {"pool", "load", "FILE", 1, 1,
     "Loads migration identities, one a line (- reads standard input): user@domain, or a sip, sips "
     "or tel URI.\v"
     "A binding takes one private identity and as many public ones as it needs. After its end they "
     "are in quarantine for hss.pool_quarantine_s, then free again. All or nothing; what is there "
     "already is left as it is.",
     load_options, load},
    {"pool", "list", "", 0, 0, "Counts what is free, in use and in quarantine.", ctl_no_options,
     list},
    {0}};
