/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl document: initial UE configuration (CR 10.1.X.1 step 12 and NOTE 3). */
#include "store/document.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "document_check.h"
#include "options.h"

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int load(struct ctl *ctl)
{
    const char *name = ctl_value(ctl, OPT_NAME, 0);
    const char *service = ctl_value(ctl, OPT_SERVICE, 0);
    struct mcx_new_document document = {.partner = ctl_value(ctl, OPT_PARTNER, 0),
                                        .service = MCX_SERVICE_MCPTT,
                                        .from = ctl_value(ctl, OPT_FROM, 0),
                                        .until = ctl_value(ctl, OPT_UNTIL, 0)};
    CTL_FILE file = {0};
    struct mcx_conf_problem problem;
    char why[200], id[24], version[24];
    int status;
    enum mcx_err err;

    if (!ctl_either(ctl, OPT_DIRECTION, "inbound", "outbound", &document.is_copy) ||
        (service && !ctl_service_named(ctl, service, &document.service)))
        return CTL_USAGE;
    if (!ctl_read_file(ctl->arg[0], MCX_DOCUMENT_MAX, &file))
        return CTL_REFUSED;
    document.octets = mcx_span(file.octets, file.len);
    document.name = name ? name : base_name(ctl->arg[0]);
    if (!document_check(document.octets, why, sizeof why)) {
        fprintf(stderr, "mcxctl: %s: %s\n", ctl->arg[0], why);
        return CTL_REFUSED;
    }
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_document_load(ctl->session, &document, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    snprintf(id, sizeof id, "%" PRId64, document.id);
    snprintf(version, sizeof version, "%" PRId64, document.version);
    ctl_say(ctl, "id", id, "version", version, NULL);
    return CTL_OK;
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl_optional(ctl, OPT_PARTNER));
    mcx_params_bool(&params, ctl_has(ctl, OPT_ALL));
    return ctl_show(ctl, MCX_STMT_DOCUMENT_LIST, &params);
}

static int show(struct ctl *ctl)
{
    struct mcx_document document;
    int64_t id;
    bool is_good;
    int status = ctl_id(ctl, &id) ? ctl_connect(ctl) : CTL_USAGE;

    if (status != CTL_OK)
        return status;
    if (mcx_store_document_get(ctl->session, id, &document) != MCX_OK) {
        fprintf(stderr, "mcxctl: no such document\n");
        return CTL_REFUSED;
    }
    is_good = ctl_write_file("-", document.octets, document.len);
    mcx_document_free(&document);
    return is_good ? CTL_OK : CTL_REFUSED;
}

static int delete (struct ctl *ctl)
{
    struct mcx_conf_problem problem;
    int64_t id;
    int status = ctl_id(ctl, &id) ? ctl_connect(ctl) : CTL_USAGE;
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_store_document_withdraw(ctl->session, id, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static const struct argp_option load_options[] = {
    {"direction", OPT_DIRECTION, "inbound|outbound", 0,
     "inbound: what users of partners get here; outbound: the copy of what the partner gives, for "
     "own users when it sends none (inbound)",
     0},
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "for this one only; outbound: whose it is", 0},
    {"service", OPT_SERVICE, "SERVICE", 0, "mcptt, mcvideo or mcdata (mcptt)", 0},
    {"name", OPT_NAME, "TEXT", 0, "for people (the file's)", 0},
    {"from", OPT_FROM, "TIME", 0, "valid from, as 2027-01-31T12:00:00Z (now)", 0},
    {"until", OPT_UNTIL, "TIME", 0, "valid until (for ever)", 0},
    {0}};
static const struct argp_option list_options[] = {
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "only of this one", 0},
    {"all", OPT_ALL, 0, 0, "deleted ones too", 0},
    {0}};

const struct ctl_command ctl_document[] = {
    {"document", "load", "FILE", 1, 1,
     "Loads a new version of an initial UE configuration document.\v"
     "XML in UTF-8, at most 48 KiB, without DTD, root mcptt-UE-initial-configuration. "
     "{{pdn:NAME:username}} and {{pdn:NAME:password}} are filled for each binding: mcxctl "
     "credential load. The newest valid version counts.",
     load_options, load},
    {"document", "list", "", 0, 0, "Lists documents and their versions.", list_options, list},
    {"document", "show", "ID", 1, 1, "Prints one as it was loaded.", ctl_no_options, show},
    {"document", "delete", "ID", 1, 1, "Gives one out no longer; it is kept.", ctl_no_options,
     delete},
    {0}};
