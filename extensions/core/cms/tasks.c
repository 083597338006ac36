/* SPDX-License-Identifier: Apache-2.0 */
/* What the outbox has for the configuration management server: unfinished migrations, releases for
 * others, migrations that an operator asks for, and expiry. The outbox's thread; the rest in pool
 * and ports. Each effect bears to be repeated. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "cms/cms_private.h"
#include "store/allocation.h"
#include "store/document.h"
#include "store/migration.h"

enum {
    RETRY_MIN_MS = 1000,
    RETRY_MAX_MS = 60000,
    GIVE_UP_ATTEMPTS = 10080 /* a week of RETRY_MAX_MS */
};

/* What a done callback needs to know of its task. */
struct under_way {
    char id[MCX_TASK_ID_MAX];
    uint32_t attempts;
};

static struct under_way *remember(const struct mcx_task *task)
{
    struct under_way *way = malloc(sizeof *way);

    if (way) {
        memcpy(way->id, task->id, sizeof way->id);
        way->attempts = task->attempts;
    }
    return way;
}

static uint32_t pause_ms(uint32_t attempts)
{
    return attempts < 6 ? (uint32_t)RETRY_MIN_MS << attempts : RETRY_MAX_MS;
}

static void settle(struct under_way *way, bool is_done)
{
    if (is_done)
        mcx_outbox_done(mcx_cms.outbox, way->id);
    else
        mcx_outbox_retry(mcx_cms.outbox, way->id, pause_ms(way->attempts));
    free(way);
}

/* Done without success, the outcome written for whoever asks. False if the database could not take
 * it: the task comes again. */
static bool give_up(struct mcx_session *session, const struct mcx_task *task, const char *problem,
                    const char *detail)
{
    if (mcx_task_finish(session, task->id, "problem", problem, "detail", detail, NULL) != MCX_OK) {
        mcx_outbox_retry(mcx_cms.outbox, task->id, RETRY_MAX_MS);
        return false;
    }
    mcx_outbox_done(mcx_cms.outbox, task->id);
    return true;
}

/* No program of ours writes such a row, and no attempt makes it better. */
static void give_up_unreadable(struct mcx_session *session, const struct mcx_task *task,
                               const char *kind)
{
    if (give_up(session, task, "bad-request", "a name is too long"))
        mcx_log(
            MCX_LOG_ERROR,
            "ev=task_unreadable task=%s kind=%s remedy=\"see who wrote this row of task: a name "
            "in its payload is too long\"",
            task->id, kind);
}

/* ---- migrations that nobody finished ---- */

/* What this server cannot do now it does once somebody has mended that; a partner that is away is
 * asked as long as the migration lives. The task's id is the binding's. */
static void resumed(void *arg, const struct mcx_ue_reply *reply)
{
    settle(arg, reply->outcome != MCX_UE_UNAVAILABLE && reply->outcome != MCX_UE_FAULT);
}

static void run_par(void *arg, struct mcx_session *session, const struct mcx_task *task)
{
    struct under_way *way = remember(task);
    struct mcx_connect_ask ask = {.is_resumed = true};

    if (!way)
        return; /* claimed again when its lease is over */
    snprintf(ask.binding_id, sizeof ask.binding_id, "%s", mcx_task_text(task, "binding_uuid"));
    mcx_log(MCX_LOG_INFO, "ev=migration_resumed binding=%s attempts=%u", ask.binding_id,
            task->attempts);
    if (mcx_connect_begin(&ask, resumed, way) != MCX_OK)
        settle(way, false);
}

/* ---- O&M: steps 4 to 12 without a UE ---- */

/* The outcome is written for the operator who waits for it. */
struct ordered {
    struct mcx_errand errand; /* first */
    struct under_way *way;
    char binding_id[MCX_UUID_TEXT];
    char problem[48], detail[384];
};

static enum mcx_err write_outcome(struct mcx_errand *errand, struct mcx_session *session)
{
    struct ordered *ordered = (struct ordered *)errand;
    bool is_ok = !ordered->problem[0];
    enum mcx_err err =
        mcx_task_finish(session, ordered->way->id, "problem", is_ok ? NULL : ordered->problem,
                        "detail", is_ok ? NULL : ordered->detail, "binding",
                        ordered->binding_id[0] ? ordered->binding_id : NULL, NULL);

    if (err == MCX_DB_AWAY)
        return err;
    settle(ordered->way, err == MCX_OK);
    free(ordered);
    return MCX_OK;
}

