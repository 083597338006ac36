/* SPDX-License-Identifier: Apache-2.0 */
/* A relay that cannot leave, with codec and sender replaced: what the SIP core gets when our own
 * queue or table is full, without memory, and at the end (the table of design 6). */
#include <check.h>
#include <errno.h>
#include <stdlib.h>

#include "base/metrics.h"
#include "diameter/mar_codec.h"
#include "diameter/relay.h"
#include "diameter/txn.h"
#include "unit.h"

static struct mcx_conf conf = {.hss_answer_time_ms = 60000,
                               .hss_relay_server_name = "sip:migration.partner.example",
                               .partner_count = 1};
static int messages; /* their addresses are all that counts */
static int encode_says;
static enum mcx_err sender_says;
static uint32_t answered_code;
static int answers, sent;
static bool table_fills_up;

/* ---- freeDiameter and our other modules, replaced ---- */

int fd_msg_free(msg_or_avp *msg)
{
    return 0;
}

int mcx_answer_make(struct msg **msg, struct mcx_result result, const struct mcx_failed_avp *failed,
                    const char *error_message)
{
    answered_code = result.code;
    return 0;
}

void mcx_sender_answer(struct msg **answer)
{
    answers++;
    *answer = NULL;
}

int mcx_mar_encode(const struct mcx_mar_relay *relay, const char *server_name, struct msg **out)
{
    *out = encode_says == 0 ? (struct msg *)&messages : NULL;
    return encode_says;
}

int mcx_maa_add_items(struct msg *answer, enum mcx_iface iface, const struct mcx_av *items,
                      uint32_t count)
{
    return 0;
}

enum mcx_err mcx_sender_request(struct msg **request, const struct mcx_party *party,
                                struct mcx_span host, const struct mcx_reply_ops *ops,
                                uint64_t number, uint32_t timeout_ms)
{
    if (sender_says != MCX_OK)
        return sender_says;
    ck_assert(ops->is_awaited(number));
    sent++;
    *request = NULL;
    return MCX_OK;
}

/* A redirection; meanwhile another request may take the transaction's place. */
void mcx_maa_decode(struct msg *answer, const struct mcx_mar_relay *relay, struct mcx_maa *out)
{
    struct mcx_txn other = {.request = NULL};

    if (table_fills_up)
        ck_assert(mcx_txn_add(&other) != 0);
    out->kind = MCX_MAA_REDIRECT;
    out->redirect_host = (struct mcx_str){.len = 19, .octets = "hss.primary.example"};
}

/* ---- the tests ---- */

static void on_time(uint64_t number, struct mcx_txn *txn)
{
    free(txn->relay);
}

static void setup(void)
{
    ck_assert_int_eq(mcx_str_set(&conf.partner[0].system_id, LITERAL("primary")), MCX_OK);
    ck_assert_int_eq(mcx_relay_start(&conf), 0);
    ck_assert_int_eq(mcx_txn_start(1, 60000, on_time), 0);
}

static void teardown(void)
{
    mcx_txn_stop(on_time);
}

static uint64_t begin(void)
{
    const struct mcx_mar_relay relay = {.system = conf.partner[0].system_id,
                                        .realm = {.len = 15, .octets = "primary.example"}};
    struct mcx_txn txn = {.request = (struct msg *)&messages};
    uint64_t number = mcx_txn_add(&txn);

    ck_assert(number != 0);
    mcx_relay_begin(number, &relay);
    return number;
}

static void redirect(uint64_t number)
{
    struct msg *answer = (struct msg *)&messages;

    mcx_relay_ops.answered((void *)(uintptr_t)number, &answer);
    ck_assert_ptr_null(answer);
}

static void expect_answer(uint64_t number, uint32_t code, int busy, int failed)
{
    ck_assert_int_eq(answers, 1);
    ck_assert_uint_eq(answered_code, code);
    ck_assert_int_eq(mcx_metric_get(MCX_M_MAR_BUSY), busy);
    ck_assert_int_eq(mcx_metric_get(MCX_M_MAR_FAILED), failed);
    ck_assert(!mcx_relay_ops.is_awaited(number));
}

START_TEST(test_full_queue_is_too_busy)
{
    sender_says = MCX_BUSY;
    expect_answer(begin(), MCX_RC_TOO_BUSY, 1, 0);
}
END_TEST

START_TEST(test_full_queue_after_a_redirection_is_too_busy)
{
    uint64_t number = begin();

    sender_says = MCX_BUSY;
    redirect(number);
    expect_answer(number, MCX_RC_TOO_BUSY, 1, 0);
}
END_TEST

START_TEST(test_table_that_filled_up_during_a_redirection_is_too_busy)
{
    uint64_t number = begin();

    table_fills_up = true;
    redirect(number);
    ck_assert_int_eq(sent, 1);
    expect_answer(number, MCX_RC_TOO_BUSY, 1, 0);
}
END_TEST

START_TEST(test_no_memory_and_closing_are_faults)
{
    static const enum mcx_err said[] = {MCX_NO_MEMORY, MCX_CLOSING};

    if (_i == 2)
        encode_says = ENOMEM;
    else
        sender_says = said[_i];
    expect_answer(begin(), MCX_RC_UNABLE_TO_COMPLY, 0, 1);
}
END_TEST

START_TEST(test_redirection_is_followed)
{
    uint64_t number = begin();

    redirect(number);
    ck_assert_int_eq(sent, 2);
    ck_assert_int_eq(answers, 0);
    ck_assert(mcx_relay_ops.is_awaited(number));
}
END_TEST

int main(void)
{
    TCase *tcase = tcase_create("relay");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_full_queue_is_too_busy);
    tcase_add_test(tcase, test_full_queue_after_a_redirection_is_too_busy);
    tcase_add_test(tcase, test_table_that_filled_up_during_a_redirection_is_too_busy);
    tcase_add_loop_test(tcase, test_no_memory_and_closing_are_faults, 0, 3);
    tcase_add_test(tcase, test_redirection_is_followed);
    return unit_run(tcase);
}
