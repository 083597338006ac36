/* SPDX-License-Identifier: Apache-2.0 */
/* Tables ue_document and pdn_credential, as step 12 needs them: found, filled, released. The
 * caller's thread; blocks on the database. */
#include "store/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "store/placeholder.h"

void mcx_document_free(struct mcx_document *document)
{
    if (document->octets)
        mcx_wipe(document->octets, document->len);
    free(document->octets);
    *document = (struct mcx_document){0};
}

/* ---- finding ---- */

static enum mcx_err copy_out(const struct mcx_rows *rows, struct mcx_document *out)
{
    struct mcx_span octets;

    if (mcx_rows_count(rows) == 0)
        return MCX_NOT_FOUND;
    octets = mcx_cell_span(rows, 0, 0);
    out->octets = malloc(octets.len > 0 ? octets.len : 1);
    if (!out->octets)
        return MCX_NO_MEMORY;
    memcpy(out->octets, octets.octets, octets.len);
    out->len = octets.len;
    out->version = mcx_cell_i64(rows, 0, 1);
    return MCX_OK;
}

static enum mcx_err find(struct mcx_session *session, const char *direction, int64_t partner_id,
                         unsigned services, struct mcx_rows *rows)
{
    struct mcx_span names[MCX_SERVICES];
    size_t count = 0;
    MCX_PARAMS params = {0};

    for (unsigned i = 0; i < MCX_SERVICES; i++) {
        if (services == 0 || services & 1U << i)
            names[count++] = mcx_span_of(mcx_service_rows[i].name);
    }
    mcx_params_text(&params, direction);
    mcx_params_i64(&params, partner_id);
    mcx_params_texts(&params, names, count);
    return mcx_session_run(session, MCX_STMT_DOCUMENT_FIND, &params, rows);
}

enum mcx_err mcx_store_document_copy(struct mcx_session *session, int64_t partner_id,
                                     unsigned services, struct mcx_document *out)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = find(session, "outbound", partner_id, services, &rows);

    *out = (struct mcx_document){0};
    return err == MCX_OK ? copy_out(&rows, out) : err;
}

enum mcx_err mcx_store_document_get(struct mcx_session *session, int64_t id,
                                    struct mcx_document *out)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    *out = (struct mcx_document){0};
    mcx_params_i64(&params, id);
    err = mcx_session_run(session, MCX_STMT_DOCUMENT_GET, &params, &rows);
    return err == MCX_OK ? copy_out(&rows, out) : err;
}

/* ---- filling ---- */

struct access {
    size_t len; /* of plain */
    uint8_t plain[MCX_ACCESS_MAX + 2];
};

struct filling {
    const struct mcx_keyring *ring;
    int64_t partner_id;
    const char *binding_id;
    size_t count;
    struct mcx_span pdn[MCX_PDNS_MAX];
    struct access access[MCX_PDNS_MAX];
};

static void wipe_filling(struct filling *filling)
{
    mcx_wipe(filling->access, sizeof filling->access);
}

static enum mcx_err open_access(const struct mcx_keyring *ring, int64_t id, struct mcx_span wrapped,
                                struct access *out)
{
    char context[24];
    enum mcx_err err;

    if (wrapped.len < MCX_WRAP_EXTRA + 2 || wrapped.len > MCX_WRAP_EXTRA + sizeof out->plain)
        return MCX_AUTH;
    snprintf(context, sizeof context, "%lld", (long long)id);
    err = mcx_unwrap_octets(ring, MCX_WRAP_ACCESS, mcx_span_of(context), wrapped, out->plain);
    if (err != MCX_OK)
        return err == MCX_NO_KEY ? err : MCX_AUTH;
    out->len = wrapped.len - MCX_WRAP_EXTRA;
    return (size_t)(out->plain[0] << 8 | out->plain[1]) + 2 <= out->len ? MCX_OK : MCX_AUTH;
}

static enum mcx_err take_steps(struct mcx_session *session, void *arg,
                               struct mcx_conf_problem *problem)
{
    struct filling *filling = arg;
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; err == MCX_OK && i < filling->count; i++) {
        MCX_PARAMS params = {0};
        MCX_ROWS rows = {0};

        mcx_params_span(&params, filling->pdn[i]);
        mcx_params_i64(&params, filling->partner_id);
        mcx_params_text(&params, filling->binding_id);
        err = mcx_admin_one(session, MCX_STMT_ACCESS_TAKE, &params, &rows, problem);
        if (err == MCX_NOT_FOUND)
            err = MCX_LIMIT;
        if (err == MCX_OK)
            err = open_access(filling->ring, mcx_cell_i64(&rows, 0, 0), mcx_cell_span(&rows, 0, 1),
                              &filling->access[i]);
    }
    return err;
}

