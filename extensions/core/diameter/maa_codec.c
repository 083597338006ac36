/* SPDX-License-Identifier: Apache-2.0 */
/* Items of our own MAAs, the MAR that goes to a primary, and the laundering of what comes back:
 * nothing of another system's message is passed on, its vectors are copied out after every length
 * was checked (design 6). */
#include <string.h>

#include "diameter/answer_read.h"
#include "diameter/mar_codec.h"
#include "diameter/request.h"
#include "identity/identity.h"

static const char scheme_aka[] = "Digest-AKAv1-MD5"; /* TS 29.229 6.3.9 */

static int add_item(struct msg *answer, const struct mcx_av *av, uint32_t number)
{
    struct avp *item = NULL;
    uint8_t authenticate[32];
    int ret = mcx_avp_add_group(answer, MCX_AVP_SIP_AUTH_DATA_ITEM, &item);

    memcpy(authenticate, av->rand, 16);
    memcpy(authenticate + 16, av->autn, 16);
    if (ret == 0)
        ret = mcx_avp_add_u32(item, MCX_AVP_SIP_ITEM_NUMBER, number);
    if (ret == 0)
        ret = mcx_avp_add(item, MCX_AVP_SIP_AUTHENTICATION_SCHEME, mcx_span_of(scheme_aka));
    if (ret == 0)
        ret = mcx_avp_add(item, MCX_AVP_SIP_AUTHENTICATE, mcx_span(authenticate, 32));
    if (ret == 0)
        ret = mcx_avp_add(item, MCX_AVP_SIP_AUTHORIZATION, mcx_span(av->xres, av->xres_len));
    if (ret == 0 && !av->no_ck)
        ret = mcx_avp_add(item, MCX_AVP_CONFIDENTIALITY_KEY, mcx_span(av->ck.octets, 16));
    if (ret == 0)
        ret = mcx_avp_add(item, MCX_AVP_INTEGRITY_KEY, mcx_span(av->ik.octets, 16));
    return ret;
}

int mcx_maa_add_items(struct msg *answer, enum mcx_iface iface, const struct mcx_av *items,
                      uint32_t count)
{
    int ret = 0;

    if (iface == MCX_CX) /* the Zh MAA has no such AVP: one item at most */
        ret = mcx_avp_add_u32(answer, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, count);
    for (uint32_t i = 0; i < count && ret == 0; i++)
        ret = add_item(answer, &items[i], i + 1);
    return ret;
}

int mcx_maa_add_features(struct msg *answer)
{
    struct avp *group = NULL;
    int ret = mcx_avp_add_group(answer, MCX_AVP_SUPPORTED_FEATURES, &group);

    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_VENDOR_ID, MCX_VENDOR_3GPP);
    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_FEATURE_LIST_ID, 1);
    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_FEATURE_LIST, 0);
    return ret;
}

static int add_asked_item(struct msg *msg, const struct mcx_mar_relay *relay)
{
    struct avp *item = NULL;
    uint8_t authorization[30];
    int ret = mcx_avp_add_group(msg, MCX_AVP_SIP_AUTH_DATA_ITEM, &item);

    if (ret == 0)
        ret = mcx_avp_add(item, MCX_AVP_SIP_AUTHENTICATION_SCHEME, mcx_span_of(scheme_aka));
    if (ret != 0 || !relay->has_auts)
        return ret;
    memcpy(authorization, relay->rand, 16);
    memcpy(authorization + 16, relay->auts, 14);
    return mcx_avp_add(item, MCX_AVP_SIP_AUTHORIZATION, mcx_span(authorization, 30));
}

static int fill_mar(struct msg *msg, const struct mcx_mar_relay *relay, const char *server_name)
{
    int ret = mcx_avp_add(msg, MCX_AVP_USER_NAME, mcx_span_str(&relay->impi));

    if (ret == 0)
        ret = mcx_avp_add(msg, MCX_AVP_PUBLIC_IDENTITY, mcx_span_str(&relay->impu));
    if (ret == 0)
        ret = add_asked_item(msg, relay);
    if (ret == 0 && relay->iface == MCX_CX)
        ret = mcx_avp_add_u32(msg, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, relay->items);
    if (ret == 0 && relay->iface == MCX_CX)
        ret = mcx_avp_add(msg, MCX_AVP_SERVER_NAME, mcx_span_of(server_name));
    return ret;
}

int mcx_mar_encode(const struct mcx_mar_relay *relay, const char *server_name, struct msg **out)
{
    uint32_t application = relay->iface == MCX_ZH ? MCX_APP_ZH : MCX_APP_CX;
    int ret = mcx_request_make(MCX_CMD_MAR, application, &relay->realm, &relay->host, out);

    if (ret == 0)
        ret = fill_mar(*out, relay, server_name);
    if (ret != 0 && *out) {
        fd_msg_free(*out);
        *out = NULL;
    }
    return ret;
}

static void unsound(struct mcx_maa *out, const char *reason)
{
    mcx_wipe(out, sizeof *out);
    out->kind = MCX_MAA_UNSOUND;
    out->reason = reason;
}

static bool copy_exact(uint8_t *to, size_t len, struct mcx_span from)
{
    if (from.len == len)
        memcpy(to, from.octets, len);
    return from.len == len;
}

