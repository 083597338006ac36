/* SPDX-License-Identifier: Apache-2.0 */
/* Small files that settings name: read whole, and read again when they are others than before. */
#ifndef MCX_BASE_FILE_H
#define MCX_BASE_FILE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

/* For __attribute__((cleanup)): closes *fd unless it is negative. */
void mcx_file_close(const int *fd);

/* Up to size octets, less only at the end of the file; negative: errno says why. Blocks on the
 * file. */
ssize_t mcx_file_read(int fd, void *out, size_t size);

/* The same file, untouched in between. */
bool mcx_file_is_same(const struct stat *a, const struct stat *b);

/* Whose turn it is to look at files that many threads use. */
struct mcx_file_watch {
    pthread_mutex_t busy; /* PTHREAD_MUTEX_INITIALIZER; guards next_ms and what the owner adds */
    int64_t next_ms;
};
/* Not before a second from now. Before the first begin. */
void mcx_file_watch_start(struct mcx_file_watch *watch);
/* true: this thread looks now, and then ends; at most once a second, one at a time. Never blocks.
 */
bool mcx_file_watch_begin(struct mcx_file_watch *watch);
void mcx_file_watch_end(struct mcx_file_watch *watch);

#endif