static struct mcx_span value_of(const struct filling *filling,
                                const struct mcx_placeholder *placeholder)
{
    for (size_t i = 0; i < filling->count; i++) {
        const struct access *access = &filling->access[i];
        size_t name_len = (size_t)(access->plain[0] << 8 | access->plain[1]);

        if (!mcx_span_equal(filling->pdn[i], placeholder->pdn))
            continue;
        return placeholder->is_password
                   ? mcx_span(access->plain + 2 + name_len, access->len - 2 - name_len)
                   : mcx_span(access->plain + 2, name_len);
    }
    return mcx_span("", 0);
}

static enum mcx_err append(struct mcx_document *out, struct mcx_span octets)
{
    if (octets.len > MCX_DOCUMENT_MAX - out->len)
        return MCX_TOO_LONG;
    memcpy(out->octets + out->len, octets.octets, octets.len);
    out->len += octets.len;
    return MCX_OK;
}

static enum mcx_err fill_text(const struct filling *filling, struct mcx_span text,
                              struct mcx_document *out)
{
    struct mcx_placeholder next;
    size_t from = 0;
    enum mcx_err err = MCX_OK;

    out->octets = malloc(MCX_DOCUMENT_MAX);
    if (!out->octets)
        return MCX_NO_MEMORY;
    while (err == MCX_OK && mcx_placeholder_next(text, from, &next) == MCX_OK) {
        err = append(out, mcx_span(text.octets + from, next.at - from));
        if (err == MCX_OK)
            err =
                mcx_xml_escape(value_of(filling, &next), out->octets, MCX_DOCUMENT_MAX, &out->len);
        from = next.at + next.len;
    }
    return err == MCX_OK ? append(out, mcx_span(text.octets + from, text.len - from)) : err;
}

enum mcx_err mcx_store_document_fill(struct mcx_session *session, const struct mcx_keyring *ring,
                                     int64_t primary_partner_id, unsigned services,
                                     const char *binding_id, struct mcx_document *out)
{
    __attribute__((cleanup(wipe_filling))) struct filling filling = {
        .ring = ring, .partner_id = primary_partner_id, .binding_id = binding_id};
    struct mcx_conf_problem problem;
    struct mcx_span text;
    MCX_ROWS rows = {0};
    enum mcx_err err = find(session, "inbound", primary_partner_id, services, &rows);

    *out = (struct mcx_document){0};
    if (err != MCX_OK)
        return err;
    if (mcx_rows_count(&rows) == 0)
        return MCX_NOT_FOUND;
    text = mcx_cell_span(&rows, 0, 0);
    if (mcx_placeholder_pdns(text, filling.pdn, &filling.count) != MCX_OK)
        return MCX_INVALID; /* document_load lets none such in */
    if (filling.count == 0)
        return copy_out(&rows, out);
    err = mcx_admin_change(session, take_steps, &filling, &problem);
    if (err == MCX_EXISTS) /* the same binding, asked for twice at once: the other was first */
        err = mcx_admin_change(session, take_steps, &filling, &problem);
    if (err == MCX_OK)
        err = fill_text(&filling, text, out);
    if (err == MCX_OK && !mcx_utf8_is_text(mcx_span(out->octets, out->len)))
        err = MCX_INVALID; /* access_load lets no such credential in */
    if (err == MCX_OK)
        out->version = mcx_cell_i64(&rows, 0, 1);
    else
        mcx_document_free(out);
    return err;
}

/* ---- the end of a binding ---- */

enum mcx_err mcx_store_document_sweep(struct mcx_session *session, int32_t max, int64_t *cursor,
                                      size_t *released)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    *released = 0;
    mcx_params_i32(&params, max);
    mcx_params_i64(&params, *cursor);
    err = mcx_session_run(session, MCX_STMT_ACCESS_SWEEP, &params, &rows);
    if (err != MCX_OK)
        return err;
    *cursor = mcx_rows_count(&rows) > 0 ? mcx_cell_i64(&rows, 0, 0) : 0;
    *released = mcx_rows_count(&rows) > 0 ? (size_t)mcx_cell_i64(&rows, 0, 1) : 0;
    return MCX_OK;
}
