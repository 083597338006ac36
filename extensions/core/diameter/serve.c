/* SPDX-License-Identifier: Apache-2.0 */
/* A request belongs to whoever could take its transaction: the poster that found no room, the
 * worker that is done, or the timer. */
#include "diameter/serve.h"

#include "base/log.h"
#include "diameter/answer_send.h"
#include "diameter/kept.h"

int mcx_serve(struct msg **msg, mcx_take_fn *take)
{
    struct msg_hdr *header = NULL;
    int state = 0;

    if (!msg || !*msg || fd_msg_hdr(*msg, &header) != 0 || !(header->msg_flags & CMD_FLAG_REQUEST))
        return 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    take(msg, header);
    *msg = NULL;
    pthread_setcancelstate(state, NULL);
    return 0;
}

void mcx_take_unsupported(struct msg **msg, const struct msg_hdr *header)
{
    mcx_log_limited(MCX_LOG_INFO, "ev=command_unsupported code=%u app=%u result=3001",
                    header->msg_code, header->msg_appl);
    mcx_answer_send(msg, mcx_result_code(MCX_RC_COMMAND_UNSUPPORTED));
}

enum mcx_err mcx_serve_queue(struct msg **msg, struct mcx_txn *txn, struct mcx_pool *pool,
                             struct mcx_job *job, uint64_t *number)
{
    struct mcx_txn back;
    uint64_t mine;

    mcx_kept_for_answer(*msg);
    txn->request = *msg;
    mine = *number = mcx_txn_add(txn);
    if (mine == 0) {
        mcx_answer_send(msg, mcx_result_code(MCX_RC_TOO_BUSY));
        return MCX_BUSY;
    }
    *msg = NULL;
    if (mcx_pool_post(pool, job) == MCX_OK)
        return MCX_OK; /* job may be gone by now, and number with it */
    if (mcx_txn_take(mine, &back))
        mcx_answer_send(&back.request, mcx_result_code(MCX_RC_TOO_BUSY));
    return MCX_BUSY;
}
