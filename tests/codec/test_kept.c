/* SPDX-License-Identifier: Apache-2.0 */
/* What stays of a request while it waits, and while its answer does. */
#include "diameter/kept.h"

#include "core.h"
#include "wire.h"

static struct wire wire;

static struct msg *request_of(const struct mar *mar)
{
    mar_write(mar, &wire);
    return core_receive(wire_span(&wire));
}

/* freeDiameter holds it as long as its answer waits, and the answer has what it says again. */
START_TEST(test_of_an_answered_request_stays_its_session)
{
    struct mar mar = mar_cx();
    struct msg *msg = request_of(&mar), *request = NULL;
    enum mcx_avp_name names[32];

    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(5012), NULL, NULL), 0);
    ck_assert_int_eq(fd_msg_answ_getq(msg, &request), 0);
    ck_assert_uint_eq(core_names(request, names, 32), 1);
    ck_assert_int_eq(names[0], MCX_AVP_SESSION_ID);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_a_request_that_waits_keeps_what_its_answer_says)
{
    static const enum mcx_avp_name kept[] = {MCX_AVP_SESSION_ID, MCX_AVP_USER_NAME,
                                             MCX_AVP_PUBLIC_IDENTITY};
    struct mar mar = mar_cx();
    struct msg *msg = request_of(&mar);
    struct mcx_avp avp = {0};
    enum mcx_avp_name names[32];

    mcx_kept_for_answer(msg);
    ck_assert_uint_eq(core_names(msg, names, 32), 3);
    ck_assert_mem_eq(names, kept, sizeof kept);
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(2001), NULL, NULL), 0);
    msg = core_launder(&msg);
    ck_assert(mcx_avp_find(msg, MCX_AVP_SESSION_ID, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.session_id));
    ck_assert(mcx_avp_find(msg, MCX_AVP_USER_NAME, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.user_name));
    ck_assert(mcx_avp_find(msg, MCX_AVP_PUBLIC_IDENTITY, &avp));
    ck_assert(mcx_span_equal(avp.octets, mar.public_identity));
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_an_answer_that_waits_is_no_longer_than_it_may_be)
{
    static uint8_t name[60000];
    struct mar mar = {.application = MCX_APP_CX,
                      .flags = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
                      .session_id = LITERAL("a;1;2"),
                      .user_name = mcx_span(name, sizeof name),
                      .repeat = MCX_AVP_NAMES};
    struct mcx_failed_avp failed = {.code = 1, .flags = 0x40, .octets = name, .len = sizeof name};
    struct msg *msg = request_of(&mar);
    struct msg_hdr *header = NULL;

    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(5004), &failed, NULL), 0);
    ck_assert_int_eq(fd_msg_update_length(msg), 0);
    ck_assert_int_eq(fd_msg_hdr(msg, &header), 0);
    ck_assert_uint_le(header->msg_length, 65532);
    fd_msg_free(msg);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("kept");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_of_an_answered_request_stays_its_session);
    tcase_add_test(tests, test_a_request_that_waits_keeps_what_its_answer_says);
    tcase_add_test(tests, test_an_answer_that_waits_is_no_longer_than_it_may_be);
    return core_run(tests, 60);
}
