/* SPDX-License-Identifier: Apache-2.0 */
/* The guard's repairs, on messages as they come from the wire: afterwards freeDiameter's own code,
 * which expects sound AVPs, can read each (traps C1, C2, C5, C6), and the sender hears what was
 * wrong. */
#include <stddef.h>

#include "base/metrics.h"
#include "guarded.h"

enum { M = AVP_FLAG_MANDATORY, V = AVP_FLAG_VENDOR, VERDICT = 0x7fff0001 };

START_TEST(test_a_sound_request_is_heard_and_left_alone)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar.destination_host = LITERAL(OWN_HOST);
    mar.route_record = LITERAL("proxy.ims.partner.example");
    mar_write(&mar, &wire);
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    ck_assert(heard.is_request);
    ck_assert_uint_eq(heard.application, MCX_APP_CX);
    ck_assert_uint_eq(heard.command, 303);
    ck_assert_uint_eq(heard.avp_count, 16);
    ck_assert(mcx_span_equal(heard.origin_host, mar.origin_host));
    ck_assert(mcx_span_equal(heard.origin_realm, mar.origin_realm));
    ck_assert(mcx_span_equal(heard.destination_host, mar.destination_host));
    ck_assert(mcx_span_equal(heard.destination_realm, mar.destination_realm));
    ck_assert(mcx_span_equal(heard.user_name, mar.user_name));
    ck_assert_uint_eq(heard.route_count, 1);
    ck_assert(mcx_span_equal(heard.route[0], mar.route_record));
    ck_assert(!mcx_guard_attached(msg, &verdict));
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_a_session_id_with_a_nul_or_empty_is_5004_and_comes_back_as_it_was)
{
    static const struct mcx_span ids[] = {
        {(const uint8_t *)"a\0b;1;2", 7}, {(const uint8_t *)"\0", 1}, {(const uint8_t *)"", 0}};

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        struct mar mar = mar_cx();
        struct msg *answer = NULL;
        struct mcx_avp avp = {0};

        mar.session_id = ids[i];
        mar_write(&mar, &wire);
        answer = refused(guarded());
        expect_refusal(answer, 5004, 263, ids[i]);
        ck_assert(mcx_avp_find(answer, MCX_AVP_SESSION_ID, &avp));
        ck_assert(mcx_span_equal(avp.octets, ids[i]));
        ck_assert(mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp));
        ck_assert(mcx_span_equal(avp.octets, mar.user_name));
        ck_assert(mcx_avp_find(answer, MCX_AVP_PUBLIC_IDENTITY, &avp));
        ck_assert(mcx_span_equal(avp.octets, mar.public_identity));
        fd_msg_free(answer);
    }
}
END_TEST

static const struct {
    uint32_t code;
    size_t field;
} watched[] = {
    {263, offsetof(struct mar, session_id)},        {264, offsetof(struct mar, origin_host)},
    {296, offsetof(struct mar, origin_realm)},      {293, offsetof(struct mar, destination_host)},
    {283, offsetof(struct mar, destination_realm)}, {282, offsetof(struct mar, route_record)},
};

static struct mcx_span *field_of(struct mar *mar, size_t i)
{
    return (struct mcx_span *)((char *)mar + watched[i].field);
}

START_TEST(test_each_watched_text_that_is_empty_or_has_a_nul_is_5004)
{
    static const struct mcx_span values[] = {{(const uint8_t *)"a\0b", 3},
                                             {(const uint8_t *)"", 0}};

    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        for (size_t j = 0; j < sizeof values / sizeof *values; j++) {
            struct mar mar = mar_cx();
            struct msg *answer = NULL;

            *field_of(&mar, i) = values[j];
            mar_write(&mar, &wire);
            answer = refused(guarded());
            expect_refusal(answer, 5004, watched[i].code, values[j]);
            fd_msg_free(answer);
        }
    }
}
END_TEST

