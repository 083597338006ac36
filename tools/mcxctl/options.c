/* SPDX-License-Identifier: Apache-2.0 */
/* Values that several commands take: texts, numbers, durations, lists, words of a few. */
#include "options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LIMIT = 100, LIMIT_MAX = 1000000 };

static const char *name_of(const struct ctl *ctl, int option)
{
    const struct argp_option *row = ctl->command->options;

    while (row->name && row->key != option)
        row++;
    return row->name ? row->name : "";
}

/* ---- texts ---- */

const char *ctl_optional(const struct ctl *ctl, int option)
{
    const char *text = ctl_value(ctl, option, 0);

    return text ? text : "";
}

bool ctl_reason(const struct ctl *ctl, const char **out)
{
    *out = ctl_value(ctl, OPT_REASON, 0);
    if (!*out)
        (void)ctl_usage(ctl, "--reason is needed");
    return *out != NULL;
}

bool ctl_text(const char *text, struct mcx_str *out)
{
    if (mcx_str_set(out, mcx_span_of(text)) == MCX_OK)
        return true;
    fprintf(stderr, "mcxctl: %.60s...: longer than %d octets\n", text, MCX_STR_MAX);
    return false;
}

bool ctl_text_option(const struct ctl *ctl, int option, struct mcx_str *out)
{
    const char *text = ctl_value(ctl, option, 0);

    return !text || ctl_text(text, out);
}

static bool too_many(const struct ctl *ctl, int option, size_t max)
{
    fprintf(stderr, "mcxctl: at most %zu times --%s\n", max, name_of(ctl, option));
    return false;
}

bool ctl_texts(const struct ctl *ctl, int option, size_t max, struct mcx_str *out, size_t *count)
{
    *count = ctl_count(ctl, option);
    if (*count > max)
        return too_many(ctl, option, max);
    for (size_t i = 0; i < *count; i++) {
        if (!ctl_text(ctl_value(ctl, option, i), &out[i]))
            return false;
    }
    return true;
}

bool ctl_names(const struct ctl *ctl, int option, struct mcx_names *out)
{
    out->count = ctl_count(ctl, option);
    if (out->count > MCX_NAMES_MAX)
        return too_many(ctl, option, MCX_NAMES_MAX);
    for (size_t i = 0; i < out->count; i++)
        out->name[i] = mcx_span_of(ctl_value(ctl, option, i));
    return true;
}

/* ---- words of a few ---- */

bool ctl_either(const struct ctl *ctl, int option, const char *first, const char *second,
                bool *is_second)
{
    const char *text = ctl_value(ctl, option, 0);

    if (!text)
        return true;
    *is_second = strcmp(text, second) == 0;
    if (*is_second || strcmp(text, first) == 0)
        return true;
    (void)ctl_usage(ctl, "--%s %s: must be %s or %s", name_of(ctl, option), text, first, second);
    return false;
}

bool ctl_service_named(const struct ctl *ctl, const char *text, enum mcx_service *out)
{
    *out = mcx_service_named(mcx_span_of(text));
    if (*out == MCX_SERVICES)
        (void)ctl_usage(ctl, "%s: must be mcptt, mcvideo or mcdata", text);
    return *out != MCX_SERVICES;
}

bool ctl_services(const struct ctl *ctl, struct mcx_names *out)
{
    enum mcx_service service;

    for (size_t i = 0; i < ctl_count(ctl, OPT_SERVICE); i++) {
        if (!ctl_service_named(ctl, ctl_value(ctl, OPT_SERVICE, i), &service))
            return false;
    }
    return ctl_names(ctl, OPT_SERVICE, out);
}

/* ---- numbers and times ---- */

bool ctl_number(const struct ctl *ctl, int option, int64_t min, int64_t max, int64_t *out)
{
    const char *text = ctl_value(ctl, option, 0);
    char *end;
    long long number;

    if (!text)
        return true;
    errno = 0;
    number = strtoll(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || number < min || number > max) {
        fprintf(stderr, "mcxctl: %s: must be a number from %lld to %lld\n", text, (long long)min,
                (long long)max);
        return false;
    }
    *out = number;
    return true;
}

bool ctl_limit(const struct ctl *ctl, int64_t *out)
{
    *out = LIMIT;
    return ctl_number(ctl, OPT_LIMIT, 1, LIMIT_MAX, out);
}

bool ctl_id(const struct ctl *ctl, int64_t *out)
{
    char *end;

    *out = strtoll(ctl->arg[0], &end, 10);
    if (*end == '\0' && end != ctl->arg[0])
        return true;
    (void)ctl_usage(ctl, "%s: must be a number, see mcxctl %s list", ctl->arg[0],
                    ctl->command->topic);
    return false;
}

bool ctl_duration(const struct ctl *ctl, int option, int64_t *seconds)
{
    static const struct {
        char unit;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    const char *text = ctl_value(ctl, option, 0);
    long long number = 0;
    char unit = 0, rest = 0;

    if (!text)
        return true;
    if (sscanf(text, "%9lld%c%c", &number, &unit, &rest) == 2 && number > 0) {
        for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
            if (units[i].unit == unit) {
                *seconds = number * units[i].seconds;
                return true;
            }
        }
    }
    fprintf(stderr, "mcxctl: %s: must be a number with s, m, h or d\n", text);
    return false;
}

bool ctl_expiry(const struct ctl *ctl, const char **expires, int64_t *for_s)
{
    *expires = ctl_value(ctl, OPT_EXPIRES, 0);
    if (!*expires || !ctl_has(ctl, OPT_FOR))
        return ctl_duration(ctl, OPT_FOR, for_s);
    (void)ctl_usage(ctl, "--expires or --for, not both");
    return false;
}

bool ctl_doubles(const struct ctl *ctl, int option, const char *text, double *out, size_t count)
{
    const char *at = text;

    for (size_t i = 0; i < count; i++) {
        char *end;

        out[i] = strtod(at, &end);
        if (end == at || *end != (i + 1 < count ? ',' : '\0')) {
            fprintf(stderr, "mcxctl: --%s %s: must be %zu numbers with commas between them\n",
                    name_of(ctl, option), text, count);
            return false;
        }
        at = end + 1;
    }
    return true;
}
