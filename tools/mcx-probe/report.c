/* SPDX-License-Identifier: Apache-2.0 */
/* From messages to JSON; the human form is made from the same JSON in show.c. */
#include "report.h"

#include <string.h>

static json_t *hex_of(struct mcx_span octets)
{
    char *text = wire_alloc(2 * octets.len + 1);
    mcx_hex_encode(octets, text);
    json_t *json = json_string(text);
    free(text);
    return json;
}

json_t *report_text(struct mcx_span octets)
{
    json_t *json = json_stringn((const char *)octets.octets, octets.len);
    if (json)
        return json;
    char *text = wire_alloc(2 * octets.len + 5);
    memcpy(text, "hex:", 4);
    mcx_hex_encode(octets, text + 4);
    json = json_string(text);
    free(text);
    return json;
}

json_t *report_cea(const struct link *link, int64_t elapsed_us)
{
    const struct wire_cea *cea = &link->cea;
    json_t *applications = json_array();
    for (size_t i = 0; i < cea->application_count; i++)
        json_array_append_new(applications, json_integer(cea->applications[i]));
    return json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:b, s:f}", "result", (int)cea->result.code, "name",
        wire_dict_result(cea->result.code, cea->result.is_experimental), "origin_host",
        report_text(mcx_span_of(cea->host)), "origin_realm", report_text(mcx_span_of(cea->realm)),
        "product", report_text(mcx_span_of(cea->product)), "error_message",
        report_text(mcx_span_of(cea->error_message)), "applications", applications, "tls",
        link->conn.tls != NULL, "elapsed_ms", (double)elapsed_us / 1000);
}

static bool is_secret(const struct wire_avp *avp, bool is_request)
{
    if (wire_msg_is(avp, WIRE_SIP_AUTHORIZATION))
        return !is_request; /* XRES; in a request it is RAND and AUTS */
    return wire_msg_is(avp, WIRE_CONFIDENTIALITY_KEY) || wire_msg_is(avp, WIRE_INTEGRITY_KEY) ||
           wire_msg_is(avp, WIRE_DIGEST_HA1);
}

static json_t *value_of(const struct wire_avp *avp, enum wire_type type)
{
    switch (type) {
    case WIRE_UTF8:
    case WIRE_IDENTITY:
    case WIRE_URI:
        return report_text(avp->body);
    case WIRE_U32:
    case WIRE_ENUM:
    case WIRE_TIME:
        if (avp->body.len == 4)
            return json_integer(wire_get_u32(avp->body.octets));
        return hex_of(avp->body);
    case WIRE_OCTETS:
    case WIRE_U64:
    case WIRE_ADDRESS:
    case WIRE_GROUPED:
        break;
    }
    return hex_of(avp->body);
}

static json_t *avps_of(struct mcx_span avps, bool is_request);

static json_t *report_avp(const struct wire_avp *avp, bool is_request)
{
    char scratch[24];
    const struct wire_row *row = wire_dict_by_code(avp->code, avp->vendor);
    json_t *json = json_pack("{s:s, s:I, s:I, s:i, s:I}", "name",
                             wire_dict_name(avp->code, avp->vendor, scratch), "code",
                             (json_int_t)avp->code, "vendor", (json_int_t)avp->vendor, "flags",
                             avp->flags, "length", (json_int_t)avp->body.len);
    if (row && row->type == WIRE_GROUPED)
        json_object_set_new(json, "children", avps_of(avp->body, is_request));
    else if (!is_secret(avp, is_request))
        json_object_set_new(json, "value", value_of(avp, row ? row->type : WIRE_OCTETS));
    return json;
}

/* All AVPs with name, code, vendor, flags, length, value or children. */
static json_t *avps_of(struct mcx_span avps, bool is_request)
{
    json_t *list = json_array();
    struct wire_avp avp;
    enum wire_step step;
    while ((step = wire_msg_next(&avps, &avp)) == WIRE_NEXT)
        json_array_append_new(list, report_avp(&avp, is_request));
    if (step == WIRE_BAD)
        json_array_append_new(
            list, json_pack("{s:s, s:I}", "name", "broken", "length", (json_int_t)avps.len));
    return list;
}

