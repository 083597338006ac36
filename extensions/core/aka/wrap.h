/* SPDX-License-Identifier: Apache-2.0 */
/* Secrets at rest: AES-256-GCM, nonce 12 random octets, tag 16; AAD = format version, key id,
 * field, context (K, OPc: the credential IMPI; else what names the row). Stored octets: version(1)
 * key id(4, big-endian) nonce(12) ciphertext tag(16). Contexts are per thread; any thread; does not
 * block. */
#ifndef MCX_AKA_WRAP_H
#define MCX_AKA_WRAP_H

#include "base/secret.h"
#include "base/span.h"

#define MCX_WRAP_LEN        49    /* of a key of 16 octets */
#define MCX_WRAP_EXTRA      33    /* what wrapping adds */
#define MCX_WRAP_OCTETS_MAX 65536 /* of what is wrapped */
enum mcx_wrap_field {
    MCX_WRAP_K = 1,
    MCX_WRAP_OPC = 2,
    MCX_WRAP_ACCESS = 3,  /* PDN access credential; context: its row's number as text */
    MCX_WRAP_DOCUMENT = 4 /* migration.document; context: binding_uuid as text */
};

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

/* The same for octets of any length. out: octets.len + MCX_WRAP_EXTRA octets. TOO_LONG: over
 * MCX_WRAP_OCTETS_MAX, or a context over 255 octets. NO_KEY: the ring is empty. */
MCX_MUST_USE enum mcx_err mcx_wrap_octets(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                                          struct mcx_span context, struct mcx_span octets,
                                          uint8_t *out);
/* out: wrapped.len - MCX_WRAP_EXTRA octets; wiped on AUTH. Errors as mcx_unwrap. */
MCX_MUST_USE enum mcx_err mcx_unwrap_octets(const struct mcx_keyring *ring,
                                            enum mcx_wrap_field field, struct mcx_span context,
                                            struct mcx_span wrapped, uint8_t *out);
/* Which key something was wrapped with; 0 for what is too short to tell. */
uint32_t mcx_wrapped_key_id(struct mcx_span wrapped);

/* Key check value: 8 octets, HMAC-SHA-256(key, "mcx-kek-check") cut; stored beside the id so that a
 * wrong key is found at start. */
void mcx_kek_check(const struct mcx_kek *kek, uint8_t out[8]);

#endif
