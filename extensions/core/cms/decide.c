/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 2 and 3 of CR 10.1.X.1 at the primary: may this user go there, and the row that says so; or
 * the row that is there already. Errands block on the database. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "cms/connect_private.h"

static void dropped(struct mcx_errand *errand, enum mcx_err why)
{
    mcx_connect_fail((struct connect *)errand, why);
}

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
        return mcx_connect_end(connect, session, "revoked",
                               "no longer allowed when it could have gone on", &reply);
    mcx_connect_finish(connect, &reply);
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
        err = mcx_cms_refused(session, MCX_CMS_DECIDE, err);
        mcx_connect_fail(connect, err == MCX_NOT_FOUND ? MCX_DB_ERROR : err);
        return MCX_OK;
    }
    if (!is_allowed)
        return stop(connect, session);
    log_decision(connect);
    if (connect->choice.verdict == MCX_MIGRATE) {
        mcx_connect_go_on(connect);
    } else {
        const struct mcx_ue_reply reply = mcx_ue_reply_verdict(&connect->choice);

        mcx_connect_finish(connect, &reply);
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
        mcx_connect_finish(connect, &ended);
    } else if (err != MCX_OK) {
        mcx_connect_fail(connect, mcx_cms_refused(session, MCX_CMS_RESUME, err));
    } else if (!is_allowed) {
        return stop(connect, session);
    } else {
        mcx_connect_go_on(connect);
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