/* RFC 6733 7.1.5: the AVP that caused the failure, with its flags. */
START_TEST(test_wrong_flags_are_3009_and_the_value_is_still_read)
{
    static const uint8_t flags[] = {0, V, V | M, 0x20, V | 0x20, 0x1f, V | M | 0x3f};
    static struct wire sent;

    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        for (size_t j = 0; j < sizeof flags / sizeof *flags; j++) {
            struct mar mar = mar_cx();

            *field_of(&mar, i) = mcx_span(NULL, 0);
            mar_write(&mar, &wire);
            sent.len = 0;
            wire_raw(&sent, watched[i].code, flags[j], 0, LITERAL("a.example;3;4"));
            wire_raw(&wire, watched[i].code, flags[j], 0, LITERAL("a.example;3;4"));
            expect_refused_octets(guarded(), 3009, wire_span(&sent));
        }
    }
}
END_TEST

START_TEST(test_the_end_to_end_security_bit_is_no_damage)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar.origin_host = mcx_span(NULL, 0);
    mar_write(&mar, &wire);
    wire_raw(&wire, 264, M | 0x20, 0, LITERAL("a.example"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    read_as_freediameter(msg);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_a_repeated_routing_avp_is_5009_and_the_first_counts)
{
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct mar mar = mar_cx();
        struct msg *answer = NULL;

        *field_of(&mar, i) = LITERAL("first.example");
        mar_write(&mar, &wire);
        wire_raw(&wire, watched[i].code, M, 0, LITERAL("second.example"));
        answer = guarded();
        if (watched[i].code == 282) { /* Route-Record may */
            ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
            ck_assert_uint_eq(heard.route_count, 2);
            fd_msg_free(answer);
            continue;
        }
        answer = refused(answer);
        expect_refusal(answer, 5009, watched[i].code, LITERAL("second.example"));
        fd_msg_free(answer);
    }
}
END_TEST

START_TEST(test_an_avp_of_another_vendor_is_none_of_ours)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar_write(&mar, &wire);
    wire_raw(&wire, 263, V, 32473, LITERAL("a\0b"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_a_verdict_from_outside_is_removed)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;
    struct mcx_verdict forged = {.rule = MCX_RULE_LOOP};

    mar_write(&mar, &wire);
    wire_raw(&wire, VERDICT, V, 10415, mcx_span(&forged, sizeof forged));
    wire_raw(&wire, VERDICT, V | M, 10415, LITERAL("x"));
    msg = guarded();
    ck_assert_int_eq(verdict.rule, MCX_RULE_NONE);
    ck_assert(!mcx_guard_attached(msg, &forged));
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_the_first_damage_is_reported_and_all_are_repaired)
{
    struct mar mar = mar_cx();
    struct msg *answer = NULL;

    mar.origin_host = LITERAL("a\0b");
    mar.origin_realm = mar.session_id = LITERAL("");
    mar.route_record = LITERAL("\0");
    mar_write(&mar, &wire);
    wire_raw(&wire, 263, V, 0, LITERAL("a\0b"));
    answer = refused(guarded());
    expect_refusal(answer, 5004, 263, LITERAL(""));
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_a_huge_damaged_session_id_is_cut)
{
    static uint8_t huge[50000];
    struct mar mar = mar_cx();
    struct msg *answer = NULL;
    struct mcx_avp avp = {0};

    mar.session_id = mcx_span(huge, sizeof huge);
    mar_write(&mar, &wire);
    answer = refused(guarded());
    expect_refusal(answer, 5004, 263, mcx_span(huge, MCX_VERDICT_OCTETS));
    ck_assert(mcx_avp_find(answer, MCX_AVP_SESSION_ID, &avp));
    ck_assert_uint_eq(avp.octets.len, MCX_VERDICT_OCTETS);
    fd_msg_free(answer);
}
END_TEST

