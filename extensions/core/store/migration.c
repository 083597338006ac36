/* SPDX-License-Identifier: Apache-2.0 */
/* Statements of table migration. What is usual is one statement and so one transaction; what must
 * end something first is a transaction of several. Worker thread; blocks on the database. */
#include "store/migration.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/admin.h"
#include "store/choice.h"
#include "store/migration_private.h"

enum { TRIES_MAX = 4 };

/* ---- reading rows ---- */

/* Identities joined by line feeds: none holds one. */
static enum mcx_err split(struct mcx_span joined, struct mcx_str *out, size_t max, size_t *count)
{
    *count = 0;
    while (joined.len > 0) {
        const uint8_t *end = memchr(joined.octets, '\n', joined.len);
        size_t len = end ? (size_t)(end - joined.octets) : joined.len;
        enum mcx_err err =
            *count < max ? mcx_str_set(&out[*count], mcx_span(joined.octets, len)) : MCX_LIMIT;

        if (err != MCX_OK)
            return err;
        ++*count;
        joined = end ? mcx_span(end + 1, joined.len - len - 1) : mcx_span(NULL, 0);
    }
    return MCX_OK;
}

static enum mcx_err identities(const struct mcx_rows *rows, size_t row, int impi, int impus,
                               struct mcx_identities *out)
{
    enum mcx_err err = mcx_cell_str(rows, row, impi, &out->impi);

    return err == MCX_OK
               ? split(mcx_cell_span(rows, row, impus), out->impu, MCX_PUBLIC_MAX, &out->impu_count)
               : err;
}

static enum mcx_err strs(const struct mcx_rows *rows, size_t row, const int *column,
                         struct mcx_str *const *out, size_t count)
{
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; i < count && err == MCX_OK; i++)
        err = mcx_cell_str(rows, row, column[i], out[i]);
    return err;
}

static enum mcx_err service_ids(const struct mcx_rows *rows, size_t row,
                                struct mcx_service_ids *out)
{
    struct mcx_str name[MCX_SERVICES], id[MCX_SERVICES];
    size_t names = 0, ids = 0;
    enum mcx_err err = split(mcx_cell_span(rows, row, 19), name, MCX_SERVICES, &names);

    if (err == MCX_OK)
        err = split(mcx_cell_span(rows, row, 14), id, MCX_SERVICES, &ids);
    for (size_t i = 0; err == MCX_OK && i < names && i < ids; i++) {
        enum mcx_service service = mcx_service_named(mcx_span_str(&name[i]));

        if (service == MCX_SERVICES)
            continue;
        out->has[service] = true;
        out->id[service] = id[i];
    }
    return err;
}

static void own_database(struct mcx_migration *out, const struct mcx_str *own_realm)
{
    bool is_own = mcx_str_equal(&out->database_realm, own_realm);

    out->device_realm = is_own ? (struct mcx_str){0} : out->database_realm;
    out->device_host = is_own ? (struct mcx_str){0} : out->database_host;
}

/* A row of MIGRATION_RESUME or MIGRATION_LIST. */
static enum mcx_err read_row(const struct mcx_rows *rows, size_t row, struct mcx_migration *out)
{
    static const int column[] = {1, 2, 3, 9, 10, 11, 12, 15};
    struct mcx_str own_realm;
    struct mcx_str *const text[] = {&out->own_system,    &out->mc_user_id,    &out->device,
                                    &out->partner,       &out->partner_realm, &out->database_realm,
                                    &out->database_host, &own_realm};
    enum mcx_err err;

    *out = (struct mcx_migration){0};
    snprintf(out->binding_id, sizeof out->binding_id, "%s", mcx_cell_text(rows, row, 0));
    err = strs(rows, row, column, text, sizeof column / sizeof *column);
    if (err == MCX_OK)
        err = identities(rows, row, 4, 5, &out->own);
    if (err == MCX_OK)
        err = service_ids(rows, row, &out->services);
    if (err != MCX_OK)
        return MCX_DB_ERROR;
    own_database(out, &own_realm);
    out->is_masked = mcx_cell_bool(rows, row, 6);
    out->is_requested = mcx_cell_bool(rows, row, 7);
    out->partner_id = mcx_cell_i64(rows, row, 8);
    out->asked_expires_s = mcx_cell_i64(rows, row, 13);
    out->is_active = !mcx_cell_is_null(rows, row, 16);
    if (out->is_active && identities(rows, row, 16, 17, &out->inbound) != MCX_OK)
        return MCX_DB_ERROR;
    out->expires_s = mcx_cell_i64(rows, row, 18);
    return MCX_OK;
}

/* ---- begin ---- */

static void add_impus(struct mcx_params *params, const struct mcx_str *text, size_t count)
{
    struct mcx_span spans[MCX_PUBLIC_MAX];

    for (size_t i = 0; i < count; i++)
        spans[i] = mcx_span_str(&text[i]);
    mcx_params_texts(params, spans, count);
}

