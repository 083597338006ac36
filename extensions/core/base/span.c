/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed octets and short strings: compare, copy, hash, hexadecimal. Pure; any thread. */
#include "base/span.h"

#include <string.h>

struct mcx_span mcx_span_of(const char *text)
{
    return mcx_span(text, strlen(text));
}

struct mcx_span mcx_span_str(const struct mcx_str *str)
{
    return mcx_span(str->octets, str->len);
}

bool mcx_span_equal(struct mcx_span a, struct mcx_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.octets, b.octets, a.len) == 0);
}

static uint8_t lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

bool mcx_span_equal_nocase(struct mcx_span a, struct mcx_span b)
{
    if (a.len != b.len)
        return false;
    for (size_t i = 0; i < a.len; i++)
        if (lower(a.octets[i]) != lower(b.octets[i]))
            return false;
    return true;
}

bool mcx_span_ends_nocase(struct mcx_span whole, struct mcx_span tail)
{
    if (tail.len > whole.len)
        return false;
    if (tail.len == 0)
        return true;
    return mcx_span_equal_nocase(mcx_span(whole.octets + (whole.len - tail.len), tail.len), tail);
}

enum mcx_err mcx_str_set(struct mcx_str *out, struct mcx_span from)
{
    if (from.len > MCX_STR_MAX)
        return MCX_TOO_LONG;
    if (from.len > 0 && memchr(from.octets, '\0', from.len))
        return MCX_INVALID;
    if (from.len > 0)
        memmove(out->octets, from.octets, from.len);
    out->octets[from.len] = '\0';
    out->len = (uint8_t)from.len;
    return MCX_OK;
}

bool mcx_str_equal(const struct mcx_str *a, const struct mcx_str *b)
{
    return mcx_span_equal(mcx_span_str(a), mcx_span_str(b));
}

uint64_t mcx_span_hash(struct mcx_span span)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325); /* FNV-1a, 64 bits: offset basis and prime */

    for (size_t i = 0; i < span.len; i++) {
        hash ^= span.octets[i];
        hash *= UINT64_C(0x100000001b3);
    }
    return hash;
}

void mcx_hex_encode(struct mcx_span from, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < from.len; i++) {
        *out++ = digits[from.octets[i] >> 4];
        *out++ = digits[from.octets[i] & 0x0f];
    }
    *out = '\0';
}

static int hex_value(uint8_t digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (lower(digit) >= 'a' && lower(digit) <= 'f')
        return lower(digit) - 'a' + 10;
    return -1;
}

enum mcx_err mcx_hex_decode(struct mcx_span from, uint8_t *out, size_t out_len)
{
    if (from.len % 2 != 0 || from.len / 2 != out_len)
        return MCX_INVALID;
    for (size_t i = 0; i < from.len; i++)
        if (hex_value(from.octets[i]) < 0)
            return MCX_INVALID;
    for (size_t i = 0; i < out_len; i++)
        out[i] = (uint8_t)(hex_value(from.octets[2 * i]) << 4 | hex_value(from.octets[2 * i + 1]));
    return MCX_OK;
}
