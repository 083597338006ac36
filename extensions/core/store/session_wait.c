/* SPDX-License-Identifier: Apache-2.0 */
/* Sends and receives without ever trusting the server to answer: libpq in non-blocking mode, poll,
 * and our own monotonic clock. After a stop signal a running statement gets a short grace, then the
 * connection is given up. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "store/session_private.h"

enum {
    TIMEOUT_MARGIN_MS = 500, /* the server's own statement_timeout should fire first */
    STOP_GRACE_MS = 300,
    TICK_MS = 50
};

int64_t mcx_session_deadline(const struct mcx_session *session)
{
    if (session->options.statement_timeout_ms == 0)
        return INT64_MAX;
    return mcx_clock_mono_ms() + session->options.statement_timeout_ms + TIMEOUT_MARGIN_MS;
}

enum mcx_err mcx_session_lost(struct mcx_session *session, const char *why)
{
    if (!session->is_broken)
        mcx_log(MCX_LOG_WARN, "ev=db_lost reason=%s", why);
    session->is_broken = true;
    return MCX_DB_AWAY;
}

static int time_left(const struct mcx_session *session, int64_t deadline_ms)
{
    int64_t left;

    if (session->stop_by_ms != 0 && session->stop_by_ms < deadline_ms)
        deadline_ms = session->stop_by_ms;
    if (deadline_ms == INT64_MAX)
        return -1;
    left = deadline_ms - mcx_clock_mono_ms();
    if (left < 0)
        return 0;
    return left < 60000 ? (int)left : 60000;
}

enum mcx_err mcx_session_wait(struct mcx_session *session, bool for_writing, int64_t deadline_ms)
{
    struct pollfd fds[2] = {
        {.fd = PQsocket(session->conn), .events = for_writing ? POLLIN | POLLOUT : POLLIN},
        {.fd = session->stop_by_ms == 0 ? session->options.stop_fd : -1, .events = POLLIN}};

    for (;;) {
        int left = time_left(session, deadline_ms);
        bool is_ticking = session->options.tick && (left < 0 || left > TICK_MS);
        int ready = poll(fds, 2, is_ticking ? TICK_MS : left);

        if (ready < 0 && errno != EINTR)
            return MCX_SYSTEM;
        if (fds[0].revents != 0 && ready > 0)
            return MCX_OK;
        if (session->options.tick)
            session->options.tick(session->options.tick_arg);
        if (ready > 0 && fds[1].revents != 0) {
            session->stop_by_ms = mcx_clock_mono_ms() + STOP_GRACE_MS;
            fds[1].fd = -1;
            fds[1].revents = 0;
        }
        if (time_left(session, deadline_ms) == 0)
            return session->stop_by_ms != 0 ? MCX_CLOSING : MCX_TIMEOUT;
    }
}

static enum mcx_err flush(struct mcx_session *session, int64_t deadline_ms)
{
    int left;

    while ((left = PQflush(session->conn)) == 1) {
        enum mcx_err err = mcx_session_wait(session, true, deadline_ms);

        if (err != MCX_OK)
            return mcx_session_lost(session, mcx_err_label(err));
        if (!PQconsumeInput(session->conn))
            return mcx_session_lost(session, "closed");
    }
    return left == 0 ? MCX_OK : mcx_session_lost(session, "closed");
}

static PGresult *next_result(struct mcx_session *session, int64_t deadline_ms)
{
    while (PQisBusy(session->conn)) {
        enum mcx_err err = mcx_session_wait(session, false, deadline_ms);

        if (err != MCX_OK) {
            (void)mcx_session_lost(session, mcx_err_label(err));
            return NULL;
        }
        if (!PQconsumeInput(session->conn)) {
            (void)mcx_session_lost(session, "closed");
            return NULL;
        }
    }
    return PQgetResult(session->conn);
}

/* States after which this connection is no place to go on, design 6: prepared statement gone, plan
 * changed its shape, read-only after a failover, server going down or starting, connection
 * exceptions. */
static bool is_fatal(const char *sqlstate)
{
    static const char *const states[] = {"26000", "0A000", "25006", "57P01", "57P02", "57P03"};

    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        if (strcmp(sqlstate, states[i]) == 0)
            return true;
    }
    return strncmp(sqlstate, "08", 2) == 0;
}

static enum mcx_err refused(struct mcx_session *session, const PGresult *result)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *constraint = PQresultErrorField(result, PG_DIAG_CONSTRAINT_NAME);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    snprintf(session->sqlstate, sizeof session->sqlstate, "%s", sqlstate ? sqlstate : "08006");
    snprintf(session->constraint, sizeof session->constraint, "%s", constraint ? constraint : "");
    snprintf(session->server_text, sizeof session->server_text, "%s", text ? text : "");
    if (is_fatal(session->sqlstate))
        return mcx_session_lost(session, session->sqlstate);
    return MCX_DB_ERROR;
}

enum mcx_err mcx_session_receive(struct mcx_session *session, struct mcx_rows *rows)
{
    int64_t deadline_ms = mcx_session_deadline(session);
    enum mcx_err err = flush(session, deadline_ms);
    PGresult *first = NULL, *result;

    session->sqlstate[0] = session->constraint[0] = session->server_text[0] = '\0';
    while (err != MCX_DB_AWAY && (result = next_result(session, deadline_ms)) != NULL) {
        ExecStatusType status = PQresultStatus(result);

        if (err == MCX_OK && (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE))
            err = refused(session, result);
        if (first)
            PQclear(result);
        else
            first = result;
        if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT)
            break;
    }
    if (err == MCX_OK && (session->is_broken || PQstatus(session->conn) != CONNECTION_OK))
        err = mcx_session_lost(session, "closed");
    if (err == MCX_OK && !first)
        err = mcx_session_lost(session, "no_answer");
    if (err == MCX_OK && rows)
        *rows = (struct mcx_rows){first};
    else
        mcx_rows_free(&(struct mcx_rows){first});
    return err;
}

int mcx_session_fd(const struct mcx_session *session)
{
    return PQsocket(session->conn);
}

void mcx_session_idle(struct mcx_session *session)
{
    if (!PQconsumeInput(session->conn) || PQstatus(session->conn) != CONNECTION_OK)
        (void)mcx_session_lost(session, "closed_while_idle");
}

bool mcx_session_notified(struct mcx_session *session)
{
    bool any = false;
    PGnotify *notification;

    while ((notification = PQnotifies(session->conn)) != NULL) {
        any = true;
        PQfreemem(notification);
    }
    return any;
}

/* COPY data: libpq buffers, we drain the buffer before it grows. */
enum mcx_err mcx_session_copy_put(struct mcx_session *session, const char *octets, size_t len)
{
    while (len > 0) {
        int part = len > 1 << 16 ? 1 << 16 : (int)len;
        int taken = PQputCopyData(session->conn, octets, part);

        if (taken < 0)
            return mcx_session_lost(session, "copy");
        if (taken == 1) {
            octets += part;
            len -= (size_t)part;
        }
        if (flush(session, mcx_session_deadline(session)) != MCX_OK)
            return MCX_DB_AWAY;
    }
    return MCX_OK;
}

enum mcx_err mcx_session_copy_end(struct mcx_session *session, bool is_good)
{
    int sent;

    while ((sent = PQputCopyEnd(session->conn, is_good ? NULL : "given up")) == 0) {
        if (flush(session, mcx_session_deadline(session)) != MCX_OK)
            return MCX_DB_AWAY;
    }
    if (sent < 0)
        return mcx_session_lost(session, "copy");
    return mcx_session_receive(session, NULL);
}
