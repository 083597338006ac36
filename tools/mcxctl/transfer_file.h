/* SPDX-License-Identifier: Apache-2.0 */
/* What goes from one operator to the other as a JSON document, and back. */
#ifndef MCX_CTL_TRANSFER_FILE_H
#define MCX_CTL_TRANSFER_FILE_H

#include <jansson.h>

#include "ctl.h"
#include "store/provision.h"

#define TRANSFER_GRANT   "grant"   /* primary to partner: step 7 */
#define TRANSFER_BINDING "binding" /* partner to primary: step 12 */

/* ---- writing ---- */

/* What both kinds begin with. */
json_t *transfer_head(const char *kind, const char *id, const char *primary, const char *partner);
json_t *transfer_text_or_null(const char *text);
/* Words with blanks between them, as a list shows identities, as an array. */
json_t *transfer_words(const char *text);
/* Takes impus. expires: "infinity" becomes null. */
void transfer_add_identities(json_t *object, const char *impi, json_t *impus, const char *expires);
/* Into --output or standard output; takes the object. CTL_OK or CTL_REFUSED, said. */
int transfer_write(const struct ctl *ctl, json_t *object);

/* ---- reading ---- */

struct transfer {
    const char *kind, *binding_id, *primary, *partner, *impi, *expires; /* borrowed from json */
    size_t impu_count;
    const char *impu[MCX_IMPUS_MAX];
};

/* False, which it has said: the file is not ours. */
bool transfer_wrong(const char *what);
/* A member that must be text, or may be null: NULL then. False said. */
MCX_MUST_USE bool transfer_get_text(const json_t *object, const char *name, bool may_be_null,
                                    const char **out);
/* What both kinds have. False said. */
MCX_MUST_USE bool transfer_read(const json_t *object, struct transfer *out);

#endif
