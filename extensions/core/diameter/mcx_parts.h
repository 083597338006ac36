/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the MCX codec: members of a message by name, and the formats of their values. */
#ifndef MCX_DIAMETER_MCX_PARTS_H
#define MCX_DIAMETER_MCX_PARTS_H

#include "diameter/flaw.h"
#include "policy/mcx.h"

enum mcx_grammar {
    MCX_GRAMMAR_MIR,
    MCX_GRAMMAR_MIA,
    MCX_GRAMMAR_PAR,
    MCX_GRAMMAR_PAA,
    MCX_GRAMMAR_MRR,
    MCX_GRAMMAR_DATABASE
};

/* The first of each name, and how many; names outside of the grammar count as absent. */
struct mcx_parts {
    struct mcx_avp first[MCX_AVP_NAMES];
    uint8_t count[MCX_AVP_NAMES];
};

/* Collects by mcx_grammar.def; group is MCX_AVP_NAMES for a message. false: *flaw is filled. */
MCX_MUST_USE bool mcx_parts_read(msg_or_avp *parent, enum mcx_avp_name group,
                                 enum mcx_grammar grammar, struct mcx_parts *parts,
                                 struct mcx_flaw *flaw);

/* A private identity and its public ones, of the names given; *out may be partly filled on false.
 * bad: the AVP that is wrong. is_twice: the same identity stands there twice. */
MCX_MUST_USE bool mcx_parts_identities(msg_or_avp *parent, enum mcx_avp_name impi,
                                       enum mcx_avp_name impu, struct mcx_identities *out,
                                       struct mcx_avp *bad, bool *is_twice);

/* RFC 6733 4.3.1: four octets, seconds since 1900 below 0x80000000 lie after 2036. false: other
 * length, or not after 1970. The last time of all is MCX_NEVER. */
enum { MCX_TIME_OCTETS = 4 };
MCX_MUST_USE bool mcx_time_read(struct mcx_span octets, int64_t *unix_s);
void mcx_time_write(int64_t unix_s, uint8_t out[MCX_TIME_OCTETS]);

#endif
