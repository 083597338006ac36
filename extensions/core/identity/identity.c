/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical IMPI and IMPU, their domain, and fresh migration identities. SIP and tel URIs stand in
 * sip.c and tel.c. Any thread; does not block. */
#define _GNU_SOURCE /* memrchr */
#include "identity/identity.h"

#include <string.h>

#include "base/host.h"
#include "base/random.h"
#include "identity/identity_private.h"

/* Outside RFC 7542 2.2 utf8-atext, besides controls: specials, '@' and the '!' of decorations. */
#define NOT_IN_USERNAME " !\"(),:;<>@[\\]"

enum mcx_err mcx_impi_canonical(struct mcx_span impi, struct mcx_str *out)
{
    struct mcx_identity_text text = {.is_too_long = false};
    struct mcx_span realm = impi, user;
    struct mcx_str lower;

    if (impi.len > MCX_STR_MAX)
        return MCX_TOO_LONG;
    if (!mcx_identity_cut(&realm, '@', &user) || user.len == 0)
        return MCX_INVALID;
    if (!mcx_identity_is_printable_utf8(user))
        return MCX_INVALID;
    for (size_t i = 0; i < user.len; i++)
        if (mcx_identity_is_one_of(user.octets[i], NOT_IN_USERNAME))
            return MCX_INVALID;
    if (mcx_host_lower(realm, &lower) != MCX_OK)
        return MCX_INVALID;
    mcx_identity_put(&text, user);
    mcx_identity_put_octet(&text, '@');
    mcx_identity_put(&text, mcx_span_str(&lower));
    return mcx_identity_finish(&text, out);
}

enum mcx_err mcx_impu_canonical(struct mcx_span impu, struct mcx_str *out)
{
    static const struct {
        const char *scheme;
        enum mcx_err (*parse)(struct mcx_span rest, struct mcx_identity_text *text);
    } rows[] = {
        {"sip:", mcx_identity_sip}, {"sips:", mcx_identity_sip}, {"tel:", mcx_identity_tel}};

    if (impu.len > MCX_STR_MAX)
        return MCX_TOO_LONG;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_span scheme = mcx_span_of(rows[i].scheme);
        struct mcx_identity_text text = {.is_too_long = false};
        enum mcx_err err;

        if (impu.len < scheme.len ||
            !mcx_span_equal_nocase(mcx_span(impu.octets, scheme.len), scheme))
            continue;
        mcx_identity_put(&text, scheme);
        err = rows[i].parse(mcx_span(impu.octets + scheme.len, impu.len - scheme.len), &text);
        return err == MCX_OK ? mcx_identity_finish(&text, out) : err;
    }
    return MCX_INVALID;
}

struct mcx_span mcx_identity_domain(const struct mcx_str *canonical)
{
    const char *at = memrchr(canonical->octets, '@', canonical->len);

    if (!at)
        return mcx_span(canonical->octets + canonical->len, 0);
    return mcx_span(at + 1, (size_t)(canonical->octets + canonical->len - (at + 1)));
}

/* 128 random bits as 26 base32 digits (RFC 4648 6, lower case; the last holds three bits). */
static void put_random_label(struct mcx_identity_text *text)
{
    static const char digits[] = "abcdefghijklmnopqrstuvwxyz234567";
    uint8_t random[16];
    uint32_t bits = 0;
    unsigned held = 0;

    mcx_random(random, sizeof random);
    for (size_t i = 0; i < sizeof random; i++) {
        bits = bits << 8 | random[i];
        for (held += 8; held >= 5; held -= 5)
            mcx_identity_put_octet(text, (uint8_t)digits[bits >> (held - 5) & 0x1f]);
    }
    mcx_identity_put_octet(text, (uint8_t)digits[bits << (5 - held) & 0x1f]);
}

static enum mcx_err generate(const char *scheme, struct mcx_span domain, struct mcx_str *out)
{
    struct mcx_identity_text text = {.is_too_long = false};
    struct mcx_str lower;

    if (mcx_host_lower(domain, &lower) != MCX_OK)
        return MCX_INVALID;
    mcx_identity_put(&text, mcx_span_of(scheme));
    put_random_label(&text);
    mcx_identity_put_octet(&text, '@');
    mcx_identity_put(&text, mcx_span_str(&lower));
    return mcx_identity_finish(&text, out);
}

enum mcx_err mcx_impi_generate(struct mcx_span domain, struct mcx_str *out)
{
    return generate("", domain, out);
}

enum mcx_err mcx_impu_generate(struct mcx_span domain, struct mcx_str *out)
{
    return generate("sip:", domain, out);
}

enum mcx_err mcx_host_canonical(struct mcx_span host, struct mcx_str *out)
{
    return mcx_host_lower(host, out);
}
