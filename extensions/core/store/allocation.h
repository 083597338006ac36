/* SPDX-License-Identifier: Apache-2.0 */
/* Grants and inbound bindings as a MIR, or a person, asks for them (CR 10.1.X.1 steps 4, 5, 9 and
 * 10), their end, and what time does to them. One statement for the common cases. Worker thread or
 * tool; blocks on the database. */
#ifndef MCX_STORE_ALLOCATION_H
#define MCX_STORE_ALLOCATION_H

#include "policy/mcx.h"
#include "store/admin.h"

/* Sound and canonical; what the spans point to outlives the call. */
struct mcx_binding_ask {
    enum mcx_direction direction;
    const char *binding_id;       /* UUID text; NULL: the one it has, or a new one */
    const char *system;           /* the other system */
    const char *mc_user_id;       /* NULL: not known */
    struct mcx_identities source; /* canonical */
    bool mask;                    /* OUTBOUND */
    /* INBOUND: as received, kept octet for octet; and where its SIP database is, in lower case.
     * NULL: its main realm; none. */
    const struct mcx_identities *received;
    const char *database_realm, *database_host;
    int64_t expires_s; /* Unix time; MCX_NEVER */
    int64_t max_s;     /* at most so many seconds; 0: unlimited */
    /* INBOUND: an agreement must be in force for the user, and for these MC-Service-Ids of his. */
    bool must_agree;
    const struct mcx_mc_ids *service_ids; /* NULL: not known */
};

enum mcx_binding_verdict {
    MCX_BINDING_NEW,
    MCX_BINDING_REPEAT, /* the same identities as before; expiry never shorter */
    /* Partner unknown or removed; realm, host or domain not its; no agreement where one must be. */
    MCX_BINDING_NO_AGREEMENT,
    MCX_BINDING_UNKNOWN_USER, /* no such own user, or an identity that is one of this system */
    MCX_BINDING_BARRED,
    MCX_BINDING_PAST,       /* would end before it begins */
    MCX_BINDING_OTHER_USER, /* live with another MC-User-Id */
    MCX_BINDING_USED_ID,    /* the id is another binding's, or one that was released or revoked */
    MCX_BINDING_EXHAUSTED,  /* no domain, its pool is empty, or its agreement's cap is reached */
    MCX_BINDING_TOO_MANY    /* more than eight public identities together */
};

struct mcx_binding_outcome {
    enum mcx_binding_verdict verdict;
    const char *reason; /* one static word */
    char detail[300];   /* the name that is in the way, for people of this system; "" if none */
    char binding_id[MCX_UUID_TEXT]; /* NEW, REPEAT; OTHER_USER: of the live one */
    struct mcx_identities given;    /* NEW, REPEAT: in the order of source */
    int64_t expires_s;              /* NEW, REPEAT: what the other side is told; MCX_NEVER */
    bool replaced;                  /* NEW: one with the other masking was ended for it */
    struct mcx_str database_realm;  /* INBOUND */
};

/* Not inside a transaction. OK: committed, see verdict. DB_AWAY: unknown whether it was done;
 * asking again gives the same. DB_ERROR: nothing was done. */
MCX_MUST_USE enum mcx_err mcx_store_binding_make(struct mcx_session *session,
                                                 const struct mcx_binding_ask *ask,
                                                 struct mcx_binding_outcome *out);

/* Ends the one that primary and id name, on whichever side this is; a grant only if it is for that
 * partner, NULL: any. OK: ended, now or before. NOT_FOUND: none. who, reason: for people. The other
 * side is not told: it asked. */
MCX_MUST_USE enum mcx_err mcx_store_binding_release(struct mcx_session *session, const char *id,
                                                    const char *primary, const char *partner,
                                                    enum mcx_release_cause cause, const char *who,
                                                    const char *reason);

/* Ends what has expired by the database's clock, and sends identities of pools whose binding has
 * ended into quarantine: so many seconds from that end. In small transactions until nothing is
 * left; *ended: how many. Many may sweep at once. */
MCX_MUST_USE enum mcx_err mcx_store_sweep(struct mcx_session *session, int64_t quarantine_s,
                                          size_t *ended);

const char *mcx_cause_text(enum mcx_release_cause cause); /* "released" ..., as in the tables */

#endif
