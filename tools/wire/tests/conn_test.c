/* SPDX-License-Identifier: Apache-2.0 */
/* The transport, over a socket pair: messages cut from a stream in any portions, and a stream that
 * is no Diameter. */
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "wire/dial.h"
#include "wire/peer.h"
#include "wire_test.h"

static const struct wire_identity identity = {"a.example", "example", "test"};

static void open_pair(struct wire_conn *a, struct wire_conn *b)
{
    int fds[2];
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    wire_dial_adopt(a, fds[0]);
    wire_dial_adopt(b, fds[1]);
}

START_TEST(test_messages_are_cut_from_single_octets)
{
    struct wire_conn a, b;
    struct wire_buf dpr = {0};
    struct mcx_span message;
    open_pair(&a, &b);
    wire_peer_put_dpr(&dpr, &identity, 2);
    size_t first = dpr.len;
    wire_peer_put_dpr(&dpr, &identity, 1);
    for (size_t i = 0; i < dpr.len; i++) {
        ck_assert_int_eq(wire_conn_send(&a, mcx_span(dpr.octets + i, 1), INT64_MAX), WIRE_OK);
        ck_assert_int_eq(wire_conn_fill(&b), WIRE_OK);
        enum wire_status status = wire_conn_take(&b, &message);
        ck_assert_int_eq(status, i + 1 == first || i + 1 == dpr.len ? WIRE_OK : WIRE_TIMEOUT);
    }
    ck_assert_uint_eq(message.len, dpr.len - first);
    wire_buf_free(&dpr);
    wire_conn_close(&a);
    wire_conn_close(&b);
}
END_TEST

START_TEST(test_foreign_protocol_is_garbled)
{
    struct wire_conn a, b;
    struct mcx_span message;
    open_pair(&a, &b);
    ck_assert_int_eq(wire_conn_send(&a, mcx_span_of("HTTP/1.1 400 Bad Request\r\n\r\n"), INT64_MAX),
                     WIRE_OK);
    ck_assert_int_eq(wire_conn_receive(&b, &message, mcx_clock_mono_us() + 1000000), WIRE_GARBLED);
    wire_conn_close(&a);
    wire_conn_close(&b);
}
END_TEST

START_TEST(test_silence_is_a_timeout_and_an_end_is_closed)
{
    struct wire_conn a, b;
    struct mcx_span message;
    open_pair(&a, &b);
    ck_assert_int_eq(wire_conn_receive(&b, &message, mcx_clock_mono_us() + 2000), WIRE_TIMEOUT);
    wire_conn_close(&a);
    ck_assert_int_eq(wire_conn_receive(&b, &message, INT64_MAX / 2), WIRE_CLOSED);
    wire_conn_close(&b);
}
END_TEST

START_TEST(test_watchdog_is_answered_while_waiting)
{
    struct wire_conn a, b;
    struct wire_buf out = {0};
    struct mcx_span message;
    struct wire_header header = {.flags = WIRE_FLAG_R, .command = WIRE_CMD_DW, .hop_by_hop = 77},
                       got;
    open_pair(&a, &b);
    size_t mark = wire_msg_begin(&out, &header);
    wire_msg_put_text(&out, WIRE_ORIGIN_HOST, "b.example");
    wire_msg_end(&out, mark);
    wire_peer_put_dpr(&out, &identity, 0);
    ck_assert_int_eq(wire_conn_send(&a, wire_buf_span(&out), INT64_MAX), WIRE_OK);
    ck_assert_int_eq(wire_peer_answer(&b, &identity, &message, mcx_clock_mono_us() + 1000000),
                     WIRE_CLOSED);
    ck_assert_int_eq(wire_conn_receive(&a, &message, mcx_clock_mono_us() + 1000000), WIRE_OK);
    ck_assert(wire_msg_header(message, &got));
    ck_assert_uint_eq(got.command, WIRE_CMD_DW);
    ck_assert_uint_eq(got.flags & WIRE_FLAG_R, 0);
    ck_assert_uint_eq(got.hop_by_hop, 77);
    ck_assert_uint_eq(wire_msg_result(wire_msg_avps(message)).code, 2001);
    wire_buf_free(&out);
    wire_conn_close(&a);
    wire_conn_close(&b);
}
END_TEST

Suite *conn_suite(void)
{
    Suite *suite = suite_create("conn");
    TCase *tcase = tcase_create("stream");
    tcase_add_test(tcase, test_messages_are_cut_from_single_octets);
    tcase_add_test(tcase, test_foreign_protocol_is_garbled);
    tcase_add_test(tcase, test_silence_is_a_timeout_and_an_end_is_closed);
    tcase_add_test(tcase, test_watchdog_is_answered_while_waiting);
    suite_add_tcase(suite, tcase);
    return suite;
}
