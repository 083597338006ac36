/* SPDX-License-Identifier: Apache-2.0 */
/* Character classes and bounded output for the identity parsers. Pure; any thread. */
#include <string.h>

#include "base/utf8.h"
#include "identity/identity.h"
#include "identity/identity_private.h"

void mcx_identity_put(struct mcx_identity_text *text, struct mcx_span octets)
{
    if (octets.len > (size_t)(MCX_STR_MAX - text->str.len)) {
        text->is_too_long = true;
        return;
    }
    if (octets.len > 0)
        memcpy(text->str.octets + text->str.len, octets.octets, octets.len);
    text->str.len = (uint8_t)(text->str.len + octets.len);
    text->str.octets[text->str.len] = '\0';
}

void mcx_identity_put_octet(struct mcx_identity_text *text, uint8_t octet)
{
    mcx_identity_put(text, mcx_span(&octet, 1));
}

enum mcx_err mcx_identity_finish(const struct mcx_identity_text *text, struct mcx_str *out)
{
    if (text->is_too_long)
        return MCX_TOO_LONG;
    return mcx_str_set(out, mcx_span_str(&text->str));
}

bool mcx_identity_is_one_of(uint8_t octet, const char *set)
{
    return octet != '\0' && strchr(set, octet) != NULL;
}

bool mcx_identity_is_alnum(uint8_t octet)
{
    return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'z') ||
           (octet >= 'A' && octet <= 'Z');
}

uint8_t mcx_identity_lower(uint8_t octet)
{
    return octet >= 'A' && octet <= 'Z' ? (uint8_t)(octet + ('a' - 'A')) : octet;
}

int mcx_identity_hex(uint8_t octet)
{
    octet = mcx_identity_lower(octet);
    if (octet >= '0' && octet <= '9')
        return octet - '0';
    if (octet >= 'a' && octet <= 'f')
        return octet - 'a' + 10;
    return -1;
}

bool mcx_identity_is_printable_utf8(struct mcx_span text)
{
    for (size_t i = 0; i < text.len;) {
        uint32_t character = 0;
        size_t len = mcx_utf8_step(mcx_span(text.octets + i, text.len - i), &character);

        if (len == 0 || character < 0x20 || (character >= 0x7f && character < 0xa0))
            return false;
        i += len;
    }
    return true;
}

bool mcx_identity_cut(struct mcx_span *rest, uint8_t separator, struct mcx_span *before)
{
    const uint8_t *found = rest->len > 0 ? memchr(rest->octets, separator, rest->len) : NULL;
    size_t len;

    if (!found)
        return false;
    len = (size_t)(found - rest->octets);
    *before = mcx_span(rest->octets, len);
    *rest = mcx_span(found + 1, rest->len - len - 1);
    return true;
}
