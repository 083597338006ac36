/* SPDX-License-Identifier: Apache-2.0 */
/* Requests as a real SIP core, BSF or SIP database would send them; edit.c bends them afterwards.
 */
#include "request.h"

#include <stdio.h>
#include <string.h>

enum {
    KEY_DESTINATION_REALM = 0x400,
    KEY_DESTINATION_HOST,
    KEY_IMPI,
    KEY_IMPU,
    KEY_SERVER_NAME,
    KEY_SCHEME,
    KEY_ITEMS,
    KEY_ZH,
    KEY_COMMAND,
    KEY_APPLICATION,
    KEY_ASSIGNMENT_TYPE,
    KEY_REASON_CODE,
    KEY_VISITED_NETWORK,
    KEY_USER_DATA
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "The request:", 2},
    {"destination-realm", KEY_DESTINATION_REALM, "REALM", 0, "default: our Origin-Realm", 0},
    {"destination-host", KEY_DESTINATION_HOST, "NAME", 0, "default: none", 0},
    {"impi", KEY_IMPI, "NAI", 0, "User-Name", 0},
    {"impu", KEY_IMPU, "URI", 0, "Public-Identity (default: sip: and the IMPI; none on Zh)", 0},
    {"server-name", KEY_SERVER_NAME, "URI", 0, "Server-Name (default: sip: and our Origin-Host)",
     0},
    {"scheme", KEY_SCHEME, "TEXT", 0, "SIP-Authentication-Scheme (default: Digest-AKAv1-MD5)", 0},
    {"items", KEY_ITEMS, "N", 0, "SIP-Number-Auth-Items (default 1)", 0},
    {"zh", KEY_ZH, NULL, 0, "application Zh in place of Cx", 0},
    {"command", KEY_COMMAND, "NAME|CODE", 0, "UAR, SAR, LIR, MAR, RTR, PPR or a code", 0},
    {"application", KEY_APPLICATION, "ID", 0, "Application-Id", 0},
    {"assignment-type", KEY_ASSIGNMENT_TYPE, "N", 0, "Server-Assignment-Type of a SAR (default 1)",
     0},
    {"reason-code", KEY_REASON_CODE, "N", 0, "Reason-Code of an RTR (default 0)", 0},
    {"visited-network", KEY_VISITED_NETWORK, "TEXT", 0, "of a UAR (default: our Origin-Realm)", 0},
    {"user-data", KEY_USER_DATA, "TEXT", 0, "of a PPR", 0},
    {0}};

