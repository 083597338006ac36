/* SPDX-License-Identifier: Apache-2.0 */
/* The users of a migration load, each with a token of its own, and their requests (CR 10.1.X.1
 * step 1). Read-only once loaded; tokens are secrets: wiped when freed, never printed. */
#ifndef BENCH_MIGRANTS_H
#define BENCH_MIGRANTS_H

#include "options.h"
#include "wire/buf.h"

struct migrants {
    uint64_t count;
    struct wire_buf blobs; /* MC id, NUL, token, NUL of each */
    size_t *offsets;
    struct wire_buf head;       /* of each request, up to the token */
    struct wire_buf body_tail;  /* of each body, from behind the MC id */
    struct wire_buf body_start; /* up to the MC id */
};

/* Reads or signs the tokens. false: reason. Free it in any case. */
bool migrants_load(struct migrants *migrants, const struct bench_options *options, char *reason,
                   size_t size);
void migrants_free(struct migrants *migrants);

/* Appends the POST of that user. */
void migrants_append(const struct migrants *migrants, uint64_t user, struct wire_buf *out);

#endif
