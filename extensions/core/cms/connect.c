/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 2 to 13 of CR 10.1.X.1 at the primary. One struct connect goes from errand to request to
 * errand; at each moment it has one owner: a pool's queue, or the port that waits for an answer.
 * What it has begun is in the row and in its task, so that the outbox goes on with it whatever
 * happens to this one. Errands block on the database; the rest does not. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "cms/cms_private.h"
#include "store/choice.h"
#include "store/document.h"

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

/* MCX_NEVER is later than all. */
static int64_t sooner(int64_t a, int64_t b)
{
    return a == MCX_NEVER || (b != MCX_NEVER && b < a) ? b : a;
}

static void finish(struct connect *connect, const struct mcx_ue_reply *reply)
{
    mcx_log(MCX_LOG_INFO, "ev=ue_reply binding=%s outcome=%d problem=%s us=%" PRId64,
            connect->migration.binding_id[0] ? connect->migration.binding_id : "-",
            (int)reply->outcome, reply->problem ? reply->problem : "-",
            mcx_clock_mono_us() - connect->began_us);
    connect->done(connect->arg, reply);
    mcx_given_free(&connect->answer);
    free(connect);
}

static void fail(struct connect *connect, enum mcx_err why)
{
    struct mcx_ue_reply reply = mcx_ue_reply_away(why);

    finish(connect, &reply);
}

static void dropped(struct mcx_errand *errand, enum mcx_err why)
{
    fail((struct connect *)errand, why);
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
        fail(connect, err);
}

/* ---- step 13 ---- */

static void reply_partner_away(struct connect *connect)
{
    const struct mcx_ue_reply reply = mcx_ue_reply_kept(connect->migration.binding_id);

    finish(connect, &reply);
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
    mcx_cms_log_refused(session, MCX_CMS_UNSURE, err);
    if (connect->is_par_sent)
        reply_partner_away(connect);
    else
        fail(connect, MCX_BUSY);
    return MCX_OK;
}

static void reply_result(struct connect *connect, const struct mcx_document *document)
{
    const struct mcx_span octets = mcx_span(document->octets, document->len);
    const struct mcx_ue_binding binding = mcx_ue_reply_binding(&connect->migration, &octets);
    const struct mcx_ue_reply reply = {
        .outcome = MCX_UE_OK, .binding_count = 1, .binding = &binding};

    finish(connect, &reply);
}

/* Ends the migration, on both sides, and says reply; what could not be written is not said: the row
 * still holds, and who goes on asks again. */
static enum mcx_err end_and_reply(struct connect *connect, struct mcx_session *session,
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
    mcx_cms_log_refused(session, MCX_CMS_END, err);
    mcx_outbox_wake(mcx_cms.outbox);
    if (err == MCX_OK || err == MCX_NOT_FOUND)
        finish(connect, reply);
    else
        fail(connect, err);
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
    return end_and_reply(connect, session, "refused", reason, &reply);
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

        finish(connect, &reply);
        return MCX_OK;
    }
    mcx_cms_log_refused(session, MCX_CMS_GIVEN, err);
    fail(connect, err);
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
        fail(connect, err);
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
        fail(connect, err);
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
    return end_and_reply(connect, session, "refused", reason, &reply);
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
        fail(connect, err);
    else
        post(connect, store_unsure);
}

/* Nothing is allocated, and nobody asked, for what cannot go on: the PAR must be able to leave. */
static void send_mir(struct connect *connect)
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
        fail(connect, err);
}

/* ---- steps 2 and 3 ---- */

static void log_decision(const struct connect *connect)
{
    const struct mcx_migration_choice *choice = &connect->choice;

    mcx_log(MCX_LOG_INFO,
            "ev=migration_decided binding=%s mc_user=%s partner=%s requested=%d mask=%d reason=%s",
            connect->migration.binding_id[0] ? connect->migration.binding_id : "-",
            MCX_SAFE(mcx_span_str(&choice->mc_user_id)),
            choice->partner.len ? MCX_SAFE(mcx_span_str(&choice->partner)) : "-",
            choice->is_requested, choice->mask, choice->reason ? choice->reason : "-");
}

/* What waits ends. What is active was allowed when it was made, and is not asked for again. */
static enum mcx_err stop(struct connect *connect, struct mcx_session *session)
{
    struct mcx_ue_reply reply = mcx_ue_reply_problem(MCX_UE_FORBIDDEN, "not-authorized",
                                                     "This migration is no longer allowed.");

