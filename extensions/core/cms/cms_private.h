/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the configuration management server share. Nobody else includes this. */
#ifndef MCX_CMS_CMS_PRIVATE_H
#define MCX_CMS_CMS_PRIVATE_H

#include <pthread.h>

#include "aka/wrap.h"
#include "cms/cms.h"
#include "store/errand.h"
#include "store/outbox.h"

#define MCX_CMS_ACTOR "cms" /* in rows and in the audit trail */

enum { MCX_CMS_RESUME_S = 15 }; /* the outbox goes on with what a UE began, after this */

extern struct mcx_cms {
    const struct mcx_conf *conf;
    struct mcx_cms_ports ports;
    struct mcx_keyring ring;
    struct mcx_pool *pool;
    struct mcx_outbox *outbox;
    pthread_mutex_t posting; /* guards is_closing: nothing is posted to a pool that stops */
    bool is_closing;
} mcx_cms;

/* As mcx_pool_post; any thread, also while the server stops. */
MCX_MUST_USE enum mcx_err mcx_cms_post(struct mcx_errand *errand);

/* Where a request of a UE comes to grief in the database; X(name, text of the log). */
#define MCX_CMS_STEPS(X)                                                                           \
    X(DECIDE, "decide")                                                                            \
    X(RESUME, "resume")                                                                            \
    X(GIVEN, "given")                                                                              \
    X(UNSURE, "unsure")                                                                            \
    X(END, "end")                                                                                  \
    X(LIST, "list")                                                                                \
    X(SHOW, "show")
enum mcx_cms_step {
#define MCX_CMS_STEP(name, text) MCX_CMS_##name,
    MCX_CMS_STEPS(MCX_CMS_STEP)
#undef MCX_CMS_STEP
};
/* Right after the statement: DB_ERROR is logged, of each step once a second at most. Returns err,
 * or BUSY for what passes by itself: a lock that was not had in time, a deadlock. */
enum mcx_err mcx_cms_refused(const struct mcx_session *session, enum mcx_cms_step step,
                             enum mcx_err err);

/* decide.c: steps 2 to 13 for a UE, O&M or the outbox. */
struct mcx_connect_ask {
    bool is_resumed; /* go on with binding_id; else decide by *migration */
    char binding_id[MCX_UUID_TEXT];
    struct mcx_migration_ask migration;
};
/* *reply is the one to a CONNECT. Exactly once. */
MCX_MUST_USE enum mcx_err mcx_connect_begin(const struct mcx_connect_ask *ask, mcx_ue_done done,
                                            void *arg);

/* ue_reply.c: a reply without bindings. */
struct mcx_ue_reply mcx_ue_reply_problem(enum mcx_ue_outcome outcome, const char *problem,
                                         const char *detail);
struct mcx_ue_reply mcx_ue_reply_away(enum mcx_err why); /* 503 if it passes by itself, else 500 */
/* The partner is away, and this migration goes on by itself; the id is borrowed. */
struct mcx_ue_reply mcx_ue_reply_kept(const char *binding_id);
/* What a partner's refusal (step 12), and a verdict against migration (steps 2, 3), say to the
 * user. The choice is borrowed. */
struct mcx_ue_reply mcx_ue_reply_refused(const struct mcx_result *result);
struct mcx_ue_reply mcx_ue_reply_verdict(const struct mcx_migration_choice *choice);

/* The binding of a live migration; document borrowed. */
struct mcx_ue_binding mcx_ue_reply_binding(const struct mcx_migration *migration,
                                           const struct mcx_span *document);

/* document.c: the kept document of a live migration, or the copy for its partner (NOTE 3); none is
 * len 0. The caller frees. What is wrong with a document itself (NO_KEY, AUTH, ...) is in the log
 * then, as with mcx_cms_document_wrap. */
struct mcx_document;
MCX_MUST_USE enum mcx_err mcx_cms_document(struct mcx_session *session,
                                           const struct mcx_migration *migration,
                                           struct mcx_document *out);
/* The copy alone. NOT_FOUND: none is configured. */
MCX_MUST_USE enum mcx_err mcx_cms_document_copy(struct mcx_session *session,
                                                const struct mcx_migration *migration,
                                                struct mcx_document *out);
/* Wraps what the partner sent, for the row. *out malloc, NULL for none. */
MCX_MUST_USE enum mcx_err mcx_cms_document_wrap(const char *binding_id, struct mcx_span document,
                                                uint8_t **out, size_t *len);

/* tasks.c: handlers of the outbox. */
void mcx_cms_tasks(struct mcx_outbox_options *options);

#endif
