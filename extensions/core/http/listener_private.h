/* SPDX-License-Identifier: Apache-2.0 */
/* What listener.c (the port and its thread) and connections.c (what is open) share. */
#ifndef MCX_HTTP_LISTENER_PRIVATE_H
#define MCX_HTTP_LISTENER_PRIVATE_H

#include <pthread.h>
#include <sys/stat.h>

#include "base/descriptors.h"
#include "http/listener.h"

/* The open connections, by descriptor. */
struct mcx_connections {
    bool is_counted;      /* in metrics; does not change */
    pthread_mutex_t lock; /* guards what follows */
    int count;
    struct {
        bool is_open;
        ino_t inode;    /* of the socket: a descriptor may be another's by now */
        int64_t due_ms; /* 0: no limit */
    } of[MCX_DESCRIPTORS_END];
};

void mcx_connections_open(struct mcx_connections *all, int fd, int64_t due_ms);
void mcx_connections_closed(struct mcx_connections *all, int fd); /* before the close */
void mcx_connections_due(struct mcx_connections *all, int fd, int64_t due_ms);
int mcx_connections_count(struct mcx_connections *all);
/* Shuts down those that are late; libmicrohttpd then closes them. */
void mcx_connections_end_late(struct mcx_connections *all, int64_t now_ms);

#endif
