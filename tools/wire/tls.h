/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates for TLS by GnuTLS, both sides, TLS 1.2 and later, as RFC 6733 13.1 and freeDiameter
 * do it: the handshake follows the TCP connection at once, and both sides show a certificate. */
#ifndef WIRE_TLS_H
#define WIRE_TLS_H

#include <gnutls/gnutls.h>
#include <stdbool.h>
#include <stddef.h>

struct wire_tls {
    gnutls_certificate_credentials_t credentials;
    gnutls_priority_t priority;
    bool verify_name; /* compare the certificate with the Origin-Host of the CER or CEA; peer.h */
};

struct wire_tls_files {
    const char *ca, *certificate, *key; /* certificate and key may be NULL on the client side */
    const char *priority;               /* NULL: NORMAL with TLS 1.2 and 1.3 */
};

/* false: reason says which file and why. Nothing is kept then. */
bool wire_tls_load(struct wire_tls *out, const struct wire_tls_files *files, char *reason,
                   size_t size);
void wire_tls_free(struct wire_tls *tls);

#endif
