/* SPDX-License-Identifier: Apache-2.0 */
/* Octets and keys from hexadecimal literals, for the tests of aka. */
#ifndef MCX_AKA_HEX_H
#define MCX_AKA_HEX_H

#include "base/secret.h"
#include "unit.h"

static inline void hex_to(uint8_t *out, size_t len, const char *hex)
{
    ck_assert_int_eq(mcx_hex_decode(mcx_span_of(hex), out, len), MCX_OK);
}

static inline struct mcx_key128 hex_key(const char *hex)
{
    struct mcx_key128 key;

    hex_to(key.octets, sizeof key.octets, hex);
    return key;
}

#define assert_hex(octets, len, hex)                                                               \
    do {                                                                                           \
        uint8_t expected_[(len)];                                                                  \
        hex_to(expected_, (len), (hex));                                                           \
        ck_assert_mem_eq((octets), expected_, (len));                                              \
    } while (0)

#endif
