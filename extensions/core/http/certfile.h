/* SPDX-License-Identifier: Apache-2.0 */
/* Certificate and key of the UE interface, read again when the files change. One pair in the
 * process: GnuTLS asks for it without a word of ours. */
#ifndef MCX_HTTP_CERTFILE_H
#define MCX_HTTP_CERTFILE_H

#include <gnutls/abstract.h>

#include "base/conf.h"

/* Reads cms.https_cert and cms.https_key; conf outlives the pair. CONF: *problem says what is
 * wrong. Before and after all handshakes: open, close; close is idempotent. */
MCX_MUST_USE enum mcx_err mcx_certfile_open(const struct mcx_conf *conf,
                                            struct mcx_conf_problem *problem);
void mcx_certfile_close(void);

/* gnutls_certificate_retrieve_function3: copies of the pair of the moment, which GnuTLS frees.
 * Looks at the files at most once a second, and blocks on them; a new pair that is no good is
 * logged, and the old one stays. Any thread. 0, or -1. */
int mcx_certfile_retrieve(gnutls_session_t session, const struct gnutls_cert_retr_st *info,
                          gnutls_pcert_st **chain, unsigned *count, gnutls_ocsp_data_st **ocsp,
                          unsigned *ocsp_count, gnutls_privkey_t *key, unsigned *flags);

#endif
