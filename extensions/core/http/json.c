/* SPDX-License-Identifier: Apache-2.0 */
/* jansson limits depth at 2048 only, by recursion: brackets are counted before it sees the text.
 * Pure; any thread. */
#include "http/json.h"

static bool is_too_deep(struct mcx_span text, size_t depth_max)
{
    size_t depth = 0;
    bool is_text = false;

    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.octets[i];

        if (is_text && octet == '\\')
            i++;
        else if (octet == '"')
            is_text = !is_text;
        else if (!is_text && (octet == '{' || octet == '[') && ++depth > depth_max)
            return true;
        else if (!is_text && (octet == '}' || octet == ']') && depth > 0)
            depth--;
    }
    return false;
}

json_t *mcx_json_load(struct mcx_span text, size_t depth_max)
{
    if (is_too_deep(text, depth_max))
        return NULL;
    return json_loadb((const char *)text.octets, text.len, JSON_REJECT_DUPLICATES, NULL);
}

enum mcx_err mcx_json_str(const json_t *object, const char *name, struct mcx_str *out)
{
    const json_t *value = json_object_get(object, name);

    if (!value)
        return MCX_NOT_FOUND;
    if (!json_is_string(value) || json_string_length(value) == 0 ||
        mcx_str_set(out, mcx_span(json_string_value(value), json_string_length(value))) != MCX_OK)
        return MCX_INVALID;
    return MCX_OK;
}

void mcx_json_drop(json_t **value)
{
    json_decref(*value);
}
