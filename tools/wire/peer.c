/* SPDX-License-Identifier: Apache-2.0 */
/* Capabilities exchange, watchdog and disconnection for clients and servers, RFC 6733 5.3 to 5.5.
 */
#include "wire/peer.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"

#define LEAVE_US 1000000 /* for the DPA, before the connection is closed anyway */

uint32_t wire_peer_next_id(void)
{
    static __thread uint32_t next;
    if (!next)
        mcx_random(&next, sizeof(next));
    return ++next ? next : ++next;
}

void wire_peer_session_id(const char *host, char *out, size_t size)
{
    snprintf(out, size, "%s;%u;%u;probe", host, (unsigned)time(NULL), wire_peer_next_id());
}

static void put_origin(struct wire_buf *out, const struct wire_identity *identity)
{
    wire_msg_put_text(out, WIRE_ORIGIN_HOST, identity->host);
    wire_msg_put_text(out, WIRE_ORIGIN_REALM, identity->realm);
}

static void put_capabilities(struct wire_buf *out, const struct wire_conn *conn,
                             const struct wire_identity *identity)
{
    static const uint32_t applications[] = {WIRE_APP_CX, WIRE_APP_ZH};
    uint8_t address[18] = {0, 1};
    size_t len = wire_dial_local(conn, address + 2);
    if (len == 16)
        address[1] = 2; /* address family of the Address type, RFC 6733 4.3.1 */
    if (len)
        wire_msg_put(out, WIRE_HOST_IP_ADDRESS, address, 2 + len);
    wire_msg_put_u32(out, WIRE_VENDOR_ID, 0);
    wire_msg_put_text(out, WIRE_PRODUCT_NAME, identity->product);
    wire_msg_put_u32(out, WIRE_SUPPORTED_VENDOR_ID, WIRE_VENDOR_3GPP);
    wire_msg_put_u32(out, WIRE_SUPPORTED_VENDOR_ID, WIRE_VENDOR_ETSI);
    for (size_t i = 0; i < sizeof(applications) / sizeof(applications[0]); i++) {
        size_t group = wire_msg_group_begin(out, WIRE_VENDOR_SPECIFIC_APPLICATION_ID);
        wire_msg_put_u32(out, WIRE_VENDOR_ID, WIRE_VENDOR_3GPP);
        wire_msg_put_u32(out, WIRE_AUTH_APPLICATION_ID, applications[i]);
        wire_msg_group_end(out, group);
    }
    if (!conn->tls)
        wire_msg_put_u32(out, WIRE_INBAND_SECURITY_ID, 0); /* NO_INBAND_SECURITY */
}

static void put_cer(struct wire_buf *out, const struct wire_conn *conn,
                    const struct wire_identity *identity)
{
    struct wire_header header = {.flags = WIRE_FLAG_R,
                                 .command = WIRE_CMD_CE,
                                 .hop_by_hop = wire_peer_next_id(),
                                 .end_to_end = wire_peer_next_id()};
    size_t mark = wire_msg_begin(out, &header);
    put_origin(out, identity);
    put_capabilities(out, conn, identity);
    wire_msg_end(out, mark);
}

void wire_peer_put_cea(struct wire_buf *out, const struct wire_conn *conn,
                       const struct wire_identity *identity, const struct wire_header *cer,
                       uint32_t result_code)
{
    struct wire_header header = *cer;
    header.flags = result_code / 1000 == 3 ? WIRE_FLAG_E : 0;
    size_t mark = wire_msg_begin(out, &header);
    wire_msg_put_u32(out, WIRE_RESULT_CODE, result_code);
    put_origin(out, identity);
    put_capabilities(out, conn, identity);
    wire_msg_end(out, mark);
}

void wire_peer_put_answer(struct wire_buf *out, const struct wire_identity *identity,
                          struct mcx_span request, uint32_t result_code)
{
    struct wire_header header;
    struct wire_avp session;
    if (!wire_msg_header(request, &header))
        return;
    header.flags = (header.flags & WIRE_FLAG_P) | (result_code / 1000 == 3 ? WIRE_FLAG_E : 0);
    size_t mark = wire_msg_begin(out, &header);
    if (wire_msg_find(wire_msg_avps(request), WIRE_SESSION_ID, 0, &session))
        wire_msg_put_span(out, WIRE_SESSION_ID, session.body);
    wire_msg_put_u32(out, WIRE_RESULT_CODE, result_code);
    put_origin(out, identity);
    wire_msg_end(out, mark);
}

void wire_peer_put_dpr(struct wire_buf *out, const struct wire_identity *identity, uint32_t cause)
{
    struct wire_header header = {.flags = WIRE_FLAG_R,
                                 .command = WIRE_CMD_DP,
                                 .hop_by_hop = wire_peer_next_id(),
                                 .end_to_end = wire_peer_next_id()};
    size_t mark = wire_msg_begin(out, &header);
    put_origin(out, identity);
    wire_msg_put_u32(out, WIRE_DISCONNECT_CAUSE, cause);
    wire_msg_end(out, mark);
}

static void copy_text(struct mcx_span avps, enum wire_id id, char out[256])
{
    struct wire_avp avp;
    out[0] = '\0';
    if (!wire_msg_find(avps, id, 0, &avp))
        return;
    size_t len = avp.body.len < 255 ? avp.body.len : 255;
    memcpy(out, avp.body.octets, len);
    out[len] = '\0';
}

