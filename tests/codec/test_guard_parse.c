/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that do not parse: refused by our verdict as freeDiameter itself would, with the
 * offending AVP in Failed-AVP (RFC 6733 7.1.5, 7.5). */
#include "fake_sender.h"
#include "guarded.h"

enum { M = AVP_FLAG_MANDATORY, V = AVP_FLAG_VENDOR };

static struct msg *parsed(void)
{
    struct msg *msg = guarded();

    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    mcx_guard_parse(msg, &verdict);
    return msg;
}

static bool holds(struct mcx_span all, struct mcx_span part)
{
    for (size_t i = 0; i + part.len <= all.len; i++)
        if (memcmp(all.octets + i, part.octets, part.len) == 0)
            return true;
    return false;
}

/* The answer holds these octets. Consumes msg. */
static void expect_octets(struct msg *msg, uint32_t code, struct mcx_span failed)
{
    struct mcx_verdict found;
    struct msg *answer = NULL;
    uint8_t *octets = NULL;
    size_t len = 0;

    ck_assert(mcx_guard_attach(msg, &heard, &verdict));
    ck_assert_int_eq(fd_msg_parse_rules(msg, fd_g_config->cnf_dict, NULL), 0);
    ck_assert(mcx_guard_attached(msg, &found));
    mcx_guard_refuse(&msg, &found);
    answer = fake_sender_answer();
    ck_assert_uint_eq(core_result(answer).code, code);
    ck_assert_int_eq(mcx_answer_mend(answer), 0);
    ck_assert_int_eq(fd_msg_bufferize(answer, &octets, &len), 0);
    ck_assert(holds(mcx_span(octets, len), failed));
    free(octets);
    fd_msg_free(answer);
}

START_TEST(test_a_sound_request_passes)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar_write(&mar, &wire);
    wire_raw(&wire, 4711, V, 10415, LITERAL("?"));
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_an_unknown_avp_with_m_is_5001_and_comes_back)
{
    const struct {
        uint8_t flags;
        uint32_t vendor;
        struct mcx_span octets, failed;
    } rows[] = {
        {V | M, 10415, LITERAL("?"),
         LITERAL("\0\0\1\x17\x40\0\0\x18\0\0\x12\x67\xc0\0\0\x0d\0\0\x28\xaf?")},
        {M, 0, LITERAL("ab"),
         LITERAL("\0\0\1\x17\x40\0\0\x14\0\0\x12\x67\x40\0\0\x0a"
                 "ab")},
        {V | M, 999999, LITERAL(""),
         LITERAL("\0\0\1\x17\x40\0\0\x14\0\0\x12\x67\xc0\0\0\x0c\0\x0f\x42\x3f")},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mar mar = mar_cx();
        struct msg *msg = NULL;

        mar_write(&mar, &wire);
        wire_raw(&wire, 4711, rows[i].flags, rows[i].vendor, rows[i].octets);
        msg = parsed();
        ck_assert_int_eq(verdict.rule, MCX_RULE_UNKNOWN);
        expect_octets(msg, 5001, rows[i].failed);
    }
}
END_TEST

START_TEST(test_an_unknown_avp_inside_a_group_is_5001)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;
    size_t open = 0;

    mar.has_item = false;
    mar_write(&mar, &wire);
    open = wire_open(&wire, MCX_AVP_SIP_AUTH_DATA_ITEM);
    wire_raw(&wire, 4711, V | M, 10415, LITERAL("?"));
    wire_close(&wire, open);
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_UNKNOWN);
    expect_octets(msg, 5001, LITERAL("\0\0\x12\x67\xc0\0\0\x0d\0\0\x28\xaf?"));
}
END_TEST

/* Proxy-Info is echoed, so what was read in it must be as it was. */
START_TEST(test_an_unknown_avp_inside_proxy_info_is_5001)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar_write(&mar, &wire);
    wire_raw(&wire, 284, M, 0,
             LITERAL("\0\0\1\x18\x40\0\0\x9p\0\0\0\0\0\0\x21\x40\0\0\x9s\0\0\0\0\0\x12\x67\x40\0\0"
                     "\x9?\0\0\0"));
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_UNKNOWN);
    expect_octets(msg, 5001, LITERAL("\0\0\x12\x67\x40\0\0\x9?"));
}
END_TEST

START_TEST(test_a_bad_length_is_5014)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar.has_number = false;
    mar_write(&mar, &wire);
    wire_raw(&wire, 607, V | M, 10415, LITERAL("\0\0\0\1\0"));
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_LENGTH);
    expect_octets(msg, 5014, LITERAL("\0\0\2\x5f\xc0\0\0\x10\0\0\x28\xaf\0\0\0\0"));
}
END_TEST

START_TEST(test_a_group_that_is_no_list_of_avps_is_5004)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar.has_item = false;
    mar_write(&mar, &wire);
    wire_raw(&wire, 612, V | M, 10415, LITERAL("abc"));
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_GROUP);
    expect_octets(msg, 5004, LITERAL("\0\0\2\x64\xc0\0\0\x0c\0\0\x28\xaf"));
}
END_TEST

START_TEST(test_what_the_rules_of_the_command_ask_for)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar.origin_realm = mcx_span(NULL, 0);
    mar_write(&mar, &wire);
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_MISSING);
    expect_octets(msg, 5005, LITERAL("\0\0\1\x28\x40\0\0\x08"));
    mar = mar_cx();
    mar_write(&mar, &wire);
    wire_u32(&wire, MCX_AVP_AUTH_SESSION_STATE, 1);
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_REPEATED);
    expect_octets(msg, 5009, LITERAL("\0\0\1\x15\x40\0\0\x0c"));
}
END_TEST

START_TEST(test_an_unknown_command_is_3001)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar_write(&mar, &wire);
    wire.octets[7] = 399 & 0xff;
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_COMMAND);
    expect_octets(msg, 3001, LITERAL("\0\0\1\x0c\x40\0\0\x0c\0\0\x0b\xb9"));
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guard_parse");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, guard_set_up, NULL);
    tcase_add_test(tests, test_a_sound_request_passes);
    tcase_add_test(tests, test_an_unknown_avp_with_m_is_5001_and_comes_back);
    tcase_add_test(tests, test_an_unknown_avp_inside_a_group_is_5001);
    tcase_add_test(tests, test_an_unknown_avp_inside_proxy_info_is_5001);
    tcase_add_test(tests, test_a_bad_length_is_5014);
    tcase_add_test(tests, test_a_group_that_is_no_list_of_avps_is_5004);
    tcase_add_test(tests, test_what_the_rules_of_the_command_ask_for);
    tcase_add_test(tests, test_an_unknown_command_is_3001);
    return core_run(tests, 60);
}
