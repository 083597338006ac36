/* SPDX-License-Identifier: Apache-2.0 */
/* What respond does with one peer: capabilities, watchdog, and each request as its behaviour says.
 */
#include <string.h>

#include "base/clock.h"
#include "respond.h"

void respond_say(const struct respond *respond, json_t *line)
{
    const char *event = json_string_value(json_object_get(line, "event"));
    if (respond->options.link.json) {
        report_print(line, true);
    } else if (strcmp(event, "request") == 0) {
        printf("%s %s %s from %s: %s\n", json_string_value(json_object_get(line, "name")),
               json_string_value(json_object_get(line, "user_name")),
               json_string_value(json_object_get(line, "public_identity")),
               json_string_value(json_object_get(line, "origin_host")),
               json_string_value(json_object_get(line, "behaviour")));
    } else {
        const char *what = json_string_value(json_object_get(line, "what"));
        printf("%s %s\n", event, what ? what : "");
    }
    fflush(stdout);
    json_decref(line);
}

void respond_peer_drop(struct respond *respond, int index, const char *why)
{
    struct peer *peer = &respond->peers[index];
    respond_say(respond, json_pack("{s:s, s:o, s:s}", "event", "closed", "host",
                                   report_text(mcx_span_of(peer->host)), "what", why));
    wire_conn_close(&peer->conn);
    for (size_t i = 0; i < LATE_MAX; i++) {
        if (respond->late[i].peer != index)
            continue;
        wire_buf_free(&respond->late[i].answer);
        respond->late[i].peer = -1;
    }
    /* In client mode the one connection is the purpose. */
    if (respond->listener < 0)
        respond->is_ending = true;
}

static void send_or_drop(struct respond *respond, int index, const struct wire_buf *answer)
{
    struct peer *peer = &respond->peers[index];
    int64_t deadline_us = link_deadline(&respond->options.link);
    if (wire_conn_send(&peer->conn, wire_buf_span(answer), deadline_us) != WIRE_OK)
        respond_peer_drop(respond, index, peer->conn.reason);
}

static void keep_late(struct respond *respond, int index, struct wire_buf *answer, uint32_t late_ms)
{
    for (size_t i = 0; i < LATE_MAX; i++) {
        if (respond->late[i].peer >= 0)
            continue;
        respond->late[i] =
            (struct late){mcx_clock_mono_us() + (int64_t)late_ms * 1000, index, *answer};
        *answer = (struct wire_buf){0};
        return;
    }
}

/* Sends what is due; answers milliseconds until the next, -1: none. */
int respond_peer_send_late(struct respond *respond)
{
    int wait_ms = -1;
    for (size_t i = 0; i < LATE_MAX; i++) {
        struct late *late = &respond->late[i];
        if (late->peer < 0)
            continue;
        int64_t left_us = late->due_us - mcx_clock_mono_us();
        if (left_us <= 0) {
            int index = late->peer;
            struct wire_buf answer = late->answer;
            *late = (struct late){.peer = -1};
            send_or_drop(respond, index, &answer);
            wire_buf_free(&answer);
        } else if (wait_ms < 0 || left_us / 1000 < wait_ms) {
            wait_ms = (int)(left_us / 1000) + 1;
        }
    }
    return wait_ms;
}

static void answer(struct respond *respond, int index, const struct behaviour_plan *plan,
                   struct mcx_span request)
{
    struct wire_buf out = {0};
    char reason[400];
    maa_build(&respond->source, plan, &respond->link.identity, request, &out);
    if (!edit_apply(&respond->options.edit, &out, reason, sizeof(reason)))
        respond_say(respond, json_pack("{s:s, s:o}", "event", "error", "what",
                                       report_text(mcx_span_of(reason))));
    if (plan->duplicate) {
        size_t len = out.len;
        wire_buf_reserve(&out, len);
        memcpy(out.octets + len, out.octets, len);
        out.len = 2 * len;
    }
    if (plan->late_ms)
        keep_late(respond, index, &out, plan->late_ms);
    else
        send_or_drop(respond, index, &out);
    wire_buf_free(&out);
}

