/* SPDX-License-Identifier: Apache-2.0 */
/* OpenSSL contexts of the calling thread, made at its first use and freed when it ends: fetching a
 * cipher costs more than a vector. Private to this layer. */
#ifndef MCX_AKA_CONTEXTS_H
#define MCX_AKA_CONTEXTS_H

#include <openssl/evp.h>

struct mcx_aka_contexts {
    EVP_CIPHER *aes128, *gcm256;
    EVP_CIPHER_CTX *ecb;     /* AES-128-ECB, no padding; set the key before use */
    EVP_CIPHER_CTX *encrypt; /* AES-256-GCM; set key and nonce before use */
    EVP_CIPHER_CTX *decrypt;
};

/* Never NULL: aborts without memory or without AES, since nothing of ours works then. */
struct mcx_aka_contexts *mcx_aka_contexts(void);

#endif
