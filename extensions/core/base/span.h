/* SPDX-License-Identifier: Apache-2.0 */
/* Borrowed octets, and short octet strings by value. AVP bytes carry no terminating NUL: they are
 * borrowed as spans and copied into mcx_str to be kept. Pure; any thread. */
#ifndef MCX_BASE_SPAN_H
#define MCX_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct mcx_span {
    const uint8_t *octets;
    size_t len;
};

/* IMPI, IMPU, realm, host: octets as received, at most 255, and always followed by a NUL that len
 * does not count. */
#define MCX_STR_MAX 255
struct mcx_str {
    uint8_t len;
    char octets[MCX_STR_MAX + 1];
};

static inline struct mcx_span mcx_span(const void *octets, size_t len)
{
    return (struct mcx_span){(const uint8_t *)octets, len};
}

struct mcx_span mcx_span_of(const char *text);           /* text must be NUL-terminated */
struct mcx_span mcx_span_str(const struct mcx_str *str); /* valid as long as *str is */
bool mcx_span_equal(struct mcx_span a, struct mcx_span b);
bool mcx_span_equal_nocase(struct mcx_span a, struct mcx_span b); /* ASCII only */
bool mcx_span_ends_nocase(struct mcx_span whole, struct mcx_span tail);

/* TOO_LONG over 255 octets, INVALID for a NUL inside; *out untouched on error. */
MCX_MUST_USE enum mcx_err mcx_str_set(struct mcx_str *out, struct mcx_span from);
bool mcx_str_equal(const struct mcx_str *a, const struct mcx_str *b);

/* FNV-1a; for hash tables and sharding, not for security. */
uint64_t mcx_span_hash(struct mcx_span span);

/* Lower-case hex. out holds 2*len+1 chars. Never for secrets in logs. */
void mcx_hex_encode(struct mcx_span from, char *out);
/* Exactly out_len octets; upper or lower case. INVALID: other length or a non-hex digit. */
MCX_MUST_USE enum mcx_err mcx_hex_decode(struct mcx_span from, uint8_t *out, size_t out_len);

#endif