static void note_application(struct wire_cea *cea, struct mcx_span avps)
{
    uint32_t application;
    if (cea->application_count < sizeof(cea->applications) / sizeof(cea->applications[0]) &&
        wire_msg_find_u32(avps, WIRE_AUTH_APPLICATION_ID, &application))
        cea->applications[cea->application_count++] = application;
}

void wire_peer_read_cea(struct mcx_span message, struct wire_cea *cea)
{
    struct mcx_span avps = wire_msg_avps(message);
    struct wire_avp group;
    *cea = (struct wire_cea){.result = wire_msg_result(avps)};
    copy_text(avps, WIRE_ORIGIN_HOST, cea->host);
    copy_text(avps, WIRE_ORIGIN_REALM, cea->realm);
    copy_text(avps, WIRE_PRODUCT_NAME, cea->product);
    copy_text(avps, WIRE_ERROR_MESSAGE, cea->error_message);
    note_application(cea, avps);
    for (unsigned i = 0; wire_msg_find(avps, WIRE_VENDOR_SPECIFIC_APPLICATION_ID, i, &group); i++)
        note_application(cea, group.body);
}

static enum wire_status judge_cea(struct wire_conn *conn, bool verify_name,
                                  const struct wire_cea *cea)
{
    if (cea->result.is_experimental || cea->result.code / 1000 != 2) {
        snprintf(conn->reason, sizeof(conn->reason), "CEA: %u %s %.100s", cea->result.code,
                 wire_dict_result(cea->result.code, cea->result.is_experimental),
                 cea->error_message);
        return WIRE_REFUSED;
    }
    if (verify_name && !wire_dial_names(conn, cea->host)) {
        snprintf(conn->reason, sizeof(conn->reason),
                 "the certificate does not name the peer %.100s", cea->host);
        return WIRE_REFUSED;
    }
    return WIRE_OK;
}

enum wire_status wire_peer_exchange(struct wire_conn *conn, const struct wire_identity *identity,
                                    bool verify_name, struct wire_cea *cea, int64_t deadline_us)
{
    struct wire_buf cer = {0};
    struct mcx_span message;
    *cea = (struct wire_cea){0};
    put_cer(&cer, conn, identity);
    enum wire_status status = wire_conn_send(conn, wire_buf_span(&cer), deadline_us);
    wire_buf_free(&cer);
    if (status == WIRE_OK)
        status = wire_conn_receive(conn, &message, deadline_us);
    if (status != WIRE_OK)
        return status;
    struct wire_header header;
    wire_msg_header(message, &header);
    if (header.command != WIRE_CMD_CE || header.flags & WIRE_FLAG_R) {
        snprintf(conn->reason, sizeof(conn->reason), "instead of a CEA came %s",
                 wire_dict_command(header.command, header.flags & WIRE_FLAG_R));
        return WIRE_GARBLED;
    }
    wire_peer_read_cea(message, cea);
    return judge_cea(conn, verify_name, cea);
}

bool wire_peer_serve(struct wire_conn *conn, const struct wire_identity *identity,
                     struct mcx_span message, int64_t deadline_us)
{
    struct wire_header header;
    if (!wire_msg_header(message, &header) || !(header.flags & WIRE_FLAG_R))
        return false;
    bool is_known = header.command == WIRE_CMD_DW || header.command == WIRE_CMD_DP;
    struct wire_buf answer = {0};
    wire_peer_put_answer(&answer, identity, message,
                         is_known ? 2001 : 3001); /* 3001 COMMAND_UNSUPPORTED */
    (void)wire_conn_send(conn, wire_buf_span(&answer),
                         deadline_us); /* a loss shows at the next read */
    wire_buf_free(&answer);
    return true;
}

enum wire_status wire_peer_answer(struct wire_conn *conn, const struct wire_identity *identity,
                                  struct mcx_span *message, int64_t deadline_us)
{
    for (;;) {
        struct wire_header header;
        enum wire_status status = wire_conn_receive(conn, message, deadline_us);
        if (status != WIRE_OK)
            return status;
        wire_msg_header(*message, &header);
        if (!wire_peer_serve(conn, identity, *message, deadline_us))
            return WIRE_OK;
        if (header.command == WIRE_CMD_DP) {
            snprintf(conn->reason, sizeof(conn->reason), "the peer disconnects (DPR)");
            return WIRE_CLOSED;
        }
    }
}

void wire_peer_leave(struct wire_conn *conn, const struct wire_identity *identity)
{
    int64_t deadline_us = mcx_clock_mono_us() + LEAVE_US;
    struct wire_buf dpr = {0};
    struct mcx_span message;
    struct wire_header header = {0};
    if (conn->fd < 0)
        return;
    wire_peer_put_dpr(&dpr, identity, 2); /* DO_NOT_WANT_TO_TALK_TO_YOU, RFC 6733 5.4.3 */
    enum wire_status status = wire_conn_send(conn, wire_buf_span(&dpr), deadline_us);
    wire_buf_free(&dpr);
    while (status == WIRE_OK && header.command != WIRE_CMD_DP) {
        status = wire_peer_answer(conn, identity, &message, deadline_us);
        if (status == WIRE_OK)
            wire_msg_header(message, &header);
    }
    wire_conn_close(conn);
}
