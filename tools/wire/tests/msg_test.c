/* SPDX-License-Identifier: Apache-2.0 */
/* The codec: round trips, the octets of RFC 6733's figures, and input that lies about its lengths.
 */
#include <stdlib.h>
#include <string.h>

#include "wire/msg.h"
#include "wire_test.h"

static void build_mar(struct wire_buf *out)
{
    struct wire_header header = {.flags = WIRE_FLAG_R | WIRE_FLAG_P,
                                 .command = 303,
                                 .application = WIRE_APP_CX,
                                 .hop_by_hop = 7,
                                 .end_to_end = 9};
    size_t mark = wire_msg_begin(out, &header);
    wire_msg_put_text(out, WIRE_SESSION_ID, "a.example;1;2");
    wire_msg_put_application(out, WIRE_APP_CX);
    wire_msg_put_text(out, WIRE_USER_NAME, "user@primary.example");
    size_t group = wire_msg_group_begin(out, WIRE_SIP_AUTH_DATA_ITEM);
    wire_msg_put_text(out, WIRE_SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5");
    wire_msg_put(out, WIRE_SIP_AUTHORIZATION, "0123456789abcdef01234567890123", 30);
    wire_msg_group_end(out, group);
    wire_msg_end(out, mark);
}

START_TEST(test_message_survives_a_round_trip)
{
    struct wire_buf mar = {0};
    struct wire_header header;
    struct wire_avp avp, inner;
    uint32_t application;
    build_mar(&mar);
    struct mcx_span message = wire_buf_span(&mar), avps = wire_msg_avps(message);
    ck_assert_ptr_null(wire_msg_fault(message));
    ck_assert(wire_msg_header(message, &header));
    ck_assert_uint_eq(header.length, message.len);
    ck_assert_uint_eq(header.flags, 0xc0);
    ck_assert_uint_eq(header.command, 303);
    ck_assert_uint_eq(header.application, WIRE_APP_CX);
    ck_assert_uint_eq(header.hop_by_hop, 7);
    ck_assert_uint_eq(header.end_to_end, 9);
    ck_assert(wire_msg_find(avps, WIRE_USER_NAME, 0, &avp));
    ck_assert(mcx_span_equal(avp.body, mcx_span_of("user@primary.example")));
    ck_assert(!wire_msg_find(avps, WIRE_USER_NAME, 1, &avp));
    ck_assert(wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, 0, &avp));
    ck_assert_uint_eq(avp.flags, 0xc0);
    ck_assert_uint_eq(avp.vendor, 10415);
    ck_assert(wire_msg_find(avp.body, WIRE_SIP_AUTHORIZATION, 0, &inner));
    ck_assert_uint_eq(inner.body.len, 30);
    ck_assert(wire_msg_find(avps, WIRE_VENDOR_SPECIFIC_APPLICATION_ID, 0, &avp));
    ck_assert(wire_msg_find_u32(avp.body, WIRE_AUTH_APPLICATION_ID, &application));
    ck_assert_uint_eq(application, WIRE_APP_CX);
    wire_buf_free(&mar);
}
END_TEST

START_TEST(test_avp_octets_are_those_of_rfc_6733)
{
    static const uint8_t expected[] = {0, 0, 2,    0x59, 0xc0, 0,   0,   15,
                                       0, 0, 0x28, 0xaf, 'a',  'b', 'c', 0};
    struct wire_buf buf = {0};
    wire_msg_put_text(&buf, WIRE_PUBLIC_IDENTITY, "abc");
    ck_assert_uint_eq(buf.len, sizeof(expected));
    ck_assert_mem_eq(buf.octets, expected, sizeof(expected));
    wire_buf_free(&buf);
}
END_TEST

START_TEST(test_lying_lengths_are_refused)
{
    /* code 1, no vendor: length under the header, over the rest, and a body whose padding is cut */
    static const uint8_t shorter[] = {0, 0, 0, 1, 0x40, 0, 0, 7};
    static const uint8_t longer[] = {0, 0, 0, 1, 0x40, 0, 0, 13, 1, 2, 3, 4};
    static const uint8_t unpadded[] = {0, 0, 0, 1, 0x40, 0, 0, 9, 1};
    static const uint8_t vendorless[] = {0, 0, 0, 1, 0x80, 0, 0, 8};
    static const uint8_t cut[] = {0, 0, 0, 1};
    const struct mcx_span bad[] = {
        mcx_span(shorter, sizeof(shorter)), mcx_span(longer, sizeof(longer)),
        mcx_span(unpadded, sizeof(unpadded)), mcx_span(vendorless, sizeof(vendorless)),
        mcx_span(cut, sizeof(cut))};
    struct wire_avp avp;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct mcx_span rest = bad[i];
        ck_assert_int_eq(wire_msg_next(&rest, &avp), WIRE_BAD);
    }
}
END_TEST