START_TEST(test_a_refused_request_is_turned_to_this_node)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;
    struct mcx_avp avp = {0};

    mar.destination_host = LITERAL("hss.other.example");
    mar.destination_realm = mcx_span(NULL, 0);
    mar_write(&mar, &wire);
    msg = guarded();
    verdict.rule = MCX_RULE_FORWARD;
    ck_assert(mcx_guard_attach(msg, &heard, &verdict));
    ck_assert(mcx_avp_find(msg, MCX_AVP_DESTINATION_HOST, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL(OWN_HOST)));
    ck_assert(mcx_avp_find(msg, MCX_AVP_DESTINATION_REALM, &avp));
    ck_assert(mcx_span_equal(avp.octets, LITERAL(OWN_REALM)));
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_routes_beyond_the_room_are_counted_only)
{
    struct mar mar = mar_cx();
    struct msg *msg = NULL;

    mar_write(&mar, &wire);
    for (int i = 0; i < 3 * MCX_ROUTES_MAX; i++)
        wire_avp(&wire, MCX_AVP_ROUTE_RECORD, LITERAL("proxy.example"));
    msg = guarded();
    ck_assert_uint_eq(heard.route_count, 3 * MCX_ROUTES_MAX);
    ck_assert(mcx_span_equal(heard.route[MCX_ROUTES_MAX - 1], LITERAL("proxy.example")));
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_every_rule_has_a_label_and_an_answer)
{
    for (enum mcx_rule rule = MCX_RULE_NONE + 1; rule < MCX_RULES; rule++) {
        struct mar mar = mar_cx();
        struct msg *answer = NULL;

        ck_assert_ptr_nonnull(mcx_rule_label(rule));
        mar_write(&mar, &wire);
        answer = guarded();
        verdict.rule = rule;
        answer = refused(answer);
        ck_assert_uint_ge(core_result(answer).code, 3000);
        fd_msg_free(answer);
    }
    ck_assert(mcx_rule_is_absolute(MCX_RULE_VALUE));
    ck_assert(!mcx_rule_is_absolute(MCX_RULE_ROUTE));
}
END_TEST

START_TEST(test_each_rule_is_counted_under_its_own_name)
{
    mcx_rule_count(MCX_RULE_ROUTE, false);
    mcx_rule_count(MCX_RULE_ROUTE, true);
    mcx_rule_count(MCX_RULE_ROUTE, true);
    mcx_rule_count(MCX_RULE_FORWARD, false);
    mcx_rule_count(MCX_RULE_FORWARD, true); /* always refused: nothing to observe */
    ck_assert_int_eq(mcx_metric_get(MCX_M_BORDER_REFUSED_ROUTE), 1);
    ck_assert_int_eq(mcx_metric_get(MCX_M_BORDER_OBSERVED_ROUTE), 2);
    ck_assert_int_eq(mcx_metric_get(MCX_M_BORDER_REFUSED_FORWARD), 1);
    ck_assert_int_eq(mcx_metric_get(MCX_M_BORDER_REFUSED_PEER), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("guard");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, guard_set_up, NULL);
    tcase_add_test(tests, test_a_sound_request_is_heard_and_left_alone);
    tcase_add_test(tests, test_a_session_id_with_a_nul_or_empty_is_5004_and_comes_back_as_it_was);
    tcase_add_test(tests, test_each_watched_text_that_is_empty_or_has_a_nul_is_5004);
    tcase_add_test(tests, test_wrong_flags_are_3009_and_the_value_is_still_read);
    tcase_add_test(tests, test_the_end_to_end_security_bit_is_no_damage);
    tcase_add_test(tests, test_a_repeated_routing_avp_is_5009_and_the_first_counts);
    tcase_add_test(tests, test_an_avp_of_another_vendor_is_none_of_ours);
    tcase_add_test(tests, test_a_verdict_from_outside_is_removed);
    tcase_add_test(tests, test_the_first_damage_is_reported_and_all_are_repaired);
    tcase_add_test(tests, test_a_huge_damaged_session_id_is_cut);
    tcase_add_test(tests, test_a_refused_request_is_turned_to_this_node);
    tcase_add_test(tests, test_routes_beyond_the_room_are_counted_only);
    tcase_add_test(tests, test_every_rule_has_a_label_and_an_answer);
    tcase_add_test(tests, test_each_rule_is_counted_under_its_own_name);
    return core_run(tests, 60);
}
