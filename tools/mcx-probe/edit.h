/* SPDX-License-Identifier: Apache-2.0 */
/* Bending a message before it goes out, for tests of bad input: options in the order of the command
 * line. */
#ifndef PROBE_EDIT_H
#define PROBE_EDIT_H

#include <argp.h>

#include "wire/tree.h"

#define EDIT_MAX 64

struct edit {
    int key;
    const char *name; /* dotted path of AVP names or codes; NULL where there is none */
    const char *value;
};
struct edit_options {
    struct edit list[EDIT_MAX];
    size_t count;
};

extern const struct argp edit_argp; /* input: struct edit_options */

/* Applies all edits to the message in *message, which is encoded anew. false: reason says which
 * edit can't be done. */
bool edit_apply(const struct edit_options *options, struct wire_buf *message, char *reason,
                size_t size);

#endif
