/* SPDX-License-Identifier: Apache-2.0 */
/* Requests that do not parse: refused by our verdict as freeDiameter itself would, with the
 * offending AVP in Failed-AVP (RFC 6733 7.1.5, 7.5). */
#include "guarded.h"

enum { M = AVP_FLAG_MANDATORY, V = AVP_FLAG_VENDOR };

static struct msg *parsed(void)
{
    struct msg *msg = guarded();

    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    mcx_guard_parse(msg, &verdict);
    return msg;
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
        expect_refused_octets(msg, 5001, rows[i].failed);
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
    expect_refused_octets(msg, 5001, LITERAL("\0\0\x12\x67\xc0\0\0\x0d\0\0\x28\xaf?"));
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
    expect_refused_octets(msg, 5001, LITERAL("\0\0\x12\x67\x40\0\0\x9?"));
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
    expect_refused_octets(msg, 5014, LITERAL("\0\0\2\x5f\xc0\0\0\x10\0\0\x28\xaf\0\0\0\0"));
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
    expect_refused_octets(msg, 5004, LITERAL("\0\0\2\x64\xc0\0\0\x0c\0\0\x28\xaf"));
}
END_TEST

/* Of a group that is no list of AVPs, those before the damage: with all of it, the answer would not
 * parse either. */
START_TEST(test_of_an_ill_formed_group_comes_back_what_parses)
{
#define SCHEME "\0\0\2\x60\xc0\0\0\x0d\0\0\x28\xaf?\0\0\0"
    const struct {
        struct mcx_span octets, failed;
    } rows[] = {
        {LITERAL(SCHEME "abc"), LITERAL("\0\0\2\x64\xc0\0\0\x1c\0\0\x28\xaf" SCHEME)},
        /* the second is a number of 3 octets, or unknown with M, or a group that is none itself */
        {LITERAL(SCHEME "\0\0\2\x65\xc0\0\0\x0f\0\0\x28\xafxyz\0"
                        "abc"),
         LITERAL("\0\0\2\x64\xc0\0\0\x1c\0\0\x28\xaf" SCHEME)},
        {LITERAL(SCHEME "\0\0\x12\x67\x40\0\0\x9?\0\0\0"
                        "abc"),
         LITERAL("\0\0\2\x64\xc0\0\0\x1c\0\0\x28\xaf" SCHEME)},
        {LITERAL(SCHEME "\0\0\2\x67\xc0\0\0\x0f\0\0\x28\xafxyz\0"
                        "abc"),
         LITERAL("\0\0\2\x64\xc0\0\0\x1c\0\0\x28\xaf" SCHEME)},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mar mar = mar_cx();
        struct msg *msg = NULL;

        mar.has_item = false;
        mar_write(&mar, &wire);
        wire_raw(&wire, 612, V | M, 10415, rows[i].octets);
        msg = parsed();
        ck_assert_int_eq(verdict.rule, MCX_RULE_GROUP);
        expect_refused_octets(msg, 5004, rows[i].failed);
    }
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
    expect_refused_octets(msg, 5005, LITERAL("\0\0\1\x28\x40\0\0\x08"));
    mar = mar_cx();
    mar_write(&mar, &wire);
    wire_u32(&wire, MCX_AVP_AUTH_SESSION_STATE, 7);
    msg = parsed();
    ck_assert_int_eq(verdict.rule, MCX_RULE_REPEATED);
    expect_refused_octets(msg, 5009,
                          LITERAL("\0\0\1\x17\x40\0\0\x14\0\0\1\x15\x40\0\0\x0c\0\0\0\7"));
}
END_TEST

/* The second one, as it came, also inside a group; an AVP in it that nobody knows is kept. */
START_TEST(test_a_repeated_avp_is_5009_and_the_second_comes_back)
{
#define GROUP "\0\0\1\x0a\x40\0\0\x0c\0\0\0\1\0\0\x12\x67\x20\0\0\x0a?!\0\0"
    const struct {
        uint32_t code;
        uint8_t flags;
        struct mcx_span octets, failed;
    } rows[] = {
        {260, 0, LITERAL(GROUP), LITERAL("\0\0\1\x17\x40\0\0\x28\0\0\1\4\0\0\0\x20" GROUP)},
        {284, M,
         LITERAL("\0\0\1\x18\x40\0\0\x9p\0\0\0\0\0\0\x21\x40\0\0\x9s\0\0\0\0\0\0\x21\x40"
                 "\0\0\x9t\0\0\0"),
         LITERAL("\0\0\1\x17\x40\0\0\x14\0\0\0\x21\x40\0\0\x9t\0\0\0")},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct mar mar = mar_cx();
        struct msg *msg = NULL;

        mar_write(&mar, &wire);
        wire_raw(&wire, rows[i].code, rows[i].flags, 0, rows[i].octets);
        msg = parsed();
        ck_assert_int_eq(verdict.rule, MCX_RULE_REPEATED);
        expect_refused_octets(msg, 5009, rows[i].failed);
    }
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
    expect_refused_octets(msg, 3001, LITERAL("\0\0\1\x0c\x40\0\0\x0c\0\0\x0b\xb9"));
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
    tcase_add_test(tests, test_of_an_ill_formed_group_comes_back_what_parses);
    tcase_add_test(tests, test_what_the_rules_of_the_command_ask_for);
    tcase_add_test(tests, test_a_repeated_avp_is_5009_and_the_second_comes_back);
    tcase_add_test(tests, test_an_unknown_command_is_3001);
    return core_run(tests, 60);
}
