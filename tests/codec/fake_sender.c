/* SPDX-License-Identifier: Apache-2.0 */
/* Keeps the last answer; no test sends requests. */
#include "fake_sender.h"

#include <check.h>
#include <stdatomic.h>

#include "diameter/sender.h"

static _Atomic(struct msg *) answer_kept;

int mcx_sender_start(size_t answers_max)
{
    return 0;
}

void mcx_sender_stop(void)
{
}

void mcx_sender_answer(struct msg **answer)
{
    struct msg *before = atomic_exchange(&answer_kept, *answer);

    *answer = NULL;
    ck_assert_ptr_null(before); /* two answers to one request */
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, const struct mcx_reply_ops *ops,
                                uint64_t number, uint32_t timeout_ms)
{
    ck_abort_msg("a request to a partner");
    return MCX_OK;
}

void mcx_sender_sent(struct peer_hdr *peer, const struct msg *msg)
{
}

struct msg *fake_sender_answer(void)
{
    return atomic_exchange(&answer_kept, NULL);
}
