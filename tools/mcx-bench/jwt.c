/* SPDX-License-Identifier: Apache-2.0 */
/* Compact serialisation, RFC 7515 3.1; signatures of ES256 are R and S of 32 octets each, RFC 7518
 * 3.4. */
#include "jwt.h"

#include <gnutls/crypto.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* base64url without padding, RFC 7515 2. */
static void put_base64(struct wire_buf *out, struct mcx_span from)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for (size_t i = 0; i < from.len; i += 3) {
        size_t left = from.len - i < 3 ? from.len - i : 3;
        uint32_t bits = (uint32_t)from.octets[i] << 16;
        bits |= left > 1 ? (uint32_t)from.octets[i + 1] << 8 : 0;
        bits |= left > 2 ? from.octets[i + 2] : 0;
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
                        digits[bits & 63]};
        wire_buf_put(out, four, left + 1);
    }
}

static bool load_key(struct jwt_signer *signer, const char *file, char *reason, size_t size)
{
    gnutls_datum_t pem = {0};
    unsigned bits;
    int rc = gnutls_load_file(file, &pem);
    if (rc >= 0)
        rc = gnutls_privkey_init(&signer->key);
    if (rc >= 0)
        rc = gnutls_privkey_import_x509_raw(signer->key, &pem, GNUTLS_X509_FMT_PEM, NULL, 0);
    if (pem.data)
        gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    if (rc < 0) {
        snprintf(reason, size, "%s: %s", file, gnutls_strerror(rc));
        return false;
    }
    int algorithm = gnutls_privkey_get_pk_algorithm(signer->key, &bits);
    signer->is_ec = algorithm == GNUTLS_PK_ECDSA;
    if (algorithm == GNUTLS_PK_RSA || (signer->is_ec && bits == 256))
        return true;
    snprintf(reason, size, "%s: neither a P-256 nor an RSA key", file);
    return false;
}

bool jwt_signer_open(struct jwt_signer *signer, const char *file, const char *kid, char *reason,
                     size_t size)
{
    *signer = (struct jwt_signer){0};
    if (!load_key(signer, file, reason, size)) {
        jwt_signer_close(signer);
        return false;
    }
    json_t *head = json_pack("{s:s, s:s, s:s*}", "alg", signer->is_ec ? "ES256" : "RS256", "typ",
                             "JWT", "kid", kid);
    char *text = json_dumps(head, JSON_COMPACT);
    put_base64(&signer->head, mcx_span_of(text));
    wire_buf_put(&signer->head, ".", 1);
    free(text);
    json_decref(head);
    return true;
}

void jwt_signer_close(struct jwt_signer *signer)
{
    if (signer->key)
        gnutls_privkey_deinit(signer->key);
    wire_buf_free(&signer->head);
    *signer = (struct jwt_signer){0};
}

/* R or S, without leading zeros as DER has them, or with one too many. */
static void put_right(uint8_t at[32], const gnutls_datum_t *number)
{
    size_t skip = number->size > 32 ? number->size - 32 : 0;
    memcpy(at + 32 - (number->size - skip), number->data + skip, number->size - skip);
}

static bool put_signature(struct jwt_signer *signer, const gnutls_datum_t *signature,
                          struct wire_buf *out)
{
    gnutls_datum_t r, s;
    uint8_t both[64] = {0};
    if (!signer->is_ec) {
        put_base64(out, mcx_span(signature->data, signature->size));
        return true;
    }
    if (gnutls_decode_rs_value(signature, &r, &s) < 0)
        return false;
    put_right(both, &r);
    put_right(both + 32, &s);
    gnutls_free(r.data);
    gnutls_free(s.data);
    put_base64(out, mcx_span(both, sizeof(both)));
    return true;
}

bool jwt_sign(struct jwt_signer *signer, const char *claims, struct wire_buf *out)
{
    size_t mark = out->len;
    gnutls_datum_t signature = {0};
    wire_buf_put(out, signer->head.octets, signer->head.len);
    put_base64(out, mcx_span_of(claims));
    gnutls_datum_t input = {out->octets + mark, (unsigned)(out->len - mark)};
    int rc = gnutls_privkey_sign_data2(
        signer->key, signer->is_ec ? GNUTLS_SIGN_ECDSA_SHA256 : GNUTLS_SIGN_RSA_SHA256, 0, &input,
        &signature);
    bool done = rc >= 0;
    if (done) {
        wire_buf_put(out, ".", 1);
        done = put_signature(signer, &signature, out);
    }
    gnutls_free(signature.data);
    if (!done)
        out->len = mark;
    return done;
}
