/* SPDX-License-Identifier: Apache-2.0 */
/* libfdproto sleeps in fd_fifo_del, fd_fifo_move (a connection's queue, at which nobody waits by
 * then) and fd_fifo_tryget (a full queue of a peer that goes away). */
#include "diameter/fifo_patience.h"

#include <time.h>
#include <unistd.h>

#include "diameter/imports.h"

enum { OF_ONE = 50 }; /* times as long */

static int sleep_longer(useconds_t us)
{
    const unsigned long long ns = us * 1000ULL * OF_ONE;
    const struct timespec time = {.tv_sec = (time_t)(ns / 1000000000),
                                  .tv_nsec = (long)(ns % 1000000000)};

    return nanosleep(&time, NULL);
}

bool mcx_fifo_patience_start(void)
{
    const struct mcx_import imports[] = {{"usleep", (uintptr_t)sleep_longer}};

    return mcx_imports_replace("libfdproto.so", imports, 1) == 1;
}
