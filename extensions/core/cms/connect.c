/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 4 to 13 of CR 10.1.X.1 at the primary, for what decide.c has begun. Errands block on the
 * database; the rest does not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cms/connect_private.h"
#include "store/document.h"

/* MCX_NEVER is later than all. */
static int64_t sooner(int64_t a, int64_t b)
{
    return a == MCX_NEVER || (b != MCX_NEVER && b < a) ? b : a;
}

void mcx_connect_finish(struct connect *connect, const struct mcx_ue_reply *reply)
{
    mcx_log(MCX_LOG_INFO, "ev=ue_reply binding=%s outcome=%d problem=%s us=%" PRId64,
            connect->migration.binding_id[0] ? connect->migration.binding_id : "-",
            (int)reply->outcome, reply->problem ? reply->problem : "-",
            mcx_clock_mono_us() - connect->began_us);
    connect->done(connect->arg, reply);
    mcx_given_free(&connect->answer);
    free(connect);
}

void mcx_connect_fail(struct connect *connect, enum mcx_err why)
{
    struct mcx_ue_reply reply = mcx_ue_reply_away(why);

    mcx_connect_finish(connect, &reply);
}

/* The next errand of this migration; those of one IMPI keep their order. */
static void post(struct connect *connect,
                 enum mcx_err (*run)(struct mcx_errand *errand, struct mcx_session *session))
{
    enum mcx_err err;

    connect->errand.run = run;
    connect->errand.was_run = false;
    err = mcx_cms_post(&connect->errand);
    if (err != MCX_OK)
        mcx_connect_fail(connect, err);
}

/* ---- step 13 ---- */

static void reply_partner_away(struct connect *connect)
{
    const struct mcx_ue_reply reply = mcx_ue_reply_kept(connect->migration.binding_id);

    mcx_connect_finish(connect, &reply);
}

/* Asked in vain. If the migration has ended meanwhile, what was asked may still be done, after its
 * release was answered: that is told again when it must have come to rest. */
static enum mcx_err store_unsure(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    uint32_t after_s = 2 * (uint32_t)mcx_cms.conf->cms_answer_time_ms / 1000;
    enum mcx_err err = mcx_store_migration_unsure(session, connect->migration.binding_id, after_s);

    if (err == MCX_DB_AWAY)
        return err;
    (void)mcx_cms_refused(session, MCX_CMS_UNSURE, err);
    if (connect->is_par_sent)
        reply_partner_away(connect);
    else
        mcx_connect_fail(connect, MCX_BUSY);
    return MCX_OK;
}

static void reply_result(struct connect *connect, const struct mcx_document *document)
{
    const struct mcx_span octets = mcx_span(document->octets, document->len);
    const struct mcx_ue_binding binding = mcx_ue_reply_binding(&connect->migration, &octets);
    const struct mcx_ue_reply reply = {
        .outcome = MCX_UE_OK, .binding_count = 1, .binding = &binding};

    mcx_connect_finish(connect, &reply);
}

enum mcx_err mcx_connect_end(struct connect *connect, struct mcx_session *session,
                             const char *cause, const char *reason,
                             const struct mcx_ue_reply *reply)
{
    const char *id = connect->migration.binding_id;
    const struct mcx_migration_end end = {
        .binding_id = id, .cause = cause, .reason = reason, .tells_partner = true};
    enum mcx_err err = mcx_store_migration_end(session, &end);

    if (err == MCX_NOT_FOUND && connect->is_par_sent) /* ended meanwhile, before the grant was */
        err = mcx_store_migration_unsure(session, id, 0);
    if (err == MCX_DB_AWAY)
        return err;
    err = mcx_cms_refused(session, MCX_CMS_END, err);
    mcx_outbox_wake(mcx_cms.outbox);
    if (err == MCX_OK || err == MCX_NOT_FOUND)
        mcx_connect_finish(connect, reply);
    else
        mcx_connect_fail(connect, err);
    return MCX_OK;
}

/* ---- steps 7 and 12 ---- */

static enum mcx_err store_refusal(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    struct mcx_result result = connect->answer.result;
    const struct mcx_ue_reply reply = mcx_ue_reply_refused(&result);
    char reason[64];

    /* It may hold what an earlier PAR gave; of an id that it does not know it thinks nothing. */
    snprintf(reason, sizeof reason, "the partner answered %s%u", mcx_result_prefix(result),
             result.code);
    return mcx_connect_end(connect, session, "refused", reason, &reply);
}

static enum mcx_err store_given(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    struct mcx_given *given = &connect->answer;
    struct mcx_document document = {.octets = given->document, .len = given->document_len};
    uint8_t *wrapped = NULL;
    size_t wrapped_len = 0;
    int64_t expires_s = sooner(given->expires_s, connect->granted_until_s);
    enum mcx_err err =
        mcx_cms_document_wrap(connect->migration.binding_id,
                              mcx_span(document.octets, document.len), &wrapped, &wrapped_len);

    if (err == MCX_OK)
        err = mcx_store_migration_given(session, &connect->migration, &given->given,
                                        mcx_span(wrapped, wrapped_len), &expires_s);
    free(wrapped);
    if (err == MCX_OK) {
        connect->migration.inbound = given->given;
        connect->migration.expires_s = expires_s;
        if (document.len > 0) { /* the reply lends it; finish frees it */
            reply_result(connect, &document);
            return MCX_OK;
        }
        err = mcx_cms_document_copy(session, &connect->migration, &document);
    }
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_OK || err == MCX_NOT_FOUND) {
        reply_result(connect, &document);
        mcx_document_free(&document);
        return MCX_OK;
    }
    if (err == MCX_NOT_LIVE) {
        struct mcx_ue_reply reply =
            mcx_ue_reply_problem(MCX_UE_NOT_FOUND, "ended",
                                 "This migration was ended while it was being set up. Ask again.");

        mcx_connect_finish(connect, &reply);
        return MCX_OK;
    }
    mcx_connect_fail(connect, mcx_cms_refused(session, MCX_CMS_GIVEN, err));
    return MCX_OK;
}

