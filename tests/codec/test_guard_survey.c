/* SPDX-License-Identifier: Apache-2.0 */
/* How many AVPs a request may have, those inside groups included: counted on its octets, before
 * freeDiameter makes an object of each. */
#include "guarded.h"

enum { M = AVP_FLAG_MANDATORY, V = AVP_FLAG_VENDOR };

/* So many empty AVPs, each a place in memory twenty times its octets. */
static struct mcx_span empties(size_t count)
{
    static uint8_t octets[65000];

    for (size_t i = 0; i < count; i++)
        memcpy(octets + 8 * i, "\0\0\0\x21\0\0\0\x08", 8); /* Proxy-State */
    return mcx_span(octets, 8 * count);
}

START_TEST(test_nested_avps_count_as_well)
{
    static const struct {
        uint32_t code, vendor;
        uint8_t flags;
        bool is_group;
    } row[] = {
        {612, 10415, V | M, true},                          /* SIP-Auth-Data-Item */
        {284, 0, M, true},                                  /* Proxy-Info */
        {279, 0, 0, true},                                  /* Failed-AVP */
        {33, 0, 0, false},         {4711, 10415, V, false}, /* nobody's */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mar mar = mar_cx();
        struct msg *answer = NULL;
        struct mcx_avp avp = {0};

        mar_write(&mar, &wire);
        wire_raw(&wire, row[i].code, row[i].flags, row[i].vendor, empties(7000));
        answer = guarded();
        ck_assert_int_eq(verdict.rule, row[i].is_group ? MCX_RULE_AVPS : MCX_RULE_NONE);
        if (row[i].is_group) {
            answer = refused(answer);
            ck_assert_uint_eq(core_result(answer).code, 5012);
            ck_assert(!mcx_avp_find(answer, MCX_AVP_PROXY_INFO, &avp));
            ck_assert(mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp));
        }
        fd_msg_free(answer);
    }
}
END_TEST

/* Whatever else is wrong with it: the answer would copy them. */
START_TEST(test_a_damaged_request_keeps_no_more_than_its_share)
{
    struct mar mar = mar_cx();
    struct msg *answer = NULL;
    struct mcx_avp avp = {0};
    size_t open = 0;

    mar.session_id = LITERAL("");
    mar_write(&mar, &wire);
    open = wire_open(&wire, MCX_AVP_PROXY_INFO);
    wire_raw(&wire, 280, M, 0, LITERAL("a.example"));
    wire_raw(&wire, 33, M, 0, LITERAL("x"));
    for (int i = 0; i < 4000; i++)
        wire_raw(&wire, 4711, 0, 0, LITERAL("x"));
    wire_close(&wire, open);
    answer = refused(guarded());
    ck_assert(!mcx_avp_find(answer, MCX_AVP_PROXY_INFO, &avp));
    fd_msg_free(answer);
}
END_TEST

/* RFC 6733 6.2: an agent without a memory of its own finds its way back by them. */
START_TEST(test_a_crowded_request_keeps_a_few_small_proxy_infos)
{
    struct mar mar = mar_cx();
    struct msg *answer = NULL;
    struct mcx_avp step = {0};
    size_t kept = 0;

    mar_write(&mar, &wire);
    for (int i = 0; i < 6; i++) {
        size_t open = wire_open(&wire, MCX_AVP_PROXY_INFO);

        wire_raw(&wire, 280, M, 0, LITERAL("a.example"));
        wire_raw(&wire, 33, M, 0, LITERAL("x"));
        wire_close(&wire, open);
    }
    wire_raw(&wire, 279, 0, 0, empties(300));
    answer = refused(guarded());
    while (mcx_avp_next(answer, &step))
        kept += step.name == MCX_AVP_PROXY_INFO;
    ck_assert_uint_eq(kept, 4);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_a_request_may_have_so_many_avps_and_no_more)
{
    for (size_t more = 183; more < 187; more++) { /* 14 of mar_cx, and the group itself */
        struct mar mar = mar_cx();

        mar_write(&mar, &wire);
        wire_raw(&wire, 279, 0, 0, empties(more));
        fd_msg_free(guarded());
        ck_assert_int_eq(verdict.rule, more <= 185 ? MCX_RULE_NONE : MCX_RULE_AVPS);
    }
}
END_TEST

/* As far as freeDiameter would split it; then it refuses the message itself (test_guard_parse.c).
 */
START_TEST(test_what_does_not_split_counts_up_to_there)
{
    const struct {
        struct mcx_span group;
        size_t count;
    } row[] = {
        {LITERAL("\0\0\0\x21\0\0\0\0"), 0},                      /* length 0 */
        {LITERAL("\0\0\0\x21\0\0\0\7"), 0},                      /* shorter than itself */
        {LITERAL("\0\0\0\x21\0\0\0\x9"), 0},                     /* beyond its group */
        {LITERAL("\0\0\0\x21\x80\0\0\x8"), 0},                   /* no room for V */
        {LITERAL("\0\0\0\x21\0\xff\xff\xff"), 0},                /* 16 MB */
        {LITERAL("\0\0\0\x21\0\0\0\x9s\0\0\0\0\0\0"), 1},        /* three octets left */
        {LITERAL("\0\0\0\x21\0\0\0\x9s"), 1},                    /* padding is missing */
        {LITERAL("\0\0\1\x17\0\0\0\x10\0\0\0\x21\0\0\0\x9"), 1}, /* in the group inside */
        {LITERAL("\0\0\1\x17\0\0\0\x11\0\0\0\x21\0\0\0\x9s\0\0\0"
                 "\0\0\0\x21\0\0\0\x8"),
         3}, /* goes on behind it */
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        wire_begin(&wire, CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
        wire_raw(&wire, 279, 0, 0, row[i].group);
        fd_msg_free(guarded());
        ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
        ck_assert_msg(heard.avp_count == 1 + row[i].count, "%zu: %zu", i, heard.avp_count);
    }
}
END_TEST

START_TEST(test_an_answer_and_a_message_of_the_link_may_have_more)
{
    wire_begin(&wire, CMD_FLAG_PROXIABLE, MCX_CMD_MAR, MCX_APP_CX);
    wire_raw(&wire, 279, 0, 0, empties(1000));
    fd_msg_free(guarded());
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    wire_begin(&wire, CMD_FLAG_REQUEST, 257, 0);
    wire_raw(&wire, 279, 0, 0, empties(1000));
    fd_msg_free(guarded());
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guard_survey");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, guard_set_up, NULL);
    tcase_add_test(tests, test_nested_avps_count_as_well);
    tcase_add_test(tests, test_a_damaged_request_keeps_no_more_than_its_share);
    tcase_add_test(tests, test_a_crowded_request_keeps_a_few_small_proxy_infos);
    tcase_add_test(tests, test_a_request_may_have_so_many_avps_and_no_more);
    tcase_add_test(tests, test_what_does_not_split_counts_up_to_there);
    tcase_add_test(tests, test_an_answer_and_a_message_of_the_link_may_have_more);
    return core_run(tests, 60);
}
