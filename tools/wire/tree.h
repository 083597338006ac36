/* SPDX-License-Identifier: Apache-2.0 */
/* A message as a tree that can be bent: AVPs removed, repeated, emptied, given wrong lengths. For
 * bad-input tests only. One thread per tree. */
#ifndef WIRE_TREE_H
#define WIRE_TREE_H

#include "wire/msg.h"

struct wire_node {
    uint32_t code, vendor;
    uint8_t flags;
    bool is_group;      /* children count; else body */
    int64_t length_lie; /* value for the length field; -1: the true one */
    struct wire_buf body;
    struct wire_node *children;
    size_t count;
};

struct wire_tree {
    struct wire_header header;
    int64_t length_lie;    /* as above, for the message */
    struct wire_node root; /* a group without header */
};

/* false: not a sound message; *out is empty then. Known groups become nodes; a known group with a
 * broken inside stays octets. */
bool wire_tree_parse(struct mcx_span message, struct wire_tree *out);
void wire_tree_encode(const struct wire_tree *tree, struct wire_buf *out);
void wire_tree_free(struct wire_tree *tree);

/* Inserts a fresh node before position at (at >= count: behind all) and returns it; it moves with
 * the next change. */
struct wire_node *wire_tree_insert(struct wire_node *parent, size_t at);
void wire_tree_remove(struct wire_node *parent, size_t at);
void wire_tree_copy(const struct wire_node *from, struct wire_node *to); /* *to is a fresh node */
void wire_tree_clear(struct wire_node *node);                            /* no body, no children */

#endif
