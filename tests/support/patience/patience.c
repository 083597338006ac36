/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded into daemons that load none of ours, and so lack diameter/fifo_patience.h: on a machine
 * that runs many tests at once, under ASan, they would abort at shutdown now and then. Here each
 * millisecond becomes twenty. */
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
