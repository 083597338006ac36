/* SPDX-License-Identifier: Apache-2.0 */
/* Edits of AVPs found by a dotted path, and of the header. Missing AVPs are made by set, set-hex
 * and empty, at the end of their group. */
#include "edit_avp.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool number(const char *text, int base, unsigned long high, unsigned long *out)
{
    char *end;
    errno = 0;
    *out = strtoul(text, &end, base);
    return !errno && end != text && !*end && *out <= high;
}

/* "Name" or "code[:vendor]". */
static bool identify(const char *name, uint32_t *code, uint32_t *vendor, uint8_t *flags,
                     enum wire_type *type)
{
    const struct wire_row *row = wire_dict_by_name(name);
    unsigned n_code, n_vendor = 0;
    char tail;
    if (!row) {
        int n = sscanf(name, "%u:%u%c", &n_code, &n_vendor, &tail);
        if (n != 2 && sscanf(name, "%u%c", &n_code, &tail) != 1)
            return false;
        row = wire_dict_by_code(n_code, n_vendor);
        *code = n_code;
        *vendor = n_vendor;
        *flags = n_vendor ? WIRE_AVP_V : 0;
        *type = WIRE_OCTETS;
    }
    if (row) {
        *code = row->code;
        *vendor = row->vendor;
        *flags = row->flags;
        *type = row->type;
    }
    return true;
}

struct place {
    struct wire_node *parent;
    size_t at; /* parent->count: not there */
    uint32_t code, vendor;
    uint8_t flags;
    enum wire_type type;
};

static bool find(struct wire_tree *tree, const char *path, struct place *place)
{
    char part[128];
    place->parent = &tree->root;
    for (;;) {
        const char *dot = strchr(path, '.');
        size_t len = dot ? (size_t)(dot - path) : strlen(path);
        if (len >= sizeof(part))
            return false;
        memcpy(part, path, len);
        part[len] = '\0';
        if (!identify(part, &place->code, &place->vendor, &place->flags, &place->type))
            return false;
        for (place->at = 0; place->at < place->parent->count; place->at++) {
            const struct wire_node *node = &place->parent->children[place->at];
            if (node->code == place->code && node->vendor == place->vendor)
                break;
        }
        if (!dot)
            return true;
        if (place->at == place->parent->count)
            return false;
        place->parent = &place->parent->children[place->at];
        place->parent->is_group = true;
        path = dot + 1;
    }
}

static struct wire_node *find_or_make(struct wire_tree *tree, const char *path, struct place *place)
{
    if (!find(tree, path, place))
        return NULL;
    if (place->at < place->parent->count)
        return &place->parent->children[place->at];
    struct wire_node *node = wire_tree_insert(place->parent, place->parent->count);
    node->code = place->code;
    node->vendor = place->vendor;
    node->flags = place->flags;
    return node;
}

bool edit_avp_omit(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    bool found = false;
    while (find(tree, name, &place) && place.at < place.parent->count) {
        wire_tree_remove(place.parent, place.at);
        found = true;
    }
    return found;
}

bool edit_avp_repeat(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    if (!find(tree, name, &place) || place.at == place.parent->count)
        return false;
    struct wire_node *fresh = wire_tree_insert(place.parent, place.at + 1);
    wire_tree_copy(&place.parent->children[place.at], fresh);
    return true;
}

bool edit_avp_empty(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    struct wire_node *node = find_or_make(tree, name, &place);
    if (!node)
        return false;
    wire_tree_clear(node);
    node->is_group = false;
    return true;
}

bool edit_avp_set(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    unsigned long n;
    struct wire_node *node = find_or_make(tree, name, &place);
    if (!node)
        return false;
    wire_tree_clear(node);
    node->is_group = false;
    bool is_number = place.type == WIRE_U32 || place.type == WIRE_ENUM || place.type == WIRE_TIME;
    if (!is_number)
        wire_buf_put(&node->body, value, strlen(value));
    else if (number(value, 0, UINT32_MAX, &n))
        wire_buf_put_u32(&node->body, (uint32_t)n);
    else
        return false;
    return true;
}

bool edit_avp_set_hex(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    struct wire_node *node = find_or_make(tree, name, &place);
    if (!node)
        return false;
    wire_tree_clear(node);
    node->is_group = false;
    return wire_buf_put_hex(&node->body, value);
}

