/* SPDX-License-Identifier: Apache-2.0 */
/* A token is looked at from the outside in: shape, header, signature by kid, and only then what it
 * claims. Each refusal has its own name. Threads of the UE interface; blocks only on JWKS files. */
#include "http/token.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "http/base64url.h"
#include "http/json.h"
#include "http/keyfile.h"

enum { DEPTH_MAX = 8, ES256_OCTETS = 64 };

struct mcx_tokens {
    const struct mcx_conf *conf;
    size_t count;
    struct mcx_keyfile file[MCX_ISSUERS_MAX]; /* of conf->issuer[i] */
};

static const struct {
    const char *label, *detail;
} faults[] = {
#define MCX_TOKEN_FAULT(name, label, detail) {label, detail},
#include "http/token_faults.def"
#undef MCX_TOKEN_FAULT
};

const char *mcx_token_fault_label(enum mcx_token_fault fault)
{
    return faults[fault].label;
}

const char *mcx_token_fault_detail(enum mcx_token_fault fault)
{
    return faults[fault].detail;
}

enum mcx_err mcx_tokens_open(const struct mcx_conf *conf, struct mcx_tokens **out,
                             struct mcx_conf_problem *problem)
{
    struct mcx_tokens *tokens = calloc(1, sizeof *tokens);
    const char *why = mcx_err_text(MCX_NO_MEMORY);

    *out = NULL;
    if (tokens)
        tokens->conf = conf;
    for (size_t i = 0; tokens && i < conf->issuer_count; i++) {
        const char *path = conf->issuer[i].jwks_file;

        if (mcx_keyfile_open(&tokens->file[i], path, &why) != MCX_OK) {
            mcx_tokens_close(&tokens);
            return mcx_conf_blame(
                conf, problem, mcx_conf_label("cms.token_issuers[%zu].jwks_file", i).text,
                "%s: %s; name a file with the issuer's public keys as a JWK Set (RFC 7517)", path,
                why);
        }
        tokens->count = i + 1;
    }
    if (!tokens) {
        snprintf(problem->text, sizeof problem->text, "%s", why);
        return MCX_NO_MEMORY;
    }
    *out = tokens;
    return MCX_OK;
}

void mcx_tokens_close(struct mcx_tokens **tokens)
{
    for (size_t i = 0; *tokens && i < (*tokens)->count; i++)
        mcx_keyfile_close(&(*tokens)->file[i]);
    free(*tokens);
    *tokens = NULL;
}

/* The three parts of a compact JWS, RFC 7515 7.1. */
struct parts {
    struct mcx_span part[3];
};

struct decoded {
    size_t len[3];
    uint8_t octets[3][MCX_TOKEN_MAX];
};

static bool split(struct mcx_span compact, struct parts *parts)
{
    struct mcx_span rest = compact;

    for (int i = 0; i < 3; i++) {
        const uint8_t *dot = memchr(rest.octets, '.', rest.len);
        size_t len = dot ? (size_t)(dot - rest.octets) : rest.len;

        if (len == 0 || (i < 2) != (dot != NULL))
            return false;
        parts->part[i] = mcx_span(rest.octets, len);
        if (dot)
            rest = mcx_span(dot + 1, rest.len - len - 1);
    }
    return true;
}

/* All parts: cjose asserts on what is no base64url. */
static bool decode(const struct parts *parts, struct decoded *out)
{
    for (int i = 0; i < 3; i++)
        if (mcx_base64url_decode(parts->part[i], out->octets[i], &out->len[i]) != MCX_OK)
            return false;
    return true;
}

static json_t *load_object(const struct decoded *decoded, int part)
{
    json_t *object = mcx_json_load(mcx_span(decoded->octets[part], decoded->len[part]), DEPTH_MAX);

    if (json_is_object(object))
        return object;
    json_decref(object);
    return NULL;
}

struct header {
    enum mcx_jws_alg alg;
    struct mcx_str kid;
};

/* RFC 7519 5.1, RFC 9068 2.1. */
static bool is_known_type(const json_t *header)
{
    struct mcx_str type;
    enum mcx_err err = mcx_json_str(header, "typ", &type);

    return err == MCX_NOT_FOUND ||
           (err == MCX_OK &&
            (mcx_span_equal_nocase(mcx_span_str(&type), mcx_span_of("JWT")) ||
             mcx_span_equal_nocase(mcx_span_str(&type), mcx_span_of("at+jwt")) ||
             mcx_span_equal_nocase(mcx_span_str(&type), mcx_span_of("application/at+jwt"))));
}

static enum mcx_token_fault read_header(const struct decoded *decoded, struct header *out)
{
    /* RFC 7515 4.1, RFC 7516, RFC 7797: what would name a key elsewhere or change the rules. */
    static const char *const refused[] = {"crit", "jku", "jwk", "x5u", "x5c",
                                          "b64",  "zip", "enc", "cty"};
    __attribute__((cleanup(mcx_json_drop))) json_t *header = load_object(decoded, 0);

