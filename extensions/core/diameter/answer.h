/* SPDX-License-Identifier: Apache-2.0 */
/* Answers to requests: header, results, Failed-AVP, identities (RFC 6733 6.2, 7; TS 29.229 6.1).
 * Any thread that owns the message; does not block. */
#ifndef MCX_DIAMETER_ANSWER_H
#define MCX_DIAMETER_ANSWER_H

#include "diameter/fd.h"
#include "policy/result.h"

/* What Failed-AVP shall hold: code 0 for none. octets or group: the offending one as it came, all
 * borrowed from the request; an octets of a number that has not its length counts as NULL, or the
 * answer itself would not parse. Neither: an example of it, `number` or len zero octets.
 * parent_code not 0: nested in that grouped AVP of ours. */
struct mcx_failed_avp {
    uint32_t code, vendor;
    uint8_t flags; /* of its header; V is added for a vendor */
    uint32_t parent_code, parent_vendor;
    const uint8_t *octets;
    size_t len;
    struct avp *group; /* not NULL: what this one holds */
    uint32_t number;
};

/* Turns the request *msg into its answer: E bit for 3xxx only, Result-Code or Experimental-Result,
 * Origin-Host and -Realm, Auth-Session-State and Vendor-Specific-Application-Id for vendor
 * applications of ours, on command 303 User-Name and Public-Identity as asked, Failed-AVP,
 * Error-Message (NULL: none; never secrets or names of another system). Of the request only
 * Session-Id stays: it waits as long as its answer does. On failure (memory) the request is freed,
 * *msg is NULL and errno is returned. */
int mcx_answer_make(struct msg **msg, struct mcx_result result, const struct mcx_failed_avp *failed,
                    const char *error_message);

/* freeDiameter can't encode an AVP without content that it refused and put into Failed-AVP: the
 * connection would be closed instead of answered. Gives it four zero octets (RFC 6733 7.1.5: a
 * payload of the minimum length). 0 or errno. */
int mcx_answer_mend(struct msg *answer);

/* The last thing before an answer is sent: freeDiameter closes a connection on which a message of
 * more than 65,535 octets comes (trap C11). Takes out of one that is longer, as far as it must:
 * the end of what Failed-AVP holds or all of it, Error-Message, Public-Identity, User-Name,
 * Session-Id, Proxy-Info. 0; EMSGSIZE: that was not enough; or errno. */
int mcx_answer_fit(struct msg *answer);

#endif
