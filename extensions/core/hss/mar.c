/* SPDX-License-Identifier: Apache-2.0 */
/* One batch of MARs on a worker: read facts for all, plan each, write the accepted in one
 * statement, compute vectors from what was committed. What is refused writes nothing and burns no
 * SQN (design 6). */
#include "hss/mar.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "store/mar.h"

/* What a job needs between its plan and its vectors. */
struct served {
    struct mcx_mar_job *job;
    struct mcx_key128 k, opc;
    uint8_t amf[2], ind;
};

struct batch {
    struct mcx_mar_service *service;
    size_t count;
    struct mcx_mar_job **jobs;
    const struct mcx_mar_ask **asks;
    struct mcx_mar_facts *facts;
    enum mcx_err *errs;
    struct served *served;
    struct mcx_sqn_want *wants;
    size_t served_count;
    struct mcx_mar_outcome outcome; /* one at a time; wiped after each */
};

static void finish(struct batch *batch, struct mcx_mar_job *job)
{
    batch->service->done(job->number, &job->ask, &batch->outcome);
    mcx_wipe(&batch->outcome, sizeof batch->outcome);
    free(job);
}

static void fail(struct batch *batch, struct mcx_mar_job *job, const char *reason)
{
    batch->outcome.what = MCX_MAR_REFUSE;
    batch->outcome.reason = reason;
    batch->outcome.result = mcx_result_code(MCX_RC_UNABLE_TO_COMPLY);
    mcx_metric_inc(MCX_M_MAR_FAILED);
    finish(batch, job);
}

static void refuse(struct batch *batch, struct mcx_mar_job *job, const struct mcx_mar_plan *plan)
{
    batch->outcome.what = MCX_MAR_REFUSE;
    batch->outcome.reason = plan->reason;
    batch->outcome.result = plan->refusal;
    mcx_metric_inc(MCX_M_MAR_REFUSED);
    finish(batch, job);
}

static void relay(struct batch *batch, struct mcx_mar_job *job, const struct mcx_mar_plan *plan,
                  const struct mcx_mar_facts *facts)
{
    struct mcx_mar_relay *to = &batch->outcome.relay;

    batch->outcome.what = MCX_MAR_RELAY;
    batch->outcome.reason = plan->reason;
    to->iface = facts->relay_iface;
    to->system = facts->primary_system;
    to->realm = facts->primary_realm;
    to->host = facts->primary_host;
    to->impi = facts->primary_impi;
    to->impu = facts->primary_impu;
    to->items = plan->items;
    to->has_auts = job->ask.has_auts;
    memcpy(to->rand, job->ask.rand, sizeof to->rand);
    memcpy(to->auts, job->ask.auts, sizeof to->auts);
    to->binding_id = facts->binding_id;
    finish(batch, job);
}

/* K and OPc of the row. false: this user costs a 5012, the batch goes on. */
static bool unwrap_keys(const struct batch *batch, const struct mcx_mar_facts *facts,
                        struct served *served)
{
    const struct mcx_keyring *ring = &batch->service->ring;
    struct mcx_span impi = mcx_span_str(&facts->credential_impi);
    enum mcx_err err = mcx_unwrap(ring, MCX_WRAP_K, impi,
                                  mcx_span(facts->wrapped_k, facts->wrapped_k_len), &served->k);

    if (err == MCX_OK)
        err = mcx_unwrap(ring, MCX_WRAP_OPC, impi,
                         mcx_span(facts->wrapped_opc, facts->wrapped_opc_len), &served->opc);
    if (err == MCX_OK)
        return true;
    mcx_log_limited(MCX_LOG_ERROR, "ev=credential_unreadable impi=%s reason=%s", MCX_SAFE(impi),
                    mcx_err_label(err));
    return false;
}

/* Checks what the plan accepted and queues it for the write. */
static void accept(struct batch *batch, struct mcx_mar_job *job, const struct mcx_mar_plan *plan,
                   const struct mcx_mar_facts *facts)
{
    struct served *served = &batch->served[batch->served_count];
    struct mcx_sqn_want *want = &batch->wants[batch->served_count];
    int64_t seq_ms = 0;

    if (!unwrap_keys(batch, facts, served)) {
        fail(batch, job, "credential_unreadable");
        return;
    }
    /* TS 33.102 6.3.5: nothing changes unless MAC-S is right. */
    if (job->ask.has_auts &&
        mcx_aka_auts(&served->k, &served->opc, job->ask.rand, job->ask.auts, &seq_ms) != MCX_OK) {
        fail(batch, job, "auts_mac");
        return;
    }
    served->job = job;
    memcpy(served->amf, facts->amf, sizeof served->amf);
    served->ind = plan->ind;
    *want = (struct mcx_sqn_want){.subscriber_id = facts->subscriber_id,
                                  .items = plan->items,
                                  .is_resync = job->ask.has_auts,
                                  .seq_ms = seq_ms,
                                  .grant_id = job->ask.from_partner ? facts->grant_id : 0,
                                  .partner_id = job->ask.from_partner ? facts->partner_id : 0};
    batch->served_count++;
}