/* Two arrays: names and ids. */
static void add_services(struct mcx_params *params, const struct mcx_service_ids *services)
{
    struct mcx_span names[MCX_SERVICES], ids[MCX_SERVICES];
    size_t count = 0;

    for (int i = 0; i < MCX_SERVICES; i++) {
        if (!services->has[i])
            continue;
        names[count] = mcx_span_of(mcx_service_rows[i].name);
        ids[count++] = mcx_span_str(&services->id[i]);
    }
    mcx_params_texts(params, names, count);
    mcx_params_texts(params, ids, count);
}

static void add_optional(struct mcx_params *params, const struct mcx_str *text)
{
    mcx_params_text(params, text->len > 0 ? text->octets : NULL);
}

static void add_expiry(struct mcx_params *params, int64_t expires_s)
{
    if (expires_s == MCX_NEVER)
        mcx_params_text(params, NULL);
    else
        mcx_params_i64(params, expires_s);
}

static enum mcx_err insert(struct mcx_session *session, uint32_t resume_s,
                           struct mcx_migration *out)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    static const int column[] = {1, 2, 3};
    struct mcx_str *const text[] = {&out->own_system, &out->database_realm, &out->database_host};
    enum mcx_err err;

    mcx_params_str(&params, &out->mc_user_id);
    mcx_params_str(&params, &out->device);
    mcx_params_str(&params, &out->own.impi);
    mcx_params_i64(&params, out->partner_id);
    mcx_params_bool(&params, out->is_requested);
    mcx_params_bool(&params, out->is_masked);
    add_optional(&params, &out->device_realm);
    add_optional(&params, &out->device_host);
    add_impus(&params, out->own.impu, out->own.impu_count);
    add_services(&params, &out->services);
    add_expiry(&params, out->asked_expires_s);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_i32(&params, (int32_t)resume_s);
    mcx_params_bool(&params, out->is_ordered);
    mcx_params_i64(&params, out->agreement_id);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_BEGIN, &params, &rows);
    if (err != MCX_OK)
        return err;
    if (mcx_rows_count(&rows) != 1)
        return MCX_NOT_FOUND;
    snprintf(out->binding_id, sizeof out->binding_id, "%s", mcx_cell_text(&rows, 0, 0));
    out->is_active = mcx_cell_bool(&rows, 0, 4);
    return strs(&rows, 0, column, text, 3) == MCX_OK ? MCX_OK : MCX_DB_ERROR;
}

struct replacing {
    struct mcx_migration *out;
    uint32_t resume_s;
    bool is_passing; /* the reason of its failure */
};

/* In a transaction: what is in the way ends first. The row may be in the way no more; and inserting
 * waits for the partner's row before any other, as ends of agreements do. */
static enum mcx_err replace_steps(struct mcx_session *session, void *arg,
                                  struct mcx_conf_problem *problem)
{
    struct replacing *replacing = arg;
    struct mcx_migration *out = replacing->out;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err = insert(session, replacing->resume_s, out);

    replacing->is_passing = err == MCX_DB_ERROR && mcx_session_is_passing(session);
    if (err != MCX_NOT_FOUND)
        return err;
    mcx_params_str(&params, &out->own.impi);
    mcx_params_i64(&params, out->partner_id);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_LIVE, &params, &rows);
    if (err == MCX_OK && mcx_rows_count(&rows) > 0) {
        bool is_expired = mcx_cell_bool(&rows, 0, 1);
        const struct mcx_migration_end end = {
            .binding_id = mcx_cell_text(&rows, 0, 0),
            .cause = is_expired ? "expired" : "replaced",
            .reason = is_expired ? "its time was up" : "asked anew with another masking or user",
            .tells_partner = true};

        err = mcx_migration_end_within(session, &end);
    }
    if (err == MCX_OK || err == MCX_NOT_FOUND)
        err = insert(session, replacing->resume_s, out);
    replacing->is_passing = err == MCX_DB_ERROR && mcx_session_is_passing(session);
    return err;
}

enum mcx_err mcx_store_migration_begin(struct mcx_session *session,
                                       const struct mcx_migration_choice *choice, uint32_t resume_s,
                                       struct mcx_migration *out)
{
    struct replacing replacing = {.out = out, .resume_s = resume_s};
    struct mcx_conf_problem problem;
    enum mcx_err err;

    *out = (struct mcx_migration){.mc_user_id = choice->mc_user_id,
                                  .device = choice->device,
                                  .own = choice->own,
                                  .is_masked = choice->mask,
                                  .is_requested = choice->is_requested,
                                  .is_ordered = choice->is_ordered,
                                  .partner_id = choice->partner_id,
                                  .agreement_id = choice->agreement_id,
                                  .partner = choice->partner,
                                  .partner_realm = choice->partner_realm,
                                  .device_realm = choice->database_realm,
                                  .device_host = choice->database_host,
                                  .services = choice->services,
                                  .asked_expires_s = choice->expires_s};
    err = insert(session, resume_s, out);
    if (err == MCX_DB_ERROR && mcx_session_is_passing(session)) /* once: others want the worker */
        err = insert(session, resume_s, out);
    replacing.is_passing = err == MCX_NOT_FOUND;
    for (int tried = 0; replacing.is_passing && tried < TRIES_MAX; tried++)
        err = mcx_admin_change(session, replace_steps, &replacing, &problem);
    return err;
}