static void set_text(json_t *json, const char *key, struct mcx_span avps, enum wire_id id)
{
    struct wire_avp avp;
    bool is_there = wire_msg_find(avps, id, 0, &avp);
    json_object_set_new(json, key, is_there ? report_text(avp.body) : json_null());
}

static void set_number(json_t *json, const char *key, struct mcx_span avps, enum wire_id id)
{
    uint32_t value;
    bool is_there = wire_msg_find_u32(avps, id, &value);
    json_object_set_new(json, key, is_there ? json_integer(value) : json_null());
}

static void set_list(json_t *json, const char *key, struct mcx_span avps, enum wire_id id)
{
    json_t *list = json_array();
    struct wire_avp avp;
    for (unsigned i = 0; wire_msg_find(avps, id, i, &avp); i++)
        json_array_append_new(list, report_text(avp.body));
    json_object_set_new(json, key, list);
}

static json_t *report_header(struct mcx_span message)
{
    struct wire_header header = {0};
    wire_msg_header(message, &header);
    return json_pack("{s:s, s:I, s:I, s:i, s:I, s:I, s:I}", "name",
                     wire_dict_command(header.command, header.flags & WIRE_FLAG_R), "command",
                     (json_int_t)header.command, "application", (json_int_t)header.application,
                     "flags", header.flags, "hop_by_hop", (json_int_t)header.hop_by_hop,
                     "end_to_end", (json_int_t)header.end_to_end, "length",
                     (json_int_t)message.len);
}

json_t *report_request(struct mcx_span message)
{
    struct mcx_span avps = wire_msg_avps(message);
    struct wire_avp item, authorization;
    json_t *json = report_header(message);
    set_text(json, "session_id", avps, WIRE_SESSION_ID);
    set_text(json, "origin_host", avps, WIRE_ORIGIN_HOST);
    set_text(json, "origin_realm", avps, WIRE_ORIGIN_REALM);
    set_text(json, "destination_host", avps, WIRE_DESTINATION_HOST);
    set_text(json, "destination_realm", avps, WIRE_DESTINATION_REALM);
    set_text(json, "user_name", avps, WIRE_USER_NAME);
    set_text(json, "public_identity", avps, WIRE_PUBLIC_IDENTITY);
    set_text(json, "server_name", avps, WIRE_SERVER_NAME);
    set_number(json, "items_wanted", avps, WIRE_SIP_NUMBER_AUTH_ITEMS);
    set_list(json, "route_records", avps, WIRE_ROUTE_RECORD);
    if (wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, 0, &item)) {
        set_text(json, "scheme", item.body, WIRE_SIP_AUTHENTICATION_SCHEME);
        if (wire_msg_find(item.body, WIRE_SIP_AUTHORIZATION, 0, &authorization))
            json_object_set_new(json, "sip_authorization", hex_of(authorization.body));
    }
    json_object_set_new(json, "avps", avps_of(avps, true));
    return json;
}

/* Failed-AVP with the path of group names to what failed, RFC 6733 7.5. */
static void walk_failed(json_t *list, struct mcx_span avps, const char *path,
                        bool show_authorization)
{
    struct wire_avp avp;
    while (wire_msg_next(&avps, &avp) == WIRE_NEXT) {
        char scratch[24], here[256];
        const char *name = wire_dict_name(avp.code, avp.vendor, scratch);
        const struct wire_row *row = wire_dict_by_code(avp.code, avp.vendor);
        snprintf(here, sizeof(here), "%.120s%s%.120s", path, *path ? "." : "", name);
        json_t *entry = json_pack("{s:s, s:s, s:I, s:I, s:I}", "name", name, "path", here, "code",
                                  (json_int_t)avp.code, "vendor", (json_int_t)avp.vendor, "length",
                                  (json_int_t)avp.body.len);
        if (!is_secret(&avp, show_authorization) && !(row && row->type == WIRE_GROUPED))
            json_object_set_new(entry, "hex", hex_of(avp.body));
        json_array_append_new(list, entry);
        if (row && row->type == WIRE_GROUPED)
            walk_failed(list, avp.body, here, show_authorization);
    }
}