static uint32_t command_of(struct argp_state *state, const char *arg)
{
    uint32_t code = wire_dict_command_code(arg);
    return code ? code : (uint32_t)link_number(state, arg, "--command", 0, 0xffffff);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct request_options *options = state->input;
    switch (key) {
    case KEY_DESTINATION_REALM:
        options->destination_realm = arg;
        return 0;
    case KEY_DESTINATION_HOST:
        options->destination_host = arg;
        return 0;
    case KEY_IMPI:
        options->impi = arg;
        return 0;
    case KEY_IMPU:
        options->impu = arg;
        return 0;
    case KEY_SERVER_NAME:
        options->server_name = arg;
        return 0;
    case KEY_SCHEME:
        options->scheme = arg;
        return 0;
    case KEY_ITEMS:
        options->items = link_number(state, arg, "--items", 0, UINT32_MAX);
        return 0;
    case KEY_ZH:
        options->is_zh = true;
        options->application = WIRE_APP_ZH;
        return 0;
    case KEY_COMMAND:
        options->command = command_of(state, arg);
        return 0;
    case KEY_APPLICATION:
        options->application = (uint32_t)link_number(state, arg, "--application", 0, UINT32_MAX);
        return 0;
    case KEY_ASSIGNMENT_TYPE:
        options->assignment_type = link_number(state, arg, "--assignment-type", 0, UINT32_MAX);
        return 0;
    case KEY_REASON_CODE:
        options->reason_code = link_number(state, arg, "--reason-code", 0, UINT32_MAX);
        return 0;
    case KEY_VISITED_NETWORK:
        options->visited_network = arg;
        return 0;
    case KEY_USER_DATA:
        options->user_data = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

const struct argp request_argp = {options_table, parse, NULL, NULL, NULL, NULL, NULL};

static void put_impi(const struct request_options *options, struct wire_buf *out)
{
    if (options->impi)
        wire_msg_put_text(out, WIRE_USER_NAME, options->impi);
}

static void put_impu(const struct request_options *options, struct wire_buf *out)
{
    char uri[512];
    if (options->impu) {
        wire_msg_put_text(out, WIRE_PUBLIC_IDENTITY, options->impu);
    } else if (options->impi && !options->is_zh) {
        snprintf(uri, sizeof(uri), "sip:%s", options->impi);
        wire_msg_put_text(out, WIRE_PUBLIC_IDENTITY, uri);
    }
}

static void put_server_name(const struct request_options *options,
                            const struct wire_identity *identity, struct wire_buf *out)
{
    char uri[512];
    snprintf(uri, sizeof(uri), "sip:%s", identity->host);
    wire_msg_put_text(out, WIRE_SERVER_NAME, options->server_name ? options->server_name : uri);
}

static void put_mar(const struct request_options *options, const struct wire_identity *identity,
                    const uint8_t *rand_auts, struct wire_buf *out)
{
    put_impi(options, out);
    put_impu(options, out);
    if (!options->is_zh || options->scheme || rand_auts) {
        size_t group = wire_msg_group_begin(out, WIRE_SIP_AUTH_DATA_ITEM);
        wire_msg_put_text(out, WIRE_SIP_AUTHENTICATION_SCHEME,
                          options->scheme ? options->scheme
                                          : "Digest-AKAv1-MD5"); /* TS 29.229 6.3.9 */
        if (rand_auts)
            wire_msg_put(out, WIRE_SIP_AUTHORIZATION, rand_auts, 30);
        wire_msg_group_end(out, group);
    }
    if (options->is_zh)
        return;
    wire_msg_put_u32(out, WIRE_SIP_NUMBER_AUTH_ITEMS, (uint32_t)options->items);
    put_server_name(options, identity, out);
}

static void put_body(const struct request_options *options, const struct wire_identity *identity,
                     const uint8_t *rand_auts, struct wire_buf *out)
{
    switch (options->command) {
    case WIRE_CMD_MA:
        put_mar(options, identity, rand_auts, out);
        break;
    case WIRE_CMD_UA:
        put_impi(options, out);
        put_impu(options, out);
        wire_msg_put_text(out, WIRE_VISITED_NETWORK_IDENTIFIER,
                          options->visited_network ? options->visited_network : identity->realm);
        break;
    case WIRE_CMD_SA:
        put_impi(options, out);
        put_impu(options, out);
        put_server_name(options, identity, out);
        wire_msg_put_u32(out, WIRE_SERVER_ASSIGNMENT_TYPE, (uint32_t)options->assignment_type);
        wire_msg_put_u32(out, WIRE_USER_DATA_ALREADY_AVAILABLE, 0);
        break;
    case WIRE_CMD_LI:
        put_impu(options, out);
        break;
    case WIRE_CMD_RT: {
        put_impi(options, out);
        put_impu(options, out);
        size_t group = wire_msg_group_begin(out, WIRE_DEREGISTRATION_REASON);
        wire_msg_put_u32(out, WIRE_REASON_CODE, (uint32_t)options->reason_code);
        wire_msg_group_end(out, group);
        break;
    }
    case WIRE_CMD_PP:
        put_impi(options, out);
        if (options->user_data)
            wire_msg_put_text(out, WIRE_USER_DATA, options->user_data);
        break;
    default:
        put_impi(options, out);
        if (options->impu)
            put_impu(options, out);
    }
}

void request_build(const struct request_options *options, const struct wire_identity *identity,
                   const uint8_t *rand_auts, struct wire_buf *out)
{
    char session_id[400];
    struct wire_header header = {.flags = WIRE_FLAG_R | WIRE_FLAG_P,
                                 .command = options->command,
                                 .application = options->application,
                                 .hop_by_hop = wire_peer_next_id(),
                                 .end_to_end = wire_peer_next_id()};
    wire_peer_session_id(identity->host, session_id, sizeof(session_id));
    size_t mark = wire_msg_begin(out, &header);
    wire_msg_put_text(out, WIRE_SESSION_ID, session_id);
    wire_msg_put_application(out, options->application);
    wire_msg_put_text(out, WIRE_ORIGIN_HOST, identity->host);
    wire_msg_put_text(out, WIRE_ORIGIN_REALM, identity->realm);
    wire_msg_put_text(out, WIRE_DESTINATION_REALM,
                      options->destination_realm ? options->destination_realm : identity->realm);
    if (options->destination_host)
        wire_msg_put_text(out, WIRE_DESTINATION_HOST, options->destination_host);
    put_body(options, identity, rand_auts, out);
    wire_msg_end(out, mark);
}
