/* SPDX-License-Identifier: Apache-2.0 */
/* One decoder for all that must be UTF-8: identities, JSON for UEs, documents of partners. Pure;
 * any thread. */
#include "base/utf8.h"

size_t mcx_utf8_step(struct mcx_span at, uint32_t *character)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint8_t first = at.len > 0 ? at.octets[0] : 0xff;
    size_t len = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
    uint32_t value;

    if (len == 0 || len > at.len || first > 0xf4)
        return 0;
    value = len == 1 ? first : first & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        if ((at.octets[i] & 0xc0) != 0x80)
            return 0;
        value = value << 6 | (at.octets[i] & 0x3fU);
    }
    if (value < least[len] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff))
        return 0;
    *character = value;
    return len;
}

static bool is_xml(uint32_t character)
{
    return character >= 0x20 ? character != 0xfffe && character != 0xffff
                             : character == '\t' || character == '\n' || character == '\r';
}

bool mcx_utf8_is_text(struct mcx_span text)
{
    for (size_t i = 0, len; i < text.len; i += len) {
        uint32_t character = 0;

        len = mcx_utf8_step(mcx_span(text.octets + i, text.len - i), &character);
        if (len == 0 || !is_xml(character))
            return false;
    }
    return true;
}
