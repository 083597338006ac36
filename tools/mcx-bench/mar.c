/* SPDX-License-Identifier: Apache-2.0 */
/* Prebuilt requests, TS 29.229 6.1.7 and TS 29.109 4.2. No allocation per message. */
#include "mar.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "wire/msg.h"

#define SESSION_DIGITS 10
#define USER_DIGITS    15

static void put_user(struct wire_buf *out, const char *impi, const char *impu)
{
    wire_msg_put_text(out, WIRE_USER_NAME, impi);
    wire_msg_put_text(out, WIRE_PUBLIC_IDENTITY, impu);
}

static bool read_lines(struct mar_users *users, FILE *file)
{
    char line[1100], impi[512], impu[512];
    size_t room = 0;
    while (fgets(line, sizeof(line), file)) {
        if (sscanf(line, " %511s %511s", impi, impu) != 2)
            return false;
        if (users->count + 2 > room) {
            room = room ? 2 * room : 1024;
            users->offsets = wire_realloc(users->offsets, room * sizeof(*users->offsets));
        }
        users->offsets[users->count++] = users->blobs.len;
        put_user(&users->blobs, impi, impu);
        users->offsets[users->count] = users->blobs.len;
    }
    return users->count > 0;
}

bool mar_users_load(struct mar_users *users, const struct bench_options *options, char *reason,
                    size_t size)
{
    *users = (struct mar_users){
        options->first_user, options->user_count, options->user_realm, {0}, NULL};
    if (!options->identities_file)
        return true;
    FILE *file = fopen(options->identities_file, "re");
    if (!file) {
        snprintf(reason, size, "%s: %s", options->identities_file, strerror(errno));
        return false;
    }
    users->count = 0;
    bool done = read_lines(users, file);
    fclose(file);
    if (!done)
        snprintf(reason, size, "%s: lines of IMPI and IMPU, please", options->identities_file);
    return done;
}

void mar_users_free(struct mar_users *users)
{
    wire_buf_free(&users->blobs);
    free(users->offsets);
}

static void write_digits(uint8_t *at, unsigned digits, uint64_t value)
{
    while (digits) {
        at[--digits] = (uint8_t)('0' + value % 10);
        value /= 10;
    }
}

static void build_head(struct mar *mar, const struct bench_options *options, const char *host,
                       uint32_t application)
{
    char session_id[400];
    struct wire_header header = {
        .flags = WIRE_FLAG_R | WIRE_FLAG_P, .command = WIRE_CMD_MA, .application = application};
    int len = snprintf(session_id, sizeof(session_id), "%s;%010u;%0*u", host, (unsigned)time(NULL),
                       SESSION_DIGITS, 0);
    wire_msg_begin(&mar->head, &header);
    mar->session_at = WIRE_HEADER_LEN + 8 + (size_t)len - SESSION_DIGITS;
    wire_msg_put_text(&mar->head, WIRE_SESSION_ID, session_id);
    wire_msg_put_application(&mar->head, application);
    wire_msg_put_text(&mar->head, WIRE_ORIGIN_HOST, host);
    wire_msg_put_text(&mar->head, WIRE_ORIGIN_REALM, options->origin_realm);
    wire_msg_put_text(&mar->head, WIRE_DESTINATION_REALM, options->destination_realm);
    if (options->destination_host)
        wire_msg_put_text(&mar->head, WIRE_DESTINATION_HOST, options->destination_host);
}

static void build_tail(struct mar *mar, const struct bench_options *options)
{
    char server_name[400];
    if (options->is_zh)
        return;
    size_t group = wire_msg_group_begin(&mar->tail, WIRE_SIP_AUTH_DATA_ITEM);
    wire_msg_put_text(&mar->tail, WIRE_SIP_AUTHENTICATION_SCHEME, "Digest-AKAv1-MD5");
    wire_msg_group_end(&mar->tail, group);
    wire_msg_put_u32(&mar->tail, WIRE_SIP_NUMBER_AUTH_ITEMS, (uint32_t)options->items);
    snprintf(server_name, sizeof(server_name), "sip:scscf.%s", options->origin_domain);
    wire_msg_put_text(&mar->tail, WIRE_SERVER_NAME,
                      options->server_name ? options->server_name : server_name);
}

void mar_init(struct mar *mar, const struct bench_options *options, const struct mar_users *users,
              const char *host)
{
    char impi[400], impu[410];
    *mar = (struct mar){0};
    build_head(mar, options, host, options->is_zh ? WIRE_APP_ZH : WIRE_APP_CX);
    build_tail(mar, options);
    snprintf(impi, sizeof(impi), "%0*u@%s", USER_DIGITS, 0, users->realm);
    snprintf(impu, sizeof(impu), "sip:%s", impi);
    mcx_random(&mar->end_to_end,
               sizeof(mar->end_to_end)); /* RFC 6733 3: unique for 4 minutes, runs included */
    mar->impi_at = 8;
    wire_msg_put_text(&mar->user, WIRE_USER_NAME, impi);
    mar->impu_at = mar->user.len + 12 + strlen("sip:");
    wire_msg_put_text(&mar->user, WIRE_PUBLIC_IDENTITY, impu);
}

static struct mcx_span user_avps(struct mar *mar, const struct mar_users *users, uint64_t user)
{
    if (users->offsets)
        return mcx_span(users->blobs.octets + users->offsets[user],
                        users->offsets[user + 1] - users->offsets[user]);
    write_digits(mar->user.octets + mar->impi_at, USER_DIGITS, users->first + user);
    memcpy(mar->user.octets + mar->impu_at, mar->user.octets + mar->impi_at, USER_DIGITS);
    return wire_buf_span(&mar->user);
}

void mar_append(struct mar *mar, const struct mar_users *users, uint64_t user, uint32_t hop_by_hop,
                struct wire_buf *out)
{
    struct mcx_span avps = user_avps(mar, users, user);
    size_t mark = out->len, length = mar->head.len + avps.len + mar->tail.len;
    wire_buf_reserve(out, length);
    wire_buf_put(out, mar->head.octets, mar->head.len);
    wire_buf_put(out, avps.octets, avps.len);
    wire_buf_put(out, mar->tail.octets, mar->tail.len);
    uint8_t *at = out->octets + mark;
    wire_set_u24(at + 1, (uint32_t)length);
    wire_set_u32(at + 12, hop_by_hop);
    wire_set_u32(at + 16, mar->end_to_end++);
    write_digits(at + mar->session_at, SESSION_DIGITS, mar->session++);
}

void mar_free(struct mar *mar)
{
    wire_buf_free(&mar->head);
    wire_buf_free(&mar->tail);
    wire_buf_free(&mar->user);
}
