/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl partner: other MC systems. */
#include "store/partner.h"

#include <stdio.h>

#include "options.h"

static bool get_list(const struct ctl *ctl, int option, struct mcx_host_list *out)
{
    return ctl_texts(ctl, option, MCX_HOSTS_MAX, out->host, &out->count);
}

static int add(struct ctl *ctl)
{
    struct mcx_new_partner partner = {.ca_note = ctl_value(ctl, OPT_CA_NOTE, 0)};
    struct mcx_conf_problem problem;
    char ind[8];
    int status;
    enum mcx_err err;

    if (!ctl_either(ctl, OPT_RELAY, "cx", "zh", &partner.is_zh) ||
        !ctl_text(ctl->arg[0], &partner.system_id) || !get_list(ctl, OPT_REALM, &partner.realms) ||
        !get_list(ctl, OPT_SIP_DATABASE, &partner.sip_databases) ||
        !get_list(ctl, OPT_SLF, &partner.slfs) || !get_list(ctl, OPT_CMS, &partner.cms) ||
        !get_list(ctl, OPT_AGENT, &partner.agents) ||
        !get_list(ctl, OPT_DOMAIN, &partner.domains) ||
        !ctl_text_option(ctl, OPT_INBOUND_DOMAIN, &partner.inbound_domain) ||
        !ctl_text_option(ctl, OPT_OUTBOUND_DOMAIN, &partner.outbound_domain))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_partner_add(ctl->session, &partner, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(ind, sizeof ind, "%u", partner.ind);
    ctl_say(ctl, "system_id", partner.system_id.octets, "ind", ind, NULL);
    return CTL_OK;
}

static int show(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl->arg[0]);
    return ctl_show_record(ctl, MCX_STMT_PARTNER_LIST, &params, "no such partner");
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, "");
    return ctl_show(ctl, MCX_STMT_PARTNER_LIST, &params);
}

static int remove_partner(struct ctl *ctl)
{
    const char *reason;
    struct mcx_str system_id;
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!ctl_reason(ctl, &reason) || !ctl_text(ctl->arg[0], &system_id))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_partner_remove(ctl->session, &system_id, reason, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static const struct argp_option add_options[] = {
    {"realm", OPT_REALM, "REALM", 0, "Diameter realm; several times, the first is the main one", 0},
    {"sip-database", OPT_SIP_DATABASE, "HOST", 0, "Diameter identity of a SIP database", 0},
    {"slf", OPT_SLF, "HOST", 0, "of a subscription locator", 0},
    {"cms", OPT_CMS, "HOST", 0, "of a configuration management server", 0},
    {"agent", OPT_AGENT, "HOST", 0, "of an agent that stands before them", 0},
    {"domain", OPT_DOMAIN, "DOMAIN", 0, "domain of identities that it owns, masks included", 0},
    {"relay", OPT_RELAY, "cx|zh", 0, "how it is asked for vectors (cx)", 0},
    {"inbound-domain", OPT_INBOUND_DOMAIN, "DOMAIN", 0,
     "of its users' identities here, if not the default", 0},
    {"outbound-domain", OPT_OUTBOUND_DOMAIN, "DOMAIN", 0,
     "of our users' masks there, if not the default", 0},
    {"ca-note", OPT_CA_NOTE, "TEXT", 0, "which CA signs its hosts, for people", 0},
    {0}};
static const struct argp_option remove_options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "why, kept with every grant and binding that it ends", 0},
    {0}};

const struct ctl_command ctl_partner[] = {
    {"partner", "add", "SYSTEM-ID", 1, 1,
     "Adds a partner, or brings a removed one back.\vborder.partners of mcx.conf must name the "
     "same hosts.",
     add_options, add},
    {"partner", "show", "SYSTEM-ID", 1, 1, "Shows one.", ctl_no_options, show},
    {"partner", "list", "", 0, 0, "Lists partners.", ctl_no_options, list},
    {"partner", "remove", "SYSTEM-ID", 1, 1, "Removes one, and ends its grants and bindings.",
     remove_options, remove_partner},
    {0}};
