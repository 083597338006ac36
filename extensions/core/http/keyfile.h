/* SPDX-License-Identifier: Apache-2.0 */
/* The JWKS file of one issuer, read again when it changes (RFC 7517). */
#ifndef MCX_HTTP_KEYFILE_H
#define MCX_HTTP_KEYFILE_H

#include "base/file.h"
#include "http/jwks.h"

struct mcx_keyfile {
    const char *path;      /* borrowed */
    pthread_rwlock_t lock; /* guards set */
    struct mcx_jwks *set;
    struct mcx_file_watch watch; /* guards seen */
    struct stat seen;
};

/* INVALID: *why, valid as long as the thread calls nothing else here, says what is wrong. */
MCX_MUST_USE enum mcx_err mcx_keyfile_open(struct mcx_keyfile *file, const char *path,
                                           const char **why);
void mcx_keyfile_close(struct mcx_keyfile *file);

/* Reads the file again if it is another one than last seen; at most once a second. Any thread. */
void mcx_keyfile_refresh(struct mcx_keyfile *file);

/* As mcx_jwks_verify, with the keys of the moment. Any thread. */
MCX_MUST_USE enum mcx_err mcx_keyfile_verify(struct mcx_keyfile *file, struct mcx_span kid,
                                             enum mcx_jws_alg alg, struct mcx_span compact);

#endif
