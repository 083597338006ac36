/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON that mcxctl binding export writes and import reads. One thread. */
#include "transfer_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FORMAT = 1 };

/* ---- writing ---- */

json_t *transfer_words(const char *text)
{
    json_t *array = json_array();

    while (*text) {
        size_t len = strcspn(text, " ");

        json_array_append_new(array, json_stringn(text, len));
        text += len + strspn(text + len, " ");
    }
    return array;
}

json_t *transfer_text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

int transfer_write(const struct ctl *ctl, json_t *object)
{
    const char *path = ctl_value(ctl, OPT_OUTPUT, 0);
    char *text = json_dumps(object, JSON_INDENT(2));
    bool is_good = text && ctl_write_file(path ? path : "-", text, strlen(text));

    if (is_good && !path)
        is_good = ctl_write_file("-", "\n", 1);
    if (text)
        mcx_wipe(text, strlen(text)); /* a document may hold credentials */
    free(text);
    json_decref(object);
    return is_good ? CTL_OK : CTL_REFUSED;
}

json_t *transfer_head(const char *kind, const char *id, const char *primary, const char *partner)
{
    json_t *object = json_object();

    json_object_set_new(object, "kind", json_string(kind));
    json_object_set_new(object, "format", json_integer(FORMAT));
    json_object_set_new(object, "binding_id", json_string(id));
    json_object_set_new(object, "primary", json_string(primary));
    json_object_set_new(object, "partner", json_string(partner));
    return object;
}

void transfer_add_identities(json_t *object, const char *impi, json_t *impus, const char *expires)
{
    json_object_set_new(object, "private_identity", json_string(impi));
    json_object_set_new(object, "public_identities", impus);
    json_object_set_new(object, "expires",
                        transfer_text_or_null(strcmp(expires, "infinity") == 0 ? "" : expires));
}

/* ---- reading ---- */

bool transfer_wrong(const char *what)
{
    fprintf(stderr, "mcxctl: the file is not what mcxctl binding export writes: %s\n", what);
    return false;
}

bool transfer_get_text(const json_t *object, const char *name, bool may_be_null, const char **out)
{
    const json_t *member = json_object_get(object, name);

    *out = json_string_value(member);
    if (*out || (may_be_null && (!member || json_is_null(member))))
        return true;
    return transfer_wrong(name);
}

bool transfer_read(const json_t *object, struct transfer *out)
{
    const json_t *impus = json_object_get(object, "public_identities");

    if (json_integer_value(json_object_get(object, "format")) != FORMAT)
        return transfer_wrong("format");
    if (!transfer_get_text(object, "kind", false, &out->kind) ||
        !transfer_get_text(object, "binding_id", false, &out->binding_id) ||
        !transfer_get_text(object, "primary", false, &out->primary) ||
        !transfer_get_text(object, "partner", false, &out->partner) ||
        !transfer_get_text(object, "private_identity", false, &out->impi) ||
        !transfer_get_text(object, "expires", true, &out->expires))
        return false;
    out->impu_count = json_array_size(impus);
    if (out->impu_count == 0 || out->impu_count > MCX_IMPUS_MAX)
        return transfer_wrong("public_identities");
    for (size_t i = 0; i < out->impu_count; i++) {
        out->impu[i] = json_string_value(json_array_get(impus, i));
        if (!out->impu[i])
            return transfer_wrong("public_identities");
    }
    return true;
}
