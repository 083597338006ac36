/* SPDX-License-Identifier: Apache-2.0 */
/* Any thread. Reading blocks on the file; nothing else does. */
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

#include "base/clock.h"

enum { LOOK_AGAIN_MS = 1000 };

void mcx_file_close(const int *fd)
{
    if (*fd >= 0)
        (void)close(*fd);
}

ssize_t mcx_file_read(int fd, void *out, size_t size)
{
    size_t used = 0;

    while (used < size) {
        ssize_t got = read(fd, (uint8_t *)out + used, size - used);

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return -1;
        if (got == 0)
            break;
        used += (size_t)got;
    }
    return (ssize_t)used;
}

static bool is_same_time(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool mcx_file_is_same(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           is_same_time(&a->st_mtim, &b->st_mtim) && is_same_time(&a->st_ctim, &b->st_ctim);
}

void mcx_file_watch_start(struct mcx_file_watch *watch)
{
    watch->next_ms = mcx_clock_mono_ms() + LOOK_AGAIN_MS;
}

bool mcx_file_watch_begin(struct mcx_file_watch *watch)
{
    if (pthread_mutex_trylock(&watch->busy) != 0)
        return false; /* another thread is at it */
    if (mcx_clock_mono_ms() >= watch->next_ms)
        return true;
    pthread_mutex_unlock(&watch->busy);
    return false;
}

void mcx_file_watch_end(struct mcx_file_watch *watch)
{
    mcx_file_watch_start(watch);
    pthread_mutex_unlock(&watch->busy);
}
