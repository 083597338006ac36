/* SPDX-License-Identifier: Apache-2.0 */
/* Where each setting of mcx.conf stands, kept beyond the reading, so that whoever finds a setting
 * bad later on can say so with its line. Recorded at start-up; read-only afterwards, any thread;
 * never blocks. */
#define _GNU_SOURCE /* reallocarray */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf_private.h"

struct place {
    char *setting; /* "border.partners[1].realms[0]"; "" for the file */
    char *where;   /* "mcx.conf:12" */
};

struct mcx_conf_places {
    size_t count, room;
    struct place *place;
};

static bool add(struct mcx_conf_reader *reader, const char *setting, const config_setting_t *where)
{
    struct mcx_conf_places *places = reader->conf->places;
    struct place made = {.setting = strdup(setting)};
    char at[PATH_MAX + 16];

    mcx_conf_place(reader, where, at, sizeof at);
    made.where = strdup(at);
    if (places->count == places->room) {
        size_t room = places->room * 2 + 64;
        struct place *grown = reallocarray(places->place, room, sizeof *grown);

        if (grown) {
            places->place = grown;
            places->room = room;
        }
    }
    if (made.setting && made.where && places->count < places->room) {
        places->place[places->count++] = made;
        return true;
    }
    free(made.setting);
    free(made.where);
    return false;
}

/* As deep as known settings go. */
static bool record(struct mcx_conf_reader *reader, const config_setting_t *group,
                   const char *setting)
{
    bool is_good = true;

    for (int i = 0; is_good && i < config_setting_length(group); i++) {
        const config_setting_t *member = config_setting_get_elem(group, (unsigned)i);
        const char *name = config_setting_name(member);
        char label[MCX_LABEL_SIZE * 2];

        if (name)
            snprintf(label, sizeof label, "%s%s%s", setting, setting[0] ? "." : "", name);
        else
            snprintf(label, sizeof label, "%s[%d]", setting, i);
        is_good = add(reader, label, member);
        if (is_good && config_setting_is_aggregate(member))
            is_good = record(reader, member, label);
    }
    return is_good;
}

enum mcx_err mcx_conf_record_places(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    reader->conf->places = calloc(1, sizeof *reader->conf->places);
    if (!reader->conf->places || !add(reader, "", NULL) || !record(reader, root, ""))
        return mcx_conf_no_memory(reader);
    return MCX_OK;
}

void mcx_conf_free_places(struct mcx_conf_places **places)
{
    for (size_t i = 0; *places && i < (*places)->count; i++) {
        free((*places)->place[i].setting);
        free((*places)->place[i].where);
    }
    if (*places)
        free((*places)->place);
    free(*places);
    *places = NULL;
}

/* Is it the setting, or what it would stand in? */
static bool covers(const char *outer, const char *setting)
{
    size_t len = strlen(outer);

    return strncmp(outer, setting, len) == 0 &&
           (len == 0 || setting[len] == '\0' || setting[len] == '.' || setting[len] == '[');
}

static const char *where_is(const struct mcx_conf_places *places, const char *setting)
{
    const struct place *best = NULL;

    for (size_t i = 0; places && i < places->count; i++) {
        const struct place *place = &places->place[i];

        if (covers(place->setting, setting) &&
            (!best || strlen(place->setting) > strlen(best->setting)))
            best = place;
    }
    return best ? best->where : NULL;
}

struct mcx_conf_label mcx_conf_label(const char *format, ...)
{
    struct mcx_conf_label label;
    va_list args;

    va_start(args, format);
    vsnprintf(label.text, sizeof label.text, format, args);
    va_end(args);
    return label;
}

enum mcx_err mcx_conf_vblame(const struct mcx_conf *conf, struct mcx_conf_problem *problem,
                             const char *setting, const char *format, va_list args)
{
    const char *where = conf ? where_is(conf->places, setting) : NULL;
    char *text = problem->text;
    const size_t size = sizeof problem->text;
    size_t used;

    snprintf(text, size, "%s%s%s: ", where ? where : "", where ? ": " : "", setting);
    used = strlen(text);
    vsnprintf(text + used, size - used, format, args);
    return MCX_CONF;
}

enum mcx_err mcx_conf_blame(const struct mcx_conf *conf, struct mcx_conf_problem *problem,
                            const char *setting, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)!mcx_conf_vblame(conf, problem, setting, format, args);
    va_end(args);
    return MCX_CONF;
}
