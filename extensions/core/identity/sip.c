/* SPDX-License-Identifier: Apache-2.0 */
/* Canonical SIP and SIPS URIs (RFC 3261 19.1.1 and 25.1): the user part with one spelling per user,
 * the host in lower case; port, parameters and headers are checked and dropped. Pure; any thread.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/host.h"
#include "identity/identity.h"
#include "identity/identity_private.h"

/* RFC 3261 25.1 mark, without the '!' that no identity may hold (trap R5). */
#define MARK            "-_.~*'()"
#define USER_UNRESERVED "&=+$,;?/"

static bool is_unreserved(uint8_t octet)
{
    return mcx_identity_is_alnum(octet) || mcx_identity_is_one_of(octet, MARK);
}

/* The octet behind an escape "%HH" at the start of the text, or -1. */
static int unescape(const uint8_t *at, size_t left)
{
    int high, low;

    if (left < 3)
        return -1;
    high = mcx_identity_hex(at[1]);
    low = mcx_identity_hex(at[2]);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
}

static void put_escaped(struct mcx_identity_text *text, uint8_t octet)
{
    static const char digits[] = "0123456789ABCDEF";
    const char escaped[3] = {'%', digits[octet >> 4], digits[octet & 0x0f]};

    mcx_identity_put(text, mcx_span(escaped, sizeof escaped));
}

/* Escapes of unreserved characters are undone; all others stay, with upper-case digits, because
 * RFC 3261 19.1.4 holds ";" and "%3B" apart. So no two users share a spelling. */
static enum mcx_err put_user(struct mcx_span user, struct mcx_identity_text *text)
{
    uint8_t plain[MCX_STR_MAX];
    size_t plain_len = 0;

    if (user.len == 0)
        return MCX_INVALID;
    for (size_t i = 0; i < user.len; i++) {
        uint8_t octet = user.octets[i];
        bool was_escaped = octet == '%';

        if (was_escaped) {
            int value = unescape(user.octets + i, user.len - i);

            if (value < 0 || value == '!')
                return MCX_INVALID;
            octet = (uint8_t)value;
            i += 2;
        } else if (!is_unreserved(octet) && !mcx_identity_is_one_of(octet, USER_UNRESERVED))
            return MCX_INVALID;
        if (was_escaped && !is_unreserved(octet))
            put_escaped(text, octet);
        else
            mcx_identity_put_octet(text, octet);
        plain[plain_len++] = octet;
    }
    return mcx_identity_is_printable_utf8(mcx_span(plain, plain_len)) ? MCX_OK : MCX_INVALID;
}

/* "[...]" in the one spelling of RFC 5952. */
static enum mcx_err put_ipv6(struct mcx_span address, struct mcx_identity_text *text)
{
    char copy[INET6_ADDRSTRLEN], spelled[INET6_ADDRSTRLEN];
    struct in6_addr octets;

    if (address.len >= sizeof copy)
        return MCX_INVALID;
    memcpy(copy, address.octets, address.len);
    copy[address.len] = '\0';
    if (inet_pton(AF_INET6, copy, &octets) != 1 ||
        !inet_ntop(AF_INET6, &octets, spelled, sizeof spelled))
        return MCX_INVALID;
    mcx_identity_put_octet(text, '[');
    mcx_identity_put(text, mcx_span_of(spelled));
    mcx_identity_put_octet(text, ']');
    return MCX_OK;
}

static enum mcx_err put_host(struct mcx_span host, struct mcx_identity_text *text)
{
    struct mcx_str lower;

    if (host.len > 0 && host.octets[host.len - 1] == '.')
        host.len--; /* the root: the same host */
    if (mcx_host_lower(host, &lower) != MCX_OK)
        return MCX_INVALID;
    mcx_identity_put(text, mcx_span_str(&lower));
    return MCX_OK;
}

/* The end of the host in "host[:port][;parameters][?headers]". */
static size_t host_len(struct mcx_span rest)
{
    size_t len = 0;

    while (len < rest.len && !mcx_identity_is_one_of(rest.octets[len], ":;?"))
        len++;
    return len;
}

/* What is dropped must still be a URI: port digits, then characters that parameters and headers may
 * hold, with sound escapes. */
static bool tail_is_sound(struct mcx_span tail)
{
    size_t i = 0;

    if (tail.len > 0 && tail.octets[0] == ':') {
        for (i = 1; i < tail.len && tail.octets[i] >= '0' && tail.octets[i] <= '9'; i++)
            ;
        if (i == 1 || i > 6)
            return false;
    }
    if (i < tail.len && tail.octets[i] != ';' && tail.octets[i] != '?')
        return false;
    for (; i < tail.len; i++) {
        uint8_t octet = tail.octets[i];

        if (octet == '%') {
            int value = unescape(tail.octets + i, tail.len - i);

            if (value < 0x20 || value == 0x7f || value == '!')
                return false;
        } else if (!is_unreserved(octet) && !mcx_identity_is_one_of(octet, "[]/:&+$;?="))
            return false;
    }
    return true;
}

enum mcx_err mcx_identity_sip(struct mcx_span rest, struct mcx_identity_text *text)
{
    struct mcx_span user, host;
    enum mcx_err err;

    if (!mcx_identity_cut(&rest, '@', &user))
        return MCX_INVALID;
    err = put_user(user, text);
    if (err != MCX_OK)
        return err;
    mcx_identity_put_octet(text, '@');
    if (rest.len > 0 && rest.octets[0] == '[') {
        rest = mcx_span(rest.octets + 1, rest.len - 1);
        if (!mcx_identity_cut(&rest, ']', &host))
            return MCX_INVALID;
        err = put_ipv6(host, text);
    } else {
        host = mcx_span(rest.octets, host_len(rest));
        rest = mcx_span(rest.octets + host.len, rest.len - host.len);
        err = put_host(host, text);
    }
    if (err != MCX_OK)
        return err;
    return tail_is_sound(rest) ? MCX_OK : MCX_INVALID;
}
