/* SPDX-License-Identifier: Apache-2.0 */
/* One database connection with its prepared statements, used by one thread at a time. Every wait
 * ends at a limit on our own clock, also when the server hangs, and ends early when stop_fd becomes
 * readable. */
#ifndef MCX_STORE_SESSION_H
#define MCX_STORE_SESSION_H

#include "base/conf.h"
#include "store/params.h"
#include "store/rows.h"
#include "store/statement.h"

struct mcx_session;

struct mcx_session_options {
    const char *conninfo;
    bool is_daemon;           /* hot statements prepared at once; versions and keys checked */
    int statement_timeout_ms; /* 0: none */
    int lock_timeout_ms;      /* 0: none */
    int connect_timeout_ms;   /* for each host of conninfo */
    int stop_fd;              /* readable: give up soon; -1: none */
    const char *actor;        /* "hss" or "mcxctl": the audit trail adds host and process */
    void (*tick)(void *arg);  /* called about every 50 ms while connecting; NULL: not */
    void *tick_arg;
    const struct mcx_conf *conf; /* is_daemon: keys to check, rates to keep. Outlives the session */
};

/* DB_AWAY: no connection, try again. CONF: only an operator can mend it. CLOSING: stop_fd. *problem
 * says what and what to do. */
MCX_MUST_USE enum mcx_err mcx_session_open(const struct mcx_session_options *options,
                                           struct mcx_session **out,
                                           struct mcx_conf_problem *problem);
void mcx_session_close(struct mcx_session **session);

/* The connection is of no use any more: close it and open another. */
bool mcx_session_is_broken(const struct mcx_session *session);

/* Between statements: the socket, to poll for reading; when it is readable, mcx_session_idle finds
 * out whether the server has hung up (then the session is broken). */
int mcx_session_fd(const struct mcx_session *session);
void mcx_session_idle(struct mcx_session *session);
/* After LISTEN: did notifications come in since the last call, beside an answer or between
 * statements? Forgets them. */
bool mcx_session_notified(struct mcx_session *session);

/* Runs one statement. DB_AWAY: the connection was lost, or the answer did not come in time: outcome
 * unknown, session broken. DB_ERROR: refused, see mcx_session_sqlstate; outside a transaction
 * nothing was written. rows may be NULL. */
MCX_MUST_USE enum mcx_err mcx_session_run(struct mcx_session *session, enum mcx_stmt stmt,
                                          const struct mcx_params *params, struct mcx_rows *rows);

/* Statements without parameters or answer: "BEGIN", or a whole schema file. Never built from input.
 */
MCX_MUST_USE enum mcx_err mcx_session_script(struct mcx_session *session, const char *sql);

/* Undoes a transaction after an error, if there is still a connection; what mcx_session_sqlstate
 * and its like say of that error stays. */
void mcx_session_rollback(struct mcx_session *session);

/* A statement of MCX_USE_COPY, FROM STDIN in binary. Put takes whole buffers, in any cuts. End with
 * is_good false undoes all of it. */
MCX_MUST_USE enum mcx_err mcx_session_copy_begin(struct mcx_session *session, enum mcx_stmt stmt);
MCX_MUST_USE enum mcx_err mcx_session_copy_put(struct mcx_session *session, const char *octets,
                                               size_t len);
MCX_MUST_USE enum mcx_err mcx_session_copy_end(struct mcx_session *session, bool is_good);

/* Of the last DB_ERROR: five characters, "" if none; and the name of the constraint, "" if none. */
const char *mcx_session_sqlstate(const struct mcx_session *session);
/* Was it a deadlock, a serialization failure or a lock that was not had in time? Then nothing was
 * done, and trying again may succeed. */
bool mcx_session_is_passing(const struct mcx_session *session);
const char *mcx_session_constraint(const struct mcx_session *session);
/* The server's own sentence for the last DB_ERROR. May hold values: for people at a terminal, never
 * for a log. */
const char *mcx_session_server_text(const struct mcx_session *session);

const char *mcx_session_actor(const struct mcx_session *session);
struct mcx_span mcx_session_writer(
    const struct mcx_session *session); /* 16 octets: its audit chain */
const struct mcx_conf *mcx_session_conf(const struct mcx_session *session);
int64_t mcx_session_statement_ms(const struct mcx_session *session); /* limit for one statement */

#endif
