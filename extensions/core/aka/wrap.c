/* SPDX-License-Identifier: Apache-2.0 */
/* K and OPc under a key-encryption key: AES-256-GCM with what binds them to their row as AAD. Any
 * thread; does not block. */
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
_Static_assert(HEAD_LEN + NONCE_LEN + SECRET_LEN + TAG_LEN == MCX_WRAP_LEN, "layout of wrap.h");

/* Where the parts stand in the stored octets. */
#define NONCE_AT  HEAD_LEN
#define SECRET_AT (NONCE_AT + NONCE_LEN)
#define TAG_AT    (SECRET_AT + SECRET_LEN)

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

/* AAD = version, key id, field, IMPI: all but the last of fixed length, so no two rows share one.
 */
static void add_aad(EVP_CIPHER_CTX *context, const uint8_t head[HEAD_LEN],
                    enum mcx_wrap_field field, struct mcx_span impi)
{
    const uint8_t field_octet = (uint8_t)field;
    int len;

    must(EVP_CipherUpdate(context, NULL, &len, head, HEAD_LEN));
    must(EVP_CipherUpdate(context, NULL, &len, &field_octet, 1));
    if (impi.len > 0)
        must(EVP_CipherUpdate(context, NULL, &len, impi.octets, (int)impi.len));
}

enum mcx_err mcx_wrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                      struct mcx_span impi, const struct mcx_key128 *secret,
                      uint8_t out[MCX_WRAP_LEN])
{
    EVP_CIPHER_CTX *context;
    int len;

    if (ring->count == 0)
        return MCX_NO_KEY;
    if (impi.len > MCX_STR_MAX)
        return MCX_TOO_LONG;
    context = mcx_aka_contexts()->encrypt;
    put_head(out, ring->kek[0].id);
    mcx_random(out + NONCE_AT, NONCE_LEN);
    must(EVP_EncryptInit_ex2(context, NULL, ring->kek[0].key, out + NONCE_AT, NULL));
    add_aad(context, out, field, impi);
    must(EVP_EncryptUpdate(context, out + SECRET_AT, &len, secret->octets, SECRET_LEN));
    must(EVP_EncryptFinal_ex(context, out + SECRET_AT + len, &len));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + TAG_AT));
    return MCX_OK;
}

static const struct mcx_kek *kek_of(const struct mcx_keyring *ring, uint32_t id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (ring->kek[i].id == id)
            return &ring->kek[i];
    return NULL;
}

enum mcx_err mcx_unwrap(const struct mcx_keyring *ring, enum mcx_wrap_field field,
                        struct mcx_span impi, struct mcx_span wrapped, struct mcx_key128 *secret)
{
    MCX_SECRET_KEY128 plain;
    EVP_CIPHER_CTX *context;
    const struct mcx_kek *kek;
    uint8_t tag[TAG_LEN];
    int len;

    if (wrapped.len != MCX_WRAP_LEN || wrapped.octets[0] != VERSION || impi.len > MCX_STR_MAX)
        return MCX_INVALID;
    kek = kek_of(ring, key_id_of(wrapped.octets));
    if (!kek)
        return MCX_NO_KEY;
    context = mcx_aka_contexts()->decrypt;
    memcpy(tag, wrapped.octets + TAG_AT, sizeof tag);
    must(EVP_DecryptInit_ex2(context, NULL, kek->key, wrapped.octets + NONCE_AT, NULL));
    add_aad(context, wrapped.octets, field, impi);
    must(EVP_DecryptUpdate(context, plain.octets, &len, wrapped.octets + SECRET_AT, SECRET_LEN));
    must(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag));
    if (EVP_DecryptFinal_ex(context, plain.octets + SECRET_LEN, &len) != 1)
        return MCX_AUTH;
    *secret = plain;
    return MCX_OK;
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
