/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl binding export and import: a grant goes to the other operator as a JSON document, and what
 * that one gives for it comes back as another (CR 10.1.X.1 by hand: steps 7 and 12). */
#include "transfer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "store/document.h"
#include "store/keys.h"
#include "store/provision.h"
#include "transfer_file.h"

enum { FILE_MAX = 1024 * 1024 };

/* The document of step 12, filled, if one is configured. */
static int add_document(struct ctl *ctl, json_t *object, const char *primary, const char *id)
{
    struct mcx_document document = {0};
    struct mcx_conf_problem problem;
    struct mcx_keyring ring = {0};
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    if (ctl_has(ctl, OPT_CONF) || getenv("MCX_CONF")) {
        int status = ctl_conf(ctl);

        if (status != CTL_OK)
            return status;
        mcx_keyring_from(ctl->conf, &ring);
    }
    mcx_params_text(&params, primary);
    err = mcx_admin_one(ctl->session, MCX_STMT_PARTNER_ID, &params, &rows, &problem);
    if (err == MCX_OK)
        err = mcx_store_document_fill(ctl->session, &ring, mcx_cell_i64(&rows, 0, 0), 0, id,
                                      &document);
    mcx_wipe(&ring, sizeof ring);
    if (err == MCX_OK)
        json_object_set_new(object, "document",
                            json_stringn((const char *)document.octets, document.len));
    mcx_document_free(&document);
    if (err == MCX_OK || err == MCX_NOT_FOUND)
        return CTL_OK;
    fprintf(stderr, "mcxctl: the document cannot be filled: %s\n",
            err == MCX_LIMIT ? "no free PDN access credential: mcxctl credential load"
                             : mcx_err_text(err));
    return CTL_REFUSED;
}

/* ---- export ---- */

