/* SPDX-License-Identifier: Apache-2.0 */
/* A private PostgreSQL server for one test program: Unix socket only, in a fresh folder, as the
 * user postgres when we are root. A keeper process ends it and removes the folder when this program
 * ends, however it ends. */
#ifndef MCX_TEST_CLUSTER_H
#define MCX_TEST_CLUSTER_H

#include <stdbool.h>
#include <sys/types.h>

/* Ends the program when there is no server to be had. is_durable: fsync on. */
void cluster_start(bool is_durable);
void cluster_stop(void);

/* "host=... dbname=... user=..."; kept until the next 16 calls. */
const char *cluster_conninfo(const char *database, const char *user);
const char *cluster_socket_dir(void);

/* Stops the server at once (immediate shutdown), and starts it again on the same data. */
void cluster_down(void);
void cluster_up(void);

#endif
