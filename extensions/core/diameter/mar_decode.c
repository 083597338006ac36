/* SPDX-License-Identifier: Apache-2.0 */
/* A MAR of the SIP core or of a partner becomes a plain struct, or a flaw with its Result-Code and
 * Failed-AVP (RFC 6733 7.1.5). The dictionary's rules are loose on purpose, so that every missing,
 * repeated, empty, over-long or NUL-carrying AVP is answered here, with the identities echoed. */
#include <string.h>

#include "diameter/mar_codec.h"
#include "identity/identity.h"

enum { AUTS_LEN = 30 }; /* RAND 16, AUTS 14: TS 29.229 6.3.10 */

/* The AVPs of a MAR that may stand once. */
struct parts {
    struct mcx_avp user_name, public_identity, item, number, server_name, origin_host, origin_realm;
    struct mcx_avp scheme, authorization; /* inside item */
    struct mcx_avp features;              /* the first that we can't support */
};

/* The group that it stands in. */
static enum mcx_avp_name parent_of(enum mcx_avp_name name)
{
    bool is_nested = name == MCX_AVP_SIP_AUTHENTICATION_SCHEME || name == MCX_AVP_SIP_AUTHORIZATION;

    return is_nested ? MCX_AVP_SIP_AUTH_DATA_ITEM : MCX_AVP_NAMES;
}

static bool missing(struct mcx_flaw *flaw, enum mcx_avp_name name)
{
    return mcx_flaw_missing(flaw, name, parent_of(name));
}

static bool bad_value(struct mcx_flaw *flaw, const struct mcx_avp *avp)
{
    return mcx_flaw_value(flaw, avp, parent_of(avp->name));
}

/* Remembers a first occurrence; the second is the flaw. */
static bool once(struct mcx_avp *place, const struct mcx_avp *avp, struct mcx_flaw *flaw)
{
    if (place->avp)
        return mcx_flaw_repeated(flaw, avp, parent_of(avp->name));
    *place = *avp;
    return true;
}

static bool collect_item(struct parts *parts, struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    while (mcx_avp_next(parts->item.avp, &step)) {
        struct mcx_avp *place = NULL;

        if (step.name == MCX_AVP_SIP_AUTHENTICATION_SCHEME)
            place = &parts->scheme;
        else if (step.name == MCX_AVP_SIP_AUTHORIZATION)
            place = &parts->authorization;
        if (place && !once(place, &step, flaw))
            return false;
    }
    return true;
}

bool mcx_features_supported(const struct mcx_avp *features, struct mcx_flaw *flaw)
{
    struct mcx_avp list = {0};

    if (!(features->flags & AVP_FLAG_MANDATORY) ||
        (mcx_avp_find(features->avp, MCX_AVP_FEATURE_LIST, &list) && list.u32 == 0))
        return true;
    *flaw = (struct mcx_flaw){.result = mcx_result_experimental(MCX_EXP_FEATURE_UNSUPPORTED),
                              .reason = "feature_unsupported"};
    return false;
}

/* Told only when the grammar holds: TS 29.228 6.3.1 looks at it first. */
static void note_features(struct parts *parts, const struct mcx_avp *features)
{
    struct mcx_flaw flaw;

    if (!parts->features.avp && !mcx_features_supported(features, &flaw))
        parts->features = *features;
}

static bool collect(struct msg *msg, struct parts *parts, struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    while (mcx_avp_next(msg, &step)) {
        struct mcx_avp *place = NULL;

        switch (step.name) {
        case MCX_AVP_USER_NAME:
            place = &parts->user_name;
            break;
        case MCX_AVP_PUBLIC_IDENTITY:
            place = &parts->public_identity;
            break;
        case MCX_AVP_SIP_AUTH_DATA_ITEM:
            place = &parts->item;
            break;
        case MCX_AVP_SIP_NUMBER_AUTH_ITEMS:
            place = &parts->number;
            break;
        case MCX_AVP_SERVER_NAME:
            place = &parts->server_name;
            break;
        case MCX_AVP_ORIGIN_HOST:
            place = &parts->origin_host;
            break;
        case MCX_AVP_ORIGIN_REALM:
            place = &parts->origin_realm;
            break;
        case MCX_AVP_SUPPORTED_FEATURES:
            note_features(parts, &step);
            continue;
        default:
            continue;
        }
        if (!once(place, &step, flaw))
            return false;
    }
    return !parts->item.avp || collect_item(parts, flaw);
}

