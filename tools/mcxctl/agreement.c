/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl agreement: who may migrate where, and who may come here (CR 10.1.X.1 steps 3 and 8). */
#include "store/agreement.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ctl.h"

static bool get_names(const struct ctl *ctl, int option, bool are_services, struct mcx_names *out)
{
    const char *text;

    while ((text = ctl_value(ctl, option, out->count)) != NULL) {
        if (out->count == MCX_NAMES_MAX) {
            fprintf(stderr, "mcxctl: at most %d times the same option\n", MCX_NAMES_MAX);
            return false;
        }
        if (are_services && mcx_service_named(mcx_span_of(text)) == MCX_SERVICES) {
            fprintf(stderr, "mcxctl: --service %s: must be mcptt, mcvideo or mcdata\n", text);
            return false;
        }
        out->name[out->count++] = mcx_span_of(text);
    }
    return true;
}

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
    if (ctl_has(ctl, OPT_EXPIRES) && ctl_has(ctl, OPT_FOR))
        return "--expires or --for, not both";
    return NULL;
}

static int add(struct ctl *ctl)
{
    const char *direction = ctl_value(ctl, OPT_DIRECTION, 0), *wrong;
    struct mcx_new_agreement want = {.partner = ctl->arg[0],
                                     .mc_user_id = ctl_value(ctl, OPT_MC_USER, 0),
                                     .group = ctl_value(ctl, OPT_GROUP, 0),
                                     .user_domain = ctl_value(ctl, OPT_USER_DOMAIN, 0),
                                     .from = ctl_value(ctl, OPT_FROM, 0),
                                     .expires = ctl_value(ctl, OPT_EXPIRES, 0),
                                     .mask = ctl_has(ctl, OPT_MASKED),
                                     .priority = 100,
                                     .profile = ctl_value(ctl, OPT_PROFILE, 0),
                                     .max_bindings = -1};
    struct mcx_conf_problem problem;
    char id[24];
    int status;
    enum mcx_err err;

    want.is_inbound = direction && strcmp(direction, "inbound") == 0;
    if (!direction || (!want.is_inbound && strcmp(direction, "outbound") != 0))
        return ctl_usage(ctl, "--direction outbound (own users there) or inbound (its users here) "
                              "is needed");
    wrong = wrong_together(ctl, want.is_inbound);
    if (wrong)
        return ctl_usage(ctl, "%s", wrong);
    if (!get_names(ctl, OPT_SERVICE, true, &want.services) ||
        !get_names(ctl, OPT_SERVICE_ID, false, &want.service_ids) ||
        !ctl_duration(ctl, OPT_FOR, &want.for_s) ||
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
    const char *partner = ctl_value(ctl, OPT_PARTNER, 0);
    MCX_PARAMS params = {0};

    mcx_params_text(&params, partner ? partner : "");
    mcx_params_bool(&params, ctl_has(ctl, OPT_ALL));
    mcx_params_text(&params, NULL);
    return ctl_show(ctl, MCX_STMT_AGREEMENT_LIST, &params);
}

static bool get_id(const struct ctl *ctl, int64_t *id)
{
    char *end;

    *id = strtoll(ctl->arg[0], &end, 10);
    if (*end == '\0' && end != ctl->arg[0])
        return true;
    fprintf(stderr, "mcxctl: %s: must be a number, see the list\n", ctl->arg[0]);
    return false;
}

static int end(struct ctl *ctl)
{
    const char *reason = ctl_value(ctl, OPT_REASON, 0);
    struct mcx_conf_problem problem;
    char text[24];
    size_t ended = 0;
    int64_t id;
    int status;
    enum mcx_err err;

    if (!reason)
        return ctl_usage(ctl, "--reason is needed");
    if (!get_id(ctl, &id))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_agreement_end(ctl->session, id, reason, &ended, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(text, sizeof text, "%zu", ended);
    ctl_say(ctl, "bindings_ended", text, NULL);
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
