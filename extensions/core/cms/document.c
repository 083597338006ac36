/* SPDX-License-Identifier: Apache-2.0 */
/* The initial UE configuration at the primary: kept wrapped, since it may hold PDN access
 * credentials. Worker thread; blocks on the database. */
#include <stdlib.h>

#include "base/log.h"
#include "cms/cms_private.h"
#include "store/document.h"

static enum mcx_err failed(const char *binding_id, enum mcx_err err)
{
    if (err != MCX_OK)
        mcx_log_limited(MCX_LOG_ERROR, "ev=document_failed binding=%s reason=%s", binding_id,
                        mcx_err_label(err));
    return err;
}

enum mcx_err mcx_cms_document_wrap(const char *binding_id, struct mcx_span document, uint8_t **out,
                                   size_t *len)
{
    enum mcx_err err;

    *out = NULL;
    *len = 0;
    if (document.len == 0)
        return MCX_OK;
    *out = malloc(document.len + MCX_WRAP_EXTRA);
    if (!*out)
        return failed(binding_id, MCX_NO_MEMORY);
    err =
        mcx_wrap_octets(&mcx_cms.ring, MCX_WRAP_DOCUMENT, mcx_span_of(binding_id), document, *out);
    if (err == MCX_OK) {
        *len = document.len + MCX_WRAP_EXTRA;
        return MCX_OK;
    }
    free(*out);
    *out = NULL;
    return failed(binding_id, err);
}

static enum mcx_err unwrap(const char *binding_id, struct mcx_span wrapped,
                           struct mcx_document *out)
{
    enum mcx_err err;

    if (wrapped.len <= MCX_WRAP_EXTRA)
        return MCX_INVALID;
    out->octets = malloc(wrapped.len - MCX_WRAP_EXTRA);
    if (!out->octets)
        return MCX_NO_MEMORY;
    out->len = wrapped.len - MCX_WRAP_EXTRA;
    err = mcx_unwrap_octets(&mcx_cms.ring, MCX_WRAP_DOCUMENT, mcx_span_of(binding_id), wrapped,
                            out->octets);
    if (err != MCX_OK)
        mcx_document_free(out);
    return err;
}

enum mcx_err mcx_cms_document_copy(struct mcx_session *session,
                                   const struct mcx_migration *migration, struct mcx_document *out)
{
    unsigned services = 0;

    for (int i = 0; i < MCX_SERVICES; i++)
        services |= migration->services.has[i] ? 1U << i : 0;
    return mcx_store_document_copy(session, migration->partner_id, services, out);
}

enum mcx_err mcx_cms_document(struct mcx_session *session, const struct mcx_migration *migration,
                              struct mcx_document *out)
{
    uint8_t *wrapped = NULL;
    size_t len = 0;
    enum mcx_err err = mcx_store_migration_document(session, migration->binding_id, &wrapped, &len);

    *out = (struct mcx_document){0};
    if (err == MCX_OK && wrapped)
        err = failed(migration->binding_id,
                     unwrap(migration->binding_id, mcx_span(wrapped, len), out));
    else if (err == MCX_OK)
        err = mcx_cms_document_copy(session, migration, out);
    free(wrapped);
    return err == MCX_NOT_FOUND ? MCX_OK : err;
}
