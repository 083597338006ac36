/* SPDX-License-Identifier: Apache-2.0 */
/* Tables ue_document and pdn_credential, as an operator fills them. The caller's thread; blocks on
 * the database. */
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/utf8.h"
#include "store/document.h"
#include "store/keys.h"
#include "store/placeholder.h"

static enum mcx_err no_partner(const char *partner, struct mcx_conf_problem *problem)
{
    return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                            "%s is no partner of this system: see mcxctl partner add",
                            partner ? MCX_SAFE(mcx_span_of(partner)) : "");
}

static enum mcx_err load_steps(struct mcx_session *session, void *arg,
                               struct mcx_conf_problem *problem)
{
    struct mcx_new_document *document = arg;
    const char *service = mcx_service_rows[document->service].name;
    char version[24];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, document->partner);
    mcx_params_text(&params, document->is_copy ? "outbound" : "inbound");
    mcx_params_text(&params, service);
    mcx_params_text(&params, document->name);
    mcx_params_span(&params, document->octets);
    mcx_params_text(&params, document->from);
    mcx_params_text(&params, document->until);
    mcx_params_text(&params, mcx_session_actor(session));
    err = mcx_admin_one(session, MCX_STMT_DOCUMENT_LOAD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return no_partner(document->partner, problem);
    if (err != MCX_OK)
        return err;
    document->id = mcx_cell_i64(&rows, 0, 0);
    document->version = mcx_cell_i64(&rows, 0, 1);
    snprintf(version, sizeof version, "%lld", (long long)document->version);
    return mcx_admin_audit(session, "document_loaded", problem, "partner", document->partner,
                           "direction", document->is_copy ? "outbound" : "inbound", "service",
                           service, "version", version, "name", document->name, NULL);
}

enum mcx_err mcx_store_document_load(struct mcx_session *session, struct mcx_new_document *document,
                                     struct mcx_conf_problem *problem)
{
    struct mcx_span pdn[MCX_PDNS_MAX];
    size_t count = 0;

    if (document->octets.len == 0 || document->octets.len > MCX_DOCUMENT_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "a document has 1 to %d octets, this has %zu",
                                MCX_DOCUMENT_MAX, document->octets.len);
    if (document->is_copy && !document->partner)
        return mcx_admin_refuse(problem, MCX_INVALID, "a copy is of one partner's document");
    if (mcx_placeholder_pdns(document->octets, pdn, &count) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "{{ may only begin {{pdn:NAME:username}} or {{pdn:NAME:password}}, "
                                "with at most %d names",
                                MCX_PDNS_MAX);
    if (document->is_copy && count > 0)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "a copy is given as it is: it can have no placeholders");
    return mcx_admin_change(session, load_steps, document, problem);
}

enum mcx_err mcx_store_document_withdraw(struct mcx_session *session, int64_t id,
                                         struct mcx_conf_problem *problem)
{
    const struct mcx_row_end end = {MCX_STMT_DOCUMENT_WITHDRAW, id, "document given out as",
                                    "document_withdrawn"};

    return mcx_admin_end_row(session, &end, problem);
}

/* ---- PDN access credentials ---- */

struct loading {
    const struct mcx_keyring *ring;
    const char *pdn, *partner;
    const struct mcx_access_credential *credentials;
    size_t count;
};

enum { WRAPPED_MAX = MCX_ACCESS_MAX + 2 + MCX_WRAP_EXTRA };

static enum mcx_err wrap_one(const struct mcx_keyring *ring, int64_t id,
                             const struct mcx_access_credential *credential,
                             uint8_t wrapped[WRAPPED_MAX], size_t *len)
{
    uint8_t plain[MCX_ACCESS_MAX + 2];
    size_t name_len = credential->username.len;
    char context[24];
    enum mcx_err err;

    plain[0] = (uint8_t)(name_len >> 8);
    plain[1] = (uint8_t)name_len;
    memcpy(plain + 2, credential->username.octets, name_len);
    memcpy(plain + 2 + name_len, credential->password.octets, credential->password.len);
    *len = 2 + name_len + credential->password.len;
    snprintf(context, sizeof context, "%lld", (long long)id);
    err = mcx_wrap_octets(ring, MCX_WRAP_ACCESS, mcx_span_of(context), mcx_span(plain, *len),
                          wrapped);
    *len += MCX_WRAP_EXTRA;
    mcx_wipe(plain, sizeof plain);
    return err;
}

