/* SPDX-License-Identifier: Apache-2.0 */
/* The scalar settings of mcx.conf, from the table in settings.def; names that nobody knows; and all
 * settings as text. Start-up only. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_private.h"
#include "base/secret.h"

enum kind { KIND_INT, KIND_UINT, KIND_TEXT, KIND_WORD, KIND_FLAG };

struct row {
    const char *section, *name;
    enum kind kind;
    size_t offset; /* in struct mcx_conf */
    int64_t number, min, max;
    const char *text; /* default; NULL: required */
    const char *words, *help;
};

static const struct row rows[] = {
#define MCX_INT(section, name, def, min, max, help)                                                \
    {#section, #name, KIND_INT, offsetof(struct mcx_conf, section##_##name), def, min, max,        \
     "",       NULL,  help},
#define MCX_UINT(section, name, def, min, max, help)                                               \
    {#section, #name, KIND_UINT, offsetof(struct mcx_conf, section##_##name), def, min, max,       \
     "",       NULL,  help},
#define MCX_TEXT(section, name, def, help)                                                         \
    {#section, #name, KIND_TEXT, offsetof(struct mcx_conf, section##_##name), 0, 0, 0,             \
     def,      NULL,  help},
#define MCX_WORD(section, name, def, words, help)                                                  \
    {#section, #name, KIND_WORD, offsetof(struct mcx_conf, section##_##name), 0, 0, 0,             \
     def,      words, help},
#define MCX_FLAG(section, name, def, help)                                                         \
    {#section, #name, KIND_FLAG, offsetof(struct mcx_conf, section##_##name), def, 0, 0,           \
     "",       NULL,  help},
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
};
#define ROW_COUNT (sizeof rows / sizeof rows[0])

static void *cell(struct mcx_conf *conf, const struct row *row)
{
    return (char *)conf + row->offset;
}

/* Names that may stand in a section ("": at top level). Returns how many. */
static size_t known_names(const char *section, const char **names, size_t max)
{
    size_t count = 0;

    for (size_t i = 0; i < ROW_COUNT; i++) {
        const char *name = section[0] ? rows[i].name : rows[i].section;

        if (section[0] && strcmp(rows[i].section, section) != 0)
            continue;
        if (count < max && (count == 0 || strcmp(names[count - 1], name) != 0))
            names[count++] = name;
    }
    for (size_t i = 0; i < mcx_conf_list_count; i++)
        if (strcmp(mcx_conf_lists[i].section, section) == 0 && count < max)
            names[count++] = mcx_conf_lists[i].name;
    return count;
}

static enum mcx_err check_names(struct mcx_conf_reader *reader, const config_setting_t *group,
                                const char *section)
{
    const char *names[ROW_COUNT + 8];
    size_t count = known_names(section, names, sizeof names / sizeof names[0]);
    char prefix[MCX_LABEL_SIZE];

    snprintf(prefix, sizeof prefix, "%s%s", section, section[0] ? "." : "");
    for (int i = 0; i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        bool is_known = false;

        for (size_t n = 0; n < count; n++)
            is_known |= strcmp(names[n], name) == 0;
        if (!is_known)
            return mcx_conf_say_unknown(reader, member, prefix, names, count);
    }
    return MCX_OK;
}

enum mcx_err mcx_conf_check_names(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    enum mcx_err err = check_names(reader, root, "");

    for (size_t i = 0; err == MCX_OK && i < ROW_COUNT; i++) {
        const config_setting_t *section = config_setting_get_member(root, rows[i].section);

        if (!section || (i > 0 && strcmp(rows[i].section, rows[i - 1].section) == 0))
            continue;
        if (config_setting_type(section) != CONFIG_TYPE_GROUP)
            return mcx_conf_say(reader, section,
                                "%s: must be a group in curly braces: { name = value; }",
                                rows[i].section);
        err = check_names(reader, section, rows[i].section);
    }
    return err;
}

static bool is_word_of(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (strcspn(at, "|") == len && strncmp(at, word, len) == 0)
            return true;
    }
    return false;
}

static enum mcx_err read_text(struct mcx_conf_reader *reader, const config_setting_t *setting,
                              const struct row *row, const char *label)
{
    const char *text = row->text;
    char **out = cell(reader->conf, row);

    if (setting) {
        enum mcx_err err = mcx_conf_text(reader, setting, label, &text);

        if (err != MCX_OK)
            return err;
    }
    if (!text || (!row->text && text[0] == '\0'))
        return mcx_conf_say(reader, setting, "%s: is required; set it: %s", label, row->help);
    if (row->words && !is_word_of(row->words, text))
        return mcx_conf_say(reader, setting, "%s = \"%.40s\": must be one of %s", label, text,
                            row->words);
    *out = strdup(text);
    return *out ? MCX_OK : mcx_conf_no_memory(reader);
}

