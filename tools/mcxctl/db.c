/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl db: the schema. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"
#include "store/upgrade.h"

/* Beside an installed binary, or where the sources were built. */
static const char *schema_dir(const struct ctl *ctl, char path[PATH_MAX])
{
    const char *given = ctl_value(ctl, OPT_SCHEMA_DIR, 0);
    char exe[PATH_MAX - 64];
    ssize_t len = readlink("/proc/self/exe", exe, sizeof exe - 1);
    char *slash;

    if (given)
        return given;
    exe[len > 0 ? len : 0] = '\0';
    slash = strrchr(exe, '/');
    if (slash) {
        *slash = '\0';
        snprintf(path, PATH_MAX, "%s/../share/mcx-hss/schema", exe);
        if (access(path, R_OK) == 0)
            return path;
    }
    return MCX_SCHEMA_DIR;
}

static int upgrade(struct ctl *ctl)
{
    char path[PATH_MAX], from[16], to[16];
    const char *daemon_role = ctl_value(ctl, OPT_DAEMON_ROLE, 0);
    const char *read_role = ctl_value(ctl, OPT_READ_ROLE, 0);
    struct mcx_upgrade change = {.schema_dir = schema_dir(ctl, path),
                                 .daemon_role = daemon_role ? daemon_role : "mcx_hss",
                                 .read_role = read_role ? read_role : "mcx_read"};
    struct mcx_conf_problem problem;
    int status = ctl_connect(ctl);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_store_upgrade(ctl->session, &change, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(from, sizeof from, "%d", change.from_version);
    snprintf(to, sizeof to, "%d", change.to_version);
    ctl_say(ctl, "version", to, "was", from, "daemon_role", change.daemon_role, "read_role",
            change.read_role, NULL);
    return CTL_OK;
}

static int status_of(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_SCHEMA_APPLIED, NULL);
}

static const struct argp_option upgrade_options[] = {
    {"schema-dir", OPT_SCHEMA_DIR, "DIR", 0, "folder with NNNN_topic.sql and roles.sql", 0},
    {"daemon-role", OPT_DAEMON_ROLE, "ROLE", 0,
     "role that the SIP database connects as (mcx_hss); made with LOGIN if it is missing", 0},
    {"read-role", OPT_READ_ROLE, "ROLE", 0, "role that may read all but wrapped keys (mcx_read)",
     0},
    {0}};

const struct ctl_command ctl_db[] = {
    {"db", "upgrade", "", 0, 0,
     "Brings the database to the newest schema; harmless when repeated.\v"
     "Run it as the role that is to own the tables. Each file is one transaction. Daemons of the "
     "release before go on working.",
     upgrade_options, upgrade},
    {"db", "status", "", 0, 0, "Lists the schema files that were applied.", ctl_no_options,
     status_of},
    {0}};
