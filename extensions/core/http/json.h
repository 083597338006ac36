/* SPDX-License-Identifier: Apache-2.0 */
/* JSON from strangers, strictly (RFC 8259): one value, no duplicate member, no NUL inside a text,
 * limited depth. Pure; any thread. */
#ifndef MCX_HTTP_JSON_H
#define MCX_HTTP_JSON_H

#include <jansson.h>

#include "base/span.h"

/* NULL: not such a value. The caller frees with json_decref. */
json_t *mcx_json_load(struct mcx_span text, size_t depth_max);

/* A text member of 1 to 255 octets. NOT_FOUND: absent. INVALID: another type, empty, too long. */
MCX_MUST_USE enum mcx_err mcx_json_str(const json_t *object, const char *name, struct mcx_str *out);

/* For cleanup attributes. */
void mcx_json_drop(json_t **value);

#endif
