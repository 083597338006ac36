/* SPDX-License-Identifier: Apache-2.0 */
/* Cx and Zh MAR and MAA between messages and plain structs (TS 29.229 6.1.7-8, TS 29.109 4.2).
 * Whoever owns the message; does not block. */
#ifndef MCX_DIAMETER_MAR_CODEC_H
#define MCX_DIAMETER_MAR_CODEC_H

#include "diameter/flaw.h"
#include "hss/mar.h"

/* true: *ask is filled but for from_partner and partner. false: *flaw says what to answer; *ask is
 * undefined. */
MCX_MUST_USE bool mcx_mar_decode(struct msg *msg, struct mcx_mar_ask *ask, struct mcx_flaw *flaw);

/* TS 29.229 7.2.1: M on Supported-Features means that all of it must be supported. We support none.
 * false: *flaw says so. */
MCX_MUST_USE bool mcx_features_supported(const struct mcx_avp *features, struct mcx_flaw *flaw);
/* The complete set that we support, which is empty: goes with Experimental 5011 (TS 29.229 7.2.1).
 * 0 or errno. */
MCX_MUST_USE int mcx_maa_add_features(struct msg *answer);

/* Adds SIP-Number-Auth-Items (Cx only) and the items to an answer begun by mcx_answer_make. 0 or
 * errno. */
MCX_MUST_USE int mcx_maa_add_items(struct msg *answer, enum mcx_iface iface,
                                   const struct mcx_av *items, uint32_t count);

/* A new MAR for the primary. 0 or errno; *out is the caller's. */
MCX_MUST_USE int mcx_mar_encode(const struct mcx_mar_relay *relay, const char *server_name,
                                struct msg **out);

/* What a primary answered, laundered. */
enum mcx_maa_kind { MCX_MAA_ITEMS, MCX_MAA_RESULT, MCX_MAA_REDIRECT, MCX_MAA_UNSOUND };
struct mcx_maa {
    enum mcx_maa_kind kind;
    const char *reason;       /* UNSOUND: one word for the log */
    struct mcx_result result; /* RESULT: not 2001 */
    uint32_t item_count;
    struct mcx_av item[MCX_ITEMS_MAX];
    struct mcx_str redirect_host; /* REDIRECT: first Redirect-Host, lower case */
};
/* Checks realm, identities, number and lengths of all against what was asked (design 6). */
void mcx_maa_decode(struct msg *answer, const struct mcx_mar_relay *relay, struct mcx_maa *out);

#endif