static int get_own(struct ctl *ctl, struct mcx_own_system *own)
{
    struct mcx_conf_problem problem;
    enum mcx_err err = mcx_store_system_get(ctl->session, own, &problem);

    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int export_grant(struct ctl *ctl, const struct mcx_rows *rows,
                        const struct mcx_own_system *own)
{
    json_t *object = transfer_head(TRANSFER_GRANT, mcx_cell_text(rows, 0, 0), own->system_id.octets,
                                   mcx_cell_text(rows, 0, 2));

    json_object_set_new(object, "mc_user_id", transfer_text_or_null(mcx_cell_text(rows, 0, 11)));
    json_object_set_new(object, "database_realm", json_string(own->realm.octets));
    json_object_set_new(object, "database_host", transfer_text_or_null(own->sip_database.octets));
    transfer_add_identities(object, mcx_cell_text(rows, 0, 7),
                            transfer_words(mcx_cell_text(rows, 0, 8)), mcx_cell_text(rows, 0, 12));
    return transfer_write(ctl, object);
}

static int export_binding(struct ctl *ctl, const struct mcx_rows *rows,
                          const struct mcx_own_system *own)
{
    const char *id = mcx_cell_text(rows, 0, 0), *primary = mcx_cell_text(rows, 0, 2);
    json_t *object = transfer_head(TRANSFER_BINDING, id, primary, own->system_id.octets);
    int status = add_document(ctl, object, primary, id);

    if (status != CTL_OK) {
        json_decref(object);
        return status;
    }
    transfer_add_identities(object, mcx_cell_text(rows, 0, 7),
                            transfer_words(mcx_cell_text(rows, 0, 8)), mcx_cell_text(rows, 0, 12));
    return transfer_write(ctl, object);
}

int transfer_export(struct ctl *ctl)
{
    struct mcx_own_system own = {0};
    struct mcx_conf_problem problem;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    int status = ctl_connect(ctl);
    enum mcx_err err;

    if (status == CTL_OK)
        status = get_own(ctl, &own);
    if (status != CTL_OK)
        return status;
    mcx_params_text(&params, ctl->arg[0]);
    mcx_params_bool(&params, false);
    mcx_params_text(&params, NULL);
    err = mcx_admin_one(ctl->session, MCX_STMT_BINDING_LIST, &params, &rows, &problem);
    if (err == MCX_NOT_FOUND) {
        fprintf(stderr, "mcxctl: %s is no live grant or binding, or several\n", ctl->arg[0]);
        return CTL_REFUSED;
    }
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    return strcmp(mcx_cell_text(&rows, 0, 1), "primary") == 0 ? export_grant(ctl, &rows, &own)
                                                              : export_binding(ctl, &rows, &own);
}

/* ---- import at the partner: the inbound binding ---- */

static bool get_provision(const json_t *object, const struct transfer *from,
                          struct mcx_provision *want)
{
    const char *realm, *host;

    if (!transfer_get_text(object, "database_realm", false, &realm) ||
        !transfer_get_text(object, "database_host", true, &host) ||
        !transfer_get_text(object, "mc_user_id", true, &want->mc_user_id))
        return false;
    want->id = from->binding_id;
    want->expires = from->expires;
    want->impu_count = from->impu_count;
    for (size_t i = 0; i < from->impu_count; i++) {
        if (!ctl_text(from->impu[i], &want->impu[i]))
            return false;
    }
    return ctl_text(from->primary, &want->partner) && ctl_text(from->impi, &want->impi) &&
           ctl_text(realm, &want->database_realm) &&
           ctl_text(host ? host : "", &want->database_host);
}

static int import_grant(struct ctl *ctl, const json_t *object, const struct transfer *from,
                        const struct mcx_own_system *own)
{
    struct mcx_provision want = {0};
    struct mcx_conf_problem problem;
    json_t *answer, *impus = json_array();
    int status;
    enum mcx_err err;

    if (strcmp(from->partner, own->system_id.octets) != 0) {
        fprintf(stderr, "mcxctl: this grant is for %s, and this system is %s\n", from->partner,
                own->system_id.octets);
        return CTL_REFUSED;
    }
    if (!get_provision(object, from, &want))
        return CTL_REFUSED;
    err = mcx_store_binding_provision(ctl->session, &want, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    answer = transfer_head(TRANSFER_BINDING, want.binding_id, from->primary, from->partner);
    status = add_document(ctl, answer, from->primary, want.binding_id);
    for (size_t i = 0; i < want.impu_count; i++)
        json_array_append_new(impus, json_string(want.given_impu[i].octets));
    transfer_add_identities(answer, want.given_impi.octets, impus, want.expires_at);
    if (status == CTL_OK)
        return transfer_write(ctl, answer);
    json_decref(answer);
    fprintf(stderr, "mcxctl: the binding %s is made; export it when that is mended\n",
            want.binding_id);
    return status;
}

/* ---- import at the primary: what step 12 gave ---- */

struct answer {
    const struct transfer *from;
    const struct mcx_keyring *ring; /* of document; wraps with its first key */
    struct mcx_span document;       /* wrapped; len 0: none */
};

static enum mcx_err answer_steps(struct mcx_session *session, void *arg,
                                 struct mcx_conf_problem *problem)
{
    const struct answer *answer = arg;
    const struct transfer *from = answer->from;
    struct mcx_span impus[MCX_IMPUS_MAX];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; i < from->impu_count; i++)
        impus[i] = mcx_span_of(from->impu[i]);
    mcx_params_text(&params, from->binding_id);
    mcx_params_text(&params, from->partner);
    mcx_params_text(&params, from->impi);
    mcx_params_texts(&params, impus, from->impu_count);
    mcx_params_text(&params, from->expires);
    if (answer->document.len > 0)
        mcx_params_span(&params, answer->document);
    else
        mcx_params_text(&params, NULL);
    mcx_params_text(&params, mcx_session_actor(session));
    if (answer->document.len > 0)
        err = mcx_store_key_hold(session, answer->ring, problem);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_MIGRATION_IMPORT, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s is no live grant of this system for %s",
                                from->binding_id, from->partner);
    return err == MCX_OK ? mcx_admin_audit(session, "migration_imported", problem, "binding",
                                           from->binding_id, "partner", from->partner,
                                           "inbound_impi", from->impi, NULL)
                         : err;
}

