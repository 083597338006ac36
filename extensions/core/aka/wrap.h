/* SPDX-License-Identifier: Apache-2.0 */
/* K and OPc at rest: AES-256-GCM, nonce 12 random octets, tag 16; AAD = format version, key id,
 * field, credential IMPI. Stored octets: version(1) key id(4, big-endian) nonce(12) ciphertext(16)
 * tag(16) = 49. Contexts are per thread; any thread; does not block. */
#ifndef MCX_AKA_WRAP_H
#define MCX_AKA_WRAP_H

#include "base/secret.h"
#include "base/span.h"

#define MCX_WRAP_LEN 49
enum mcx_wrap_field { MCX_WRAP_K = 1, MCX_WRAP_OPC = 2 };

struct mcx_kek {
    uint32_t id;
    uint8_t key[32];
};
struct mcx_keyring {
    uint8_t count; /* 1 or 2; the first wraps, all unwrap */
    struct mcx_kek kek[2];
};

MCX_MUST_USE enum mcx_err mcx_wrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                                   struct mcx_span impi, const struct mcx_key128 *secret,
                                   uint8_t out[MCX_WRAP_LEN]);

/* INVALID: length or version. NO_KEY: key id not in the ring. AUTH: does not decrypt (other row,
 * other field, other key under the same id, damage). */
MCX_MUST_USE enum mcx_err mcx_unwrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                                     struct mcx_span impi, struct mcx_span wrapped,
                                     struct mcx_key128 *secret);

/* Key check value: 8 octets, HMAC-SHA-256(key, "mcx-kek-check") cut; stored beside the id so that a
 * wrong key is found at start. */
void mcx_kek_check(const struct mcx_kek *kek, uint8_t out[8]);

#endif
