/* SPDX-License-Identifier: Apache-2.0 */
/* Problems with mcx.conf as one sentence with file, line and remedy, and the typed reads that the
 * scalar and the list readers share. Start-up only. */
#define _GNU_SOURCE /* asprintf */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_private.h"

void mcx_conf_place(const struct mcx_conf_reader *reader, const config_setting_t *where, char *out,
                    size_t size)
{
    const char *included = where ? config_setting_source_file(where) : NULL;
    const unsigned line = where ? config_setting_source_line(where) : 0;
    size_t used;

    if (!included)
        snprintf(out, size, "%s", reader->path);
    else if (included[0] == '/')
        snprintf(out, size, "%s", included);
    else
        snprintf(out, size, "%s/%s", reader->dir, included);
    used = strlen(out);
    if (line > 0)
        snprintf(out + used, size - used, ":%u", line);
}

enum mcx_err mcx_conf_say(struct mcx_conf_reader *reader, const config_setting_t *where,
                          const char *format, ...)
{
    char *text = reader->problem->text;
    const size_t size = sizeof reader->problem->text;
    size_t used;
    va_list args;

    mcx_conf_place(reader, where, text, size);
    used = strlen(text);
    snprintf(text + used, size - used, ": ");
    used = strlen(text);
    va_start(args, format);
    vsnprintf(text + used, size - used, format, args);
    va_end(args);
    return MCX_CONF;
}

enum mcx_err mcx_conf_no_memory(struct mcx_conf_reader *reader)
{
    snprintf(reader->problem->text, sizeof reader->problem->text, "%s: %s", reader->path,
             mcx_err_text(MCX_NO_MEMORY));
    return MCX_NO_MEMORY;
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Levenshtein distance; names longer than the row are far from everything. */
static unsigned distance(const char *a, const char *b)
{
    unsigned row[65];
    size_t width = strlen(b);

    if (width >= sizeof row / sizeof row[0])
        return UINT_MAX;
    for (size_t j = 0; j <= width; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; a[i]; i++) {
        unsigned diagonal = row[0];

        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < width; j++) {
            unsigned replaced = diagonal + (a[i] != b[j]);

            diagonal = row[j + 1];
            row[j + 1] = least(replaced, least(row[j], row[j + 1]) + 1);
        }
    }
    return row[width];
}

/* "a, b, c" */
static void join(char *out, size_t size, const char *const *names, size_t count)
{
    size_t used = 0;

    out[0] = '\0';
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%s", i ? ", " : "", names[i]);
}

enum mcx_err mcx_conf_say_unknown(struct mcx_conf_reader *reader, const config_setting_t *where,
                                  const char *prefix, const char *const *names, size_t count)
{
    const char *name = config_setting_name(where), *nearest = NULL;
    unsigned best = UINT_MAX;
    char known[384];

    for (size_t i = 0; i < count; i++) {
        unsigned far = distance(name, names[i]);

        if (far < best) {
            best = far;
            nearest = names[i];
        }
    }
    if (nearest && best <= (strlen(nearest) + 1) / 3)
        return mcx_conf_say(reader, where, "%s%s: unknown setting; did you mean %s%s?", prefix,
                            name, prefix, nearest);
    join(known, sizeof known, names, count);
    return mcx_conf_say(reader, where, "%s%s: unknown setting; known here are %s", prefix, name,
                        known);
}

enum mcx_err mcx_conf_text(struct mcx_conf_reader *reader, const config_setting_t *setting,
                           const char *label, const char **out)
{
    if (config_setting_type(setting) != CONFIG_TYPE_STRING)
        return mcx_conf_say(reader, setting, "%s: must be a text in double quotes", label);
    *out = config_setting_get_string(setting);
    return MCX_OK;
}

enum mcx_err mcx_conf_number(struct mcx_conf_reader *reader, const config_setting_t *setting,
                             const char *label, int64_t min, int64_t max, int64_t *out)
{
    int type = config_setting_type(setting);
    int64_t value;

    if (type != CONFIG_TYPE_INT && type != CONFIG_TYPE_INT64)
        return mcx_conf_say(reader, setting,
                            "%s: must be a whole number, %" PRId64 " to %" PRId64
                            ", without quotes",
                            label, min, max);
    value = config_setting_get_int64(setting);
    if (type == CONFIG_TYPE_INT && max > INT32_MAX) /* libconfig keeps 32 bits, with a sign */
        value = (uint32_t)value;
    if (value < min || value > max)
        return mcx_conf_say(reader, setting, "%s = %" PRId64 ": must be %" PRId64 " to %" PRId64,
                            label, value, min, max);
    *out = value;
    return MCX_OK;
}

char *mcx_conf_file_name(const struct mcx_conf_reader *reader, const char *name)
{
    char *joined = NULL;

    if (name[0] == '/')
        return strdup(name);
    if (asprintf(&joined, "%s/%s", reader->dir, name) < 0)
        return NULL;
    return joined;
}

enum mcx_err mcx_conf_elements(struct mcx_conf_reader *reader, const config_setting_t *setting,
                               const char *label, size_t max, size_t *count)
{
    int type;

    *count = 0;
    if (!setting)
        return MCX_OK;
    type = config_setting_type(setting);
    if (type != CONFIG_TYPE_LIST && type != CONFIG_TYPE_ARRAY)
        return mcx_conf_say(reader, setting, "%s: must be a list in round brackets", label);
    *count = (size_t)config_setting_length(setting);
    if (*count > max)
        return mcx_conf_say(reader, setting,
                            "%s: has %zu entries, at most %zu are possible; take some out", label,
                            *count, max);
    return MCX_OK;
}

static bool is_field(const char *list_name, const char *name)
{
    for (size_t i = 0; i < mcx_conf_field_count; i++)
        if (strcmp(mcx_conf_fields[i].list, list_name) == 0 &&
            strcmp(mcx_conf_fields[i].name, name) == 0)
            return true;
    return false;
}

static enum mcx_err unknown_field(struct mcx_conf_reader *reader, const config_setting_t *member,
                                  const char *list_name, const char *label)
{
    char prefix[MCX_LABEL_SIZE + 1];
    const char *names[16];
    size_t count = 0;

    for (size_t i = 0; i < mcx_conf_field_count && count < sizeof names / sizeof names[0]; i++)
        if (strcmp(mcx_conf_fields[i].list, list_name) == 0)
            names[count++] = mcx_conf_fields[i].name;
    snprintf(prefix, sizeof prefix, "%s.", label);
    return mcx_conf_say_unknown(reader, member, prefix, names, count);
}

enum mcx_err mcx_conf_group(struct mcx_conf_reader *reader, const config_setting_t *list,
                            const char *list_name, unsigned index, const char *label,
                            const config_setting_t **out)
{
    const config_setting_t *group = config_setting_get_elem(list, index);

    if (config_setting_type(group) != CONFIG_TYPE_GROUP)
        return mcx_conf_say(reader, group, "%s: must be a group in curly braces: { name = value; }",
                            label);
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);

        if (!is_field(list_name, config_setting_name(member)))
            return unknown_field(reader, member, list_name, label);
    }
    for (size_t i = 0; i < mcx_conf_field_count; i++) {
        const struct mcx_conf_field *field = &mcx_conf_fields[i];

        if (field->is_required && strcmp(field->list, list_name) == 0 &&
            !config_setting_get_member(group, field->name))
            return mcx_conf_say(reader, group, "%s: %s is missing; add it: %s", label, field->name,
                                field->help);
    }
    *out = group;
    return MCX_OK;
}