enum mcx_err mcx_store_migration_resume(struct mcx_session *session, const char *binding_id,
                                        struct mcx_migration *out)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, binding_id);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_RESUME, &params, &rows);
    if (err == MCX_OK)
        err = mcx_rows_count(&rows) == 1 ? read_row(&rows, 0, out) : MCX_NOT_LIVE;
    if (err == MCX_OK)
        out->is_ordered = mcx_cell_bool(&rows, 0, 20);
    return err;
}

enum mcx_err mcx_store_migration_allowed(struct mcx_session *session,
                                         struct mcx_migration *migration,
                                         struct mcx_migration_choice *choice, bool *is_allowed)
{
    const struct mcx_migration_ask ask = {.services = migration->services,
                                          .mc_user_id = migration->mc_user_id,
                                          .partner = migration->partner,
                                          .device = migration->device,
                                          .until_s = migration->asked_expires_s,
                                          .is_resumed = !migration->is_ordered};
    enum mcx_err err = mcx_store_migration_choose(session, &ask, choice);

    *is_allowed = false;
    if (err != MCX_OK || choice->verdict != MCX_MIGRATE)
        return err;
    *is_allowed = mcx_str_equal(&choice->own.impi, &migration->own.impi);
    if (*is_allowed)
        migration->asked_expires_s = choice->expires_s;
    else
        choice->reason = "device_changed";
    return MCX_OK;
}

/* ---- what the others answered ---- */

enum mcx_err mcx_store_migration_given(struct mcx_session *session,
                                       const struct mcx_migration *migration,
                                       const struct mcx_identities *inbound,
                                       struct mcx_span document, int64_t *expires_s)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, migration->binding_id);
    mcx_params_str(&params, &inbound->impi);
    add_impus(&params, inbound->impu, inbound->impu_count);
    add_expiry(&params, *expires_s);
    mcx_params_span(&params, document);
    mcx_params_str(&params, &migration->asked.impi);
    add_impus(&params, migration->asked.impu, migration->asked.impu_count);
    for (int tried = 0; tried < TRIES_MAX && mcx_rows_count(&rows) == 0; tried++) {
        mcx_rows_free(&rows);
        err = mcx_migration_run_patiently(session, MCX_STMT_MIGRATION_GIVEN, &params, &rows);
        if (err != MCX_OK)
            return err;
    }
    if (mcx_rows_count(&rows) == 1) {
        *expires_s = mcx_cell_i64(&rows, 0, 0);
        return MCX_OK;
    }
    err = mcx_store_migration_unsure(session, migration->binding_id, 0);
    return err == MCX_OK ? MCX_NOT_LIVE : err;
}

/* ---- for the UE ---- */

enum mcx_err mcx_store_migration_list(struct mcx_session *session,
                                      const struct mcx_service_ids *services,
                                      const char *binding_id, struct mcx_migration *out, size_t max,
                                      size_t *count)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    *count = 0;
    add_services(&params, services);
    mcx_params_text(&params, binding_id);
    mcx_params_i32(&params, (int32_t)max);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_LIST, &params, &rows);
    for (size_t row = 0; err == MCX_OK && row < mcx_rows_count(&rows) && row < max; row++) {
        err = read_row(&rows, row, &out[row]);
        *count += err == MCX_OK;
    }
    return err;
}

enum mcx_err mcx_store_migration_of(struct mcx_session *session,
                                    const struct mcx_service_ids *services, const char *binding_id,
                                    struct mcx_str *mc_user_id, bool *is_released)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    add_services(&params, services);
    mcx_params_text(&params, binding_id);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_OF_USER, &params, &rows);
    if (err != MCX_OK)
        return err;
    if (mcx_rows_count(&rows) != 1)
        return MCX_NOT_FOUND;
    *is_released = mcx_cell_bool(&rows, 0, 1);
    return mcx_cell_str(&rows, 0, 0, mc_user_id) == MCX_OK ? MCX_OK : MCX_DB_ERROR;
}

enum mcx_err mcx_store_migration_document(struct mcx_session *session, const char *binding_id,
                                          uint8_t **wrapped, size_t *len)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    *wrapped = NULL;
    *len = 0;
    mcx_params_text(&params, binding_id);
    err = mcx_session_run(session, MCX_STMT_MIGRATION_DOCUMENT, &params, &rows);
    if (err == MCX_OK && mcx_rows_count(&rows) == 1 && !mcx_cell_is_null(&rows, 0, 0)) {
        struct mcx_span cell = mcx_cell_span(&rows, 0, 0);

        *wrapped = malloc(cell.len + 1);
        if (!*wrapped)
            return MCX_NO_MEMORY;
        memcpy(*wrapped, cell.octets, cell.len);
        *len = cell.len;
    }
    return err;
}
