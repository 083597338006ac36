/* SPDX-License-Identifier: Apache-2.0 */
/* The encoder of the tests, by hand. */
#include "wire.h"

#include <check.h>
#include <string.h>

enum { HEADER = 20, LENGTH_AT = 1 };

static void put(struct wire *wire, uint32_t value, size_t octets)
{
    ck_assert_uint_le(wire->len + octets, WIRE_MAX);
    while (octets-- > 0)
        wire->octets[wire->len++] = (uint8_t)(value >> 8 * octets);
}

static void put_length(struct wire *wire, size_t at, size_t len)
{
    for (int i = 0; i < 3; i++)
        wire->octets[at + (size_t)i] = (uint8_t)(len >> 8 * (2 - i));
}

void wire_begin(struct wire *wire, uint8_t flags, uint32_t command, uint32_t application)
{
    wire->len = 0;
    put(wire, 1U << 24, 4);
    put(wire, flags, 1);
    put(wire, command, 3);
    put(wire, application, 4);
    put(wire, 0x1001, 4); /* Hop-by-Hop */
    put(wire, 0x2002, 4); /* End-to-End */
}

void wire_end(struct wire *wire)
{
    put_length(wire, LENGTH_AT, wire->len);
}

void wire_raw(struct wire *wire, uint32_t code, uint8_t flags, uint32_t vendor,
              struct mcx_span value)
{
    bool has_vendor = flags & AVP_FLAG_VENDOR;

    put(wire, code, 4);
    put(wire, flags, 1);
    put(wire, (uint32_t)((has_vendor ? 12 : 8) + value.len), 3);
    if (has_vendor)
        put(wire, vendor, 4);
    ck_assert_uint_le(wire->len + value.len, WIRE_MAX);
    if (value.len > 0)
        memcpy(wire->octets + wire->len, value.octets, value.len);
    wire->len += value.len;
    put(wire, 0, (4 - value.len % 4) % 4);
}

static uint8_t flags_of(enum mcx_avp_name name)
{
    return mcx_dict_vendor(name) ? AVP_FLAG_MANDATORY | AVP_FLAG_VENDOR : AVP_FLAG_MANDATORY;
}

void wire_avp(struct wire *wire, enum mcx_avp_name name, struct mcx_span value)
{
    wire_raw(wire, mcx_dict_code(name), flags_of(name), mcx_dict_vendor(name), value);
}

void wire_u32(struct wire *wire, enum mcx_avp_name name, uint32_t value)
{
    uint8_t octets[4] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16), (uint8_t)(value >> 8),
                         (uint8_t)value};

    wire_avp(wire, name, mcx_span(octets, sizeof octets));
}

size_t wire_open(struct wire *wire, enum mcx_avp_name name)
{
    size_t open = wire->len;

    wire_avp(wire, name, mcx_span(NULL, 0));
    return open;
}

void wire_close(struct wire *wire, size_t open)
{
    put_length(wire, open + 5, wire->len - open);
}

struct mar mar_cx(void)
{
    return (struct mar){
        .application = MCX_APP_CX,
        .flags = CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
        .session_id = mcx_span_of("scscf.ims.partner.example;1;2"),
        .origin_host = mcx_span_of("scscf.ims.partner.example"),
        .origin_realm = mcx_span_of("partner.example"),
        .destination_realm = mcx_span_of("partner.example"),
        .user_name = mcx_span_of("Guest@Migration.Partner.Example"),
        .public_identity = mcx_span_of("sip:Guest@Migration.Partner.Example"),
        .has_item = true,
        .scheme = mcx_span_of("Digest-AKAv1-MD5"),
        .has_number = true,
        .number = 1,
        .server_name = mcx_span_of("sip:scscf.ims.partner.example"),
        .repeat = MCX_AVP_NAMES,
    };
}

struct mar mar_zh(void)
{
    struct mar mar = mar_cx();

    mar.application = MCX_APP_ZH;
    mar.has_item = mar.has_number = false;
    mar.server_name = mar.public_identity = mcx_span(NULL, 0);
    return mar;
}

static void optional(struct wire *wire, enum mcx_avp_name name, struct mcx_span value)
{
    if (value.octets)
        wire_avp(wire, name, value);
}

static void write_item(const struct mar *mar, struct wire *wire)
{
    size_t open = wire_open(wire, MCX_AVP_SIP_AUTH_DATA_ITEM);

    optional(wire, MCX_AVP_SIP_AUTHENTICATION_SCHEME, mar->scheme);
    optional(wire, MCX_AVP_SIP_AUTHORIZATION, mar->authorization);
    if (mar->repeat == MCX_AVP_SIP_AUTHENTICATION_SCHEME)
        wire_avp(wire, mar->repeat, mar->scheme);
    if (mar->repeat == MCX_AVP_SIP_AUTHORIZATION)
        wire_avp(wire, mar->repeat, mar->authorization);
    wire_close(wire, open);
}

static void write_repeated(const struct mar *mar, struct wire *wire)
{
    if (mar->repeat == MCX_AVP_SIP_AUTH_DATA_ITEM)
        write_item(mar, wire);
    else if (mar->repeat == MCX_AVP_SIP_NUMBER_AUTH_ITEMS)
        wire_u32(wire, mar->repeat, mar->number);
    else if (mar->repeat != MCX_AVP_NAMES && mar->repeat != MCX_AVP_SIP_AUTHENTICATION_SCHEME &&
             mar->repeat != MCX_AVP_SIP_AUTHORIZATION)
        wire_avp(wire, mar->repeat, mcx_span_of("again.example"));
}

void mar_write(const struct mar *mar, struct wire *wire)
{
    size_t open = 0;

    wire_begin(wire, mar->flags, MCX_CMD_MAR, mar->application);
    optional(wire, MCX_AVP_SESSION_ID, mar->session_id);
    open = wire_open(wire, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID);
    wire_u32(wire, MCX_AVP_VENDOR_ID, MCX_VENDOR_3GPP);
    wire_u32(wire, MCX_AVP_AUTH_APPLICATION_ID, mar->application);
    wire_close(wire, open);
    wire_u32(wire, MCX_AVP_AUTH_SESSION_STATE, 1);
    optional(wire, MCX_AVP_ORIGIN_HOST, mar->origin_host);
    optional(wire, MCX_AVP_ORIGIN_REALM, mar->origin_realm);
    optional(wire, MCX_AVP_DESTINATION_REALM, mar->destination_realm);
    optional(wire, MCX_AVP_DESTINATION_HOST, mar->destination_host);
    optional(wire, MCX_AVP_USER_NAME, mar->user_name);
    optional(wire, MCX_AVP_PUBLIC_IDENTITY, mar->public_identity);
    if (mar->has_item)
        write_item(mar, wire);
    if (mar->has_number)
        wire_u32(wire, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, mar->number);
    optional(wire, MCX_AVP_SERVER_NAME, mar->server_name);
    write_repeated(mar, wire);
    optional(wire, MCX_AVP_ROUTE_RECORD, mar->route_record);
    wire_end(wire);
}
