/* SPDX-License-Identifier: Apache-2.0 */
/* One transaction for each: the binding is locked, the plan made, the end written with its audit
 * row. Worker thread; blocks on the database. */
#include "hss/recall.h"

#include <stdlib.h>

#include "base/log.h"
#include "base/metrics.h"
#include "store/recall.h"

struct recall {
    const struct mcx_recall_ask *ask;
    enum mcx_recall_do plan;
};

static enum mcx_err steps(struct mcx_session *session, void *arg, struct mcx_conf_problem *problem)
{
    struct recall *recall = arg;
    struct mcx_recalled binding = {0};
    struct mcx_recall_facts facts;
    enum mcx_err err = mcx_store_recall_facts(session, recall->ask, &facts, &binding, problem);

    if (err != MCX_OK)
        return err;
    recall->plan = mcx_recall_plan(recall->ask, &facts);
    return recall->plan == MCX_RECALL_END
               ? mcx_store_recall_end(session, recall->ask, &binding, problem)
               : MCX_OK;
}

static void finish(const struct mcx_recall_service *service, struct mcx_job *job,
                   struct mcx_result result, const char *reason)
{
    struct mcx_recall_job *mine = (struct mcx_recall_job *)job;

    service->done(mine->number, &mine->ask, result, reason);
    free(mine);
}

static void finish_planned(const struct mcx_recall_service *service, struct mcx_job *job,
                           enum mcx_recall_do plan)
{
    switch (plan) {
    case MCX_RECALL_END:
        mcx_metric_inc(MCX_M_RECALLED);
        finish(service, job, mcx_result_code(MCX_RC_SUCCESS), "ended");
        break;
    case MCX_RECALL_IGNORE:
        finish(service, job, mcx_result_code(MCX_RC_SUCCESS), "ignored");
        break;
    case MCX_RECALL_UNKNOWN:
        finish(service, job, mcx_result_experimental(MCX_EXP_USER_UNKNOWN), "no_binding");
        break;
    }
}

static void drop(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why)
{
    for (size_t i = 0; i < count; i++)
        finish(arg, jobs[i], mcx_result_code(MCX_RC_UNABLE_TO_COMPLY), mcx_err_label(why));
}

static enum mcx_err run(void *arg, struct mcx_session *session, struct mcx_job **jobs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct recall recall = {.ask = &((struct mcx_recall_job *)jobs[i])->ask};
        struct mcx_conf_problem problem = {{0}};
        enum mcx_err err = mcx_admin_change(session, steps, &recall, &problem);

        if (err == MCX_DB_AWAY && i == 0) /* asked for again it does no harm */
            return err;
        if (err == MCX_DB_AWAY) {
            drop(arg, jobs + i, count - i, err);
            return MCX_OK;
        }
        if (err != MCX_OK)
            mcx_log_limited(MCX_LOG_ERROR, "ev=recall_failed reason=%s sqlstate=%s",
                            mcx_err_label(err), mcx_session_sqlstate(session));
        if (err != MCX_OK)
            drop(arg, jobs + i, 1, err);
        else
            finish_planned(arg, jobs[i], recall.plan);
    }
    return MCX_OK;
}

const struct mcx_pool_ops mcx_recall_ops = {.actor = "hss", .run = run, .drop = drop};
