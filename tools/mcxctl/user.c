/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl user, group and service: who may migrate, and whose identities are masked (CR 10.1.X.1
 * steps 2 and 4). */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "store/mcuser.h"

/* ---- values ---- */

static bool get_rule(const struct ctl *ctl, int option, const char *name, struct mcx_new_rule *out)
{
    const char *text = ctl_value(ctl, option, 0);
    bool is_yes;

    if (!text)
        return true;
    out->is_given = true;
    out->rule = MCX_UNSAID;
    if (strcmp(text, "unset") == 0)
        return true;
    if (strcmp(text, "yes") != 0 && strcmp(text, "no") != 0) {
        fprintf(stderr, "mcxctl: --%s %s: must be yes, no or unset\n", name, text);
        return false;
    }
    is_yes = strcmp(text, "yes") == 0;
    out->rule = is_yes ? MCX_YES : MCX_NO;
    return true;
}

/* ---- users ---- */

static int change_user(struct ctl *ctl, bool is_new)
{
    static const int options[MCX_SERVICES] = {
        [MCX_SERVICE_MCPTT] = OPT_MCPTT,
        [MCX_SERVICE_MCVIDEO] = OPT_MCVIDEO,
        [MCX_SERVICE_MCDATA] = OPT_MCDATA,
    };
    struct mcx_user_change change = {.id = ctl->arg[0], .is_new = is_new};
    struct mcx_conf_problem problem;
    bool is_good = get_rule(ctl, OPT_MAY_MIGRATE, "may-migrate", &change.may_migrate) &&
                   get_rule(ctl, OPT_MASK, "mask", &change.mask) &&
                   ctl_names(ctl, OPT_NO_SERVICE_ID, &change.not_service_ids) &&
                   ctl_names(ctl, OPT_GROUP, &change.groups) &&
                   ctl_names(ctl, OPT_NO_GROUP, &change.not_groups);
    int status;
    enum mcx_err err;

    for (size_t i = 0; is_good && i < MCX_SERVICES; i++)
        is_good = ctl_names(ctl, options[i], &change.service_ids[i]);
    if (!is_good)
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_user_change(ctl->session, &change, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int user_add(struct ctl *ctl)
{
    return change_user(ctl, true);
}

static int user_set(struct ctl *ctl)
{
    return change_user(ctl, false);
}

static int user_delete(struct ctl *ctl)
{
    const char *reason;
    struct mcx_conf_problem problem;
    size_t ended = 0;
    int status;
    enum mcx_err err;

    if (!ctl_reason(ctl, &reason))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_user_delete(ctl->session, ctl->arg[0], reason, &ended, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    ctl_say_number(ctl, "grants_ended", (int64_t)ended);
    return CTL_OK;
}

static int user_list(struct ctl *ctl)
{
    int64_t limit;
    MCX_PARAMS params = {0};

    if (!ctl_limit(ctl, &limit))
        return CTL_USAGE;
    mcx_params_text(&params, "");
    mcx_params_text(&params, ctl_optional(ctl, OPT_AFTER));
    mcx_params_i32(&params, (int32_t)limit);
    return ctl_show(ctl, MCX_STMT_USER_LIST, &params);
}

static int user_show(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl->arg[0]);
    mcx_params_text(&params, "");
    mcx_params_i32(&params, 1);
    return ctl_show_record(ctl, MCX_STMT_USER_LIST, &params, "no such MC user");
}

#define RULES                                                                                      \
    {"may-migrate",                                                                                \
     OPT_MAY_MIGRATE,                                                                              \
     "yes|no|unset",                                                                               \
     0,                                                                                            \
     "the user's own word outweighs a group's",                                                    \
     0},                                                                                           \
    {                                                                                              \
        "mask", OPT_MASK, "yes|no|unset", 0,                                                       \
            "hide own identities from partners behind outbound ones", 0                            \
    }
#define IDS                                                                                        \
    {"mcptt", OPT_MCPTT, "ID", 0, "MCPTT ID, exactly as in access tokens; several times", 0},      \
        {"mcvideo", OPT_MCVIDEO, "ID", 0, "MCVideo ID", 0},                                        \
        {"mcdata", OPT_MCDATA, "ID", 0, "MCData ID", 0},                                           \
    {                                                                                              \
        "group", OPT_GROUP, "GROUP", 0, "a member of it; several times", 0                         \
    }

static const struct argp_option add_options[] = {RULES, IDS, {0}};
static const struct argp_option set_options[] = {
    RULES,
    IDS,
    {"no-service-id", OPT_NO_SERVICE_ID, "ID", 0, "not its service id any more", 0},
    {"no-group", OPT_NO_GROUP, "GROUP", 0, "not a member any more", 0},
    {0}};
static const struct argp_option delete_options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "why, kept with every grant that it ends", 0}, {0}};
static const struct argp_option list_options[] = {
    {"limit", OPT_LIMIT, "N", 0, "at most so many (100)", 0},
    {"after", OPT_AFTER, "ID", 0, "those after this one", 0},
    {0}};

