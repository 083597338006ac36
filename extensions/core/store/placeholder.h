/* SPDX-License-Identifier: Apache-2.0 */
/* Placeholders in initial UE configuration documents: {{pdn:NAME:username}} and
 * {{pdn:NAME:password}}. Pure; any thread. */
#ifndef MCX_STORE_PLACEHOLDER_H
#define MCX_STORE_PLACEHOLDER_H

#include "base/span.h"

#define MCX_PDNS_MAX 8 /* in one document */

struct mcx_placeholder {
    size_t at, len; /* in the document */
    struct mcx_span pdn;
    bool is_password;
};

/* The next one at or after *from. OK; NOT_FOUND: no more. INVALID: {{ that begins none. */
MCX_MUST_USE enum mcx_err mcx_placeholder_next(struct mcx_span document, size_t from,
                                               struct mcx_placeholder *out);

/* Different PDNs of a document, in order of their names. LIMIT: more than MCX_PDNS_MAX. */
MCX_MUST_USE enum mcx_err mcx_placeholder_pdns(struct mcx_span document,
                                               struct mcx_span pdn[MCX_PDNS_MAX], size_t *count);

/* Octets as XML text, good in elements and in attributes; TOO_LONG: over size. *len grows. */
MCX_MUST_USE enum mcx_err mcx_xml_escape(struct mcx_span octets, uint8_t *out, size_t size,
                                         size_t *len);

#endif
