/* SPDX-License-Identifier: Apache-2.0 */
/* Signs access tokens for the load, as an identity management server would (TS 33.180 Annex B, RFC
 * 7515): ES256 with a P-256 key, RS256 with an RSA key. By GnuTLS, so that the server's own code
 * does not judge itself. One thread. */
#ifndef BENCH_JWT_H
#define BENCH_JWT_H

#include <gnutls/abstract.h>

#include "wire/buf.h"

struct jwt_signer {
    gnutls_privkey_t key;
    bool is_ec;
    struct wire_buf head; /* encoded, with its dot */
};

/* PEM; kid: NULL none. false: reason. */
bool jwt_signer_open(struct jwt_signer *signer, const char *file, const char *kid, char *reason,
                     size_t size);
void jwt_signer_close(struct jwt_signer *signer);
/* Appends the token of those claims, a JSON text. false: nothing was appended. */
bool jwt_sign(struct jwt_signer *signer, const char *claims, struct wire_buf *out);

#endif