/* Is this the partner's word, or a fault that may pass? */
static bool is_refusal(const struct mcx_result *result)
{
    if (result->is_mcx)
        return result->code != MCX_MCX_SYSTEM_UNAVAILABLE;
    return !result->is_experimental && result->code >= 5000 &&
           result->code != MCX_RC_UNABLE_TO_COMPLY;
}

static void par_answered(void *arg, enum mcx_err err, struct mcx_given *answer)
{
    struct connect *connect = arg;

    if (err == MCX_CLOSING) {
        mcx_connect_fail(connect, err);
        return;
    }
    if (err != MCX_OK) {
        post(connect, store_unsure);
        return;
    }
    connect->answer = *answer;
    answer->document = NULL;
    if (mcx_result_is_success(connect->answer.result))
        post(connect, store_given);
    else if (is_refusal(&connect->answer.result))
        post(connect, store_refusal);
    else
        post(connect, store_unsure);
}

/* Step 6 is not written down: who goes on after a crash asks for the same again. */
static void send_par(struct connect *connect)
{
    const struct mcx_migration *migration = &connect->migration;
    const struct mcx_cms_peer to = {.system = migration->partner,
                                    .realm = migration->partner_realm};
    struct mcx_par par = {.system = migration->own_system,
                          .mc_user_id = migration->mc_user_id,
                          .database_realm = migration->database_realm,
                          .database_host = migration->database_host,
                          .source = migration->asked,
                          .expires_s =
                              sooner(migration->asked_expires_s, connect->granted_until_s)};
    enum mcx_err err;

    memcpy(par.binding_id, migration->binding_id, sizeof par.binding_id);
    for (int i = 0; i < MCX_SERVICES; i++)
        if (migration->services.has[i])
            par.service_ids.id[par.service_ids.count++] = migration->services.id[i];
    connect->is_par_sent = true;
    err = mcx_cms.ports.par(&par, &to, par_answered, connect);
    if (err == MCX_CLOSING)
        mcx_connect_fail(connect, err);
    else if (err != MCX_OK)
        post(connect, store_unsure);
}

/* ---- steps 4 to 6 ---- */

/* Our own SIP database has no such user, or bars it: nothing of it stays. */
static enum mcx_err store_own_refusal(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    bool is_exhausted = connect->answer.result.code == MCX_MCX_IDENTITIES_EXHAUSTED;
    struct mcx_ue_reply reply =
        is_exhausted ? mcx_ue_reply_problem(MCX_UE_UNAVAILABLE, "exhausted",
                                            "No migration identity is free now. Ask again later.")
                     : mcx_ue_reply_problem(MCX_UE_FORBIDDEN, "not-authorized",
                                            "This device may not migrate. Ask your administrator.");
    char reason[80];

    /* A live one was given before; in another database of this system it has ended unheard. */
    snprintf(reason, sizeof reason, "the own SIP database answered %s%u",
             mcx_result_prefix(connect->answer.result), connect->answer.result.code);
    return mcx_connect_end(connect, session, "refused", reason, &reply);
}

static void mir_answered(void *arg, enum mcx_err err, struct mcx_given *answer)
{
    struct connect *connect = arg;

    if (err == MCX_OK) {
        connect->answer = *answer;
        answer->document = NULL;
        connect->migration.asked = answer->given;
        connect->granted_until_s = answer->expires_s;
        if (mcx_result_is_success(answer->result))
            send_par(connect);
        else if (is_refusal(&answer->result))
            post(connect, store_own_refusal);
        else
            post(connect, store_unsure);
        return;
    }
    if (err == MCX_NOT_LIVE || err == MCX_CLOSING) /* it never left; or no time */
        mcx_connect_fail(connect, err);
    else
        post(connect, store_unsure);
}

void mcx_connect_go_on(struct connect *connect)
{
    const struct mcx_migration *migration = &connect->migration;
    const struct mcx_cms_peer to = {.realm = migration->device_realm,
                                    .host = migration->device_host};
    struct mcx_mir mir = {.direction = MCX_OUTBOUND,
                          .system = migration->partner,
                          .mc_user_id = migration->mc_user_id,
                          .source = migration->own,
                          .has_masking = true,
                          .mask = migration->is_masked,
                          .expires_s = migration->asked_expires_s};
    enum mcx_err err;

    if (mcx_cms.ports.reach(&migration->partner) != MCX_OK) {
        reply_partner_away(connect);
        return;
    }
    memcpy(mir.binding_id, migration->binding_id, sizeof mir.binding_id);
    err = mcx_cms.ports.mir(&mir, &to, mir_answered, connect);
    if (err != MCX_OK)
        mcx_connect_fail(connect, err);
}
