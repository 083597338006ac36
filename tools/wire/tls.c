/* SPDX-License-Identifier: Apache-2.0 */
/* Loads what a TLS session needs. Blocks on files only. */
#include "wire/tls.h"

#include <stdio.h>

#define PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

static bool load_files(struct wire_tls *out, const struct wire_tls_files *files, char *reason,
                       size_t size)
{
    int rc =
        gnutls_certificate_set_x509_trust_file(out->credentials, files->ca, GNUTLS_X509_FMT_PEM);
    if (rc <= 0) {
        snprintf(reason, size, "%s: %s", files->ca,
                 rc ? gnutls_strerror(rc) : "no certificate inside");
        return false;
    }
    if (!files->certificate)
        return true;
    rc = gnutls_certificate_set_x509_key_file(out->credentials, files->certificate, files->key,
                                              GNUTLS_X509_FMT_PEM);
    if (rc < 0) {
        snprintf(reason, size, "%s, %s: %s", files->certificate, files->key, gnutls_strerror(rc));
        return false;
    }
    return true;
}

bool wire_tls_load(struct wire_tls *out, const struct wire_tls_files *files, char *reason,
                   size_t size)
{
    *out = (struct wire_tls){.verify_name = true};
    const char *priority = files->priority ? files->priority : PRIORITY;
    int rc = gnutls_priority_init(&out->priority, priority, NULL);
    if (rc < 0) {
        snprintf(reason, size, "TLS priority \"%s\": %s", priority, gnutls_strerror(rc));
        return false;
    }
    rc = gnutls_certificate_allocate_credentials(&out->credentials);
    if (rc < 0) {
        snprintf(reason, size, "%s", gnutls_strerror(rc));
        gnutls_priority_deinit(out->priority);
        return false;
    }
    if (load_files(out, files, reason, size))
        return true;
    wire_tls_free(out);
    return false;
}

void wire_tls_free(struct wire_tls *tls)
{
    if (tls->credentials)
        gnutls_certificate_free_credentials(tls->credentials);
    if (tls->priority)
        gnutls_priority_deinit(tls->priority);
    *tls = (struct wire_tls){0};
}
