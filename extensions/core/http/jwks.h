/* SPDX-License-Identifier: Apache-2.0 */
/* Public keys of an identity management server (RFC 7517), of the kinds that we accept, and the
 * check of a JWS signature with one of them (RFC 7515, 7518). A set is never changed once it is
 * loaded: any number of threads may verify with it. */
#ifndef MCX_HTTP_JWKS_H
#define MCX_HTTP_JWKS_H

#include "base/span.h"

enum mcx_jws_alg { MCX_RS256, MCX_PS256, MCX_ES256, MCX_JWS_ALGS }; /* RFC 7518 3.1 */

/* MCX_JWS_ALGS: none of ours. */
enum mcx_jws_alg mcx_jws_alg_named(const char *name);

struct mcx_jwks;

/* From the text of a JWKS document, at most 64 keys. Keys that are not for signatures, or of a kind
 * that no algorithm of ours takes, are left out. INVALID: *why, a static sentence, says what: no
 * JWKS, a private key, a kid twice, RSA below 2048 bits, no usable key. */
MCX_MUST_USE enum mcx_err mcx_jwks_load(struct mcx_span text, struct mcx_jwks **out,
                                        const char **why);
void mcx_jwks_free(struct mcx_jwks **set);
size_t mcx_jwks_count(const struct mcx_jwks *set);

/* NOT_FOUND: no key of that kid. MISMATCH: it is not for this algorithm. AUTH: the signature is not
 * its. compact: the whole JWS, whose header says alg and whose parts are known to be base64url. */
MCX_MUST_USE enum mcx_err mcx_jwks_verify(const struct mcx_jwks *set, struct mcx_span kid,
                                          enum mcx_jws_alg alg, struct mcx_span compact);

#endif
