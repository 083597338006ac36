/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox (design 4): what must reach somebody, whatever restarts in between. A task is a row
 * that is inserted in the transaction of the change it belongs to; one thread per daemon, with a
 * session of its own, claims the kinds that it has handlers for. A task is done at least once: its
 * effect must bear to be repeated. */
#ifndef MCX_STORE_OUTBOX_H
#define MCX_STORE_OUTBOX_H

#include "store/session.h"

struct mcx_outbox;

enum {
    MCX_TASK_ID_MAX = 37,     /* a UUID as text, and NUL */
    MCX_TASK_FIELDS_MAX = 16, /* members of the JSON object; further ones are not handed over */
    MCX_TASK_KINDS_MAX = 16
};

/* Borrowed for the call of a handler. */
struct mcx_task {
    char id[MCX_TASK_ID_MAX];
    uint32_t attempts; /* this one included */
    size_t field_count;
    struct {
        struct mcx_span name, value; /* a NUL follows either; JSON null: len 0 */
    } field[MCX_TASK_FIELDS_MAX];
};

/* "" if there is no such member, or if it is null. Numbers and booleans as JSON writes them. */
const char *mcx_task_text(const struct mcx_task *task, const char *name);

struct mcx_task_handler {
    const char *kind; /* "mrr_partner" ... */
    /* The outbox's thread, holding no lock: may run statements on session, must not wait for
     * anything else. Sees that mcx_outbox_done or mcx_outbox_retry is called, now or later; a task
     * of which nothing is heard is claimed again when its lease (database.task_lease_s) is over. */
    void (*run)(void *arg, struct mcx_session *session, const struct mcx_task *task);
    void *arg;
};

struct mcx_outbox_options {
    const char *actor; /* "hss", "cms": for the audit trail and task.owner */
    size_t handler_count;
    struct mcx_task_handler handler[MCX_TASK_KINDS_MAX];
    /* Called once a second while connected, in the outbox's thread, to run statements; NULL: not.
     */
    void (*each_second)(void *arg, struct mcx_session *session);
    void *each_second_arg;
};

/* One connection attempt is made inside; CONF: only an operator can mend it, *problem says it. A
 * database that is away is no error: the thread goes on trying. conf outlives the outbox. */
/* *out is set before the first handler runs. */
MCX_MUST_USE enum mcx_err mcx_outbox_start(const struct mcx_conf *conf,
                                           const struct mcx_outbox_options *options,
                                           struct mcx_outbox **out,
                                           struct mcx_conf_problem *problem);
/* Writes what was completed, gives back what was claimed and not completed, joins the thread,
 * frees. At most about one second. Whoever completes tasks from other threads stops before. */
void mcx_outbox_stop(struct mcx_outbox **outbox);

/* Any thread; never block beyond a short mutex. Written soon after; a lost database delays it.
 * outbox NULL: nothing. done: never again, unless its
 * row was armed anew since it was claimed. retry: again in after_ms at the earliest, here or at
 * another front-end; nothing if the lease was over in the meantime. */
void mcx_outbox_done(struct mcx_outbox *outbox, const char *id);
void mcx_outbox_retry(struct mcx_outbox *outbox, const char *id, uint32_t after_ms);
/* Claim now, without waiting for the next poll: a peer came back. */
void mcx_outbox_wake(struct mcx_outbox *outbox);

/* Inserts a task, inside or outside of a transaction. Names and values by turns, ended by NULL;
 * values may be NULL. Never a secret. id: MCX_TASK_ID_MAX octets, or NULL. DB_AWAY, DB_ERROR. */
MCX_MUST_USE enum mcx_err mcx_task_add(struct mcx_session *session, const char *kind, char *id, ...)
    __attribute__((sentinel));
/* The task is done, with an outcome for whoever waits for it, in the transaction of its effect: a
 * JSON object of names and values by turns, ended by NULL; values may be NULL. The handler then
 * calls mcx_outbox_done too, which frees its place. */
MCX_MUST_USE enum mcx_err mcx_task_finish(struct mcx_session *session, const char *id, ...)
    __attribute__((sentinel));

#endif