static void outcome_lost(struct mcx_errand *errand, enum mcx_err why)
{
    struct ordered *ordered = (struct ordered *)errand;

    settle(ordered->way, false);
    free(ordered);
}

static void migrated(void *arg, const struct mcx_ue_reply *reply)
{
    struct ordered *ordered = arg;

    if (reply->problem)
        snprintf(ordered->problem, sizeof ordered->problem, "%s", reply->problem);
    memcpy(ordered->detail, reply->detail, sizeof ordered->detail);
    if (reply->binding_count > 0)
        memcpy(ordered->binding_id, reply->binding[0].binding_id, sizeof ordered->binding_id);
    ordered->errand = (struct mcx_errand){.run = write_outcome, .drop = outcome_lost};
    if (mcx_cms_post(&ordered->errand) != MCX_OK)
        outcome_lost(&ordered->errand, MCX_CLOSING);
}

static bool read_order(const struct mcx_task *task, struct mcx_migration_ask *ask)
{
    ask->until_s = strtoll(mcx_task_text(task, "expires_s"), NULL, 10); /* "": MCX_NEVER */
    return mcx_str_set(&ask->mc_user_id, mcx_span_of(mcx_task_text(task, "mc_user_id"))) ==
               MCX_OK &&
           mcx_str_set(&ask->partner, mcx_span_of(mcx_task_text(task, "partner"))) == MCX_OK &&
           mcx_str_set(&ask->device, mcx_span_of(mcx_task_text(task, "device"))) == MCX_OK;
}

static void run_migrate(void *arg, struct mcx_session *session, const struct mcx_task *task)
{
    struct mcx_connect_ask ask = {.is_resumed = false};
    struct ordered *ordered;

    if (!read_order(task, &ask.migration)) {
        give_up_unreadable(session, task, "migrate");
        return;
    }
    ordered = calloc(1, sizeof *ordered);
    if (ordered)
        ordered->way = remember(task);
    if (!ordered || !ordered->way) {
        free(ordered);
        return; /* claimed again when its lease is over */
    }
    if (mcx_connect_begin(&ask, migrated, ordered) != MCX_OK)
        outcome_lost(&ordered->errand, MCX_BUSY);
}

/* ---- releases ---- */

static void released(void *arg, enum mcx_err err, struct mcx_given *answer)
{
    struct under_way *way = arg;
    bool is_done = err == MCX_OK &&
                   (mcx_result_is_success(answer->result) ||
                    (answer->result.is_mcx && answer->result.code == MCX_MCX_UNKNOWN_BINDING));

    if (err == MCX_OK && !is_done)
        mcx_log_limited(MCX_LOG_WARN, "ev=release_refused task=%s result=%u", way->id,
                        answer->result.code);
    settle(way, is_done);
}

static enum mcx_release_cause cause_of(const char *text)
{
    for (int cause = MCX_ENDED_BY_USER; cause <= MCX_REPLACED; cause++)
        if (strcmp(mcx_cause_text((enum mcx_release_cause)cause), text) == 0)
            return (enum mcx_release_cause)cause;
    return MCX_REVOKED;
}

static void run_release(struct mcx_session *session, const struct mcx_task *task,
                        const struct mcx_cms_peer *to)
{
    struct mcx_mrr mrr = {.cause = cause_of(mcx_task_text(task, "cause"))};
    struct under_way *way;

    if (mcx_str_set(&mrr.system, mcx_span_of(mcx_task_text(task, "primary"))) != MCX_OK) {
        give_up_unreadable(session, task, to->system.len > 0 ? "mrr_partner" : "mrr_database");
        return;
    }
    way = remember(task);
    if (!way)
        return;
    snprintf(mrr.binding_id, sizeof mrr.binding_id, "%s", mcx_task_text(task, "binding_uuid"));
    if (mcx_cms.ports.mrr(&mrr, to, released, way) != MCX_OK)
        settle(way, false);
}

/* Whom nobody tells any more, and what an operator has to do about it. */
struct given_up {
    const char *what, *name; /* of the log's field: partner or database */
    const char *why, *remedy;
};

static void give_up_release(struct mcx_session *session, const struct mcx_task *task,
                            const struct given_up *whom)
{
    if (give_up(session, task, "given-up", whom->why))
        mcx_log(MCX_LOG_ERROR,
                "ev=release_given_up %s=%s binding=%s cause=%s reason=%s attempts=%u remedy=\"%s\"",
                whom->what, MCX_SAFE(mcx_span_of(whom->name)), mcx_task_text(task, "binding_uuid"),
                mcx_task_text(task, "cause"), whom->why, task->attempts, whom->remedy);
}

