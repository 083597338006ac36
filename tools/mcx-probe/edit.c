/* SPDX-License-Identifier: Apache-2.0 */
/* The edits as a table: option, how its argument splits, and the function that does it to the tree.
 */
#include "edit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "edit_avp.h"

enum split { SPLIT_NONE, SPLIT_NAME, SPLIT_PAIR, SPLIT_VALUE };

static const struct {
    const char *option;
    const char *argument;
    enum split split;
    bool (*apply)(struct wire_tree *tree, const char *name, const char *value);
    const char *doc;
} table[] = {
    {"omit", "NAME", SPLIT_NAME, edit_avp_omit, "leave the AVP out, every occurrence"},
    {"repeat", "NAME", SPLIT_NAME, edit_avp_repeat, "send the AVP twice"},
    {"empty", "NAME", SPLIT_NAME, edit_avp_empty, "send the AVP without content"},
    {"set", "NAME=TEXT", SPLIT_PAIR, edit_avp_set,
     "content as text, or a number where the type is one"},
    {"set-hex", "NAME=HEX", SPLIT_PAIR, edit_avp_set_hex, "content as octets"},
    {"avp-length", "NAME=N", SPLIT_PAIR, edit_avp_length,
     "a wrong value in the AVP's length field"},
    {"flags", "NAME=HEX", SPLIT_PAIR, edit_avp_flags,
     "flags of the AVP; V adds or removes the vendor"},
    {"add-avp", "CODE[:VENDOR[:FLAGS]]=HEX", SPLIT_PAIR, edit_avp_add,
     "one more AVP behind all (flags in hex)"},
    {"insert-avp", "CODE[:VENDOR[:FLAGS]]=HEX", SPLIT_PAIR, edit_avp_insert,
     "one more AVP before all"},
    {"route-record", "HOST", SPLIT_VALUE, edit_avp_route_record, "one more Route-Record"},
    {"proxy-info", NULL, SPLIT_NONE, edit_avp_proxy_info, "one more Proxy-Info"},
    {"session-id-hex", "HEX", SPLIT_VALUE, edit_avp_session_id_hex, "Session-Id as octets"},
    {"header-flags", "HEX", SPLIT_VALUE, edit_header_flags, "flags of the header"},
    {"header-length", "N", SPLIT_VALUE, edit_header_length, "a wrong message length"},
    {"header-version", "N", SPLIT_VALUE, edit_header_version, "a wrong version"},
    {"header-command", "CODE", SPLIT_VALUE, edit_header_command, "command code of the header"},
    {"header-application", "ID", SPLIT_VALUE, edit_header_application, "application of the header"},
    {"t-flag", NULL, SPLIT_NONE, edit_header_t_flag, "set the T (retransmitted) flag"},
};
#define EDITS     (sizeof(table) / sizeof(table[0]))
#define FIRST_KEY 0x200

static struct argp_option options_table[EDITS + 2];

/* argp wants an array; ours is made from the table before main. */
__attribute__((constructor)) static void fill_options(void)
{
    options_table[0] = (struct argp_option){.doc = "Bending the message (in order; NAME is an AVP "
                                                   "name or code[:vendor], groups by dots, as "
                                                   "SIP-Auth-Data-Item.SIP-Authorization):",
                                            .group = 5};
    for (size_t i = 0; i < EDITS; i++)
        options_table[i + 1] = (struct argp_option){.name = table[i].option,
                                                    .key = FIRST_KEY + (int)i,
                                                    .arg = table[i].argument,
                                                    .doc = table[i].doc};
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct edit_options *options = state->input;
    if (key < FIRST_KEY || key >= FIRST_KEY + (int)EDITS)
        return ARGP_ERR_UNKNOWN;
    if (options->count == EDIT_MAX)
        argp_error(state, "too many edits");
    size_t row = (size_t)(key - FIRST_KEY);
    struct edit edit = {(int)row, NULL, NULL};
    switch (table[row].split) {
    case SPLIT_NONE:
        break;
    case SPLIT_NAME:
        edit.name = arg;
        break;
    case SPLIT_VALUE:
        edit.value = arg;
        break;
    case SPLIT_PAIR: {
        char *equals = strchr(arg, '=');
        if (!equals)
            argp_error(state, "--%s %s: no \"=\"", table[row].option, arg);
        *equals = '\0';
        edit.name = arg;
        edit.value = equals + 1;
        break;
    }
    }
    options->list[options->count++] = edit;
    return 0;
}

const struct argp edit_argp = {options_table, parse, NULL, NULL, NULL, NULL, NULL};

bool edit_apply(const struct edit_options *options, struct wire_buf *message, char *reason,
                size_t size)
{
    struct wire_tree tree;
    if (options->count == 0)
        return true;
    if (!wire_tree_parse(wire_buf_span(message), &tree)) {
        snprintf(reason, size, "the message to bend is not sound");
        wire_tree_free(&tree);
        return false;
    }
    bool done = true;
    for (size_t i = 0; done && i < options->count; i++) {
        const struct edit *edit = &options->list[i];
        done = table[edit->key].apply(&tree, edit->name, edit->value);
        if (!done)
            snprintf(reason, size, "--%s %s%s%s: no such AVP, or the value does not fit",
                     table[edit->key].option, edit->name ? edit->name : "",
                     edit->name && edit->value ? "=" : "", edit->value ? edit->value : "");
    }
    message->len = 0;
    wire_tree_encode(&tree, message);
    wire_tree_free(&tree);
    return done;
}
