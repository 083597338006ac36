/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into a daemon whose race of sessions a test shows: fd_sess_reclaim_msg has given up its
 * lock, and a thread that is taken off its processor before fd_sess_reclaim has it again leaves
 * others the time to free the session. Here each thread is, for a while that differs. */
#define _GNU_SOURCE /* RTLD_NEXT */
#include <dlfcn.h>
#include <stdatomic.h>
#include <time.h>

struct session;

int fd_sess_reclaim(struct session **session); /* of libfdproto */

enum { STEP_MS = 50, STEPS = 4 };

__attribute__((visibility("default"))) int fd_sess_reclaim(struct session **session)
{
    static atomic_uint turn;
    static int (*theirs)(struct session **);
    const struct timespec pause = {.tv_nsec = (long)(1 + atomic_fetch_add(&turn, 1) % STEPS) *
                                              STEP_MS * 1000000};

    if (!theirs)
        theirs = (int (*)(struct session **))dlsym(RTLD_NEXT, "fd_sess_reclaim");
    nanosleep(&pause, NULL);
    return theirs(session);
}
