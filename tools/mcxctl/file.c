/* SPDX-License-Identifier: Apache-2.0 */
/* Whole files that commands read and write. One thread. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ctl.h"

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