static json_t *report_failed(struct mcx_span avps, struct mcx_span request)
{
    struct wire_avp failed, item, authorization;
    bool asked = wire_msg_find(wire_msg_avps(request), WIRE_SIP_AUTH_DATA_ITEM, 0, &item) &&
                 wire_msg_find(item.body, WIRE_SIP_AUTHORIZATION, 0, &authorization);
    json_t *list = json_array();
    for (unsigned i = 0; wire_msg_find(avps, WIRE_FAILED_AVP, i, &failed); i++)
        walk_failed(list, failed.body, "", asked);
    return list;
}

static bool same(struct mcx_span a, struct mcx_span b, enum wire_id id)
{
    struct wire_avp in_a, in_b;
    bool has_a = wire_msg_find(a, id, 0, &in_a), has_b = wire_msg_find(b, id, 0, &in_b);
    return has_a == has_b && (!has_a || mcx_span_equal(in_a.body, in_b.body));
}

json_t *report_answer(struct mcx_span message, struct mcx_span request, int64_t elapsed_us)
{
    struct mcx_span avps = wire_msg_avps(message), asked = wire_msg_avps(request);
    struct wire_result result = wire_msg_result(avps);
    struct wire_header header = {0}, sent = {0};
    wire_msg_header(message, &header);
    wire_msg_header(request, &sent);
    const char *fault = wire_msg_fault(message);
    json_t *json = report_header(message);
    json_object_set_new(json, "elapsed_ms", json_real((double)elapsed_us / 1000));
    json_object_set_new(json, "result", json_integer(result.code));
    json_object_set_new(json, "experimental", json_boolean(result.is_experimental));
    json_object_set_new(json, "vendor", json_integer(result.vendor));
    json_object_set_new(json, "result_name",
                        json_string(wire_dict_result(result.code, result.is_experimental)));
    json_object_set_new(json, "e_bit", json_boolean(header.flags & WIRE_FLAG_E));
    json_object_set_new(json, "fault", fault ? json_string(fault) : json_null());
    json_object_set_new(json, "hop_by_hop_matches",
                        json_boolean(header.hop_by_hop == sent.hop_by_hop));
    json_object_set_new(json, "end_to_end_matches",
                        json_boolean(header.end_to_end == sent.end_to_end));
    json_object_set_new(json, "session_id_matches",
                        json_boolean(same(avps, asked, WIRE_SESSION_ID)));
    json_object_set_new(json, "user_name_matches", json_boolean(same(avps, asked, WIRE_USER_NAME)));
    json_object_set_new(json, "public_identity_matches",
                        json_boolean(same(avps, asked, WIRE_PUBLIC_IDENTITY)));
    set_text(json, "session_id", avps, WIRE_SESSION_ID);
    set_text(json, "origin_host", avps, WIRE_ORIGIN_HOST);
    set_text(json, "origin_realm", avps, WIRE_ORIGIN_REALM);
    set_text(json, "user_name", avps, WIRE_USER_NAME);
    set_text(json, "public_identity", avps, WIRE_PUBLIC_IDENTITY);
    set_number(json, "items", avps, WIRE_SIP_NUMBER_AUTH_ITEMS);
    set_text(json, "error_message", avps, WIRE_ERROR_MESSAGE);
    set_text(json, "error_reporting_host", avps, WIRE_ERROR_REPORTING_HOST);
    set_list(json, "redirect_hosts", avps, WIRE_REDIRECT_HOST);
    json_object_set_new(json, "failed_avp", report_failed(avps, request));
    json_object_set_new(json, "avps", avps_of(avps, false));
    return json;
}
