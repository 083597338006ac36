/* SPDX-License-Identifier: Apache-2.0 */
/* Tokens by the file or signed here; a request is then a few copies. */
#include "migrants.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "jwt.h"

#define TOKEN_LIFE_S 86400 /* longer than any load */

static void put_text(struct wire_buf *out, const char *text)
{
    wire_buf_put(out, text, strlen(text));
}

static void begin_user(struct migrants *migrants, uint64_t *room)
{
    if (migrants->count == *room) {
        *room = *room ? 2 * *room : 1024;
        migrants->offsets = wire_realloc(migrants->offsets, *room * sizeof(size_t));
    }
    migrants->offsets[migrants->count] = migrants->blobs.len;
}

static bool is_plain(const char *text)
{
    return *text && strspn(text, " \t\"\\") == 0 && !strpbrk(text, "\"\\ ");
}

static bool read_lines(struct migrants *migrants, FILE *file)
{
    char *line = NULL;
    size_t line_size = 0;
    uint64_t room = 0;
    ssize_t len;
    bool done = true;
    while (done && (len = getline(&line, &line_size, file)) > 0) {
        line[strcspn(line, "\r\n")] = '\0';
        char *token = strchr(line, '\t');
        if (token)
            *token++ = '\0';
        done = token && is_plain(line) && is_plain(token);
        if (!done)
            break;
        begin_user(migrants, &room);
        wire_buf_put(&migrants->blobs, line, strlen(line) + 1);
        wire_buf_put(&migrants->blobs, token, strlen(token) + 1);
        migrants->count++;
    }
    if (line)
        memset(line, 0, line_size);
    free(line);
    return done && migrants->count > 0;
}

static bool read_file(struct migrants *migrants, const char *name, char *reason, size_t size)
{
    FILE *file = fopen(name, "re");
    if (!file) {
        snprintf(reason, size, "%s: %s", name, strerror(errno));
        return false;
    }
    bool done = read_lines(migrants, file);
    fclose(file);
    if (!done)
        snprintf(reason, size, "%s: lines of MC id, tab and token, please", name);
    return done;
}

/* TS 33.180 B.1: scope as one text of words; mcptt -> 3gpp:mc:ptt_config_management_service. */
static char *claims_of(const struct migrate_options *options, const char *mc_id, time_t now)
{
    char scope[128], claim[64];
    snprintf(scope, sizeof(scope), "openid 3gpp:mc:%s_config_management_service",
             options->service + 2);
    snprintf(claim, sizeof(claim), "%s_id", options->service);
    json_t *claims =
        json_pack("{s:s*, s:s, s:s*, s:s, s:s*, s:I, s:I, s:s}", "iss", options->issuer, "sub",
                  mc_id, "aud", options->audience, "scope", scope, "client_id", options->client,
                  "iat", (json_int_t)now, "exp", (json_int_t)now + TOKEN_LIFE_S, claim, mc_id);
    char *text = json_dumps(claims, JSON_COMPACT);
    json_decref(claims);
    return text;
}

static bool sign_all(struct migrants *migrants, const struct bench_options *options,
                     struct jwt_signer *signer)
{
    const struct migrate_options *migrate = &options->migrate;
    char mc_id[400];
    time_t now = time(NULL);
    uint64_t room = 0;
    bool done = true;
    for (uint64_t i = 0; done && i < options->user_count; i++) {
        int len = snprintf(mc_id, sizeof(mc_id), "sip:%015llu@%s",
                           (unsigned long long)(options->first_user + i), migrate->mc_realm);
        begin_user(migrants, &room);
        wire_buf_put(&migrants->blobs, mc_id, (size_t)len + 1);
        char *claims = claims_of(migrate, mc_id, now);
        done = claims && jwt_sign(signer, claims, &migrants->blobs);
        free(claims);
        wire_buf_put_zero(&migrants->blobs, 1);
        migrants->count++;
    }
    return done;
}

static bool sign(struct migrants *migrants, const struct bench_options *options, char *reason,
                 size_t size)
{
    struct jwt_signer signer;
    if (!jwt_signer_open(&signer, options->migrate.sign_key, options->migrate.kid, reason, size))
        return false;
    bool done = sign_all(migrants, options, &signer);
    jwt_signer_close(&signer);
    if (!done)
        snprintf(reason, size, "%s: cannot sign", options->migrate.sign_key);
    return done;
}

static bool build_body(struct migrants *migrants, const struct migrate_options *options)
{
    json_error_t error;
    json_t *location = json_loads(options->location, JSON_REJECT_DUPLICATES, &error);
    json_t *rest = json_pack("{s:o*, s:s*, s:s*}", "location", location, "partner",
                             options->partner, "device", options->device);
    char *text = json_is_object(location) ? json_dumps(rest, JSON_COMPACT) : NULL;
    if (text) {
        put_text(&migrants->body_start, "{\"mcServiceIds\":{\"");
        put_text(&migrants->body_start, options->service);
        put_text(&migrants->body_start, "\":\"");
        put_text(&migrants->body_tail, "\"},");
        put_text(&migrants->body_tail, text + 1); /* its own brace */
    }
    free(text);
    json_decref(rest);
    return text != NULL;
}

static void build_head(struct migrants *migrants, const struct migrate_options *options)
{
    put_text(&migrants->head, "POST ");
    put_text(&migrants->head, options->path);
    put_text(&migrants->head, " HTTP/1.1\r\nHost: ");
    put_text(&migrants->head, options->host);
    put_text(&migrants->head, "\r\nContent-Type: application/json\r\nAccept: application/json\r\n");
    if (options->connect_per_request)
        put_text(&migrants->head, "Connection: close\r\n");
    put_text(&migrants->head, "Authorization: Bearer ");
}

bool migrants_load(struct migrants *migrants, const struct bench_options *options, char *reason,
                   size_t size)
{
    const struct migrate_options *migrate = &options->migrate;
    *migrants = (struct migrants){0};
    if (!is_plain(migrate->service) || strncmp(migrate->service, "mc", 2) != 0) {
        snprintf(reason, size, "--service: mcptt, mcvideo or mcdata, please");
        return false;
    }
    build_head(migrants, migrate);
    if (!build_body(migrants, migrate)) {
        snprintf(reason, size, "--location: a JSON object, please");
        return false;
    }
    return migrate->token_file ? read_file(migrants, migrate->token_file, reason, size)
                               : sign(migrants, options, reason, size);
}

void migrants_free(struct migrants *migrants)
{
    wire_buf_free(&migrants->blobs);
    wire_buf_free(&migrants->head);
    wire_buf_free(&migrants->body_start);
    wire_buf_free(&migrants->body_tail);
    free(migrants->offsets);
    *migrants = (struct migrants){0};
}

void migrants_append(const struct migrants *migrants, uint64_t user, struct wire_buf *out)
{
    const char *mc_id = (const char *)migrants->blobs.octets + migrants->offsets[user];
    const char *token = mc_id + strlen(mc_id) + 1;
    size_t id_len = strlen(mc_id);
    char length[64];
    int len = snprintf(length, sizeof(length), "\r\nContent-Length: %zu\r\n\r\n",
                       migrants->body_start.len + id_len + migrants->body_tail.len);
    wire_buf_put(out, migrants->head.octets, migrants->head.len);
    wire_buf_put(out, token, strlen(token));
    wire_buf_put(out, length, (size_t)len);
    wire_buf_put(out, migrants->body_start.octets, migrants->body_start.len);
    wire_buf_put(out, mc_id, id_len);
    wire_buf_put(out, migrants->body_tail.octets, migrants->body_tail.len);
}