    log_decision(connect);
    if (!connect->migration.is_active)
        return end_and_reply(connect, session, "revoked",
                             "no longer allowed when it could have gone on", &reply);
    finish(connect, &reply);
    return MCX_OK;
}

/* Between choice and row, an agreement may have ended that the row is too late for; who began it
 * here has waited for that. A grant here is judged when it is made; one elsewhere knows nothing. */
static enum mcx_err judge_again(struct connect *connect, struct mcx_session *session,
                                bool *is_allowed)
{
    const struct mcx_migration_choice chosen = connect->choice;
    enum mcx_err err;

    *is_allowed = true;
    if (chosen.verdict != MCX_MIGRATE || connect->migration.device_realm.len == 0)
        return MCX_OK;
    err = mcx_store_migration_allowed(session, &connect->migration, &connect->choice, is_allowed);
    if (*is_allowed)
        connect->choice = chosen;
    return err;
}

static enum mcx_err decide(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    bool is_allowed = true;
    enum mcx_err err =
        mcx_store_migration_choose(session, &connect->ask.migration, &connect->choice);

    if (err == MCX_OK && connect->choice.verdict == MCX_MIGRATE)
        err = mcx_store_migration_begin(session, &connect->choice, MCX_CMS_RESUME_S,
                                        &connect->migration);
    if (err == MCX_OK)
        err = judge_again(connect, session, &is_allowed);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_NOT_FOUND)
        mcx_log_limited(MCX_LOG_ERROR, "ev=not_set_up remedy=\"mcxctl system set\"");
    if (err != MCX_OK) {
        mcx_cms_log_refused(session, MCX_CMS_DECIDE, err);
        fail(connect, err == MCX_NOT_FOUND ? MCX_DB_ERROR : err);
        return MCX_OK;
    }
    if (!is_allowed)
        return stop(connect, session);
    log_decision(connect);
    if (connect->choice.verdict == MCX_MIGRATE) {
        send_mir(connect);
    } else {
        const struct mcx_ue_reply reply = mcx_ue_reply_verdict(&connect->choice);

        finish(connect, &reply);
    }
    return MCX_OK;
}

static enum mcx_err resume(struct mcx_errand *errand, struct mcx_session *session)
{
    struct connect *connect = (struct connect *)errand;
    enum mcx_err err =
        mcx_store_migration_resume(session, connect->ask.binding_id, &connect->migration);
    struct mcx_ue_reply ended;
    bool is_allowed = false;

    if (err == MCX_OK)
        err = mcx_store_migration_allowed(session, &connect->migration, &connect->choice,
                                          &is_allowed);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_NOT_LIVE) {
        ended = mcx_ue_reply_problem(MCX_UE_NOT_FOUND, "ended", "This migration has ended.");
        finish(connect, &ended);
    } else if (err != MCX_OK) {
        mcx_cms_log_refused(session, MCX_CMS_RESUME, err);
        fail(connect, err);
    } else if (!is_allowed) {
        return stop(connect, session);
    } else {
        send_mir(connect);
    }
    return MCX_OK;
}

static uint64_t shard_of(const struct mcx_connect_ask *ask)
{
    const struct mcx_service_ids *services = &ask->migration.services;

    if (ask->is_resumed)
        return mcx_span_hash(mcx_span_of(ask->binding_id));
    for (int i = 0; i < MCX_SERVICES; i++)
        if (services->has[i])
            return mcx_span_hash(mcx_span_str(&services->id[i]));
    return mcx_span_hash(mcx_span_str(&ask->migration.mc_user_id));
}

enum mcx_err mcx_connect_begin(const struct mcx_connect_ask *ask, mcx_ue_done done, void *arg)
{
    struct connect *connect = calloc(1, sizeof *connect);
    enum mcx_err err;

    if (!connect)
        return MCX_NO_MEMORY;
    connect->errand = (struct mcx_errand){
        .job = {.shard = shard_of(ask)}, .run = ask->is_resumed ? resume : decide, .drop = dropped};
    connect->ask = *ask;
    connect->done = done;
    connect->arg = arg;
    connect->began_us = mcx_clock_mono_us();
    err = mcx_cms_post(&connect->errand);
    if (err != MCX_OK)
        free(connect);
    return err;
}
