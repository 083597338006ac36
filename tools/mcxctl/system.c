/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl system and domain: this MC system's own names. */
#include "store/system.h"

#include "options.h"

static int set(struct ctl *ctl)
{
    const char *system_id = ctl_value(ctl, OPT_SYSTEM_ID, 0), *realm = ctl_value(ctl, OPT_REALM, 0);
    struct mcx_own_system own = {0};
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!system_id || !realm)
        return ctl_usage(ctl, "--system-id and --realm are needed");
    if (!ctl_text(system_id, &own.system_id) || !ctl_text(realm, &own.realm) ||
        !ctl_text_option(ctl, OPT_SIP_DATABASE, &own.sip_database))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_system_set(ctl->session, &own, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int show(struct ctl *ctl)
{
    return ctl_show_record(
        ctl, MCX_STMT_SYSTEM_SHOW, NULL,
        "this MC system has no name yet: mcxctl system set --system-id ID --realm REALM");
}

static int add(struct ctl *ctl)
{
    const char *purpose = ctl_value(ctl, OPT_PURPOSE, 0);
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!purpose)
        return ctl_usage(ctl, "--purpose own, inbound or outbound is needed");
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_domain_add(ctl->session, ctl->arg[0], purpose, ctl_has(ctl, OPT_DEFAULT),
                               ctl_value(ctl, OPT_GENERATOR, 0), &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_DOMAIN_LIST, NULL);
}

static const struct argp_option set_options[] = {
    {"system-id", OPT_SYSTEM_ID, "ID", 0, "MC-System-Id: a lower-case label, not a realm", 0},
    {"realm", OPT_REALM, "REALM", 0, "own Diameter realm; becomes a domain of own identities", 0},
    {"sip-database", OPT_SIP_DATABASE, "HOST", 0,
     "the host that partners ask; without it they use the realm", 0},
    {0}};

const struct ctl_command ctl_system[] = {
    {"system", "set", "", 0, 0, "Names this MC system.", set_options, set},
    {"system", "show", "", 0, 0, "Shows this MC system's names.", ctl_no_options, show},
    {0}};

static const struct argp_option domain_options[] = {
    {"purpose", OPT_PURPOSE, "PURPOSE", 0,
     "own: of own subscribers; inbound: for migration identities of partners' users here; "
     "outbound: "
     "masks of own users at partners",
     0},
    {"default", OPT_DEFAULT, 0, 0, "used for partners that name none", 0},
    {"generator", OPT_GENERATOR, "GENERATOR", 0,
     "where its migration identities come from: random (128 random bits each), or pool: loaded "
     "beforehand with mcxctl pool load",
     0},
    {0}};

const struct ctl_command ctl_domain[] = {
    {"domain", "add", "DOMAIN", 1, 1, "Adds an identity domain that this system owns.",
     domain_options, add},
    {"domain", "list", "", 0, 0, "Lists the identity domains of this system.", ctl_no_options,
     list},
    {0}};
