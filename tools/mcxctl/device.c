/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl device: an MC user's devices and their SIP identities. */
#include "options.h"

static int add(struct ctl *ctl)
{
    struct mcx_new_device device = {.mc_user_id = ctl->arg[0],
                                    .label = ctl->arg[1],
                                    .impi = ctl_value(ctl, OPT_IMPI, 0),
                                    .realm = ctl_value(ctl, OPT_REALM, 0),
                                    .host = ctl_value(ctl, OPT_HOST, 0)};
    struct mcx_conf_problem problem;
    const char *text;
    int status;
    enum mcx_err err;

    if (!device.impi)
        return ctl_usage(ctl, "--impi is needed");
    if (device.host && !device.realm)
        return ctl_usage(ctl, "--host needs --realm");
    while ((text = ctl_value(ctl, OPT_IMPU, device.impu_count)) != NULL) {
        if (device.impu_count == MCX_PUBLIC_MAX)
            return ctl_usage(ctl, "at most %d times --impu", MCX_PUBLIC_MAX);
        device.impu[device.impu_count++] = mcx_span_of(text);
    }
    if (!ctl_services(ctl, &device.services))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_device_add(ctl->session, &device, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl->arg_count > 0 ? ctl->arg[0] : "");
    return ctl_show(ctl, MCX_STMT_DEVICE_LIST, &params);
}

static int delete (struct ctl *ctl)
{
    struct mcx_conf_problem problem;
    int status = ctl_connect(ctl);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_store_device_delete(ctl->session, ctl->arg[0], ctl->arg[1], &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static const struct argp_option add_options[] = {
    {"impi", OPT_IMPI, "IMPI", 0, "its private identity, of an ISIM", 0},
    {"impu", OPT_IMPU, "URI", 0,
     "a public identity, up to 8 times; without it those that this database knows of the IMPI", 0},
    {"service", OPT_SERVICE, "SERVICE", 0, "mcptt, mcvideo or mcdata, several times; else all", 0},
    {"realm", OPT_REALM, "REALM", 0,
     "of the SIP database or SLF of this system that serves it, if it is not this database", 0},
    {"host", OPT_HOST, "HOST", 0, "and its host, if one is to be asked", 0},
    {0}};

const struct ctl_command ctl_device[] = {
    {"device", "add", "MC-USER-ID LABEL", 2, 2, "Adds a device to an MC user.", add_options, add},
    {"device", "list", "[MC-USER-ID]", 0, 1, "Lists devices.", ctl_no_options, list},
    {"device", "delete", "MC-USER-ID LABEL", 2, 2, "Deletes one.", ctl_no_options, delete},
    {0}};