static enum mcx_err insert(struct mcx_session *session, const struct loading *loading,
                           int64_t first, struct mcx_conf_problem *problem)
{
    static __thread uint8_t wrapped[MCX_ACCESS_BATCH][WRAPPED_MAX];
    struct mcx_span blobs[MCX_ACCESS_BATCH], names[MCX_ACCESS_BATCH];
    int64_t ids[MCX_ACCESS_BATCH];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    for (size_t i = 0; i < loading->count; i++) {
        size_t len;

        ids[i] = first + (int64_t)i;
        err = wrap_one(loading->ring, ids[i], &loading->credentials[i], wrapped[i], &len);
        if (err != MCX_OK)
            return mcx_admin_refuse(problem, err, "%s: see mcxctl key create", mcx_err_text(err));
        blobs[i] = mcx_span(wrapped[i], len);
        names[i] = loading->credentials[i].username;
    }
    mcx_params_i64s(&params, ids, loading->count);
    mcx_params_blobs(&params, blobs, loading->count);
    mcx_params_texts(&params, names, loading->count);
    mcx_params_text(&params, loading->pdn);
    mcx_params_text(&params, loading->partner);
    mcx_params_i64(&params, loading->ring->kek[0].id);
    err = mcx_admin_run(session, MCX_STMT_ACCESS_ADD, &params, &rows, problem);
    return err == MCX_OK && mcx_rows_count(&rows) == 0 ? no_partner(loading->partner, problem)
                                                       : err;
}

static enum mcx_err access_steps(struct mcx_session *session, void *arg,
                                 struct mcx_conf_problem *problem)
{
    const struct loading *loading = arg;
    int64_t first = 0;
    char count[24];
    enum mcx_err err = mcx_store_key_hold(session, loading->ring, problem);

    if (err == MCX_OK)
        err =
            mcx_admin_take_ids(session, "pdn_credential", (int64_t)loading->count, &first, problem);
    if (err == MCX_OK)
        err = insert(session, loading, first, problem);
    snprintf(count, sizeof count, "%zu", loading->count);
    return err == MCX_OK
               ? mcx_admin_audit(session, "pdn_credentials_loaded", problem, "pdn", loading->pdn,
                                 "partner", loading->partner, "count", count, NULL)
               : err;
}

enum mcx_err mcx_store_access_load(struct mcx_session *session, const struct mcx_keyring *ring,
                                   const char *pdn, const char *partner,
                                   const struct mcx_access_credential *credentials, size_t count,
                                   struct mcx_conf_problem *problem)
{
    struct loading loading = {ring, pdn, partner, credentials, count};

    if (ring->count == 0)
        return mcx_admin_refuse(problem, MCX_NO_KEY,
                                "no key to encrypt with: see mcxctl key create");
    if (count == 0 || count > MCX_ACCESS_BATCH)
        return mcx_admin_refuse(problem, MCX_INVALID, "1 to %d credentials at a time",
                                MCX_ACCESS_BATCH);
    for (size_t i = 0; i < count; i++) {
        if (credentials[i].username.len + credentials[i].password.len > MCX_ACCESS_MAX ||
            credentials[i].username.len == 0)
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "a user name and its password have 1 to %d octets together",
                                    MCX_ACCESS_MAX);
        if (!mcx_utf8_is_text(credentials[i].username) ||
            !mcx_utf8_is_text(credentials[i].password))
            return mcx_admin_refuse(problem, MCX_INVALID,
                                    "a user name and its password are UTF-8 without control "
                                    "characters, as the document is that they go into");
    }
    return mcx_admin_change(session, access_steps, &loading, problem);
}
