/* SPDX-License-Identifier: Apache-2.0 */
/* Tables mc_device and mc_device_impu: identities are the database's, never the UE's (design 2).
 * The caller's thread; blocks on the database. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "identity/identity.h"
#include "store/mcuser.h"
#include "store/system.h"

struct addition {
    const struct mcx_new_device *device;
    struct mcx_str impi, impu[MCX_PUBLIC_MAX], realm, host;
};

static enum mcx_err canonical(struct addition *change, struct mcx_conf_problem *problem)
{
    const struct mcx_new_device *device = change->device;
    enum mcx_err err = MCX_OK;

    if (mcx_impi_canonical(mcx_span_of(device->impi), &change->impi) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID, "%s: not a private identity (user@realm)",
                                MCX_SAFE(mcx_span_of(device->impi)));
    for (size_t i = 0; i < device->impu_count; i++) {
        if (mcx_impu_canonical(device->impu[i], &change->impu[i]) != MCX_OK)
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "%s: not a public identity (sip:, sips: or tel:)",
                                    MCX_SAFE(device->impu[i]));
    }
    if (device->realm)
        err = mcx_store_host("realm", mcx_span_of(device->realm), &change->realm, problem);
    if (err == MCX_OK && device->host)
        err = mcx_store_host("host", mcx_span_of(device->host), &change->host, problem);
    return err;
}

/* An own subscriber of this database with these IMPUs, unless another one serves it. */
static enum mcx_err check_subscriber(struct mcx_session *session, const struct addition *change,
                                     struct mcx_conf_problem *problem)
{
    struct mcx_span impus[MCX_PUBLIC_MAX];
    MCX_PARAMS identity = {0};
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    MCX_ROWS missing = {0};
    enum mcx_err err;

    if (change->device->realm) {
        if (change->device->impu_count == 0)
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "--impu is needed: this database does not know the public "
                                    "identities of another one's subscriber");
        return MCX_OK;
    }
    mcx_params_str(&identity, &change->impi);
    err = mcx_admin_one(session, MCX_STMT_IDENTITY_GET, &identity, &rows, problem);
    if (err == MCX_NOT_FOUND || (err == MCX_OK && (strcmp(mcx_cell_text(&rows, 0, 0), "own") != 0 ||
                                                   mcx_cell_bool(&rows, 0, 2))))
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no subscriber here: mcxctl subscriber add it first, or name "
                                "the realm of the SIP database that serves it",
                                change->impi.octets);
    if (err != MCX_OK)
        return err;
    for (size_t i = 0; i < change->device->impu_count; i++)
        impus[i] = mcx_span_str(&change->impu[i]);
    mcx_params_str(&params, &change->impi);
    mcx_params_texts(&params, impus, change->device->impu_count);
    err = mcx_admin_run(session, MCX_STMT_IMPI_IMPU_MISSING, &params, &missing, problem);
    if (err == MCX_OK && mcx_rows_count(&missing) > 0)
        return mcx_admin_refuse(problem, MCX_NOT_FOUND, "%s is no public identity of %s",
                                mcx_cell_text(&missing, 0, 0), change->impi.octets);
    return err;
}

static enum mcx_err check_user(struct mcx_session *session, const char *user,
                               struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS held = {0};
    MCX_ROWS count = {0};
    enum mcx_err err;

    mcx_params_text(&params, user);
    err = mcx_admin_one(session, MCX_STMT_USER_HOLD, &params, &held, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s is no MC user: mcxctl user add",
                                MCX_SAFE(mcx_span_of(user)));
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_DEVICE_COUNT, &params, &count, problem);
    if (err == MCX_OK && mcx_cell_i64(&count, 0, 0) >= MCX_DEVICES_MAX)
        return mcx_admin_refuse(problem, MCX_LIMIT, "a user has at most %d devices",
                                MCX_DEVICES_MAX);
    return err;
}

static enum mcx_err insert(struct mcx_session *session, const struct addition *change,
                           struct mcx_conf_problem *problem)
{
    const struct mcx_new_device *device = change->device;
    struct mcx_span impus[MCX_PUBLIC_MAX];
    MCX_PARAMS params = {0};
    MCX_PARAMS names = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, device->mc_user_id);
    mcx_params_text(&params, device->label);
    mcx_params_str(&params, &change->impi);
    mcx_params_texts(&params, device->services.name, device->services.count);
    mcx_params_text(&params, device->realm ? change->realm.octets : NULL);
    mcx_params_text(&params, device->host ? change->host.octets : NULL);
    err = mcx_admin_one(session, MCX_STMT_DEVICE_ADD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, MCX_EXISTS, "%s has a device %s already",
                                device->mc_user_id, device->label);
    if (err != MCX_OK || device->impu_count == 0)
        return err;
    for (size_t i = 0; i < device->impu_count; i++)
        impus[i] = mcx_span_str(&change->impu[i]);
    mcx_params_text(&names, device->mc_user_id);
    mcx_params_text(&names, device->label);
    mcx_params_texts(&names, impus, device->impu_count);
    return mcx_admin_run(session, MCX_STMT_DEVICE_IMPUS_ADD, &names, NULL, problem);
}

static enum mcx_err add_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct addition *change = arg;
    enum mcx_err err = mcx_store_name_check("a label", mcx_span_of(change->device->label), problem);

    if (err == MCX_OK)
        err = canonical(change, problem);
    if (err == MCX_OK)
        err = check_user(session, change->device->mc_user_id, problem);
    if (err == MCX_OK)
        err = check_subscriber(session, change, problem);
    if (err == MCX_OK)
        err = insert(session, change, problem);
    return err == MCX_OK ? mcx_admin_audit(session, "device_added", problem, "mc_user",
                                           change->device->mc_user_id, "device",
                                           change->device->label, "impi", change->impi.octets, NULL)
                         : err;
}

enum mcx_err mcx_store_device_add(struct mcx_session *session, const struct mcx_new_device *device,
                                  struct mcx_conf_problem *problem)
{
    struct addition change = {.device = device};

    if (device->impu_count > MCX_PUBLIC_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "at most %d IMPUs", MCX_PUBLIC_MAX);
    return mcx_admin_change(session, add_steps, &change, problem);
}

struct deletion {
    const char *user, *label;
};

static enum mcx_err delete_steps(struct mcx_session *session, void *arg,
                                 struct mcx_conf_problem *problem)
{
    const struct deletion *change = arg;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, change->user);
    mcx_params_text(&params, change->label);
    err = mcx_admin_one(session, MCX_STMT_DEVICE_DELETE, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s has no device %s",
                                MCX_SAFE(mcx_span_of(change->user)),
                                MCX_SAFE(mcx_span_of(change->label)));
    return err == MCX_OK ? mcx_admin_audit(session, "device_deleted", problem, "mc_user",
                                           change->user, "device", change->label, NULL)
                         : err;
}

enum mcx_err mcx_store_device_delete(struct mcx_session *session, const char *user,
                                     const char *label, struct mcx_conf_problem *problem)
{
    struct deletion change = {user, label};

    return mcx_admin_change(session, delete_steps, &change, problem);
}
