/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and tokens for tests, made at run time. One thread. */
#include "signer.h"

#include <dirent.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static cjose_jwk_t *keys[SIGNER_KEYS];
static char folder[64];
static struct mcx_conf *conf;

cjose_jwk_t *signer_jwk(enum signer_key key)
{
    static const uint8_t exponent[] = {1, 0, 1};

    if (!keys[key] && (key == SIGNER_EC || key == SIGNER_EC_OTHER))
        keys[key] = cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, NULL);
    else if (!keys[key])
        keys[key] = cjose_jwk_create_RSA_random(2048, exponent, sizeof exponent, NULL);
    ck_assert_ptr_nonnull(keys[key]);
    return keys[key];
}

const char *signer_path(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void signer_write(const char *name, const char *text)
{
    char fresh[512];
    FILE *file;

    snprintf(fresh, sizeof fresh, "%s/%s.new", folder, name);
    file = fopen(fresh, "w");
    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(rename(fresh, signer_path(name)), 0);
}

char *signer_jwks(size_t count, const enum signer_key *which, const char *const *kids)
{
    json_t *set = json_pack("{s:[]}", "keys");
    char *text;

    for (size_t i = 0; i < count; i++) {
        char *public = cjose_jwk_to_json(signer_jwk(which[i]), false, NULL);
        json_t *jwk = json_loads(public, 0, NULL);

        json_object_set_new(jwk, "kid", json_string(kids[i]));
        json_array_append_new(json_object_get(set, "keys"), jwk);
        free(public);
    }
    text = json_dumps(set, 0);
    json_decref(set);
    return text;
}

void signer_set_up(void)
{
    static const enum signer_key both[] = {SIGNER_RSA, SIGNER_EC};
    static const char *const kids[] = {"rsa-1", "ec-1"};
    char *jwks = signer_jwks(2, both, kids);
    char text[1024];
    struct mcx_conf_problem problem;

    strcpy(folder, "/tmp/mcx-http-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    signer_write("jwks.json", jwks);
    free(jwks);
    snprintf(text, sizeof text,
             "database = { conninfo = \"dbname=none\"; };\n"
             "cms = { token_issuers = ( { issuer = \"%s\"; jwks_file = \"jwks.json\"; "
             "audience = \"%s\"; clients = (\"ue\"); } ); };\n",
             ISSUER, AUDIENCE);
    signer_write("mcx.conf", text);
    ck_assert_msg(mcx_conf_load(signer_path("mcx.conf"), &conf, &problem) == MCX_OK, "%s",
                  problem.text);
}

void signer_tear_down(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    mcx_conf_free(&conf);
    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            (void)remove(signer_path(entry->d_name));
    (void)closedir(dir);
    ck_assert_int_eq(rmdir(folder), 0);
    for (int i = 0; i < SIGNER_KEYS; i++) {
        cjose_jwk_release(keys[i]);
        keys[i] = NULL;
    }
}

struct mcx_conf *signer_conf(void)
{
    return conf;
}

char *signer_claims(const char *changes)
{
    json_t *claims = json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "iss", ISSUER, "client_id", "ue",
                               "scope", SCOPE, "mcptt_id", ALICE, "iat", (json_int_t)time(NULL),
                               "exp", (json_int_t)time(NULL) + 3600);
    json_t *change = changes ? json_loads(changes, 0, NULL) : json_object(), *value;
    const char *name;
    char *text;

    ck_assert_msg(json_is_object(change), "%s", changes);
    json_object_foreach(change, name, value)
    {
        if (json_is_null(value))
            json_object_del(claims, name);
        else
            json_object_set(claims, name, value);
    }
    text = json_dumps(claims, JSON_COMPACT);
    json_decref(change);
    json_decref(claims);
    return text;
}

char *signer_sign(enum signer_key key, const char *header, const char *claims)
{
    json_t *members = json_loads(header, 0, NULL);
    cjose_err err = {0};
    cjose_jws_t *jws;
    const char *compact = NULL;
    char *copy;

    ck_assert_msg(json_is_object(members), "%s", header);
    jws = cjose_jws_sign(signer_jwk(key), (cjose_header_t *)members, (const uint8_t *)claims,
                         strlen(claims), &err);
    ck_assert_msg(jws && cjose_jws_export(jws, &compact, &err), "%s", err.message);
    copy = strdup(compact);
    cjose_jws_release(jws);
    json_decref(members);
    return copy;
}

char *signer_token(const char *changes)
{
    char *claims = signer_claims(changes);
    char *token = signer_sign(SIGNER_RSA, "{\"alg\":\"RS256\",\"kid\":\"rsa-1\"}", claims);

    free(claims);
    return token;
}

char *signer_base64url(const char *text)
{
    char *encoded = NULL;
    size_t len = 0;

    ck_assert(cjose_base64url_encode((const uint8_t *)text, strlen(text), &encoded, &len, NULL));
    return encoded;
}
