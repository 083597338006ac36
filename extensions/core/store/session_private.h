/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of a session share: session.c opens and keeps it, session_wait.c moves octets and
 * waits, session_check.c judges whether this database is ours, session_conninfo.c
 * whether a connection string is one. Nobody else includes this. */
#ifndef MCX_STORE_SESSION_PRIVATE_H
#define MCX_STORE_SESSION_PRIVATE_H

#include <libpq-fe.h>

#include "store/session.h"

struct mcx_session {
    PGconn *conn;
    struct mcx_session_options options;
    bool is_broken;
    int64_t stop_by_ms; /* 0 until stop_fd was seen; then the end of all waits */
    bool is_prepared[MCX_STMT_COUNT];
    char sqlstate[6];
    char constraint[64];
    char server_text[256];
    char actor[160];
    uint8_t writer[16];
};

/* Monotonic time by which a statement begun now must have answered. */
int64_t mcx_session_deadline(const struct mcx_session *session);
/* Waits for the socket. OK: something happened. TIMEOUT, CLOSING, SYSTEM. */
MCX_MUST_USE enum mcx_err mcx_session_wait(struct mcx_session *session, bool for_writing,
                                           int64_t deadline_ms);
/* Takes the answer to what was sent: the first result; the rest is read and thrown away. DB_AWAY,
 * DB_ERROR as mcx_session_run. */
MCX_MUST_USE enum mcx_err mcx_session_receive(struct mcx_session *session, struct mcx_rows *rows);
/* Marks the session broken and answers DB_AWAY. */
enum mcx_err mcx_session_lost(struct mcx_session *session, const char *why);

/* Schema version and key check values. CONF: *problem says it. */
MCX_MUST_USE enum mcx_err mcx_session_check(struct mcx_session *session,
                                            struct mcx_conf_problem *problem);

/* NO_MEMORY, or CONF: libpq cannot read it, or takes a part of a password for a host; *problem says
 * why, without a word of the string, which may hold a password. *hosts: how many it names. conf:
 * for the line; may be NULL. */
MCX_MUST_USE enum mcx_err mcx_conninfo_check(const struct mcx_conf *conf, const char *conninfo,
                                             int *hosts, struct mcx_conf_problem *problem);
/* Does what libpq says of a connection that did not even begin come from the connection string?
 * Then *problem says it. */
bool mcx_conninfo_refused(const struct mcx_conf *conf, const char *text,
                          struct mcx_conf_problem *problem);

#endif
