/* SPDX-License-Identifier: Apache-2.0 */
/* Builds answers with real Milenage vectors. One thread. */
#include "maa.h"

#include <stdio.h>
#include <string.h>

#define ITEMS_MAX 5

static void put_sized(struct wire_buf *out, enum wire_id id, const uint8_t *octets, size_t true_len,
                      int wanted)
{
    uint8_t room[64] = {0};
    if (wanted == LEN_ABSENT)
        return;
    memcpy(room, octets, true_len);
    wire_msg_put(out, id, room, wanted ? (size_t)wanted : true_len);
    mcx_wipe(room, sizeof(room));
}

static void put_extras(struct wire_buf *out)
{
    struct wire_avp unknown = {99001, 99999, WIRE_AVP_V, mcx_span("extra", 5)};
    wire_msg_put_raw(out, &unknown);
    wire_msg_put_text(out, WIRE_SIP_AUTHENTICATION_CONTEXT, "context of the primary");
}

static bool put_item(struct maa_source *source, const struct behaviour_plan *plan, unsigned number,
                     struct wire_buf *out)
{
    struct mcx_av av;
    uint8_t authenticate[32];
    if (mcx_aka_vector(&source->card.usim.k, &source->card.usim.opc, source->card.amf,
                       ++source->seq, source->ind, &av) != MCX_OK)
        return false;
    memcpy(authenticate, av.rand, 16);
    memcpy(authenticate + 16, av.autn, 16);
    const char *scheme = plan->scheme ? plan->scheme : "Digest-AKAv1-MD5";
    size_t group = wire_msg_group_begin(out, WIRE_SIP_AUTH_DATA_ITEM);
    if (!plan->no_item_number)
        wire_msg_put_u32(out, WIRE_SIP_ITEM_NUMBER, number);
    if (*scheme)
        wire_msg_put_text(out, WIRE_SIP_AUTHENTICATION_SCHEME, scheme);
    put_sized(out, WIRE_SIP_AUTHENTICATE, authenticate, 32, plan->authenticate_len);
    put_sized(out, WIRE_SIP_AUTHORIZATION, av.xres, av.xres_len, plan->xres_len);
    put_sized(out, WIRE_CONFIDENTIALITY_KEY, av.ck.octets, 16, plan->ck_len);
    put_sized(out, WIRE_INTEGRITY_KEY, av.ik.octets, 16, plan->ik_len);
    if (plan->extras)
        put_extras(out);
    wire_msg_group_end(out, group);
    mcx_av_wipe(&av);
    return true;
}

static void put_result(struct wire_buf *out, uint32_t code, bool is_experimental)
{
    if (!is_experimental) {
        wire_msg_put_u32(out, WIRE_RESULT_CODE, code);
        return;
    }
    size_t group = wire_msg_group_begin(out, WIRE_EXPERIMENTAL_RESULT);
    wire_msg_put_u32(out, WIRE_VENDOR_ID, WIRE_VENDOR_3GPP);
    wire_msg_put_u32(out, WIRE_EXPERIMENTAL_RESULT_CODE, code);
    wire_msg_group_end(out, group);
}

/* true: no AUTS, or one of this card. */
static bool take_auts(struct maa_source *source, struct mcx_span avps)
{
    struct wire_avp item, authorization;
    int64_t seq_ms;
    if (!wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, 0, &item) ||
        !wire_msg_find(item.body, WIRE_SIP_AUTHORIZATION, 0, &authorization))
        return true;
    const uint8_t *rand = authorization.body.octets;
    if (authorization.body.len != 30 || mcx_aka_auts(&source->card.usim.k, &source->card.usim.opc,
                                                     rand, rand + 16, &seq_ms) != MCX_OK)
        return false;
    if (seq_ms > source->seq)
        source->seq = seq_ms;
    return true;
}

static void put_identity(struct wire_buf *out, struct mcx_span avps, enum wire_id id,
                         enum behaviour_identity what)
{
    struct wire_avp asked;
    if (what == IDENTITY_OTHER)
        wire_msg_put_text(out, id,
                          id == WIRE_USER_NAME ? "other@elsewhere.example"
                                               : "sip:other@elsewhere.example");
    else if (what == IDENTITY_ASKED && wire_msg_find(avps, id, 0, &asked))
        wire_msg_put_span(out, id, asked.body);
}

static void put_secrets(struct wire_buf *out, const struct wire_identity *identity,
                        struct mcx_span avps)
{
    char text[600];
    struct wire_avp asked = {.body = {NULL, 0}};
    wire_msg_find(avps, WIRE_USER_NAME, 0, &asked);
    snprintf(text, sizeof(text), "database of %s fails for %.*s", identity->host,
             (int)asked.body.len, (const char *)asked.body.octets);
    wire_msg_put_text(out, WIRE_ERROR_MESSAGE, text);
    wire_msg_put_text(out, WIRE_ERROR_REPORTING_HOST, identity->host);
    size_t group = wire_msg_group_begin(out, WIRE_FAILED_AVP);
    wire_msg_put_span(out, WIRE_USER_NAME, asked.body);
    wire_msg_group_end(out, group);
}