static void act(struct respond *respond, int index, const struct behaviour_plan *plan,
                struct mcx_span request)
{
    static uint8_t junk[] = "\x01not Diameter at all, whatever the first octet says";
    struct wire_buf garbage = {junk, sizeof(junk), sizeof(junk)};
    switch (plan->act) {
    case ACT_ANSWER:
        answer(respond, index, plan, request);
        break;
    case ACT_SILENCE:
        break;
    case ACT_CLOSE:
        respond_peer_drop(respond, index, "as the behaviour says");
        break;
    case ACT_STOP_READING:
        respond->peers[index].is_deaf = true;
        break;
    case ACT_GARBAGE:
        send_or_drop(respond, index, &garbage);
        break;
    }
}

static void on_request(struct respond *respond, int index, struct mcx_span request)
{
    const struct respond_options *options = &respond->options;
    size_t row = (size_t)respond->served < options->behaviour_count ? (size_t)respond->served
                                                                    : options->behaviour_count - 1;
    const struct behaviour *behaviour = &options->behaviours[row];
    respond->served++;
    json_t *line = report_request(request);
    json_object_set_new(line, "event", json_string("request"));
    json_object_set_new(line, "number", json_integer(respond->served));
    json_object_set_new(line, "peer", report_text(mcx_span_of(respond->peers[index].host)));
    json_object_set_new(line, "behaviour", json_string(behaviour->name));
    respond_say(respond, line);
    act(respond, index, &behaviour->plan, request);
    if (options->count && respond->served >= options->count)
        respond->is_ending = true;
}

static bool on_cer(struct respond *respond, int index, struct mcx_span cer)
{
    struct peer *peer = &respond->peers[index];
    struct wire_buf cea = {0};
    struct wire_cea said;
    struct wire_header header;
    uint32_t result = respond->options.cea_result ? respond->options.cea_result : 2001;
    wire_msg_header(cer, &header);
    wire_peer_read_cea(cer, &said); /* a CER names its sender as a CEA does */
    memcpy(peer->host, said.host, sizeof(peer->host));
    bool is_named = wire_dial_names(&peer->conn, said.host);
    respond_say(respond, json_pack("{s:s, s:o, s:o, s:o, s:b, s:b}", "event", "peer", "host",
                                   report_text(mcx_span_of(said.host)), "realm",
                                   report_text(mcx_span_of(said.realm)), "what",
                                   report_text(mcx_span_of(said.host)), "tls",
                                   peer->conn.tls != NULL, "certificate_names_host", is_named));
    if (!is_named && !respond->options.link.no_verify_name)
        return false;
    wire_peer_put_cea(&cea, &peer->conn, &respond->link.identity, &header, result);
    send_or_drop(respond, index, &cea);
    wire_buf_free(&cea);
    peer->is_open = result / 1000 == 2;
    return true;
}

static void on_message(struct respond *respond, int index, struct mcx_span message)
{
    struct peer *peer = &respond->peers[index];
    struct wire_header header;
    wire_msg_header(message, &header);
    if (!(header.flags & WIRE_FLAG_R))
        return;
    if (header.command == WIRE_CMD_CE) {
        if (!on_cer(respond, index, message))
            respond_peer_drop(respond, index, "its certificate does not name it");
    } else if (header.command == WIRE_CMD_DW || header.command == WIRE_CMD_DP) {
        wire_peer_serve(&peer->conn, &respond->link.identity, message,
                        link_deadline(&respond->options.link));
        if (header.command == WIRE_CMD_DP)
            respond_peer_drop(respond, index, "DPR");
    } else if (peer->is_open) {
        on_request(respond, index, message);
    }
}

/* All that has come from one peer. */
void respond_peer_serve(struct respond *respond, int index)
{
    struct peer *peer = &respond->peers[index];
    struct mcx_span message;
    while (peer->conn.fd >= 0 && !peer->is_deaf && !respond->is_ending) {
        enum wire_status status = wire_conn_take(&peer->conn, &message);
        if (status == WIRE_OK) {
            on_message(respond, index, message);
            continue;
        }
        if (status == WIRE_TIMEOUT)
            status = wire_conn_fill(&peer->conn);
        if (status == WIRE_TIMEOUT)
            return;
        if (status != WIRE_OK)
            respond_peer_drop(respond, index, peer->conn.reason);
    }
}
