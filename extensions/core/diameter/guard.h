/* SPDX-License-Identifier: Apache-2.0 */
/* What a received message says in the AVPs that freeDiameter's routing will touch, and the repair
 * of those that would stop it (traps C1, C2, C5, C6). Runs in the peer's receiving thread before
 * anything else looks at the message; never blocks. A refusal travels inside the message as one AVP
 * that only this process can put there. */
#ifndef MCX_DIAMETER_GUARD_H
#define MCX_DIAMETER_GUARD_H

#include "base/span.h"
#include "diameter/fd.h"

enum mcx_rule {
    MCX_RULE_NONE,
#define MCX_RULE(name, label, result, mode, text) MCX_RULE_##name,
#include "base/border_rules.def"
#undef MCX_RULE
    MCX_RULES
};

const char *mcx_rule_label(enum mcx_rule rule);
/* Refused even with border.mode = "observe". */
bool mcx_rule_is_absolute(enum mcx_rule rule);
/* Counts a request under its rule, as refused or, if it passes, as observed. */
void mcx_rule_count(enum mcx_rule rule, bool passes);

/* What a verdict can hold of an AVP: more than a sound one among those that are watched ever has.
 */
enum { MCX_VERDICT_OCTETS = 4096, MCX_ROUTES_MAX = 16 };

/* Why a request is refused. failed_code 0: no Failed-AVP; failed_flags: as they came. session_len
 * not 0: the Session-Id to echo, since the message now holds a substitute. */
struct mcx_verdict {
    enum mcx_rule rule;
    uint32_t failed_code, failed_vendor;
    uint8_t failed_flags;
    uint16_t failed_len, session_len;
    bool has_session, lacks_session;
    uint32_t application, command; /* what the header said, and says again in the answer */
    uint8_t flags;
    uint8_t failed[MCX_VERDICT_OCTETS], session[MCX_VERDICT_OCTETS];
};

/* Borrowed from the message. An absent AVP has octets NULL; of repeated ones the first counts. */
struct mcx_heard {
    uint32_t application, command;
    uint8_t flags;
    bool is_request;
    bool is_complained, has_bad_proxy; /* guard.c's own: freeDiameter wrote lines about a value */
    size_t proxy_count;                /* guard.c's own: small ones of a crowded one */
    bool is_crowded;                   /* too many AVPs */
    unsigned int seen;                 /* guard.c's own */
    size_t avp_count; /* with those inside groups; of a crowded one, as far as was counted */
    struct mcx_span origin_host, origin_realm, destination_host, destination_realm, user_name;
    size_t route_count; /* beyond MCX_ROUTES_MAX only counted */
    struct mcx_span route[MCX_ROUTES_MAX];
};

/* Once, after the base dictionary is there: defines the AVP that carries verdicts. avps_max: of a
 * request, those inside groups included. 0 or errno. */
int mcx_guard_start(size_t avps_max);

/* Reads and repairs. verdict->rule is NONE, or the first damage found. Answers are repaired as
 * well. */
void mcx_guard_read(struct msg *msg, struct mcx_heard *heard, struct mcx_verdict *verdict);

/* Its first part, on a message of which nothing has been parsed: counts AVPs, and drops groups that
 * stand too deeply within each other. */
void mcx_guard_survey(struct msg *msg, struct mcx_heard *heard, struct mcx_verdict *verdict);
/* Of requests, but for those of a link (CER, DWR, DPR). */
void mcx_guard_set_max(size_t avps_max);

/* Parses the whole of a request that has been read, as freeDiameter will: known AVPs, lengths,
 * rules of its command. verdict->rule stays as it is if all is well. */
void mcx_guard_parse(struct msg *request, struct mcx_verdict *verdict);

/* Makes an answer say only Result-Code 5012 (UNABLE_TO_COMPLY), so that whoever waits for it hears
 * at once. */
void mcx_guard_blank_answer(struct msg *answer);
/* Makes a CER one that freeDiameter closes the connection for. */
void mcx_guard_spoil_request(struct msg *request);
/* Sets the first top-level AVP of that base code; nothing if absent. */
void mcx_guard_set(struct msg *msg, uint32_t code, union avp_value *value);
void mcx_guard_set_text(struct msg *msg, uint32_t code, const char *text);
void mcx_guard_set_u32(struct msg *msg, uint32_t code, uint32_t value);
/* NULL at the end, or on damage. */
struct avp *mcx_guard_browse(msg_or_avp *from, enum msg_brw_dir direction);
bool mcx_guard_is_verdict(const struct avp_hdr *header);

/* The verdict goes with the message, which becomes one that freeDiameter can do nothing with but
 * give it to our dispatch callback. Its own error answers end the daemon when the peer has left by
 * then: routing-in looks for the connection without asking whether there is one. false if memory is
 * short: then the request must be spoilt. */
bool mcx_guard_attach(struct msg *request, const struct mcx_heard *heard,
                      struct mcx_verdict *verdict);
/* Any thread that owns the message. */
bool mcx_guard_attached(struct msg *request, struct mcx_verdict *verdict);
/* Answers a refused request through the sender; *request becomes NULL. */
void mcx_guard_refuse(struct msg **request, const struct mcx_verdict *verdict);

#endif