static void decide(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; i++) {
        struct mcx_mar_job *job = batch->jobs[i];
        struct mcx_mar_plan plan;

        if (!batch->service->is_awaited(job->number)) { /* it would burn an SQN, and count */
            fail(batch, job, "expired");
            continue;
        }
        if (batch->errs[i] != MCX_OK) {
            fail(batch, job, mcx_err_label(batch->errs[i]));
            continue;
        }
        plan = mcx_mar_plan(&batch->service->policy, &job->ask, &batch->facts[i]);
        switch (plan.what) {
        case MCX_MAR_SERVE:
            accept(batch, job, &plan, &batch->facts[i]);
            break;
        case MCX_MAR_RELAY:
            relay(batch, job, &plan, &batch->facts[i]);
            break;
        case MCX_MAR_REFUSE:
            refuse(batch, job, &plan);
            break;
        }
    }
}

/* Vectors from committed SQNs only (design 5). */
static void serve(struct batch *batch, const struct served *served, const struct mcx_sqn_want *want)
{
    struct mcx_mar_outcome *outcome = &batch->outcome;

    if (want->err == MCX_NOT_FOUND && want->grant_id != 0) {
        const struct mcx_mar_plan ended = mcx_mar_plan_grant_ended(&served->job->ask);

        refuse(batch, served->job, &ended);
        return;
    }
    if (want->err != MCX_OK) {
        fail(batch, served->job,
             want->err == MCX_LIMIT ? "rate_or_sqn_limit" : mcx_err_label(want->err));
        return;
    }
    for (uint32_t i = 0; i < want->items; i++) {
        if (mcx_aka_vector(&served->k, &served->opc, served->amf, want->first_seq + i, served->ind,
                           &outcome->item[i]) != MCX_OK) {
            mcx_wipe(outcome, sizeof *outcome);
            fail(batch, served->job, "sqn_exhausted");
            return;
        }
    }
    outcome->what = MCX_MAR_SERVE;
    outcome->reason = served->job->ask.has_auts ? "resync" : "served";
    outcome->result = mcx_result_code(MCX_RC_SUCCESS);
    outcome->item_count = want->items;
    mcx_metric_inc(MCX_M_MAR_SERVED);
    if (served->job->ask.has_auts)
        mcx_metric_inc(MCX_M_RESYNC);
    finish(batch, served->job);
}

static void write_and_serve(struct batch *batch, struct mcx_session *session)
{
    enum mcx_err err = MCX_OK;

    if (batch->served_count == 0)
        return;
    err = mcx_store_sqn_advance(session, batch->wants, batch->served_count);
    for (size_t i = 0; i < batch->served_count; i++) {
        if (err != MCX_OK) /* whether it was committed is unknown: counts as advanced */
            fail(batch, batch->served[i].job, mcx_err_label(err));
        else
            serve(batch, &batch->served[i], &batch->wants[i]);
    }
}

static bool batch_alloc(struct batch *batch, struct mcx_job **jobs, size_t count)
{
    batch->count = count;
    batch->jobs = malloc(count * sizeof *batch->jobs);
    batch->asks = malloc(count * sizeof *batch->asks);
    batch->facts = calloc(count, sizeof *batch->facts);
    batch->errs = calloc(count, sizeof *batch->errs);
    batch->served = calloc(count, sizeof *batch->served);
    batch->wants = calloc(count, sizeof *batch->wants);
    if (!batch->jobs || !batch->asks || !batch->facts || !batch->errs || !batch->served ||
        !batch->wants)
        return false;
    for (size_t i = 0; i < count; i++) {
        batch->jobs[i] = (struct mcx_mar_job *)jobs[i];
        batch->asks[i] = &batch->jobs[i]->ask;
    }
    return true;
}

static void batch_free(struct batch *batch)
{
    if (batch->served)
        mcx_wipe(batch->served, batch->count * sizeof *batch->served);
    free(batch->jobs);
    free(batch->asks);
    free(batch->facts);
    free(batch->errs);
    free(batch->served);
    free(batch->wants);
}

static void drop(void *arg, struct mcx_job **jobs, size_t count, enum mcx_err why)
{
    struct batch batch = {.service = arg};

    for (size_t i = 0; i < count; i++)
        fail(&batch, (struct mcx_mar_job *)jobs[i], mcx_err_label(why));
}

static enum mcx_err run(void *arg, struct mcx_session *session, struct mcx_job **jobs, size_t count)
{
    struct batch batch = {.service = arg};
    enum mcx_err err = MCX_OK;

    if (!batch_alloc(&batch, jobs, count)) {
        batch_free(&batch);
        drop(arg, jobs, count, MCX_NO_MEMORY);
        return MCX_OK;
    }
    err = mcx_store_mar_facts(session, batch.asks, count, batch.facts, batch.errs);
    if (err == MCX_DB_AWAY) { /* nothing was written: the pool may run us again */
        batch_free(&batch);
        return err;
    }
    if (err == MCX_OK || err == MCX_DB_ERROR) { /* DB_ERROR: errs says which */
        decide(&batch);
        write_and_serve(&batch, session);
    } else {
        drop(arg, jobs, count, err);
    }
    batch_free(&batch);
    return MCX_OK;
}

const struct mcx_pool_ops mcx_mar_ops = {.actor = "hss", .run = run, .drop = drop};
