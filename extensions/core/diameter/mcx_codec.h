/* SPDX-License-Identifier: Apache-2.0 */
/* The MCX messages MIR/MIA, PAR/PAA and MRR/MRA between Diameter and the structs of policy/mcx.h
 * (design 3; dictionaries/mcx.ccf). Whoever owns the message; nothing here blocks. A message made
 * here never reaches the 65,535 octets at which freeDiameter closes a connection. */
#ifndef MCX_DIAMETER_MCX_CODEC_H
#define MCX_DIAMETER_MCX_CODEC_H

#include "diameter/flaw.h"
#include "policy/mcx.h"

/* Requests that we receive. true: *out is filled, and everything in it is sound: binding_id is the
 * lower-case text of a UUIDv4, system a label (lower-case letters, digits, hyphens; 1 to 63),
 * mc_user_id and service ids printable UTF-8 of 1 to 255 octets, private and public identities
 * well-formed (no '!', no two the same) and as received, database realm and host in lower case.
 * expires_s is a Unix time, MCX_NEVER if absent. false: *flaw says what to answer (5004, 5005,
 * 5008, 5009, 5014, with Failed-AVP); *out is undefined. Whether a peer may say so is not asked
 * here. */
MCX_MUST_USE bool mcx_mir_decode(struct msg *request, struct mcx_mir *out, struct mcx_flaw *flaw);
MCX_MUST_USE bool mcx_par_decode(struct msg *request, struct mcx_par *out, struct mcx_flaw *flaw);
MCX_MUST_USE bool mcx_mrr_decode(struct msg *request, struct mcx_mrr *out, struct mcx_flaw *flaw);

/* Where a request of ours goes; neither may be empty. */
struct mcx_destination {
    struct mcx_str realm, host;
};

/* New requests with their own Session-Id. 0 or errno (EINVAL: realm, host or impu_count is out of
 * the grammar); *out is the caller's, NULL on error. An expires_s that Time can't say (after
 * 2104-02-26) is cut down to the last one that it can. */
MCX_MUST_USE int mcx_mir_encode(const struct mcx_mir *mir, const struct mcx_destination *to,
                                struct msg **out);
MCX_MUST_USE int mcx_par_encode(const struct mcx_par *par, const struct mcx_destination *to,
                                struct msg **out);
/* application: mcx_dict_sdb() or mcx_dict_ss(). */
MCX_MUST_USE int mcx_mrr_encode(const struct mcx_mrr *mrr, uint32_t application,
                                const struct mcx_destination *to, struct msg **out);

/* Turns the MIR or PAR *msg into its answer: given->result, and with 2001 the identities, the
 * expiry (MCX_NEVER: the last time that Time can say, which mcx_mia_decode reads as MCX_NEVER
 * again) and, to a PAR, the document. failed and error_message as in mcx_answer_make, which is all
 * that an MRA needs. On failure the request is freed, *msg is NULL and errno is returned. */
MCX_MUST_USE int mcx_given_encode(struct msg **msg, const struct mcx_given *given,
                                  const struct mcx_failed_avp *failed, const char *error_message);

/* Answers to requests of ours, laundered; the answer must still have its request (as in an answer
 * callback). NULL: sound. *out holds the result; if that is 2001, also exactly as many well-formed
 * identities as the request named, in order, as received, the expiry (MCX_NEVER: unlimited) and, of
 * a PAA, the document (malloc, 1 to MCX_DOCUMENT_MAX octets, or NULL): end with mcx_given_free.
 * Otherwise one word why it is not to be believed (no_single_result, no_request, other_realm,
 * other_session, missing_avp, repeated_avp, other_number, bad_identity, same_identity, bad_expiry,
 * bad_document, document_not_utf8, no_memory), and *out is all zero. A 3xxx may come from a node on
 * the way or from this daemon, so its realm is not looked at. */
MCX_MUST_USE const char *mcx_mia_decode(struct msg *answer, struct mcx_given *out);
MCX_MUST_USE const char *mcx_paa_decode(struct msg *answer, struct mcx_given *out);
MCX_MUST_USE const char *mcx_mra_decode(struct msg *answer, struct mcx_result *out);

#endif
