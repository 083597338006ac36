/* SPDX-License-Identifier: Apache-2.0 */
/* Which connections are open and until when each may take. One mutex, held for moments; threads of
 * the listener and of libmicrohttpd. */
#include <sys/socket.h>

#include "base/metrics.h"
#include "http/listener_private.h"

static bool is_known(const struct mcx_connections *all, int fd)
{
    return fd >= 0 && fd < MCX_DESCRIPTORS_END && all->of[fd].is_open;
}

void mcx_connections_open(struct mcx_connections *all, int fd, int64_t due_ms)
{
    struct stat status = {0};

    (void)fstat(fd, &status);
    pthread_mutex_lock(&all->lock);
    if (!all->of[fd].is_open) /* else libmicrohttpd lost one without a word */
        all->count++;
    all->of[fd].is_open = true;
    all->of[fd].inode = status.st_ino;
    all->of[fd].due_ms = due_ms;
    pthread_mutex_unlock(&all->lock);
}

void mcx_connections_closed(struct mcx_connections *all, int fd)
{
    pthread_mutex_lock(&all->lock);
    if (is_known(all, fd)) {
        all->of[fd].is_open = false;
        all->count--;
    }
    pthread_mutex_unlock(&all->lock);
}

void mcx_connections_due(struct mcx_connections *all, int fd, int64_t due_ms)
{
    pthread_mutex_lock(&all->lock);
    if (is_known(all, fd))
        all->of[fd].due_ms = due_ms;
    pthread_mutex_unlock(&all->lock);
}

int mcx_connections_count(struct mcx_connections *all)
{
    int count;

    pthread_mutex_lock(&all->lock);
    count = all->count;
    pthread_mutex_unlock(&all->lock);
    return count;
}

void mcx_connections_end_late(struct mcx_connections *all, int64_t now_ms)
{
    pthread_mutex_lock(&all->lock);
    for (int fd = 0; fd < MCX_DESCRIPTORS_END; fd++) {
        struct stat status;

        if (!all->of[fd].is_open || all->of[fd].due_ms == 0 || now_ms < all->of[fd].due_ms)
            continue;
        all->of[fd].due_ms = 0;
        if (fstat(fd, &status) == 0 && status.st_ino == all->of[fd].inode) {
            if (all->is_counted)
                mcx_metric_inc(MCX_M_HTTPS_SLOW); /* first: whoever sees the end may look */
            (void)shutdown(fd, SHUT_RDWR);
        }
    }
    pthread_mutex_unlock(&all->lock);
}
