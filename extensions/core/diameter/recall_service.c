/* SPDX-License-Identifier: Apache-2.0 */
/* RTR and PPR on their way: dispatch threads decode and queue, one worker of our own decides, the
 * sender answers. The transaction's timer answers 5012 when the database does not. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/log.h"
#include "diameter/answer_send.h"
#include "diameter/border.h"
#include "diameter/recall.h"
#include "diameter/refuse.h"
#include "diameter/serve.h"
#include "diameter/txn.h"
#include "hss/recall.h"

static struct {
    struct mcx_conf conf; /* the daemon's, but for one worker; borrows all that it points to */
    struct mcx_recall_service service;
    struct mcx_pool *pool;
} recall;

/* From the worker. */
static void done(uint64_t number, const struct mcx_recall_ask *ask, struct mcx_result result,
                 const char *reason)
{
    struct mcx_txn txn;

    if (!mcx_txn_take(number, &txn)) /* its time was up; what was done stays done */
        return;
    mcx_log(MCX_LOG_INFO,
            "ev=recall cmd=%s from=%s impi=%s impus=%zu reason_code=%d result=%s%u reason=%s "
            "us=%" PRId64,
            ask->command == MCX_RTR ? "RTR" : "PPR", MCX_SAFE(mcx_span_str(&ask->partner)),
            MCX_SAFE(mcx_span_str(&ask->impi)), ask->impu_count, (int)ask->reason,
            mcx_result_prefix(result), result.code, reason, mcx_clock_mono_us() - txn.began_us);
    mcx_answer_send(&txn.request, result);
}

static void take(struct msg **msg, const struct msg_hdr *header)
{
    struct mcx_party party = mcx_border_source(*msg);
    struct mcx_recall_job *job = NULL;
    struct mcx_flaw flaw;
    struct mcx_txn txn = {.request = NULL};

    if (party.kind != MCX_PARTY_PARTNER) { /* only where the border observes */
        mcx_answer_send(msg, mcx_result_code(MCX_RC_COMMAND_UNSUPPORTED));
        return;
    }
    job = malloc(sizeof *job);
    if (!job) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_TOO_BUSY));
        return;
    }
    if (!mcx_recall_decode(*msg, &job->ask, &flaw)) {
        mcx_log_limited(MCX_LOG_INFO, "ev=recall_malformed result=%u avp=%u vendor=%u reason=%s",
                        flaw.result.code, flaw.failed.code, flaw.failed.vendor, flaw.reason);
        mcx_answer_flaw(msg, &flaw);
        free(job);
        return;
    }
    job->ask.partner = party.partner->system_id;
    job->job.shard = mcx_span_hash(mcx_span_str(&job->ask.impi));
    if (mcx_serve_queue(msg, &txn, recall.pool, &job->job, &job->number) != MCX_OK)
        free(job);
}

static int on_recall(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                     enum disp_action *action)
{
    return mcx_serve(msg, take);
}

static int serve(uint32_t command)
{
    struct disp_when when = {.app = mcx_dict_app(MCX_APP_CX), .command = mcx_dict_request(command)};

    return when.command ? fd_disp_register(on_recall, DISP_HOW_CC, &when, NULL, NULL) : ENOENT;
}

int mcx_recall_start(const struct mcx_conf *conf)
{
    struct mcx_conf_problem problem = {{0}};
    int ret = 0;

    recall.conf = *conf;
    recall.conf.database_workers = 1;
    recall.service.done = done;
    if (mcx_pool_start(&recall.conf, &mcx_recall_ops, &recall.service, &recall.pool, &problem) !=
        MCX_OK)
        return mcx_refuse(&problem);
    ret = serve(MCX_CMD_RTR);
    return ret == 0 ? serve(MCX_CMD_PPR) : ret;
}

void mcx_recall_stop(void)
{
    if (recall.pool)
        mcx_pool_stop(&recall.pool);
}
