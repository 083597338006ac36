/* SPDX-License-Identifier: Apache-2.0 */
/* Initial UE configuration documents (CR 10.1.X.1 step 12, Annex A.6). A document may hold PDN
 * access credentials: wiped after use, never logged. Blocks on the database. */
#ifndef MCX_STORE_DOCUMENT_H
#define MCX_STORE_DOCUMENT_H

#include "aka/wrap.h"
#include "policy/mcx.h"
#include "store/session.h"

struct mcx_document {
    uint8_t *octets; /* malloc; mcx_document_free wipes */
    size_t len;      /* at most MCX_DOCUMENT_MAX */
    int64_t version;
};
void mcx_document_free(struct mcx_document *document);

/* At the partner, step 12: the newest document for users of that primary (or for all), for the
 * first of these services that has one; placeholders filled with this binding's credentials, which
 * a repeat gets again. NOT_FOUND: none is configured, the answer goes without. LIMIT: credentials
 * exhausted. NO_KEY, AUTH: credentials cannot be unwrapped. In its own transaction. */
MCX_MUST_USE enum mcx_err mcx_store_document_fill(struct mcx_session *session,
                                                  const struct mcx_keyring *ring,
                                                  int64_t primary_partner_id,
                                                  const char *binding_id, struct mcx_document *out);

/* At the primary: the copy that was configured for this partner (NOTE 3). NOT_FOUND: none. */
MCX_MUST_USE enum mcx_err mcx_store_document_copy(struct mcx_session *session, int64_t partner_id,
                                                  struct mcx_document *out);

/* The binding has ended: its credentials may be given to another. */
MCX_MUST_USE enum mcx_err mcx_store_document_release(struct mcx_session *session,
                                                     const char *binding_id);

#endif
