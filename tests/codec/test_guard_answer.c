/* SPDX-License-Identifier: Apache-2.0 */
/* What goes back through the guard: results of other systems' answers, and the Proxy-Info that an
 * answer copies from its request (RFC 6733 6.2). */
#include "guarded.h"

enum { M = AVP_FLAG_MANDATORY, V = AVP_FLAG_VENDOR };

/* An answer, with this Result-Code behind an AVP that nobody knows (trap C2). */
static void begin_answer(uint8_t flags, struct mcx_span result)
{
    wire_begin(&wire, CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
    wire_avp(&wire, MCX_AVP_SESSION_ID, LITERAL("a;1;2"));
    wire_raw(&wire, 4711, V | M, 10415, LITERAL("?"));
    wire_raw(&wire, 268, flags, 0, result);
    wire_avp(&wire, MCX_AVP_USER_NAME, LITERAL("\0"));
}

static uint32_t result_of(struct msg *msg)
{
    struct mcx_avp avp = {0};

    ck_assert(mcx_avp_find(msg, MCX_AVP_RESULT_CODE, &avp));
    ck_assert(avp.has_value);
    return avp.u32;
}

START_TEST(test_the_result_of_an_answer_is_resolved_or_replaced)
{
    struct msg *msg = NULL;

    begin_answer(M, LITERAL("\0\0\7\xd1"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    ck_assert_uint_eq(result_of(msg), 2001);
    fd_msg_free(msg);
    begin_answer(M, LITERAL("\0\0\7\xd1\0"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_LENGTH);
    ck_assert_uint_eq(verdict.failed_code, 268);
    ck_assert_uint_eq(result_of(msg), 5012);
    fd_msg_free(msg);
    begin_answer(M, LITERAL(""));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_LENGTH);
    ck_assert_uint_eq(result_of(msg), 5012);
    fd_msg_free(msg);
    begin_answer(V, LITERAL("\0\0\7\xd1"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_BITS);
    ck_assert_uint_eq(result_of(msg), 2001);
    fd_msg_free(msg);
}
END_TEST

/* Unguarded, freeDiameter makes no answer at all and loses memory: found by tests/fuzz. */
START_TEST(test_a_proxy_info_that_freediameter_cannot_copy_is_5014)
{
    static const struct mcx_span bad[] = {
        {(const uint8_t *)"\0\0\1\x18\x40\0\0\xff", 8},              /* longer than its group */
        {(const uint8_t *)"\0\0\1\x0a\xe0\0\0\x0c\0\0\x28\xaf", 12}, /* unknown and empty */
        {(const uint8_t *)"\0\0\1\x1c\x40\0\0\x08", 8},              /* a group */
    };

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mar mar = mar_cx();
        struct msg *answer = NULL;

        mar_write(&mar, &wire);
        wire_raw(&wire, 284, M, 0, bad[i]);
        answer = guarded();
        ck_assert_int_eq(verdict.rule, MCX_RULE_LENGTH);
        answer = refused(answer);
        expect_refusal(answer, 5014, 284, mcx_span(NULL, 0));
        fd_msg_free(answer);
    }
}
END_TEST

static size_t lines;

static void count_line(int level, const char *format, va_list args)
{
    lines++;
}

static size_t lines_of(struct msg *(*read)(void))
{
    const int level = fd_g_debug_lvl;

    lines = 0;
    fd_g_debug_lvl = FD_LOG_ERROR;
    ck_assert_int_eq(fd_log_handler_register(count_line), 0);
    fd_msg_free(read());
    ck_assert_int_eq(fd_log_handler_unregister(), 0);
    fd_g_debug_lvl = level;
    return lines;
}

/* From whoever can connect, before anything is known of him. */
START_TEST(test_one_message_makes_few_lines_in_the_log)
{
    struct mar mar = mar_cx();

    mar_write(&mar, &wire);
    for (int i = 0; i < 1000; i++) {
        wire_raw(&wire, 284, M, 0, mcx_span("\0\0\1\x18\x40\0\0\xff", 8));
        wire_raw(&wire, 268, M, 0, mcx_span("x", 1));
        wire_raw(&wire, 282, M, 0, mcx_span("", 0));
    }
    ck_assert_uint_lt(lines_of(guarded), 20);
    ck_assert_uint_gt(lines, 0);
    ck_assert_int_ne(verdict.rule, MCX_RULE_NONE);
}
END_TEST

static struct msg *read_and_parsed(void)
{
    struct msg *msg = guarded();

    (void)fd_msg_parse_dict(msg, fd_g_config->cnf_dict, NULL); /* as server.c does with a CER */
    return msg;
}

/* Groups of that code within each other; the innermost is none. */
static void write_nest(uint32_t code, uint8_t flags, size_t depth)
{
    static uint8_t nest[65000];
    const size_t len = 8 * depth + 4;

    for (size_t i = 0; i < depth; i++) {
        const size_t left = len - 8 * i;
        const uint8_t header[8] = {0,     0, (uint8_t)(code >> 8), (uint8_t)code,
                                   flags, 0, (uint8_t)(left >> 8), (uint8_t)left};

        memcpy(nest + 8 * i, header, sizeof header);
    }
    memset(nest + 8 * depth, 0, 4);
    wire_raw(&wire, code, flags, 0, mcx_span(nest, len));
}

/* freeDiameter writes a line for each level when the innermost does not parse. */
START_TEST(test_what_is_nested_deeply_makes_few_lines_in_the_log)
{
    static const uint32_t groups[] = {284, 279, 297, 260};

    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        struct mar mar = mar_cx();

        mar_write(&mar, &wire);
        write_nest(groups[i], M, 8000);
        ck_assert_uint_lt(lines_of(read_and_parsed), 20);
        ck_assert_int_ne(verdict.rule, MCX_RULE_NONE);
        wire_begin(&wire, CMD_FLAG_REQUEST, 257, 0);
        wire_avp(&wire, MCX_AVP_ORIGIN_HOST, LITERAL("a.example"));
        write_nest(groups[i], 0, 8000);
        ck_assert_uint_lt(lines_of(read_and_parsed), 20);
        ck_assert_int_ne(verdict.rule, MCX_RULE_NONE);
    }
}
END_TEST

START_TEST(test_what_is_nested_too_deeply_is_5004_and_comes_back_empty)
{
    for (size_t depth = 1; depth < 20; depth++) {
        struct mar mar = mar_cx();
        struct msg *msg = NULL;

        mar_write(&mar, &wire);
        write_nest(279, 0, depth);
        msg = guarded();
        ck_assert_int_eq(verdict.rule, depth <= 8 ? MCX_RULE_NONE : MCX_RULE_DEPTH);
        if (verdict.rule != MCX_RULE_NONE) {
            msg = refused(msg);
            expect_refusal(msg, 5004, 279, mcx_span(NULL, 0));
        }
        fd_msg_free(msg);
    }
}
END_TEST

START_TEST(test_a_sound_proxy_info_comes_back)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL, *answer = NULL;
    struct mcx_avp step = {0};

    mar_write(&mar, &wire);
    wire_raw(&wire, 284, M, 0, LITERAL("\0\0\1\x18\x40\0\0\x9p\0\0\0\0\0\0\x21\x40\0\0\x9s\0\0\0"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    ck_assert_int_eq(fd_msg_parse_dict(msg, fd_g_config->cnf_dict, NULL), 0);
    ck_assert_int_eq(mcx_answer_make(&msg, mcx_result_code(2001), NULL, NULL), 0);
    answer = core_launder(&msg);
    while (mcx_avp_next(answer, &step) && step.code != 284)
        ;
    ck_assert_uint_eq(step.code, 284);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_a_blanked_answer_says_5012_and_nothing_else)
{
    struct msg *msg = NULL, *answer = NULL;
    enum mcx_avp_name names[4];

    begin_answer(M, LITERAL("\0\0\7\xd1"));
    wire.octets[7] = 271 & 0xff; /* of a command whose answer has rules that it would break */
    wire.octets[6] = 271 >> 8;
    msg = guarded();
    mcx_guard_blank_answer(msg);
    ck_assert_int_eq(fd_msg_parse_rules(msg, fd_g_config->cnf_dict, NULL), 0);
    answer = core_launder(&msg);
    ck_assert_uint_eq(core_names(answer, names, 4), 1);
    ck_assert_uint_eq(core_result(answer).code, 5012);
    ck_assert(!(core_flags(answer) & CMD_FLAG_ERROR));
    fd_msg_free(answer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guard_answer");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, guard_set_up, NULL);
    tcase_add_test(tests, test_the_result_of_an_answer_is_resolved_or_replaced);
    tcase_add_test(tests, test_a_proxy_info_that_freediameter_cannot_copy_is_5014);
    tcase_add_test(tests, test_one_message_makes_few_lines_in_the_log);
    tcase_add_test(tests, test_what_is_nested_deeply_makes_few_lines_in_the_log);
    tcase_add_test(tests, test_what_is_nested_too_deeply_is_5004_and_comes_back_empty);
    tcase_add_test(tests, test_a_sound_proxy_info_comes_back);
    tcase_add_test(tests, test_a_blanked_answer_says_5012_and_nothing_else);
    return core_run(tests, 60);
}
