/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a daemon whose race of writers to one TLS session a test shows: what writev sent
 * is still in GnuTLS's queue, and a thread that is taken off its processor there leaves another one
 * the time to find it. Here each thread is. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <pthread.h>
#include <sys/uio.h>
#include <time.h>

enum { PAUSE_MS = 200 };

/* Of libc. */
__attribute__((visibility("default"))) ssize_t writev(int fd, const struct iovec *parts, int count)
{
    static ssize_t (*theirs)(int, const struct iovec *, int);
    const struct timespec pause = {.tv_nsec = PAUSE_MS * 1000000L};
    ssize_t sent = 0;
    int before = 0;

    if (!theirs)
        theirs = (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");
    sent = theirs(fd, parts, count);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE,
                           &before); /* nanosleep asks for it, unlike this */
    nanosleep(&pause, NULL);
    pthread_setcancelstate(before, NULL);
    return sent;
}