/* Is there nobody to be told any more, by an operator's wish, and no need or no hope? A partner
 * that is merely away is told whenever it is back. */
static bool is_hopeless(struct mcx_session *session, const struct mcx_task *task,
                        enum mcx_err reached)
{
    bool is_removed = false, is_over = false;

    if (mcx_store_release_state(session, mcx_task_text(task, "binding_uuid"),
                                mcx_task_text(task, "partner"), &is_removed, &is_over) != MCX_OK)
        return false;
    return (reached == MCX_NOT_FOUND || is_removed) &&
           (is_over || task->attempts > GIVE_UP_ATTEMPTS);
}

static void run_mrr_partner(void *arg, struct mcx_session *session, const struct mcx_task *task)
{
    struct mcx_cms_peer to = {.system = {0}};
    struct given_up whom = {.what = "partner",
                            .name = mcx_task_text(task, "partner"),
                            .remedy =
                                "tell the partner's operator to end this binding there; a "
                                "partner that is to be told again must be in border.partners"};
    enum mcx_err reached;

    if (mcx_str_set(&to.system, mcx_span_of(whom.name)) != MCX_OK) {
        give_up_unreadable(session, task, "mrr_partner");
        return;
    }
    reached = mcx_cms.ports.reach(&to.system);
    whom.why = reached == MCX_NOT_FOUND ? "not_configured" : "removed";
    if (reached != MCX_OK && is_hopeless(session, task, reached))
        give_up_release(session, task, &whom);
    else
        run_release(session, task, &to);
}

/* Tried before without success: has the grant there gone by itself, or the database? One that is
 * merely away is told whenever it is back. */
static bool is_home_hopeless(struct mcx_session *session, const struct mcx_task *task,
                             const struct mcx_cms_peer *to, struct given_up *whom)
{
    bool is_removed = false, is_over = false;

    if (task->attempts <= 1 ||
        mcx_store_release_home_state(session, mcx_task_text(task, "binding_uuid"), &to->realm,
                                     &to->host, task->attempts > GIVE_UP_ATTEMPTS, &is_removed,
                                     &is_over) != MCX_OK)
        return false;
    whom->why = is_over ? "expired" : "removed";
    return is_over || is_removed;
}

static void run_mrr_database(void *arg, struct mcx_session *session, const struct mcx_task *task)
{
    struct mcx_cms_peer to = {.system = {0}};
    struct given_up whom = {.what = "database",
                            .name = mcx_task_text(task, "host"),
                            .remedy =
                                "should that SIP database serve again, end this binding there "
                                "with mcxctl binding end"};

    if (mcx_str_set(&to.realm, mcx_span_of(mcx_task_text(task, "realm"))) != MCX_OK ||
        mcx_str_set(&to.host, mcx_span_of(whom.name)) != MCX_OK)
        give_up_unreadable(session, task, "mrr_database");
    else if (is_home_hopeless(session, task, &to, &whom))
        give_up_release(session, task, &whom);
    else
        run_release(session, task, &to);
}

/* ---- expiry ---- */

static void each_second(void *arg, struct mcx_session *session)
{
    static int64_t cursor; /* the outbox's thread only */
    size_t ended = 0, released = 0;

    if (mcx_store_document_sweep(session, 500, &cursor, &released) == MCX_DB_ERROR)
        mcx_log_limited(MCX_LOG_ERROR, "ev=credential_sweep_failed sqlstate=%s",
                        mcx_session_sqlstate(session));
    do {
        enum mcx_err err = mcx_store_migration_expire(session, &ended);

        if (err == MCX_DB_ERROR)
            mcx_log_limited(MCX_LOG_ERROR, "ev=migration_expiry_failed sqlstate=%s",
                            mcx_session_sqlstate(session));
        if (err != MCX_OK)
            return;
        if (ended > 0)
            mcx_log(MCX_LOG_INFO, "ev=migrations_expired count=%zu", ended);
    } while (ended >= 500);
}

void mcx_cms_tasks(struct mcx_outbox_options *options)
{
    static const struct mcx_task_handler handler[] = {
        {.kind = "par", .run = run_par},
        {.kind = "migrate", .run = run_migrate},
        {.kind = "mrr_partner", .run = run_mrr_partner},
        {.kind = "mrr_database", .run = run_mrr_database},
    };

    *options = (struct mcx_outbox_options){.actor = MCX_CMS_ACTOR,
                                           .handler_count = sizeof handler / sizeof *handler,
                                           .each_second = each_second};
    memcpy(options->handler, handler, sizeof handler);
}
