/* SPDX-License-Identifier: Apache-2.0 */
/* A migration at the primary under way: steps 2 to 13 of CR 10.1.X.1. One struct connect goes from
 * errand to request to errand; at each moment it has one owner: a pool's queue, or the port that
 * waits for an answer. What it has begun is in the row and in its task, so that the outbox goes on
 * with it whatever happens to this one. */
#ifndef MCX_CMS_CONNECT_PRIVATE_H
#define MCX_CMS_CONNECT_PRIVATE_H

#include "cms/cms_private.h"
#include "store/choice.h"

struct connect {
    struct mcx_errand errand; /* first */
    struct mcx_connect_ask ask;
    mcx_ue_done done;
    void *arg;
    int64_t began_us;
    struct mcx_migration_choice choice;
    struct mcx_migration migration;
    struct mcx_given answer; /* of the last request */
    int64_t granted_until_s; /* step 6: the partner's vectors end then; MCX_NEVER */
    bool is_par_sent;
};

/* Says reply to whoever asked, once, and frees *connect. Any thread; does not block. */
void mcx_connect_finish(struct connect *connect, const struct mcx_ue_reply *reply);
/* The same, with what mcx_ue_reply_away makes of why. */
void mcx_connect_fail(struct connect *connect, enum mcx_err why);

/* Ends the migration, on both sides, and says reply; what could not be written is not said: the row
 * still holds, and who goes on asks again. In an errand, whose result it is. DB_AWAY: *connect is
 * still there, and the errand is run again; else OK, and it is gone. */
MCX_MUST_USE enum mcx_err mcx_connect_end(struct connect *connect, struct mcx_session *session,
                                          const char *cause, const char *reason,
                                          const struct mcx_ue_reply *reply);

/* Steps 4 to 13, once the row is written: takes *connect over. Nothing is allocated, and nobody
 * asked, for what cannot go on: the PAR must be able to leave. Any thread; does not block. */
void mcx_connect_go_on(struct connect *connect);

#endif