    if (!header)
        return MCX_TOKEN_MALFORMED;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        if (json_object_get(header, refused[i]))
            return MCX_TOKEN_HEADER;
    out->alg = mcx_jws_alg_named(json_string_value(json_object_get(header, "alg")));
    if (out->alg == MCX_JWS_ALGS)
        return MCX_TOKEN_ALGORITHM;
    if (!is_known_type(header) || mcx_json_str(header, "kid", &out->kid) != MCX_OK)
        return MCX_TOKEN_HEADER;
    return MCX_TOKEN_OK;
}

/* What iss says before anything is proved: good for choosing whose keys to look at, issuers may
 * share keys, and for nothing else. False: none, or no name. */
static bool claimed_issuer(const struct decoded *decoded, struct mcx_str *out)
{
    __attribute__((cleanup(mcx_json_drop))) json_t *claims = load_object(decoded, 1);

    return claims && mcx_json_str(claims, "iss", out) == MCX_OK;
}

static bool is_configured(const struct mcx_tokens *tokens, const struct mcx_str *issuer)
{
    for (size_t i = 0; i < tokens->count; i++)
        if (mcx_str_equal(issuer, &tokens->conf->issuer[i].issuer))
            return true;
    return false;
}

/* Which issuer's key signed it: that of the issuer whom it names, if we know him; else anybody's,
 * so that the log says what else is wrong with it. check_issuer has the last word. */
static enum mcx_token_fault verify(struct mcx_tokens *tokens, const struct header *header,
                                   const struct decoded *decoded, struct mcx_span compact,
                                   size_t *issuer)
{
    enum mcx_token_fault fault = MCX_TOKEN_KEY_UNKNOWN;
    struct mcx_str claimed;
    bool is_chosen = claimed_issuer(decoded, &claimed) && is_configured(tokens, &claimed);

    for (size_t i = 0; i < tokens->count; i++) {
        if (is_chosen && !mcx_str_equal(&claimed, &tokens->conf->issuer[i].issuer))
            continue;
        mcx_keyfile_refresh(&tokens->file[i]);
        switch (mcx_keyfile_verify(&tokens->file[i], mcx_span_str(&header->kid), header->alg,
                                   compact)) {
        case MCX_OK:
            *issuer = i;
            return MCX_TOKEN_OK;
        case MCX_MISMATCH:
            if (fault == MCX_TOKEN_KEY_UNKNOWN)
                fault = MCX_TOKEN_KEY_MISMATCH;
            break;
        case MCX_AUTH:
            fault = MCX_TOKEN_SIGNATURE;
            break;
        default: /* not its key */
            break;
        }
    }
    return fault;
}

/* NumericDate, RFC 7519 2. NOT_FOUND: absent. */
static enum mcx_err read_time(const json_t *claims, const char *name, double *out)
{
    const json_t *value = json_object_get(claims, name);

    if (!value)
        return MCX_NOT_FOUND;
    if (!json_is_number(value) || !isfinite(json_number_value(value)) ||
        json_number_value(value) < 0)
        return MCX_INVALID;
    *out = json_number_value(value);
    return MCX_OK;
}

static enum mcx_token_fault check_times(const json_t *claims, int leeway_s)
{
    static const char *const starts[] = {"nbf", "iat"};
    const struct timespec clock = mcx_clock_real_after_ms(0);
    const double now = (double)clock.tv_sec, leeway = leeway_s;
    double when = 0;
    enum mcx_err err = read_time(claims, "exp", &when);

    if (err != MCX_OK)
        return err == MCX_NOT_FOUND ? MCX_TOKEN_NO_EXPIRY : MCX_TOKEN_CLAIMS;
    if (when + leeway <= now)
        return MCX_TOKEN_EXPIRED;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        err = read_time(claims, starts[i], &when);
        if (err == MCX_INVALID)
            return MCX_TOKEN_CLAIMS;
        if (err == MCX_OK && when > now + leeway)
            return MCX_TOKEN_NOT_YET;
    }
    return MCX_TOKEN_OK;
}

static enum mcx_token_fault check_issuer(const struct mcx_tokens *tokens, size_t issuer,
                                         const json_t *claims)
{
    struct mcx_str iss;
    enum mcx_err err = mcx_json_str(claims, "iss", &iss);

    if (err == MCX_NOT_FOUND && tokens->count == 1)
        return MCX_TOKEN_OK;
    if (err != MCX_OK || !mcx_str_equal(&iss, &tokens->conf->issuer[issuer].issuer))
        return MCX_TOKEN_ISSUER;
    return MCX_TOKEN_OK;
}

static bool is_value(const json_t *value, const struct mcx_str *wanted)
{
    return json_is_string(value) && wanted->len > 0 &&
           mcx_span_equal(mcx_span(json_string_value(value), json_string_length(value)),
                          mcx_span_str(wanted));
}