static enum mcx_err read_int(struct mcx_conf_reader *reader, const config_setting_t *setting,
                             const struct row *row, const char *label)
{
    int64_t value = row->number;
    enum mcx_err err = MCX_OK;

    if (setting)
        err = mcx_conf_number(reader, setting, label, row->min, row->max, &value);
    if (row->kind == KIND_UINT)
        *(uint32_t *)cell(reader->conf, row) = (uint32_t)value;
    else
        *(int *)cell(reader->conf, row) = (int)value;
    return err;
}

static enum mcx_err read_flag(struct mcx_conf_reader *reader, const config_setting_t *setting,
                              const struct row *row, const char *label)
{
    bool value = row->number != 0;

    if (setting) {
        if (config_setting_type(setting) != CONFIG_TYPE_BOOL)
            return mcx_conf_say(reader, setting, "%s: must be true or false, without quotes",
                                label);
        value = config_setting_get_bool(setting) != 0;
    }
    *(bool *)cell(reader->conf, row) = value;
    return MCX_OK;
}

static enum mcx_err read_row(struct mcx_conf_reader *reader, const config_setting_t *root,
                             const struct row *row)
{
    const config_setting_t *section = config_setting_get_member(root, row->section);
    const config_setting_t *setting =
        section ? config_setting_get_member(section, row->name) : NULL;
    char label[MCX_LABEL_SIZE];

    snprintf(label, sizeof label, "%s.%s", row->section, row->name);
    switch (row->kind) {
    case KIND_INT:
    case KIND_UINT:
        return read_int(reader, setting, row, label);
    case KIND_TEXT:
    case KIND_WORD:
        return read_text(reader, setting, row, label);
    case KIND_FLAG:
        return read_flag(reader, setting, row, label);
    }
    return MCX_INVALID;
}

/* RFC 6733 2.4: two applications, two numbers. */
static enum mcx_err check_applications(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    const config_setting_t *section = config_setting_get_member(root, "mcx");
    const config_setting_t *where =
        section ? config_setting_get_member(section, "ss_application") : NULL;

    if (reader->conf->mcx_sdb_application != reader->conf->mcx_ss_application)
        return MCX_OK;
    if (!where && section)
        where = config_setting_get_member(section, "sdb_application");
    return mcx_conf_say(reader, where,
                        "mcx.sdb_application and mcx.ss_application are the same number; give each "
                        "its own");
}

/* The scalars that name files. */
static enum mcx_err place_files(struct mcx_conf_reader *reader)
{
    char **const files[] = {&reader->conf->log_file, &reader->conf->cms_https_cert,
                            &reader->conf->cms_https_key};

    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        char *placed;

        if ((*files[i])[0] == '\0')
            continue;
        placed = mcx_conf_file_name(reader, *files[i]);
        if (!placed)
            return mcx_conf_no_memory(reader);
        free(*files[i]);
        *files[i] = placed;
    }
    return MCX_OK;
}

enum mcx_err mcx_conf_read_scalars(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    enum mcx_err err = MCX_OK;

    for (size_t i = 0; err == MCX_OK && i < ROW_COUNT; i++)
        err = read_row(reader, root, &rows[i]);
    if (err == MCX_OK)
        err = check_applications(reader, root);
    return err == MCX_OK ? place_files(reader) : err;
}

void mcx_conf_free_text(char **text)
{
    if (*text)
        mcx_wipe(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

void mcx_conf_free_scalars(struct mcx_conf *conf)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        if (rows[i].kind == KIND_TEXT || rows[i].kind == KIND_WORD)
            mcx_conf_free_text(cell(conf, &rows[i]));
}

static void print_row(FILE *to, const struct row *row)
{
    fprintf(to, "%s.%s", row->section, row->name);
    switch (row->kind) {
    case KIND_INT:
    case KIND_UINT:
        fprintf(to, " = %lld (%lld to %lld)", (long long)row->number, (long long)row->min,
                (long long)row->max);
        break;
    case KIND_TEXT:
        if (row->text)
            fprintf(to, " = \"%s\"", row->text);
        else
            fprintf(to, " (required text)");
        break;
    case KIND_WORD:
        fprintf(to, " = \"%s\" (%s)", row->text, row->words);
        break;
    case KIND_FLAG:
        fprintf(to, " = %s (true or false)", row->number ? "true" : "false");
        break;
    }
    fprintf(to, "\n    %s\n", row->help);
}

void mcx_conf_print_settings(FILE *to)
{
    for (size_t i = 0; i < ROW_COUNT; i++)
        print_row(to, &rows[i]);
    for (size_t i = 0; i < mcx_conf_list_count; i++) {
        const struct mcx_conf_list *list = &mcx_conf_lists[i];

        fprintf(to, "%s%s%s = ( { ... } )\n    %s\n", list->section, list->section[0] ? "." : "",
                list->name, list->help);
        for (size_t f = 0; f < mcx_conf_field_count; f++)
            if (strcmp(mcx_conf_fields[f].list, list->name) == 0)
                fprintf(to, "    %-14s %s%s\n", mcx_conf_fields[f].name, mcx_conf_fields[f].help,
                        mcx_conf_fields[f].is_required ? " (required)" : "");
    }
}
