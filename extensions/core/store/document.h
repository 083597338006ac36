/* SPDX-License-Identifier: Apache-2.0 */
/* Initial UE configuration documents (CR 10.1.X.1 step 12, Annex A.6). A document may hold PDN
 * access credentials: wiped after use, never logged. Blocks on the database. */
#ifndef MCX_STORE_DOCUMENT_H
#define MCX_STORE_DOCUMENT_H

#include "aka/wrap.h"
#include "policy/migration.h"
#include "store/admin.h"

struct mcx_document {
    uint8_t *octets; /* malloc; mcx_document_free wipes */
    size_t len;      /* at most MCX_DOCUMENT_MAX */
    int64_t version;
};
void mcx_document_free(struct mcx_document *document);

/* At the partner, step 12: the newest valid document for users of that primary (or for all), for
 * the first of these services (bits, as in mcx_access_choice) that has one. Placeholders
 * {{pdn:NAME:username}} and {{pdn:NAME:password}} are filled with this binding's credentials,
 * escaped for XML, which a repeat gets again. NOT_FOUND: none is configured, the answer goes
 * without. LIMIT: credentials exhausted. TOO_LONG: over MCX_DOCUMENT_MAX when filled. NO_KEY, AUTH:
 * credentials cannot be unwrapped. INVALID: the result is no text in UTF-8. In its own transaction:
 * after the binding is committed. */
MCX_MUST_USE enum mcx_err mcx_store_document_fill(struct mcx_session *session,
                                                  const struct mcx_keyring *ring,
                                                  int64_t primary_partner_id, unsigned services,
                                                  const char *binding_id, struct mcx_document *out);

/* At the primary: the copy that was configured for this partner (NOTE 3). NOT_FOUND: none. */
MCX_MUST_USE enum mcx_err mcx_store_document_copy(struct mcx_session *session, int64_t partner_id,
                                                  unsigned services, struct mcx_document *out);

/* Whoever ends a binding frees its credentials in the same statement; this looks for what was left
 * behind: the same for a stretch of max credentials after *cursor, which moves on and begins anew
 * at the end. For a thread that calls it now and then; *cursor is 0 at first. */
MCX_MUST_USE enum mcx_err mcx_store_document_sweep(struct mcx_session *session, int32_t max,
                                                   int64_t *cursor, size_t *released);

/* ---- provisioning; for tools ---- */

struct mcx_new_document {
    const char *partner; /* system id; NULL: for users of every partner, inbound only */
    bool is_copy;        /* outbound: of what that partner gives, for our users */
    enum mcx_service service;
    const char *name;         /* for people */
    struct mcx_span octets;   /* checked by the caller: well-formed, root and namespace */
    const char *from, *until; /* times with zone; NULL: always */
    int64_t id, version;      /* answers */
};
/* INVALID: over MCX_DOCUMENT_MAX, or a placeholder that is none, or one in a copy. */
MCX_MUST_USE enum mcx_err mcx_store_document_load(struct mcx_session *session,
                                                  struct mcx_new_document *document,
                                                  struct mcx_conf_problem *problem);
/* No longer given out; kept. */
MCX_MUST_USE enum mcx_err mcx_store_document_withdraw(struct mcx_session *session, int64_t id,
                                                      struct mcx_conf_problem *problem);
MCX_MUST_USE enum mcx_err mcx_store_document_get(struct mcx_session *session, int64_t id,
                                                 struct mcx_document *out);

struct mcx_access_credential {
    struct mcx_span username, password; /* UTF-8 text, together at most MCX_ACCESS_MAX octets */
};
#define MCX_ACCESS_MAX   510
#define MCX_ACCESS_BATCH 500
/* One batch, in one transaction; a known user name gets the new password. partner NULL: for any. */
MCX_MUST_USE enum mcx_err mcx_store_access_load(struct mcx_session *session,
                                                const struct mcx_keyring *ring, const char *pdn,
                                                const char *partner,
                                                const struct mcx_access_credential *credentials,
                                                size_t count, struct mcx_conf_problem *problem);

#endif
