/* SPDX-License-Identifier: Apache-2.0 */
/* Values that several commands take: durations, yes and no, coordinates, whole files. One thread.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

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

bool ctl_yes_no(const char *option, const char *text, bool *out)
{
    *out = strcmp(text, "yes") == 0;
    if (*out || strcmp(text, "no") == 0)
        return true;
    fprintf(stderr, "mcxctl: %s %s: must be yes or no\n", option, text);
    return false;
}

bool ctl_doubles(const char *option, const char *text, double *out, size_t count)
{
    const char *at = text;

    for (size_t i = 0; i < count; i++) {
        char *end;

        out[i] = strtod(at, &end);
        if (end == at || *end != (i + 1 < count ? ',' : '\0')) {
            fprintf(stderr, "mcxctl: %s %s: must be %zu numbers with commas between them\n", option,
                    text, count);
            return false;
        }
        at = end + 1;
    }
    return true;
}

void ctl_free_file(struct ctl_file *file)
{
    if (file->octets)
        mcx_wipe(file->octets, file->len);
    free(file->octets);
    file->octets = NULL;
}

bool ctl_read_file(const char *path, size_t max, struct ctl_file *out)
{
    FILE *file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    bool is_good;

    *out = (struct ctl_file){malloc(max + 2), 0};
    if (!file || !out->octets) {
        fprintf(stderr, "mcxctl: %s: %s\n", path, strerror(errno));
        if (file && file != stdin)
            fclose(file);
        return false;
    }
    out->len = fread(out->octets, 1, max + 1, file);
    is_good = !ferror(file) && out->len <= max;
    if (!is_good)
        fprintf(stderr, "mcxctl: %s: %s\n", path,
                ferror(file) ? strerror(errno) : "is too large for what it should be");
    out->octets[out->len] = '\0';
    if (file != stdin)
        fclose(file);
    return is_good;
}

bool ctl_write_file(const char *path, const void *octets, size_t len)
{
    bool is_out = strcmp(path, "-") == 0;
    int file = is_out ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const char *at = octets;
    bool is_good = file >= 0;

    if (is_out)
        fflush(stdout);
    while (is_good && len > 0) {
        ssize_t done = write(file, at, len);

        is_good = done > 0;
        at += is_good ? done : 0;
        len -= is_good ? (size_t)done : 0;
    }
    if (!is_good)
        fprintf(stderr, "mcxctl: %s: %s\n", path, strerror(errno));
    if (!is_out && file >= 0)
        is_good = close(file) == 0 && is_good;
    return is_good;
}
