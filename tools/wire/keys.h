/* SPDX-License-Identifier: Apache-2.0 */
/* The subscriber's K and OPc for the tools: options, a file, or the environment. Never printed;
 * wiped by the holder. */
#ifndef WIRE_KEYS_H
#define WIRE_KEYS_H

#include <argp.h>
#include <stdbool.h>

#include "base/secret.h"

struct wire_keys_options {
    const char *k, *op, *opc, *file;
    char hex[3][33]; /* copies: argv is overwritten, so that ps shows no key */
};
struct wire_keys {
    bool present; /* K and OP or OPc were given */
    struct mcx_key128 k, opc;
};

extern const struct argp wire_keys_argp; /* input: struct wire_keys_options */

/* false: reason. --k, --op and --opc come before --keys FILE, and that before MCX_K, MCX_OP and
 * MCX_OPC in the environment. Wipes the copies in options. */
bool wire_keys_load(struct wire_keys_options *options, struct wire_keys *keys, char *reason,
                    size_t size);
void wire_keys_wipe(struct wire_keys *keys);

#endif
