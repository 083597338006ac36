/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and credentials under a key-encryption key: AES-256-GCM with what binds them to their row as
 * AAD. Any thread; does not block. */
#include "aka/wrap.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "aka/contexts.h"
#include "base/random.h"

#define VERSION    1
#define HEAD_LEN   5 /* version, key id */
#define NONCE_LEN  12
#define SECRET_LEN 16
#define TAG_LEN    16
_Static_assert(HEAD_LEN + NONCE_LEN + TAG_LEN == MCX_WRAP_EXTRA, "layout of wrap.h");
_Static_assert(MCX_WRAP_EXTRA + SECRET_LEN == MCX_WRAP_LEN, "layout of wrap.h");

/* Where the parts stand in the stored octets. */
#define NONCE_AT  HEAD_LEN
#define SECRET_AT (NONCE_AT + NONCE_LEN)

static void must(int ok)
{
    if (ok == 1)
        return;
    fputs("ev=gcm_failed action=abort\n", stderr);
    abort();
}

static void put_head(uint8_t head[HEAD_LEN], uint32_t key_id)
{
    head[0] = VERSION;
    for (int i = 4; i >= 1; i--, key_id >>= 8)
        head[i] = (uint8_t)key_id;
}

static uint32_t key_id_of(const uint8_t head[HEAD_LEN])
{
    uint32_t id = 0;

    for (int i = 1; i <= 4; i++)
        id = id << 8 | head[i];
    return id;
}

uint32_t mcx_wrapped_key_id(struct mcx_span wrapped)
{
    return wrapped.len >= HEAD_LEN ? key_id_of(wrapped.octets) : 0;
}

/* AAD = version, key id, field, context: all but the last of fixed length, so no two rows share
 * one. */
static void add_aad(EVP_CIPHER_CTX *cipher, const uint8_t head[HEAD_LEN], enum mcx_wrap_field field,
                    struct mcx_span context)
{
    const uint8_t field_octet = (uint8_t)field;
    int len;

    must(EVP_CipherUpdate(cipher, NULL, &len, head, HEAD_LEN));
    must(EVP_CipherUpdate(cipher, NULL, &len, &field_octet, 1));
    if (context.len > 0)
        must(EVP_CipherUpdate(cipher, NULL, &len, context.octets, (int)context.len));
}

enum mcx_err mcx_wrap_octets(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                             struct mcx_span context, struct mcx_span octets, uint8_t *out)
{
    EVP_CIPHER_CTX *cipher;
    int len = 0;

    if (ring->count == 0)
        return MCX_NO_KEY;
    if (context.len > MCX_STR_MAX || octets.len > MCX_WRAP_OCTETS_MAX)
        return MCX_TOO_LONG;
    cipher = mcx_aka_contexts()->encrypt;
    put_head(out, ring->kek[0].id);
    mcx_random(out + NONCE_AT, NONCE_LEN);
    must(EVP_EncryptInit_ex2(cipher, NULL, ring->kek[0].key, out + NONCE_AT, NULL));
    add_aad(cipher, out, field, context);
    if (octets.len > 0)
        must(EVP_EncryptUpdate(cipher, out + SECRET_AT, &len, octets.octets, (int)octets.len));
    must(EVP_EncryptFinal_ex(cipher, out + SECRET_AT + octets.len, &len));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + SECRET_AT + octets.len));
    return MCX_OK;
}

static const struct mcx_kek *kek_of(const struct mcx_keyring *ring, uint32_t id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->kek[i].id == id)
            return &ring->kek[i];
    return NULL;
}

enum mcx_err mcx_unwrap_octets(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                               struct mcx_span context, struct mcx_span wrapped, uint8_t *out)
{
    EVP_CIPHER_CTX *cipher;
    const struct mcx_kek *kek;
    uint8_t tag[TAG_LEN];
    size_t plain_len;
    int len = 0;

    if (wrapped.len < MCX_WRAP_EXTRA || wrapped.len > MCX_WRAP_OCTETS_MAX + MCX_WRAP_EXTRA ||
        wrapped.octets[0] != VERSION || context.len > MCX_STR_MAX)
        return MCX_INVALID;
    plain_len = wrapped.len - MCX_WRAP_EXTRA;
    kek = kek_of(ring, key_id_of(wrapped.octets));
    if (!kek)
        return MCX_NO_KEY;
    cipher = mcx_aka_contexts()->decrypt;
    memcpy(tag, wrapped.octets + SECRET_AT + plain_len, sizeof tag);
    must(EVP_DecryptInit_ex2(cipher, NULL, kek->key, wrapped.octets + NONCE_AT, NULL));
    add_aad(cipher, wrapped.octets, field, context);
    if (plain_len > 0)
        must(EVP_DecryptUpdate(cipher, out, &len, wrapped.octets + SECRET_AT, (int)plain_len));
    must(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag));
    if (EVP_DecryptFinal_ex(cipher, out + plain_len, &len) == 1)
        return MCX_OK;
    if (plain_len > 0)
        mcx_wipe(out, plain_len);
    return MCX_AUTH;
}

enum mcx_err mcx_wrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                      struct mcx_span impi, const struct mcx_key128 *secret,
                      uint8_t out[MCX_WRAP_LEN])
{
    return mcx_wrap_octets(ring, field, impi, mcx_span(secret->octets, SECRET_LEN), out);
}

enum mcx_err mcx_unwrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                        struct mcx_span impi, struct mcx_span wrapped, struct mcx_key128 *secret)
{
    MCX_SECRET_KEY128 plain;
    enum mcx_err err;

    if (wrapped.len != MCX_WRAP_LEN)
        return MCX_INVALID;
    err = mcx_unwrap_octets(ring, field, impi, wrapped, plain.octets);
    if (err == MCX_OK)
        *secret = plain;
    return err;
}

void mcx_kek_check(const struct mcx_kek *kek, uint8_t out[8])
{
    static const char text[] = "mcx-kek-check";
    uint8_t mac[32];
    unsigned len = sizeof mac;

    must(HMAC(EVP_sha256(), kek->key, sizeof kek->key, (const uint8_t *)text, sizeof text - 1, mac,
              &len) != NULL);
    memcpy(out, mac, 8);
    mcx_wipe(mac, sizeof mac);
}