static uint32_t items_wanted(const struct behaviour_plan *plan, const struct wire_header *asked,
                             struct mcx_span avps)
{
    uint32_t wanted = 1;
    if (plan->no_items || asked->command != WIRE_CMD_MA)
        return 0;
    if (asked->application != WIRE_APP_ZH &&
        wire_msg_find_u32(avps, WIRE_SIP_NUMBER_AUTH_ITEMS, &wanted) && wanted > ITEMS_MAX)
        wanted = ITEMS_MAX;
    return wanted + plan->more_items;
}

static void put_items(struct maa_source *source, const struct behaviour_plan *plan,
                      const struct wire_header *asked, struct mcx_span avps, struct wire_buf *out)
{
    uint32_t wanted = items_wanted(plan, asked, avps);
    if (asked->application != WIRE_APP_ZH && !plan->no_number)
        wire_msg_put_u32(out, WIRE_SIP_NUMBER_AUTH_ITEMS, wanted + (uint32_t)plan->number_shift);
    for (unsigned i = 1; i <= wanted; i++)
        if (!put_item(source, plan, i, out))
            break;
}

static void put_head(const struct behaviour_plan *plan, uint32_t code,
                     const struct wire_identity *identity, const struct wire_header *asked,
                     struct mcx_span avps, struct wire_buf *out)
{
    struct wire_avp session;
    struct wire_avp unknown = {99000, 0, WIRE_AVP_M, mcx_span("what", 4)};
    if (plan->wrong_session)
        wire_msg_put_text(out, WIRE_SESSION_ID, "elsewhere.example;1;1");
    else if (wire_msg_find(avps, WIRE_SESSION_ID, 0, &session))
        wire_msg_put_span(out, WIRE_SESSION_ID, session.body);
    if (plan->unknown_mbit)
        wire_msg_put_raw(out, &unknown);
    wire_msg_put_application(out, asked->application);
    if (!plan->no_result)
        put_result(out, code, plan->is_experimental);
    if (plan->both_results)
        put_result(out, 5001, true);
    wire_msg_put_text(out, WIRE_ORIGIN_HOST, plan->host ? plan->host : identity->host);
    wire_msg_put_text(out, WIRE_ORIGIN_REALM, plan->realm ? plan->realm : identity->realm);
    if (plan->redirect)
        wire_msg_put_text(out, WIRE_REDIRECT_HOST, plan->redirect);
}

static void put_tail(const struct behaviour_plan *plan, const struct wire_identity *identity,
                     struct mcx_span avps, struct wire_buf *out)
{
    static const uint8_t features[] = {0, 0, 0, 0, 0, 0, 0, 1};
    if (plan->secrets)
        put_secrets(out, identity, avps);
    if (plan->extras) {
        put_extras(out);
        wire_msg_put_text(out, WIRE_GBA_USERSECSETTINGS,
                          "<guss id=\"secret service of the primary\"/>");
        size_t group = wire_msg_group_begin(out, WIRE_OC_SUPPORTED_FEATURES);
        wire_msg_put(out, WIRE_OC_FEATURE_VECTOR, features, sizeof(features));
        wire_msg_group_end(out, group);
    }
    if (plan->huge) {
        size_t group = wire_msg_group_begin(out, WIRE_PROXY_STATE);
        wire_buf_put_zero(out, 66000);
        wire_msg_group_end(out, group);
    }
}

void maa_build(struct maa_source *source, const struct behaviour_plan *plan,
               const struct wire_identity *identity, struct mcx_span request, struct wire_buf *out)
{
    struct wire_header asked, header;
    struct behaviour_plan refused = *plan;
    struct mcx_span avps = wire_msg_avps(request);
    if (!wire_msg_header(request, &asked))
        return;
    bool is_serving = !plan->no_items && asked.command == WIRE_CMD_MA;
    if (is_serving && (!source->card.present || !take_auts(source, avps))) {
        refused.result = 5012; /* MAC-S wrong: UNABLE_TO_COMPLY, TS 29.228 6.3.1 */
        refused.no_items = true;
        plan = &refused;
    }
    uint32_t code = plan->result ? plan->result : 2001;
    header = asked;
    header.flags = (asked.flags & WIRE_FLAG_P) |
                   (!plan->is_experimental && code / 1000 == 3 ? WIRE_FLAG_E : 0);
    header.hop_by_hop += plan->wrong_hop_by_hop;
    size_t mark = wire_msg_begin(out, &header);
    put_head(plan, code, identity, &asked, avps, out);
    if (asked.command == WIRE_CMD_MA) {
        put_identity(out, avps, WIRE_USER_NAME, plan->impi);
        put_identity(out, avps, WIRE_PUBLIC_IDENTITY, plan->impu);
        if (code == 2001 || !plan->no_items)
            put_items(source, plan, &asked, avps, out);
    }
    put_tail(plan, identity, avps, out);
    if (plan->unparsable) {
        size_t last = wire_msg_group_begin(out, WIRE_ERROR_MESSAGE);
        wire_set_u24(out->octets + last + 5, 4000);
    }
    wire_msg_end(out, mark);
}