bool edit_avp_length(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    unsigned long n;
    if (!find(tree, name, &place) || place.at == place.parent->count ||
        !number(value, 0, 0xffffff, &n))
        return false;
    place.parent->children[place.at].length_lie = (int64_t)n;
    return true;
}

bool edit_avp_flags(struct wire_tree *tree, const char *name, const char *value)
{
    struct place place;
    unsigned long n;
    if (!find(tree, name, &place) || place.at == place.parent->count ||
        !number(value, 16, 0xff, &n))
        return false;
    place.parent->children[place.at].flags = (uint8_t)n;
    return true;
}

static bool add_at(struct wire_tree *tree, size_t at, const char *name, const char *value)
{
    unsigned code, vendor = 0, flags = 0;
    char tail;
    int n = sscanf(name, "%u:%u:%x%c", &code, &vendor, &flags, &tail);
    if (n != 3 && (n = sscanf(name, "%u:%u%c", &code, &vendor, &tail)) != 2 &&
        (n = sscanf(name, "%u%c", &code, &tail)) != 1)
        return false;
    struct wire_node *node = wire_tree_insert(&tree->root, at);
    node->code = code;
    node->vendor = vendor;
    node->flags = (uint8_t)(n == 3 ? flags : vendor ? WIRE_AVP_V : 0);
    return flags <= 0xff && wire_buf_put_hex(&node->body, value);
}

bool edit_avp_add(struct wire_tree *tree, const char *name, const char *value)
{
    return add_at(tree, SIZE_MAX, name, value);
}

bool edit_avp_insert(struct wire_tree *tree, const char *name, const char *value)
{
    return add_at(tree, 0, name, value);
}

static struct wire_node *append(struct wire_node *parent, enum wire_id id)
{
    const struct wire_row *row = wire_dict_row(id);
    struct wire_node *node = wire_tree_insert(parent, SIZE_MAX);
    node->code = row->code;
    node->vendor = row->vendor;
    node->flags = row->flags;
    node->is_group = row->type == WIRE_GROUPED;
    return node;
}

bool edit_avp_route_record(struct wire_tree *tree, const char *name, const char *value)
{
    wire_buf_put(&append(&tree->root, WIRE_ROUTE_RECORD)->body, value, strlen(value));
    return true;
}

bool edit_avp_proxy_info(struct wire_tree *tree, const char *name, const char *value)
{
    static const char host[] = "proxy.probe.example", state[] = "mcx-probe proxy state";
    struct wire_node *group = append(&tree->root, WIRE_PROXY_INFO);
    wire_buf_put(&append(group, WIRE_PROXY_HOST)->body, host, sizeof(host) - 1);
    wire_buf_put(&append(group, WIRE_PROXY_STATE)->body, state, sizeof(state) - 1);
    return true;
}

bool edit_avp_session_id_hex(struct wire_tree *tree, const char *name, const char *value)
{
    return edit_avp_set_hex(tree, "Session-Id", value);
}

bool edit_header_flags(struct wire_tree *tree, const char *name, const char *value)
{
    unsigned long n;
    if (!number(value, 16, 0xff, &n))
        return false;
    tree->header.flags = (uint8_t)n;
    return true;
}

bool edit_header_length(struct wire_tree *tree, const char *name, const char *value)
{
    unsigned long n;
    if (!number(value, 0, 0xffffff, &n))
        return false;
    tree->length_lie = (int64_t)n;
    return true;
}

bool edit_header_version(struct wire_tree *tree, const char *name, const char *value)
{
    unsigned long n;
    if (!number(value, 0, 0xff, &n))
        return false;
    tree->header.version = (uint8_t)n;
    return true;
}

bool edit_header_command(struct wire_tree *tree, const char *name, const char *value)
{
    unsigned long n;
    if (!number(value, 0, 0xffffff, &n))
        return false;
    tree->header.command = (uint32_t)n;
    return true;
}

bool edit_header_application(struct wire_tree *tree, const char *name, const char *value)
{
    unsigned long n;
    if (!number(value, 0, UINT32_MAX, &n))
        return false;
    tree->header.application = (uint32_t)n;
    return true;
}

bool edit_header_t_flag(struct wire_tree *tree, const char *name, const char *value)
{
    tree->header.flags |= WIRE_FLAG_T;
    return true;
}
