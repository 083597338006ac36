/* SPDX-License-Identifier: Apache-2.0 */
/* The decision on one MAR, Cx (TS 29.228 6.3) or Zh (TS 29.109 4.2), as a pure function of what was
 * asked and what the database holds. Touches nothing, logs nothing; any thread. */
#ifndef MCX_POLICY_MAR_H
#define MCX_POLICY_MAR_H

#include "base/span.h"
#include "policy/result.h"

enum mcx_iface { MCX_CX, MCX_ZH };

enum mcx_scheme {
    MCX_SCHEME_AKA,     /* Digest-AKAv1-MD5; also an absent item on Zh */
    MCX_SCHEME_UNKNOWN, /* the string "Unknown" */
    MCX_SCHEME_OTHER    /* SIP Digest, NASS-Bundled, anything else */
};

#define MCX_ITEMS_MAX 5 /* vectors in one MAA at most, whatever the settings */

/* One MAR, decoded and of sound shape. */
struct mcx_mar_ask {
    enum mcx_iface iface;
    bool from_partner;           /* delivered by a partner's peer; else by the own SIP core */
    struct mcx_str partner;      /* from_partner: its system_id in border.partners */
    struct mcx_str origin_host;  /* lower case */
    struct mcx_str origin_realm; /* lower case */
    struct mcx_str impi;         /* canonical */
    struct mcx_str impu;         /* canonical; len 0: absent, on Zh only */
    enum mcx_scheme scheme;
    uint32_t items; /* vectors wanted, at least 1 */
    bool has_auts;
    uint8_t rand[16], auts[14]; /* SIP-Authorization of a synchronisation failure */
    struct mcx_str server_name; /* Cx */
};

enum mcx_kind { MCX_KIND_NONE, MCX_KIND_OWN, MCX_KIND_INBOUND, MCX_KIND_OUTBOUND };

/* What the database says of one ask. Filled by the store; the store only joins. */
struct mcx_mar_facts {
    enum mcx_kind impi_kind, impu_kind;
    bool belongs; /* IMPU is one of this IMPI (own: impi_impu; inbound: of that binding;
                     partner asks: of that grant, masked or not) */
    /* Own subscriber: asked directly, or behind a grant. */
    bool has_credential; /* AKA credential present and not barred */
    int64_t subscriber_id;
    uint8_t amf[2];
    struct mcx_str credential_impi; /* AAD of the wrapped keys */
    uint8_t wrapped_k[49], wrapped_opc[49];
    /* As stored, at most 49; another length never unwraps. */
    uint8_t wrapped_k_len, wrapped_opc_len;
    /* Partner asks only. */
    bool partner_known; /* row for ask.partner, origin_realm and origin_host are in it */
    bool grant_live;    /* active, not expired, for exactly this IMPI and partner; a masked grant
                           is found by its outbound IMPI only, an unmasked by the own one only */
    int64_t grant_id;
    int64_t partner_id;
    uint8_t ind; /* of that partner: 2..31 */
    /* Inbound binding: asked by the own SIP core. */
    bool binding_live;
    int64_t binding_id;
    enum mcx_iface relay_iface;    /* partner.relay_iface */
    struct mcx_str primary_system; /* system_id */
    struct mcx_str primary_realm;  /* Destination-Realm */
    struct mcx_str primary_host;   /* Destination-Host; len 0: none */
    /* As received from the primary: sent octet for octet. */
    struct mcx_str primary_impi, primary_impu;
};

struct mcx_mar_policy { /* from mcx.conf */
    bool unknown_scheme_is_aka;
    uint32_t vectors_max, partner_vectors_max;
    struct mcx_str own_realm; /* lower case */
};

enum mcx_mar_do { MCX_MAR_SERVE, MCX_MAR_RELAY, MCX_MAR_REFUSE };

struct mcx_mar_plan {
    enum mcx_mar_do what;
    const char *reason; /* one static word for log and tests: "unknown_impi", "no_grant" ... */
    struct mcx_result refusal; /* REFUSE */
    uint32_t items;            /* SERVE, RELAY */
    uint8_t ind;               /* SERVE */
};

/* Order of checks: TS 29.228 6.3.1; towards a partner the grant first, and anything but the granted
 * pair is unknown (design 7); no chains (design 4). */
struct mcx_mar_plan mcx_mar_plan(const struct mcx_mar_policy *policy, const struct mcx_mar_ask *ask,
                                 const struct mcx_mar_facts *facts);
/* Of a partner's ask whose grant has ended since facts were read. */
struct mcx_mar_plan mcx_mar_plan_grant_ended(const struct mcx_mar_ask *ask);

#endif
