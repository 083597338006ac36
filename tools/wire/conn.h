/* SPDX-License-Identifier: Apache-2.0 */
/* One transport connection, TCP or TLS over TCP, non-blocking underneath; calls with a deadline
 * wait in poll. Deadlines are microseconds of mcx_clock_mono_us. One thread per connection. */
#ifndef WIRE_CONN_H
#define WIRE_CONN_H

#include "wire/buf.h"
#include "wire/tls.h"

enum wire_status {
    WIRE_OK,
    WIRE_TIMEOUT, /* the deadline passed */
    WIRE_CLOSED,  /* refused, reset, or closed by the other side */
    WIRE_REFUSED, /* TLS refused, or a CEA that is not a success */
    WIRE_GARBLED  /* what came is not Diameter */
};

struct wire_conn {
    int fd; /* -1: closed */
    gnutls_session_t tls;
    struct wire_buf in;
    size_t taken;     /* octets of in that were handed out and go at the next receive */
    char reason[200]; /* of the last status that was not OK, for people */
};
#define WIRE_CONN_NONE                                                                             \
    {                                                                                              \
        .fd = -1                                                                                   \
    }

enum wire_status wire_conn_send(struct wire_conn *conn, struct mcx_span octets,
                                int64_t deadline_us);
/* As much as goes without waiting: octets written, 0 if none now, -1 lost. For callers with their
 * own poll or epoll. */
ssize_t wire_conn_write(struct wire_conn *conn, struct mcx_span octets);
/* Reads what is there into in, without waiting. OK: in grew; TIMEOUT: nothing there; CLOSED. */
enum wire_status wire_conn_fill(struct wire_conn *conn);
/* The next whole message of in. TIMEOUT: not whole yet. GARBLED: no sense in going on. The span
 * lives until the next call of fill, take or receive. */
enum wire_status wire_conn_take(struct wire_conn *conn, struct mcx_span *message);
enum wire_status wire_conn_receive(struct wire_conn *conn, struct mcx_span *message,
                                   int64_t deadline_us);
/* Waits until readable, or writable; TIMEOUT at the deadline. */
enum wire_status wire_conn_wait(struct wire_conn *conn, bool to_write, int64_t deadline_us);

void wire_conn_close(struct wire_conn *conn);

#endif
