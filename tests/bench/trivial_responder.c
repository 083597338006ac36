/* SPDX-License-Identifier: Apache-2.0 */
/* trivial-responder: the cheapest Diameter server, to find out what mcx-bench itself can do. Prints
 * its port; one connection, one constant MAA, ends with the connection. */
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire/dial.h"
#include "wire/peer.h"

static const struct wire_identity identity = {"hss.primary.example", "primary.example",
                                              "trivial-responder"};

static void build_maa(struct wire_buf *out)
{
    static const uint8_t octets[32];
    struct wire_header header = {
        .flags = WIRE_FLAG_P, .command = WIRE_CMD_MA, .application = WIRE_APP_CX};
    size_t mark = wire_msg_begin(out, &header);
    wire_msg_put_text(out, WIRE_SESSION_ID, "bench-0.ims.primary.example;0000000000;0000000000");
    wire_msg_put_u32(out, WIRE_RESULT_CODE, 2001);
    wire_msg_put_text(out, WIRE_USER_NAME, "000000000000000@primary.example");
    size_t group = wire_msg_group_begin(out, WIRE_SIP_AUTH_DATA_ITEM);
    wire_msg_put(out, WIRE_SIP_AUTHENTICATE, octets, 32);
    wire_msg_put(out, WIRE_SIP_AUTHORIZATION, octets, 8);
    wire_msg_put(out, WIRE_CONFIDENTIALITY_KEY, octets, 16);
    wire_msg_put(out, WIRE_INTEGRITY_KEY, octets, 16);
    wire_msg_group_end(out, group);
    wire_msg_end(out, mark);
}

static void answer(const struct wire_conn *conn, const struct wire_header *asked,
                   struct mcx_span request, const struct wire_buf *maa, struct wire_buf *out)
{
    if (asked->command == WIRE_CMD_CE) {
        wire_peer_put_cea(out, conn, &identity, asked, 2001);
    } else if (asked->command != WIRE_CMD_MA) {
        wire_peer_put_answer(out, &identity, request, 2001);
    } else {
        wire_buf_put(out, maa->octets, maa->len);
        wire_set_u32(out->octets + out->len - maa->len + 12, asked->hop_by_hop);
        wire_set_u32(out->octets + out->len - maa->len + 16, asked->end_to_end);
    }
}

static void serve(struct wire_conn *conn, const struct wire_buf *maa)
{
    struct wire_buf out = {0};
    struct wire_header asked;
    do {
        size_t at = 0;
        while (wire_conn_fill(conn) == WIRE_OK)
            ;
        while (wire_msg_header(mcx_span(conn->in.octets + at, conn->in.len - at), &asked) &&
               asked.length >= WIRE_HEADER_LEN && conn->in.len - at >= asked.length) {
            answer(conn, &asked, mcx_span(conn->in.octets + at, asked.length), maa, &out);
            at += asked.length;
        }
        conn->taken = at;
        if (wire_conn_send(conn, wire_buf_span(&out), INT64_MAX / 2) != WIRE_OK ||
            asked.command == WIRE_CMD_DP)
            break;
        out.len = 0;
    } while (wire_conn_wait(conn, false, INT64_MAX / 2) == WIRE_OK &&
             wire_conn_fill(conn) == WIRE_OK);
    wire_buf_free(&out);
}

int main(void)
{
    struct wire_conn conn = WIRE_CONN_NONE;
    struct wire_buf maa = {0};
    char reason[200];
    unsigned port;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int listener = wire_dial_listen("127.0.0.1:0", &port, reason, sizeof(reason));
    if (listener < 0) {
        fprintf(stderr, "%s\n", reason);
        return 1;
    }
    printf("%u\n", port);
    fflush(stdout);
    struct pollfd pollfd = {listener, POLLIN, 0};
    poll(&pollfd, 1, -1);
    int fd = accept(listener, NULL, NULL);
    if (fd < 0)
        return 1;
    wire_dial_adopt(&conn, fd);
    build_maa(&maa);
    serve(&conn, &maa);
    wire_conn_close(&conn);
    wire_buf_free(&maa);
    close(listener);
    return 0;
}
