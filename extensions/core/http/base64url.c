/* SPDX-License-Identifier: Apache-2.0 */
/* Decoding of base64url. Pure; any thread. */
#include "http/base64url.h"

/* -1: no such character. */
static int value_of(uint8_t character)
{
    if (character >= 'A' && character <= 'Z')
        return character - 'A';
    if (character >= 'a' && character <= 'z')
        return character - 'a' + 26;
    if (character >= '0' && character <= '9')
        return character - '0' + 52;
    if (character == '-')
        return 62;
    return character == '_' ? 63 : -1;
}

enum mcx_err mcx_base64url_decode(struct mcx_span text, uint8_t *out, size_t *len)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t used = 0;

    if (text.len % 4 == 1)
        return MCX_INVALID;
    for (size_t i = 0; i < text.len; i++) {
        int value = value_of(text.octets[i]);

        if (value < 0)
            return MCX_INVALID;
        bits = (bits << 6 | (uint32_t)value) & 0xffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            out[used++] = (uint8_t)(bits >> held);
        }
    }
    if (bits & ((1u << held) - 1))
        return MCX_INVALID;
    *len = used;
    return MCX_OK;
}