const struct ctl_command ctl_user[] = {
    {"user", "add", "MC-USER-ID", 1, 1,
     "Adds an MC user.\v"
     "May he migrate? His own word counts, if he has one; else his groups': one that says no "
     "outweighs any that says yes; else no. Masking alike, but there yes outweighs no, and if "
     "neither says anything, the services' and the agreement's word counts.",
     add_options, user_add},
    {"user", "set", "MC-USER-ID", 1, 1, "Changes what is given, and nothing else.", set_options,
     user_set},
    {"user", "show", "MC-USER-ID", 1, 1, "Shows one.", ctl_no_options, user_show},
    {"user", "list", "", 0, 0, "Lists MC users.", list_options, user_list},
    {"user", "delete", "MC-USER-ID", 1, 1, "Deletes one with its devices, and ends its grants.",
     delete_options, user_delete},
    {0}};

/* ---- groups ---- */

static int change_group(struct ctl *ctl, bool is_new)
{
    struct mcx_group_change change = {.name = ctl->arg[0], .is_new = is_new};
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!get_rule(ctl, OPT_MAY_MIGRATE, "may-migrate", &change.may_migrate) ||
        !get_rule(ctl, OPT_MASK, "mask", &change.mask))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_group_change(ctl->session, &change, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int group_add(struct ctl *ctl)
{
    return change_group(ctl, true);
}

static int group_set(struct ctl *ctl)
{
    return change_group(ctl, false);
}

static int group_delete(struct ctl *ctl)
{
    struct mcx_conf_problem problem;
    int status = ctl_connect(ctl);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_store_group_delete(ctl->session, ctl->arg[0], &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int group_list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_GROUP_LIST, NULL);
}

static const struct argp_option group_options[] = {
    {"may-migrate", OPT_MAY_MIGRATE, "yes|no|unset", 0, "unless the member's own word is given", 0},
    {"mask", OPT_MASK, "yes|no|unset", 0, "the same for masking", 0},
    {0}};

const struct ctl_command ctl_group[] = {
    {"group", "add", "GROUP", 1, 1, "Adds a group of MC users.", group_options, group_add},
    {"group", "set", "GROUP", 1, 1, "Changes its rules.", group_options, group_set},
    {"group", "list", "", 0, 0, "Lists groups.", ctl_no_options, group_list},
    {"group", "delete", "GROUP", 1, 1, "Deletes one, not its members.", ctl_no_options,
     group_delete},
    {0}};

/* ---- services ---- */

static int service_set(struct ctl *ctl)
{
    enum mcx_service service;
    struct mcx_conf_problem problem;
    bool is_masked = false;
    int status;
    enum mcx_err err;

    if (!ctl_has(ctl, OPT_MASK))
        return ctl_usage(ctl, "--mask is needed");
    if (!ctl_service_named(ctl, ctl->arg[0], &service) ||
        !ctl_either(ctl, OPT_MASK, "no", "yes", &is_masked))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_service_mask(ctl->session, service, is_masked, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int service_list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_SERVICE_POLICY_LIST, NULL);
}

static const struct argp_option service_options[] = {
    {"mask", OPT_MASK, "yes|no", 0, "hide own identities of whoever migrates with this service", 0},
    {0}};

const struct ctl_command ctl_service[] = {
    {"service", "set", "SERVICE", 1, 1, "Sets the policy of mcptt, mcvideo or mcdata.",
     service_options, service_set},
    {"service", "list", "", 0, 0, "Lists policies of services.", ctl_no_options, service_list},
    {0}};