START_TEST(test_frame_faults_are_told_apart)
{
    struct wire_buf mar = {0};
    build_mar(&mar);
    ck_assert_ptr_nonnull(wire_msg_fault(mcx_span(mar.octets, 19)));
    ck_assert_ptr_nonnull(wire_msg_fault(mcx_span(mar.octets, mar.len - 4)));
    mar.octets[0] = 2;
    ck_assert_str_eq(wire_msg_fault(wire_buf_span(&mar)), "version is not 1");
    wire_buf_free(&mar);
}
END_TEST

START_TEST(test_results_are_read_from_either_container)
{
    struct wire_buf buf = {0};
    wire_msg_put_u32(&buf, WIRE_RESULT_CODE, 5012);
    struct wire_result result = wire_msg_result(wire_buf_span(&buf));
    ck_assert_uint_eq(result.code, 5012);
    ck_assert(!result.is_experimental);
    buf.len = 0;
    size_t group = wire_msg_group_begin(&buf, WIRE_EXPERIMENTAL_RESULT);
    wire_msg_put_u32(&buf, WIRE_VENDOR_ID, 10415);
    wire_msg_put_u32(&buf, WIRE_EXPERIMENTAL_RESULT_CODE, 5001);
    wire_msg_group_end(&buf, group);
    result = wire_msg_result(wire_buf_span(&buf));
    ck_assert_uint_eq(result.code, 5001);
    ck_assert_uint_eq(result.vendor, 10415);
    ck_assert(result.is_experimental);
    wire_buf_free(&buf);
}
END_TEST

START_TEST(test_number_of_wrong_size_is_not_a_number)
{
    struct wire_buf buf = {0};
    uint32_t value = 1234;
    wire_msg_put(&buf, WIRE_RESULT_CODE, "\0\7\321", 3);
    ck_assert(!wire_msg_find_u32(wire_buf_span(&buf), WIRE_RESULT_CODE, &value));
    ck_assert_uint_eq(value, 1234);
    wire_buf_free(&buf);
}
END_TEST

static void walk(struct mcx_span avps, unsigned depth)
{
    struct wire_avp avp;
    volatile uint8_t sum = 0;
    while (depth < 8 && wire_msg_next(&avps, &avp) == WIRE_NEXT) {
        for (size_t i = 0; i < avp.body.len; i++)
            sum = (uint8_t)(sum + avp.body.octets[i]);
        walk(avp.body, depth + 1);
    }
}

/* Under ASan any read outside the exact-size copy aborts. */
START_TEST(test_mutated_messages_never_read_outside)
{
    struct wire_buf mar = {0};
    build_mar(&mar);
    srandom(4711);
    for (unsigned round = 0; round < 20000; round++) {
        size_t len = (size_t)random() % (mar.len + 1);
        uint8_t *copy = wire_alloc(len);
        memcpy(copy, mar.octets, len);
        for (unsigned flips = (unsigned)random() % 6; len && flips; flips--)
            copy[(size_t)random() % len] = (uint8_t)random();
        struct mcx_span message = mcx_span(copy, len);
        struct wire_header header;
        (void)wire_msg_header(message, &header);
        (void)wire_msg_fault(message);
        (void)wire_msg_result(wire_msg_avps(message));
        walk(wire_msg_avps(message), 0);
        free(copy);
    }
    wire_buf_free(&mar);
}
END_TEST

START_TEST(test_hex_is_read_strictly)
{
    struct wire_buf buf = {0};
    ck_assert(wire_buf_put_hex(&buf, "00 fF\n7:a"));
    ck_assert_uint_eq(buf.len, 3);
    ck_assert_mem_eq(buf.octets, "\x00\xff\x7a", 3);
    ck_assert(!wire_buf_put_hex(&buf, "0"));
    ck_assert(!wire_buf_put_hex(&buf, "0g"));
    wire_buf_free(&buf);
}
END_TEST

Suite *msg_suite(void)
{
    Suite *suite = suite_create("msg");
    TCase *tcase = tcase_create("codec");
    tcase_add_test(tcase, test_message_survives_a_round_trip);
    tcase_add_test(tcase, test_avp_octets_are_those_of_rfc_6733);
    tcase_add_test(tcase, test_lying_lengths_are_refused);
    tcase_add_test(tcase, test_frame_faults_are_told_apart);
    tcase_add_test(tcase, test_results_are_read_from_either_container);
    tcase_add_test(tcase, test_number_of_wrong_size_is_not_a_number);
    tcase_add_test(tcase, test_mutated_messages_never_read_outside);
    tcase_add_test(tcase, test_hex_is_read_strictly);
    suite_add_tcase(suite, tcase);
    return suite;
}
