/* SPDX-License-Identifier: Apache-2.0 */
/* Reads keys. argv is overwritten at once; files and environment are better still. */
#include "wire/keys.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/milenage.h"
#include "base/span.h"

enum { KEY_K = 0x300, KEY_OP, KEY_OPC, KEY_KEYS };

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "The card (keys also from MCX_K, MCX_OP, MCX_OPC in the environment):", 3},
    {"keys", KEY_KEYS, "FILE", 0,
     "lines K=hex and OP=hex or OPC=hex, also with a prefix as in lab.env's USER_K", 0},
    {"k", KEY_K, "HEX", 0, "K; others see it in ps until we have started", 0},
    {"op", KEY_OP, "HEX", 0, "OP", 0},
    {"opc", KEY_OPC, "HEX", 0, "OPc", 0},
    {0}};

static const char *take_key(char *arg, const char *what, char copy[33], struct argp_state *state)
{
    if (strlen(arg) != 32)
        argp_error(state, "%s: 32 hex digits, please", what);
    memcpy(copy, arg, 33);
    memset(arg, 'x', 32); /* no longer in ps */
    return copy;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct wire_keys_options *options = state->input;
    switch (key) {
    case KEY_K:
        options->k = take_key(arg, "--k", options->hex[0], state);
        return 0;
    case KEY_OP:
        options->op = take_key(arg, "--op", options->hex[1], state);
        return 0;
    case KEY_OPC:
        options->opc = take_key(arg, "--opc", options->hex[2], state);
        return 0;
    case KEY_KEYS:
        options->file = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp wire_keys_argp = {options_table, parse, NULL, NULL, NULL, NULL, NULL};

static bool ends_with(const char *name, const char *tail)
{
    size_t len = strlen(name), tail_len = strlen(tail);
    return len >= tail_len && strcmp(name + len - tail_len, tail) == 0 &&
           (len == tail_len || name[len - tail_len - 1] == '_');
}

static bool read_keys_file(struct wire_keys_options *options, char *reason, size_t size)
{
    char line[512], name[128], value[257];
    FILE *file = fopen(options->file, "re");
    if (!file) {
        snprintf(reason, size, "%s: %s", options->file, strerror(errno));
        return false;
    }
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, " %127[A-Za-z0-9_] = %*[\"']%256[0-9A-Fa-f]", name, value) != 2 &&
            sscanf(line, " %127[A-Za-z0-9_] = %256[0-9A-Fa-f]", name, value) != 2)
            continue;
        if (strlen(value) != 32)
            continue;
        if (!options->k && ends_with(name, "K"))
            options->k = memcpy(options->hex[0], value, 33);
        else if (!options->op && ends_with(name, "OP"))
            options->op = memcpy(options->hex[1], value, 33);
        else if (!options->opc && ends_with(name, "OPC"))
            options->opc = memcpy(options->hex[2], value, 33);
    }
    fclose(file);
    mcx_wipe(line, sizeof(line));
    mcx_wipe(value, sizeof(value));
    return true;
}

static bool decode_keys(const struct wire_keys_options *options, struct wire_keys *keys)
{
    MCX_SECRET_KEY128 op;
    if (mcx_hex_decode(mcx_span_of(options->k), keys->k.octets, 16) != MCX_OK)
        return false;
    if (options->opc)
        return mcx_hex_decode(mcx_span_of(options->opc), keys->opc.octets, 16) == MCX_OK;
    if (mcx_hex_decode(mcx_span_of(options->op), op.octets, 16) != MCX_OK)
        return false;
    mcx_milenage_opc(&keys->k, &op, &keys->opc);
    return true;
}

bool wire_keys_load(struct wire_keys_options *options, struct wire_keys *keys, char *reason,
                    size_t size)
{
    memset(keys, 0, sizeof(*keys));
    if (options->file && !read_keys_file(options, reason, size))
        return false;
    if (!options->k)
        options->k = getenv("MCX_K");
    if (!options->op && !options->opc) {
        options->op = getenv("MCX_OP");
        options->opc = getenv("MCX_OPC");
    }
    if (!options->k && !options->op && !options->opc)
        return true;
    keys->present = options->k && (options->op || options->opc) && decode_keys(options, keys);
    mcx_wipe(options->hex, sizeof(options->hex));
    if (!keys->present)
        snprintf(reason, size, "keys: K and one of OP and OPc, 32 hex digits each, are needed");
    return keys->present;
}

void wire_keys_wipe(struct wire_keys *keys)
{
    mcx_wipe(keys, sizeof(*keys));
}
