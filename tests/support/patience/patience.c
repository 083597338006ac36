/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into the daemons of labs. At shutdown freeDiameter's fd_fifo_del gives the threads that
 * wait for a queue twenty times usleep(1000) to wake up, and then aborts by an assert: on a machine
 * that runs many tests at once, under ASan, that is too short now and then. Here each millisecond
 * becomes twenty. Nothing of ours sleeps. */
#include <time.h>
#include <unistd.h>

enum { THEIRS_US = 1000, OURS_US = 20000 };

__attribute__((visibility("default"))) int usleep(useconds_t us)
{
    useconds_t real_us = us == THEIRS_US ? OURS_US : us;
    struct timespec time = {.tv_sec = real_us / 1000000,
                            .tv_nsec = (long)(real_us % 1000000) * 1000};

    return nanosleep(&time, NULL);
}
