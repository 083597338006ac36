/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl agreement: who may migrate where, and who may come here (CR 10.1.X.1 steps 3 and 8). */
#include "store/agreement.h"

#include <inttypes.h>
#include <stdio.h>

#include "options.h"

/* NULL: all fits; else what is wrong. */
static const char *wrong_together(const struct ctl *ctl, bool is_inbound)
{
    if (ctl_has(ctl, OPT_MC_USER) + ctl_has(ctl, OPT_GROUP) + ctl_has(ctl, OPT_USER_DOMAIN) > 1)
        return "one of --mc-user, --group and --user-domain, or none: everybody";
    if (is_inbound && (ctl_has(ctl, OPT_GROUP) || ctl_has(ctl, OPT_MASKED)))
        return "--group and --masked are for own users, so outbound";
    if (!is_inbound && (ctl_has(ctl, OPT_USER_DOMAIN) || ctl_has(ctl, OPT_SERVICE_ID) ||
                        ctl_has(ctl, OPT_MAX_BINDINGS) || ctl_has(ctl, OPT_PROFILE)))
        return "--user-domain, --service-id, --max-bindings and --profile are for a partner's "
               "users, so inbound";
    return NULL;
}

static int add(struct ctl *ctl)
{
    const char *wrong;
    struct mcx_new_agreement want = {.partner = ctl->arg[0],
                                     .mc_user_id = ctl_value(ctl, OPT_MC_USER, 0),
                                     .group = ctl_value(ctl, OPT_GROUP, 0),
                                     .user_domain = ctl_value(ctl, OPT_USER_DOMAIN, 0),
                                     .from = ctl_value(ctl, OPT_FROM, 0),
                                     .mask = ctl_has(ctl, OPT_MASKED),
                                     .priority = 100,
                                     .profile = ctl_value(ctl, OPT_PROFILE, 0),
                                     .max_bindings = -1};
    struct mcx_conf_problem problem;
    char id[24];
    int status;
    enum mcx_err err;

    if (!ctl_has(ctl, OPT_DIRECTION))
        return ctl_usage(ctl, "--direction outbound (own users there) or inbound (its users here) "
                              "is needed");
    if (!ctl_either(ctl, OPT_DIRECTION, "outbound", "inbound", &want.is_inbound))
        return CTL_USAGE;
    wrong = wrong_together(ctl, want.is_inbound);
    if (wrong)
        return ctl_usage(ctl, "%s", wrong);
    if (!ctl_services(ctl, &want.services) || !ctl_names(ctl, OPT_SERVICE_ID, &want.service_ids) ||
        !ctl_expiry(ctl, &want.expires, &want.for_s) ||
        !ctl_duration(ctl, OPT_MAX_DURATION, &want.max_duration_s) ||
        !ctl_number(ctl, OPT_PRIORITY, 0, 1000000, &want.priority) ||
        !ctl_number(ctl, OPT_MAX_BINDINGS, 0, INT32_MAX, &want.max_bindings))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_agreement_add(ctl->session, &want, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(id, sizeof id, "%" PRId64, want.id);
    ctl_say(ctl, "id", id, "expires", want.expires_at, NULL);
    return CTL_OK;
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl_optional(ctl, OPT_PARTNER));
    mcx_params_bool(&params, ctl_has(ctl, OPT_ALL));
    mcx_params_text(&params, NULL);
    return ctl_show(ctl, MCX_STMT_AGREEMENT_LIST, &params);
}

static int end(struct ctl *ctl)
{
    const char *reason;
    struct mcx_conf_problem problem;
    size_t ended = 0;
    int64_t id;
    int status;
    enum mcx_err err;

    if (!ctl_reason(ctl, &reason) || !ctl_id(ctl, &id))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_agreement_end(ctl->session, id, reason, &ended, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    ctl_say_number(ctl, "bindings_ended", (int64_t)ended);
    return CTL_OK;
}

static const struct argp_option add_options[] = {
    {"direction", OPT_DIRECTION, "outbound|inbound", 0,
     "outbound: own users migrate there; inbound: its users come here", 0},
    {"mc-user", OPT_MC_USER, "ID", 0, "for this MC user; without any of these three: for everybody",
     0},
    {"group", OPT_GROUP, "GROUP", 0, "outbound: for members of this group", 0},
    {"user-domain", OPT_USER_DOMAIN, "DOMAIN", 0, "inbound: for MC user ids of this domain", 0},
    {"service", OPT_SERVICE, "SERVICE", 0,
     "mcptt, mcvideo or mcdata, several times; outbound: not for others; inbound: which document",
     0},
    {"service-id", OPT_SERVICE_ID, "ID", 0,
     "inbound: only with this MC service id, or @domain for all of it; several times", 0},
    {"from", OPT_FROM, "TIME", 0, "as 2027-01-31T12:00:00Z (now)", 0},
    {"expires", OPT_EXPIRES, "TIME", 0, "the end (never)", 0},
    {"for", OPT_FOR, "DURATION", 0, "instead: 90s, 30m, 12h or 7d from now", 0},
    {"max-duration", OPT_MAX_DURATION, "DURATION", 0, "of one migration", 0},
    {"priority", OPT_PRIORITY, "N", 0, "lower wins (100)", 0},
    {"masked", OPT_MASKED, 0, 0, "outbound: hide own identities, unless user or group say no", 0},
    {"profile", OPT_PROFILE, "NAME", 0, "inbound: service profile of those users", 0},
    {"max-bindings", OPT_MAX_BINDINGS, "N", 0, "inbound: cap on live bindings of that partner", 0},
    {0}};
static const struct argp_option list_options[] = {
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "only with this one", 0},
    {"all", OPT_ALL, 0, 0, "those that are over, too", 0},
    {0}};
static const struct argp_option end_options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "why, kept with every grant and binding that it ends", 0},
    {0}};

const struct ctl_command ctl_agreement[] = {
    {"agreement", "add", "SYSTEM-ID", 1, 1,
     "Adds an agreement with a partner.\v"
     "Of several that fit a user the nearest counts: his own before his group's or domain's before "
     "everybody's; then the lower priority; then the older.",
     add_options, add},
    {"agreement", "list", "", 0, 0, "Lists agreements.", list_options, list},
    {"agreement", "end", "ID", 1, 1,
     "Ends one, and the grants and bindings that no other one covers.", end_options, end},
    {0}};