/* Lengths: SIP-Authenticate 32, XRES 4-16, IK 16, CK 16 or absent. */
static bool read_item(const struct mcx_avp *item, struct mcx_av *av)
{
    struct mcx_avp avp = {0};
    uint8_t authenticate[32];

    if (mcx_avp_find(item->avp, MCX_AVP_SIP_AUTHENTICATION_SCHEME, &avp) &&
        !mcx_span_equal_nocase(avp.octets, mcx_span_of(scheme_aka)))
        return false;
    if (!mcx_avp_find(item->avp, MCX_AVP_SIP_AUTHENTICATE, &avp) ||
        !copy_exact(authenticate, sizeof authenticate, avp.octets))
        return false;
    memcpy(av->rand, authenticate, 16);
    memcpy(av->autn, authenticate + 16, 16);
    if (!mcx_avp_find(item->avp, MCX_AVP_SIP_AUTHORIZATION, &avp) || avp.octets.len < 4 ||
        avp.octets.len > sizeof av->xres)
        return false;
    memcpy(av->xres, avp.octets.octets, avp.octets.len);
    av->xres_len = (uint8_t)avp.octets.len;
    if (!mcx_avp_find(item->avp, MCX_AVP_INTEGRITY_KEY, &avp) ||
        !copy_exact(av->ik.octets, 16, avp.octets))
        return false;
    av->no_ck = !mcx_avp_find(item->avp, MCX_AVP_CONFIDENTIALITY_KEY, &avp);
    return av->no_ck || copy_exact(av->ck.octets, 16, avp.octets);
}

/* Vectors in the order of their SIP-Item-Number, low first (TS 29.228 6.3.1); unnumbered ones as
 * they stand. */
static void sort_items(struct mcx_maa *out, const uint32_t *number)
{
    uint32_t order[MCX_ITEMS_MAX];

    memcpy(order, number, sizeof order);
    for (uint32_t i = 1; i < out->item_count; i++) {
        for (uint32_t j = i; j > 0 && order[j - 1] > order[j]; j--) {
            struct mcx_av av = out->item[j];
            uint32_t n = order[j];

            out->item[j] = out->item[j - 1];
            out->item[j - 1] = av;
            order[j] = order[j - 1];
            order[j - 1] = n;
            mcx_av_wipe(&av);
        }
    }
}

static void read_items(struct msg *answer, const struct mcx_mar_relay *relay, struct mcx_maa *out)
{
    struct mcx_avp step = {0}, number = {0};
    uint32_t order[MCX_ITEMS_MAX] = {0};

    out->kind = MCX_MAA_ITEMS;
    while (mcx_avp_next(answer, &step)) {
        if (step.name == MCX_AVP_SIP_NUMBER_AUTH_ITEMS && step.u32 > relay->items) {
            unsound(out, "more_items_than_asked");
            return;
        }
        if (step.name != MCX_AVP_SIP_AUTH_DATA_ITEM)
            continue;
        if (out->item_count == relay->items || out->item_count == MCX_ITEMS_MAX) {
            unsound(out, "more_items_than_asked");
            return;
        }
        if (!read_item(&step, &out->item[out->item_count])) {
            unsound(out, "bad_item");
            return;
        }
        if (mcx_avp_find(step.avp, MCX_AVP_SIP_ITEM_NUMBER, &number))
            order[out->item_count] = number.u32;
        out->item_count++;
    }
    if (out->item_count == 0)
        unsound(out, "no_item");
    else
        sort_items(out, order);
}

/* RFC 6733 4.3.1 DiameterURI: only its host matters, we go where our own configuration leads. */
static bool read_redirect(struct msg *answer, struct mcx_str *host)
{
    struct mcx_avp avp = {0};
    const uint8_t *at = NULL, *end = NULL, *stop = NULL;

    if (!mcx_avp_find(answer, MCX_AVP_REDIRECT_HOST, &avp))
        return false;
    at = avp.octets.octets;
    end = at + avp.octets.len;
    if (avp.octets.len > 7 && memcmp(at, "aaas://", 7) == 0)
        at += 7;
    else if (avp.octets.len > 6 && memcmp(at, "aaa://", 6) == 0)
        at += 6;
    else
        return false;
    for (stop = at; stop < end && *stop != ':' && *stop != ';';)
        stop++;
    return mcx_host_canonical(mcx_span(at, (size_t)(stop - at)), host) == MCX_OK;
}

/* What it says of identities must be what was asked; what it leaves out is accepted by correlation.
 */
static bool same_identities(struct msg *answer, const struct mcx_mar_relay *relay)
{
    struct mcx_avp avp = {0};

    if (mcx_avp_find(answer, MCX_AVP_USER_NAME, &avp) &&
        !mcx_span_equal(avp.octets, mcx_span_str(&relay->impi)))
        return false;
    return !mcx_avp_find(answer, MCX_AVP_PUBLIC_IDENTITY, &avp) ||
           mcx_span_equal(avp.octets, mcx_span_str(&relay->impu));
}

void mcx_maa_decode(struct msg *answer, const struct mcx_mar_relay *relay, struct mcx_maa *out)
{
    struct mcx_avp realm = {0};

    memset(out, 0, sizeof *out);
    if (!mcx_answer_read_result(answer, MCX_VENDOR_3GPP, &out->result)) {
        unsound(out, "no_single_result");
        return;
    }
    if (!mcx_avp_find(answer, MCX_AVP_ORIGIN_REALM, &realm) ||
        !mcx_span_equal_nocase(realm.octets, mcx_span_str(&relay->realm))) {
        unsound(out, "other_realm");
        return;
    }
    if (!mcx_answer_same_session(answer)) {
        unsound(out, "other_session");
        return;
    }
    if (!same_identities(answer, relay)) {
        unsound(out, "other_identities");
        return;
    }
    if (mcx_result_is_success(out->result)) {
        read_items(answer, relay, out);
        return;
    }
    out->kind = MCX_MAA_RESULT;
    if (!out->result.is_experimental && out->result.code == MCX_RC_REDIRECT_INDICATION) {
        out->kind = MCX_MAA_REDIRECT;
        if (!read_redirect(answer, &out->redirect_host))
            unsound(out, "bad_redirect");
    }
}
