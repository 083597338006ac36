/* SPDX-License-Identifier: Apache-2.0 */
/* The only caller of cjose: it gets keys whose members were looked at first, and signatures whose
 * algorithm fits the key. Its keys count references without locks, but verifying counts none. Any
 * thread; does not block. */
#include "http/jwks.h"

#include <cjose/cjose.h>
#include <stdlib.h>
#include <string.h>

#include "http/base64url.h"
#include "http/json.h"

enum { KEYS_MAX = 64, MEMBER_MAX = 2048, DEPTH_MAX = 6, RSA_BITS_MIN = 2048, RSA_BITS_MAX = 8192 };

struct key {
    struct mcx_str kid;
    cjose_jwk_t *jwk;
    bool fits[MCX_JWS_ALGS];
};

struct mcx_jwks {
    size_t count;
    struct key key[KEYS_MAX];
};

static const char *const alg_names[MCX_JWS_ALGS] = {"RS256", "PS256", "ES256"};

enum mcx_jws_alg mcx_jws_alg_named(const char *name)
{
    int alg = 0;

    while (alg < MCX_JWS_ALGS && (!name || strcmp(alg_names[alg], name) != 0))
        alg++;
    return (enum mcx_jws_alg)alg;
}

static bool is_text(const json_t *object, const char *name, const char *wanted)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text && strcmp(text, wanted) == 0;
}

/* RFC 7517 4.2, 4.3: for checking signatures, as far as it says. */
static bool is_for_signatures(const json_t *jwk)
{
    const json_t *ops = json_object_get(jwk, "key_ops"), *op;
    size_t index;

    if (json_object_get(jwk, "use") && !is_text(jwk, "use", "sig"))
        return false;
    if (!ops)
        return true;
    json_array_foreach(ops, index,
                       op) if (json_string_value(op) &&
                               strcmp(json_string_value(op), "verify") == 0) return true;
    return false;
}

/* false: of no use to us. */
static bool choose_algs(const json_t *jwk, bool fits[MCX_JWS_ALGS])
{
    const json_t *alg = json_object_get(jwk, "alg");
    bool is_rsa = is_text(jwk, "kty", "RSA");
    bool is_p256 = is_text(jwk, "kty", "EC") && is_text(jwk, "crv", "P-256");
    bool any = false;

    for (int i = 0; i < MCX_JWS_ALGS; i++) {
        fits[i] = i == MCX_ES256 ? is_p256 : is_rsa;
        if (alg && !is_text(jwk, "alg", alg_names[i]))
            fits[i] = false;
        any |= fits[i];
    }
    return any && is_for_signatures(jwk);
}

static bool is_private(const json_t *jwk)
{
    static const char *const members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};

    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (json_object_get(jwk, members[i]))
            return true;
    return false;
}

/* cjose asserts on what is no base64url. */
static bool is_base64url(const json_t *value)
{
    uint8_t octets[MEMBER_MAX];
    size_t len = json_string_length(value);

    return json_is_string(value) && len > 0 && len <= MEMBER_MAX &&
           mcx_base64url_decode(mcx_span(json_string_value(value), len), octets, &len) == MCX_OK;
}

static bool has_sound_members(const json_t *jwk, bool is_ec)
{
    return is_base64url(json_object_get(jwk, is_ec ? "x" : "n")) &&
           is_base64url(json_object_get(jwk, is_ec ? "y" : "e"));
}

static const struct key *find(const struct mcx_jwks *set, struct mcx_span kid)
{
    for (size_t i = 0; i < set->count; i++)
        if (mcx_span_equal(mcx_span_str(&set->key[i].kid), kid))
            return &set->key[i];
    return NULL;
}

static const char *check_rsa(const struct key *key)
{
    size_t bits = cjose_jwk_get_keysize(key->jwk, NULL);

    if (key->fits[MCX_ES256])
        return NULL;
    return bits < RSA_BITS_MIN || bits > RSA_BITS_MAX ? "an RSA key has less than 2048 bits or "
                                                        "more than 8192"
                                                      : NULL;
}

/* NULL: well, the key was added or left out. */
static const char *add(struct mcx_jwks *set, json_t *jwk)
{
    struct key *key = &set->key[set->count];

    if (!json_is_object(jwk))
        return "an element of keys is no object";
    if (is_private(jwk))
        return "it holds a private or symmetric key: only public keys belong here, and that one is "
               "burnt";
    if (!choose_algs(jwk, key->fits))
        return NULL;
    if (mcx_json_str(jwk, "kid", &key->kid) != MCX_OK)
        return "a key has no kid of 1 to 255 octets";
    if (find(set, mcx_span_str(&key->kid)))
        return "two keys have the same kid";
    if (!has_sound_members(jwk, key->fits[MCX_ES256]))
        return "a number of a key is not base64url, or too long";
    if (set->count + 1 == KEYS_MAX)
        return "there are more than 63 usable keys";
    key->jwk = cjose_jwk_import_json((cjose_header_t *)jwk, NULL);
    if (!key->jwk)
        return "a key is malformed";
    set->count++;
    return check_rsa(key);
}

static const char *load(struct mcx_jwks *set, struct mcx_span text)
{
    __attribute__((cleanup(mcx_json_drop))) json_t *whole = mcx_json_load(text, DEPTH_MAX);
    json_t *keys = json_object_get(whole, "keys"), *jwk;
    const char *why = NULL;
    size_t index;

    if (!json_is_array(keys))
        return "it is no JSON object with an array named keys (RFC 7517)";
    json_array_foreach(keys, index, jwk)
    {
        why = add(set, jwk);
        if (why)
            return why;
    }
    return set->count ? NULL : "it has no key for RS256, PS256 or ES256";
}

enum mcx_err mcx_jwks_load(struct mcx_span text, struct mcx_jwks **out, const char **why)
{
    *out = calloc(1, sizeof **out);
    if (!*out) {
        *why = mcx_err_text(MCX_NO_MEMORY);
        return MCX_NO_MEMORY;
    }
    *why = load(*out, text);
    if (!*why)
        return MCX_OK;
    mcx_jwks_free(out);
    return MCX_INVALID;
}

void mcx_jwks_free(struct mcx_jwks **set)
{
    for (size_t i = 0; *set && i < (*set)->count; i++)
        cjose_jwk_release((*set)->key[i].jwk);
    free(*set);
    *set = NULL;
}

size_t mcx_jwks_count(const struct mcx_jwks *set)
{
    return set->count;
}

enum mcx_err mcx_jwks_verify(const struct mcx_jwks *set, struct mcx_span kid, enum mcx_jws_alg alg,
                             struct mcx_span compact)
{
    const struct key *key = find(set, kid);
    cjose_jws_t *jws;
    bool is_right;

    if (!key)
        return MCX_NOT_FOUND;
    if (!key->fits[alg])
        return MCX_MISMATCH;
    jws = cjose_jws_import((const char *)compact.octets, compact.len, NULL);
    if (!jws)
        return MCX_AUTH;
    is_right = cjose_jws_verify(jws, key->jwk, NULL);
    cjose_jws_release(jws);
    return is_right ? MCX_OK : MCX_AUTH;
}
