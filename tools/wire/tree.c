/* SPDX-License-Identifier: Apache-2.0 */
/* Message to tree and back. Sound input gives the same octets again (padding apart, which is
 * written as zeros). */
#include "wire/tree.h"

#include <stdlib.h>
#include <string.h>

static bool parse_children(struct mcx_span avps, struct wire_node *parent)
{
    struct wire_avp avp;
    enum wire_step step;
    while ((step = wire_msg_next(&avps, &avp)) == WIRE_NEXT) {
        struct wire_node *node = wire_tree_insert(parent, parent->count);
        const struct wire_row *row = wire_dict_by_code(avp.code, avp.vendor);
        node->code = avp.code;
        node->vendor = avp.vendor;
        node->flags = avp.flags;
        node->is_group = row && row->type == WIRE_GROUPED && parse_children(avp.body, node);
        if (node->is_group)
            continue;
        wire_tree_clear(node);
        wire_buf_put(&node->body, avp.body.octets, avp.body.len);
    }
    return step == WIRE_END;
}

bool wire_tree_parse(struct mcx_span message, struct wire_tree *out)
{
    *out = (struct wire_tree){.length_lie = -1, .root = {.is_group = true, .length_lie = -1}};
    if (wire_msg_fault(message) || !wire_msg_header(message, &out->header))
        return false;
    return parse_children(wire_msg_avps(message), &out->root);
}

static void encode_children(const struct wire_node *parent, struct wire_buf *out);

static void encode_node(const struct wire_node *node, struct wire_buf *out)
{
    size_t mark = out->len;
    struct wire_avp head = {node->code, node->vendor, node->flags, mcx_span(NULL, 0)};
    wire_msg_put_raw(out, &head);
    if (node->is_group)
        encode_children(node, out);
    else
        wire_buf_put(out, node->body.octets, node->body.len);
    size_t length = out->len - mark;
    wire_set_u24(out->octets + mark + 5,
                 (uint32_t)(node->length_lie < 0 ? (int64_t)length : node->length_lie));
    wire_buf_put_zero(out, -length & 3);
}

static void encode_children(const struct wire_node *parent, struct wire_buf *out)
{
    for (size_t i = 0; i < parent->count; i++)
        encode_node(&parent->children[i], out);
}

void wire_tree_encode(const struct wire_tree *tree, struct wire_buf *out)
{
    size_t mark = wire_msg_begin(out, &tree->header);
    out->octets[mark] = tree->header.version;
    encode_children(&tree->root, out);
    wire_msg_end(out, mark);
    if (tree->length_lie >= 0)
        wire_set_u24(out->octets + mark + 1, (uint32_t)tree->length_lie);
}

void wire_tree_clear(struct wire_node *node)
{
    for (size_t i = 0; i < node->count; i++)
        wire_tree_clear(&node->children[i]);
    free(node->children);
    node->children = NULL;
    node->count = 0;
    wire_buf_free(&node->body);
}

void wire_tree_free(struct wire_tree *tree)
{
    wire_tree_clear(&tree->root);
}

struct wire_node *wire_tree_insert(struct wire_node *parent, size_t at)
{
    if (at > parent->count)
        at = parent->count;
    parent->children =
        wire_realloc(parent->children, (parent->count + 1) * sizeof(*parent->children));
    memmove(parent->children + at + 1, parent->children + at,
            (parent->count - at) * sizeof(*parent->children));
    parent->count++;
    parent->children[at] = (struct wire_node){.length_lie = -1};
    return &parent->children[at];
}

void wire_tree_remove(struct wire_node *parent, size_t at)
{
    if (at >= parent->count)
        return;
    wire_tree_clear(&parent->children[at]);
    parent->count--;
    memmove(parent->children + at, parent->children + at + 1,
            (parent->count - at) * sizeof(*parent->children));
}

void wire_tree_copy(const struct wire_node *from, struct wire_node *to)
{
    *to = (struct wire_node){from->code,       from->vendor, from->flags, from->is_group,
                             from->length_lie, {0},          NULL,        0};
    wire_buf_put(&to->body, from->body.octets, from->body.len);
    for (size_t i = 0; i < from->count; i++)
        wire_tree_copy(&from->children[i], wire_tree_insert(to, to->count));
}