/* Wraps the document, if one came; malloc. */
static int wrap_document(struct ctl *ctl, const json_t *object, const char *id,
                         struct mcx_keyring *ring, uint8_t **wrapped, size_t *len)
{
    const json_t *document = json_object_get(object, "document");
    int status;
    enum mcx_err err;

    *wrapped = NULL;
    *len = 0;
    if (!document || json_is_null(document))
        return CTL_OK;
    if (!json_is_string(document) || json_string_length(document) > MCX_DOCUMENT_MAX) {
        (void)transfer_wrong("document");
        return CTL_REFUSED;
    }
    status = ctl_conf(ctl);
    if (status != CTL_OK)
        return status;
    *len = json_string_length(document) + MCX_WRAP_EXTRA;
    *wrapped = malloc(*len);
    mcx_keyring_from(ctl->conf, ring);
    err = *wrapped ? mcx_wrap_octets(ring, MCX_WRAP_DOCUMENT, mcx_span_of(id),
                                     mcx_span(json_string_value(document), *len - MCX_WRAP_EXTRA),
                                     *wrapped)
                   : MCX_NO_MEMORY;
    if (err == MCX_OK)
        return CTL_OK;
    fprintf(stderr, "mcxctl: the document cannot be kept: %s\n", mcx_err_text(err));
    return CTL_REFUSED;
}

static int import_answer(struct ctl *ctl, const json_t *object, const struct transfer *from,
                         const struct mcx_own_system *own)
{
    struct mcx_keyring ring = {0};
    struct answer answer = {.from = from, .ring = &ring};
    struct mcx_conf_problem problem;
    uint8_t *wrapped;
    size_t len;
    int status;
    enum mcx_err err;

    if (strcmp(from->primary, own->system_id.octets) != 0) {
        fprintf(stderr, "mcxctl: this answer is for %s, and this system is %s\n", from->primary,
                own->system_id.octets);
        return CTL_REFUSED;
    }
    status = wrap_document(ctl, object, from->binding_id, &ring, &wrapped, &len);
    if (status == CTL_OK) {
        answer.document = mcx_span(wrapped, len);
        err = mcx_admin_change(ctl->session, answer_steps, &answer, &problem);
        status = err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
    }
    mcx_wipe(&ring, sizeof ring);
    free(wrapped);
    if (status == CTL_OK)
        ctl_say(ctl, "id", from->binding_id, "private_identity", from->impi, "expires",
                from->expires, NULL);
    return status;
}

int transfer_import(struct ctl *ctl)
{
    struct mcx_own_system own = {0};
    struct transfer from;
    json_error_t error;
    json_t *object;
    CTL_FILE file = {0};
    int status;

    if (!ctl_read_file(ctl->arg[0], FILE_MAX, &file))
        return CTL_REFUSED;
    object = json_loadb((const char *)file.octets, file.len, JSON_REJECT_DUPLICATES, &error);
    if (!object || !transfer_read(object, &from)) {
        if (!object)
            fprintf(stderr, "mcxctl: %s: line %d: %s\n", ctl->arg[0], error.line, error.text);
        json_decref(object);
        return CTL_REFUSED;
    }
    status = ctl_connect(ctl);
    if (status == CTL_OK)
        status = get_own(ctl, &own);
    if (status == CTL_OK && strcmp(from.kind, TRANSFER_GRANT) == 0)
        status = import_grant(ctl, object, &from, &own);
    else if (status == CTL_OK && strcmp(from.kind, TRANSFER_BINDING) == 0)
        status = import_answer(ctl, object, &from, &own);
    else if (status == CTL_OK)
        status = transfer_wrong("kind") ? CTL_OK : CTL_REFUSED;
    json_decref(object);
    return status;
}
