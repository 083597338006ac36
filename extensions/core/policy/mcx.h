/* SPDX-License-Identifier: Apache-2.0 */
/* The MCX messages as plain values (design 3): what the codecs of diameter/ make and take, and what
 * hss/ and cms/ work on. Sizes are those of the grammar. Nothing here touches anything. */
#ifndef MCX_POLICY_MCX_H
#define MCX_POLICY_MCX_H

#include "policy/result.h"
#include "policy/service.h"

enum {
    MCX_PUBLIC_MAX = 8,       /* 1*8{Public-Identity} */
    MCX_UUID_TEXT = 37,       /* 36 characters and NUL */
    MCX_DOCUMENT_MAX = 49152, /* UE-Initial-Configuration, octets */
    MCX_NEVER = 0             /* expires_s: no AVP, the receiver's policy */
};

/* A Migration-Binding-Id as peers and UEs write it: RFC 9562 5.4, version 4; out in lower case, as
 * bindings have it. false: another form, which no binding has. Pure. */
MCX_MUST_USE bool mcx_uuid_read(struct mcx_span text, char out[MCX_UUID_TEXT]);

enum mcx_direction { MCX_OUTBOUND = 0, MCX_INBOUND = 1 };
enum mcx_release_cause {
    MCX_ENDED_BY_USER = 0,
    MCX_REVOKED = 1,
    MCX_EXPIRED = 2,
    MCX_REPLACED = 3
};

/* One private identity and its public ones, in order; as received, octet for octet. */
struct mcx_identities {
    struct mcx_str impi;
    size_t impu_count; /* 1..MCX_PUBLIC_MAX once decoded */
    struct mcx_str impu[MCX_PUBLIC_MAX];
};

/* MC-Service-Id: MC ids of one user. */
struct mcx_mc_ids {
    size_t count;
    struct mcx_str id[MCX_PUBLIC_MAX];
};

/* Migration-Identity-Request, S-DB. */
struct mcx_mir {
    char binding_id[MCX_UUID_TEXT];
    enum mcx_direction direction;
    struct mcx_str
        system; /* MC-System-Id of the other system: OUTBOUND the partner, INBOUND the primary */
    struct mcx_str mc_user_id;
    struct mcx_mc_ids service_ids; /* INBOUND: as the PAR has them; they may decide the agreement */
    struct mcx_identities source;  /* OUTBOUND: the user's own; INBOUND: the primary's */
    struct mcx_str database_realm,
        database_host;      /* Primary-SIP-Database, INBOUND only; host len 0: none */
    bool has_masking, mask; /* has_masking false: NONE */
    int64_t expires_s;      /* Unix time; MCX_NEVER: absent */
};

/* Partner-Access-Request, S-S. */
struct mcx_par {
    char binding_id[MCX_UUID_TEXT];
    struct mcx_str system; /* MC-System-Id of the requester */
    struct mcx_str mc_user_id;
    struct mcx_mc_ids service_ids;
    struct mcx_str database_realm, database_host;
    struct mcx_identities source;
    int64_t expires_s;
};

/* Migration-Release-Request, both applications. */
struct mcx_mrr {
    char binding_id[MCX_UUID_TEXT];
    struct mcx_str system; /* MC-System-Id of the primary */
    enum mcx_release_cause cause;
};

/* MIA, PAA, MRA. given and expires_s only with 2001 (MIA, PAA). document: PAA only; NULL if absent.
 */
struct mcx_given {
    struct mcx_result result;
    struct mcx_identities given;
    int64_t expires_s;
    uint8_t *document; /* malloc; may hold credentials: mcx_given_free wipes */
    size_t document_len;
};
void mcx_given_free(struct mcx_given *given);

#endif
