/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and writing on one connection, with TLS or without, and cutting the stream into messages.
 */
#include "wire/conn.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/msg.h"

static enum wire_status fail(struct wire_conn *conn, enum wire_status status, const char *what)
{
    snprintf(conn->reason, sizeof(conn->reason), "%s", what);
    return status;
}

enum wire_status wire_conn_wait(struct wire_conn *conn, bool to_write, int64_t deadline_us)
{
    for (;;) {
        int64_t left_us = deadline_us - mcx_clock_mono_us();
        struct pollfd pollfd = {conn->fd, to_write ? POLLOUT : POLLIN, 0};
        int rc = poll(&pollfd, 1, left_us > 0 ? (int)((left_us + 999) / 1000) : 0);
        if (rc > 0)
            return WIRE_OK;
        if (rc == 0 && mcx_clock_mono_us() >= deadline_us)
            return fail(conn, WIRE_TIMEOUT, "no answer in time");
        if (rc < 0 && errno != EINTR)
            return fail(conn, WIRE_CLOSED, strerror(errno));
    }
}

/* What the other side's alert says; a refusal of our certificate may come after our end of the
 * handshake (TLS 1.3). */
static enum wire_status tls_lost(struct wire_conn *conn, int rc)
{
    uint8_t octet;
    if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED)
        rc = gnutls_record_recv(conn->tls, &octet, 1) == GNUTLS_E_FATAL_ALERT_RECEIVED
                 ? GNUTLS_E_FATAL_ALERT_RECEIVED
                 : rc;
    if (rc != GNUTLS_E_FATAL_ALERT_RECEIVED)
        return fail(conn, WIRE_CLOSED, gnutls_strerror(rc));
    snprintf(conn->reason, sizeof(conn->reason), "TLS: the other side says: %s",
             gnutls_alert_get_name(gnutls_alert_get(conn->tls)));
    return WIRE_CLOSED;
}

static ssize_t write_tls(struct wire_conn *conn, struct mcx_span octets)
{
    ssize_t rc = gnutls_record_send(conn->tls, octets.octets, octets.len);
    if (rc >= 0)
        return rc;
    if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED)
        return 0;
    tls_lost(conn, (int)rc);
    return -1;
}

ssize_t wire_conn_write(struct wire_conn *conn, struct mcx_span octets)
{
    if (conn->tls)
        return write_tls(conn, octets);
    ssize_t rc = send(conn->fd, octets.octets, octets.len, MSG_NOSIGNAL);
    if (rc >= 0)
        return rc;
    if (errno == EAGAIN || errno == EINTR)
        return 0;
    fail(conn, WIRE_CLOSED, strerror(errno));
    return -1;
}

enum wire_status wire_conn_send(struct wire_conn *conn, struct mcx_span octets, int64_t deadline_us)
{
    while (octets.len) {
        ssize_t rc = wire_conn_write(conn, octets);
        if (rc < 0)
            return WIRE_CLOSED;
        octets.octets += rc;
        octets.len -= (size_t)rc;
        if (rc > 0)
            continue;
        enum wire_status status = wire_conn_wait(conn, true, deadline_us);
        if (status != WIRE_OK)
            return status;
    }
    return WIRE_OK;
}

static void drop_taken(struct wire_conn *conn)
{
    wire_buf_drop_front(&conn->in, conn->taken);
    conn->taken = 0;
}

static enum wire_status fill_tls(struct wire_conn *conn)
{
    ssize_t rc =
        gnutls_record_recv(conn->tls, conn->in.octets + conn->in.len, conn->in.cap - conn->in.len);
    if (rc > 0) {
        conn->in.len += (size_t)rc;
        return WIRE_OK;
    }
    if (rc == GNUTLS_E_AGAIN || rc == GNUTLS_E_INTERRUPTED || rc == GNUTLS_E_REHANDSHAKE)
        return WIRE_TIMEOUT;
    return fail(conn, WIRE_CLOSED,
                rc ? gnutls_strerror((int)rc) : "connection closed by the other side");
}

enum wire_status wire_conn_fill(struct wire_conn *conn)
{
    drop_taken(conn);
    wire_buf_reserve(&conn->in, 16384);
    if (conn->tls)
        return fill_tls(conn);
    ssize_t rc = recv(conn->fd, conn->in.octets + conn->in.len, conn->in.cap - conn->in.len, 0);
    if (rc > 0) {
        conn->in.len += (size_t)rc;
        return WIRE_OK;
    }
    if (rc < 0 && (errno == EAGAIN || errno == EINTR))
        return WIRE_TIMEOUT;
    return fail(conn, WIRE_CLOSED, rc ? strerror(errno) : "connection closed by the other side");
}

enum wire_status wire_conn_take(struct wire_conn *conn, struct mcx_span *message)
{
    drop_taken(conn);
    if (conn->in.len < 4)
        return WIRE_TIMEOUT;
    size_t length = wire_get_u24(conn->in.octets + 1);
    if (conn->in.octets[0] != 1 || length < WIRE_HEADER_LEN || length > WIRE_MESSAGE_MAX ||
        length % 4)
        return fail(conn, WIRE_GARBLED, "what came is not a Diameter message");
    if (conn->in.len < length)
        return WIRE_TIMEOUT;
    *message = mcx_span(conn->in.octets, length);
    conn->taken = length;
    return WIRE_OK;
}

enum wire_status wire_conn_receive(struct wire_conn *conn, struct mcx_span *message,
                                   int64_t deadline_us)
{
    for (;;) {
        enum wire_status status = wire_conn_take(conn, message);
        if (status != WIRE_TIMEOUT)
            return status;
        status = wire_conn_fill(conn);
        if (status == WIRE_TIMEOUT)
            status = wire_conn_wait(conn, false, deadline_us);
        if (status != WIRE_OK)
            return status;
    }
}

void wire_conn_close(struct wire_conn *conn)
{
    if (conn->tls) {
        gnutls_bye(conn->tls, GNUTLS_SHUT_WR); /* non-blocking socket: at most one try */
        gnutls_deinit(conn->tls);
    }
    conn->tls = NULL;
    if (conn->fd >= 0)
        close(conn->fd);
    conn->fd = -1;
    conn->taken = 0;
    wire_buf_free(&conn->in);
}
