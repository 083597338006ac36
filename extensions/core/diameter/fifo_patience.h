/* SPDX-License-Identifier: Apache-2.0 */
/* Gives threads of freeDiameter time to leave a queue that is deleted. At shutdown fd_fifo_del
 * wakes those that wait for it, and after twenty times usleep(1000) ends the daemon by an assert if
 * one has not come to run: on a machine with much to do, a daemon that was told to stop aborts. */
#ifndef MCX_DIAMETER_FIFO_PATIENCE_H
#define MCX_DIAMETER_FIFO_PATIENCE_H

#include <stdbool.h>

/* Once, in the configuration thread. From here on it is a second in all. false if this freeDiameter
 * is built in a way that leaves no place between it and libc: then it is as before. */
bool mcx_fifo_patience_start(void);

#endif