static bool names_audience(const json_t *aud, const struct mcx_str *wanted)
{
    const json_t *one;
    size_t index;

    if (is_value(aud, wanted))
        return true;
    json_array_foreach(aud, index, one) if (is_value(one, wanted)) return true;
    return false;
}

/* RFC 7519 4.1.3; the access tokens of TS 33.180 B have client_id instead. A security token for a
 * partner (B.7) names the partner's identity management server here, never us. */
static enum mcx_token_fault check_audience(const struct mcx_conf_issuer *issuer,
                                           const json_t *claims)
{
    const json_t *aud = json_object_get(claims, "aud");
    const json_t *client = json_object_get(claims, "client_id");

    if (aud)
        return names_audience(aud, &issuer->audience) ? MCX_TOKEN_OK : MCX_TOKEN_AUDIENCE;
    if (issuer->audience_required)
        return MCX_TOKEN_AUDIENCE;
    for (size_t i = 0; i < issuer->clients.count; i++)
        if (is_value(client, &issuer->clients.host[i]))
            return MCX_TOKEN_OK;
    return MCX_TOKEN_CLIENT;
}

/* Texts separated by spaces, RFC 6749 3.3. */
static bool has_scope(const char *scopes, const char *wanted)
{
    size_t len = strlen(wanted);

    for (const char *at = scopes; *at; at += strspn(at, " ")) {
        size_t one = strcspn(at, " ");

        if (one == len && memcmp(at, wanted, len) == 0)
            return true;
        at += one;
    }
    return false;
}

static enum mcx_token_fault read_grants(const json_t *claims, struct mcx_service_ids *granted)
{
    /* OpenID Connect Core 2, 3.1.3.6, 3.3.2.11: only ID tokens have these. */
    static const char *const of_id_tokens[] = {"nonce", "at_hash", "c_hash", "s_hash", "auth_time"};
    const json_t *scope = json_object_get(claims, "scope");

    for (size_t i = 0; i < sizeof of_id_tokens / sizeof *of_id_tokens; i++)
        if (json_object_get(claims, of_id_tokens[i]))
            return MCX_TOKEN_ID_TOKEN;
    if (!scope || (json_is_string(scope) && json_string_length(scope) == 0))
        return MCX_TOKEN_NO_SCOPE;
    if (!json_is_string(scope))
        return MCX_TOKEN_CLAIMS;
    for (int i = 0; i < MCX_SERVICES; i++) {
        const struct mcx_service_row *row = &mcx_service_rows[i];
        enum mcx_err err = mcx_json_str(claims, row->claim, &granted->id[i]);

        if (err == MCX_INVALID)
            return MCX_TOKEN_CLAIMS;
        granted->has[i] = err == MCX_OK && has_scope(json_string_value(scope), row->scope);
    }
    return MCX_TOKEN_OK;
}

static enum mcx_token_fault check_claims(const struct mcx_tokens *tokens, size_t issuer,
                                         const struct decoded *decoded, struct mcx_token *out)
{
    __attribute__((cleanup(mcx_json_drop))) json_t *claims = load_object(decoded, 1);
    struct mcx_token token = {0};
    enum mcx_token_fault fault = claims ? MCX_TOKEN_OK : MCX_TOKEN_CLAIMS;

    if (fault == MCX_TOKEN_OK)
        fault = check_issuer(tokens, issuer, claims);
    if (fault == MCX_TOKEN_OK)
        fault = check_times(claims, tokens->conf->cms_token_leeway_s);
    if (fault == MCX_TOKEN_OK)
        fault = read_grants(claims, &token.granted);
    if (fault == MCX_TOKEN_OK)
        fault = check_audience(&tokens->conf->issuer[issuer], claims);
    if (fault == MCX_TOKEN_OK)
        *out = token;
    return fault;
}

enum mcx_token_fault mcx_token_check(struct mcx_tokens *tokens, struct mcx_span compact,
                                     struct mcx_token *out)
{
    struct parts parts;
    struct decoded decoded;
    struct header header;
    size_t issuer = 0;
    enum mcx_token_fault fault;

    if (compact.len > MCX_TOKEN_MAX)
        return MCX_TOKEN_TOO_LONG;
    if (compact.len == 0 || !split(compact, &parts) || !decode(&parts, &decoded))
        return MCX_TOKEN_MALFORMED;
    fault = read_header(&decoded, &header);
    if (fault != MCX_TOKEN_OK)
        return fault;
    if (header.alg == MCX_ES256 && decoded.len[2] != ES256_OCTETS)
        return MCX_TOKEN_SIGNATURE;
    fault = verify(tokens, &header, &decoded, compact, &issuer);
    return fault == MCX_TOKEN_OK ? check_claims(tokens, issuer, &decoded, out) : fault;
}