/* Grammar of Cx MAR, TS 29.229 6.1.7, in its order; Zh, TS 29.109 4.2, leaves most optional. */
static bool require(enum mcx_iface iface, const struct parts *parts, struct mcx_flaw *flaw)
{
    if (!parts->origin_host.avp)
        return missing(flaw, MCX_AVP_ORIGIN_HOST);
    if (!parts->origin_realm.avp)
        return missing(flaw, MCX_AVP_ORIGIN_REALM);
    if (!parts->user_name.avp)
        return missing(flaw, MCX_AVP_USER_NAME);
    if (iface == MCX_ZH) {
        if (parts->authorization.avp && !parts->scheme.avp)
            return missing(flaw, MCX_AVP_SIP_AUTHENTICATION_SCHEME);
        return true;
    }
    if (!parts->public_identity.avp)
        return missing(flaw, MCX_AVP_PUBLIC_IDENTITY);
    if (!parts->item.avp)
        return missing(flaw, MCX_AVP_SIP_AUTH_DATA_ITEM);
    if (!parts->scheme.avp)
        return missing(flaw, MCX_AVP_SIP_AUTHENTICATION_SCHEME);
    if (!parts->number.avp)
        return missing(flaw, MCX_AVP_SIP_NUMBER_AUTH_ITEMS);
    if (!parts->server_name.avp)
        return missing(flaw, MCX_AVP_SERVER_NAME);
    return true;
}

static bool read_scheme(const struct parts *parts, struct mcx_mar_ask *ask, struct mcx_flaw *flaw)
{
    struct mcx_span name = parts->scheme.octets;

    ask->scheme = MCX_SCHEME_AKA; /* Zh without an item */
    if (!parts->scheme.avp)
        return true;
    if (name.len == 0 || memchr(name.octets, 0, name.len))
        return bad_value(flaw, &parts->scheme);
    if (mcx_span_equal_nocase(name, mcx_span_of("Unknown")))
        ask->scheme = MCX_SCHEME_UNKNOWN;
    else if (!mcx_span_equal_nocase(name, mcx_span_of("Digest-AKAv1-MD5")))
        ask->scheme = MCX_SCHEME_OTHER;
    return true;
}

/* RAND and AUTS of a synchronisation failure; only AKA has them (TS 29.228 6.3.1). */
static bool read_auts(const struct parts *parts, struct mcx_mar_ask *ask, struct mcx_flaw *flaw)
{
    const struct mcx_avp *avp = &parts->authorization;

    ask->has_auts = avp->avp != NULL;
    if (!ask->has_auts)
        return true;
    if (ask->scheme != MCX_SCHEME_AKA || avp->octets.len != AUTS_LEN)
        return bad_value(flaw, avp);
    memcpy(ask->rand, avp->octets.octets, sizeof ask->rand);
    memcpy(ask->auts, avp->octets.octets + sizeof ask->rand, sizeof ask->auts);
    return true;
}

static bool read_identities(const struct parts *parts, struct mcx_mar_ask *ask,
                            struct mcx_flaw *flaw)
{
    if (mcx_impi_canonical(parts->user_name.octets, &ask->impi) != MCX_OK)
        return bad_value(flaw, &parts->user_name);
    ask->impu.len = 0;
    if (parts->public_identity.avp &&
        mcx_impu_canonical(parts->public_identity.octets, &ask->impu) != MCX_OK)
        return bad_value(flaw, &parts->public_identity);
    return true;
}

static bool read_rest(const struct parts *parts, struct mcx_mar_ask *ask, struct mcx_flaw *flaw)
{
    ask->items = 1;
    ask->server_name.len = 0;
    if (mcx_host_canonical(parts->origin_host.octets, &ask->origin_host) != MCX_OK)
        return bad_value(flaw, &parts->origin_host);
    if (mcx_host_canonical(parts->origin_realm.octets, &ask->origin_realm) != MCX_OK)
        return bad_value(flaw, &parts->origin_realm);
    if (ask->iface == MCX_ZH)
        return true;
    if (parts->number.u32 == 0)
        return bad_value(flaw, &parts->number);
    ask->items = parts->number.u32;
    if (parts->server_name.octets.len == 0 ||
        mcx_str_set(&ask->server_name, parts->server_name.octets) != MCX_OK)
        return bad_value(flaw, &parts->server_name);
    return true;
}

bool mcx_mar_decode(struct msg *msg, struct mcx_mar_ask *ask, struct mcx_flaw *flaw)
{
    struct msg_hdr *header = NULL;
    struct parts parts = {0};

    ask->iface = fd_msg_hdr(msg, &header) == 0 && header->msg_appl == MCX_APP_ZH ? MCX_ZH : MCX_CX;
    ask->from_partner = false;
    ask->partner.len = 0;
    return collect(msg, &parts, flaw) && require(ask->iface, &parts, flaw) &&
           (!parts.features.avp || mcx_features_supported(&parts.features, flaw)) &&
           read_identities(&parts, ask, flaw) && read_scheme(&parts, ask, flaw) &&
           read_auts(&parts, ask, flaw) && read_rest(&parts, ask, flaw);
}
