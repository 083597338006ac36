/* SPDX-License-Identifier: Apache-2.0 */
/* What all services do with a request that they can answer at once, or whose shape is wrong. */
#include "diameter/answer_send.h"

#include "diameter/mar_codec.h"
#include "diameter/sender.h"

/* ret: of what was last done to the answer. */
static void send_or_free(struct msg **answer, int ret)
{
    if (ret == 0)
        mcx_sender_answer(answer);
    else if (*answer)
        fd_msg_free(*answer);
    *answer = NULL;
}

void mcx_answer_send(struct msg **request, struct mcx_result result)
{
    send_or_free(request, mcx_answer_make(request, result, NULL, NULL));
}

void mcx_answer_flaw(struct msg **request, const struct mcx_flaw *flaw)
{
    int ret = mcx_answer_make(request, flaw->result, &flaw->failed, NULL);

    if (ret == 0 && flaw->result.is_experimental)
        ret = mcx_maa_add_features(*request);
    send_or_free(request, ret);
}
