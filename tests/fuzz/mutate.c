/* SPDX-License-Identifier: Apache-2.0 */
/* Each damage works on octets alone: bits, the fields of an AVP's header, values, whole AVPs moved,
 * repeated, wrapped in groups, and the message's header. */
#include "mutate.h"

#include <string.h>

enum { HEADER = 20, PLACES = 256 };

/* Where AVPs begin, in groups too. */
struct places {
    size_t count, at[PLACES], len[PLACES]; /* len: with padding */
};

uint32_t chance_below(struct chance *chance, uint32_t below)
{
    chance->state ^= chance->state << 13; /* xorshift64 */
    chance->state ^= chance->state >> 7;
    chance->state ^= chance->state << 17;
    return (uint32_t)((chance->state >> 11) % below);
}

static uint32_t get(const uint8_t *octets, size_t count)
{
    uint32_t value = 0;

    while (count-- > 0)
        value = value << 8 | *octets++;
    return value;
}

static void put(uint8_t *octets, uint32_t value, size_t count)
{
    while (count-- > 0)
        *octets++ = (uint8_t)(value >> 8 * count);
}

static bool is_group(uint32_t code)
{
    return code == 5 || code == 260 || code == 279 || code == 284 || code == 297 || code == 612 ||
           code == 628;
}

static void find_places(const struct wire *wire, size_t at, size_t end, struct places *places)
{
    while (at + 8 <= end && places->count < PLACES) {
        size_t len = get(wire->octets + at + 5, 3);
        size_t head = wire->octets[at + 4] & AVP_FLAG_VENDOR ? 12 : 8;
        size_t padded = (len + 3) & ~(size_t)3;

        if (len < head || padded > end - at)
            return;
        places->at[places->count] = at;
        places->len[places->count++] = padded;
        if (is_group(get(wire->octets + at, 4)))
            find_places(wire, at + head, at + padded, places);
        at += padded;
    }
}

static void replace(struct wire *wire, size_t at, size_t old, const uint8_t *with, size_t len)
{
    if (wire->len - old + len > WIRE_MAX)
        return;
    memmove(wire->octets + at + len, wire->octets + at + old, wire->len - at - old);
    if (len > 0)
        memcpy(wire->octets + at, with, len);
    wire->len = wire->len - old + len;
}

static void damage_bits(struct wire *wire, struct chance *chance)
{
    for (uint32_t i = 1 + chance_below(chance, 8); i > 0; i--)
        wire->octets[4 + chance_below(chance, (uint32_t)wire->len - 4)] ^=
            (uint8_t)(1U << chance_below(chance, 8));
}

static void damage_header_of_avp(struct wire *wire, size_t at, struct chance *chance)
{
    static const uint32_t codes[] = {1,   25,  258, 260, 263, 264, 266, 268,        277, 279, 281,
                                     282, 283, 284, 292, 293, 296, 297, 298,        301, 555, 601,
                                     602, 607, 608, 609, 610, 612, 628, 0x7fff0001, 0};
    static const uint8_t flags[] = {0, 0x20, 0x40, 0x60, 0x80, 0xa0, 0xc0, 0xe0, 0xff, 0x1f};
    static const uint32_t vendors[] = {0, 1, 9, 10415, 13019, 32473, 0xffffffff};
    uint8_t *avp = wire->octets + at;
    uint32_t len = get(avp + 5, 3);

    switch (chance_below(chance, 5)) {
    case 0:
        put(avp, codes[chance_below(chance, sizeof codes / sizeof *codes)], 4);
        break;
    case 1:
        avp[4] = flags[chance_below(chance, sizeof flags)];
        break;
    case 2:
        put(avp + 5, chance_below(chance, 16), 3);
        break;
    case 3:
        put(avp + 5, len - 4 + chance_below(chance, 9), 3);
        break;
    default:
        if (at + 12 <= wire->len)
            put(avp + 8, vendors[chance_below(chance, sizeof vendors / sizeof *vendors)], 4);
        break;
    }
}

/* Sizes that matter: 0, one, the limit of a text, of a Failed-AVP, of an echo, of a message. */
static void damage_value(struct wire *wire, size_t at, size_t len, struct chance *chance)
{
    static const uint32_t sizes[] = {0, 1, 4, 5, 255, 256, 512, 513, 4096, 4097, 30000, 60000};
    static const char fill[] = "\0!a@\xff\x01%.;";
    static uint8_t value[64 * 1024];
    size_t head = wire->octets[at + 4] & AVP_FLAG_VENDOR ? 12 : 8;
    uint32_t size = sizes[chance_below(chance, sizeof sizes / sizeof *sizes)];

    memset(value, fill[chance_below(chance, sizeof fill - 1)], size);
    memset(value + size, 0, 4);
    if (wire->len - len + size + head > WIRE_MAX - 4)
        return;
    put(wire->octets + at + 5, (uint32_t)head + size, 3);
    replace(wire, at + head, len - head, value, (size + 3) & ~(uint32_t)3);
}

/* A copy somewhere else, or none any more. */
static void damage_order(struct wire *wire, const struct places *places, uint32_t place,
                         struct chance *chance)
{
    static uint8_t copy[WIRE_MAX];
    size_t at = places->at[place], len = places->len[place];

    memcpy(copy, wire->octets + at, len);
    switch (chance_below(chance, 4)) {
    case 0:
        replace(wire, at, len, NULL, 0);
        break;
    case 1:
        replace(wire, HEADER, 0, copy, len);
        break;
    case 2:
        replace(wire, wire->len, 0, copy, len);
        break;
    default:
        replace(wire, places->at[chance_below(chance, (uint32_t)places->count)], 0, copy, len);
        break;
    }
}

/* Inside groups inside groups, up to what a message can hold. */
static void damage_depth(struct wire *wire, size_t at, size_t len, struct chance *chance)
{
    static const uint32_t groups[] = {279, 284, 260, 297};
    uint32_t group = groups[chance_below(chance, 4)];
    uint32_t depth = chance_below(chance, 8) ? 1 + chance_below(chance, 20) : 4000;
    uint8_t header[8];

    for (; depth > 0 && wire->len + 8 <= WIRE_MAX; depth--) {
        len += 8;
        put(header, group, 4);
        put(header + 4, (uint32_t)len | 0x40U << 24, 4);
        replace(wire, at, 0, header, sizeof header);
    }
}

static void damage_message(struct wire *wire, struct chance *chance)
{
    static const uint32_t codes[] = {257, 271, 280, 282, 300, 301, 304, 303, 16777180, 0};
    static const uint32_t applications[] = {0, 3, 16777216, 16777217, 16777221, 0xffffffff};

    switch (chance_below(chance, 4)) {
    case 0:
        wire->octets[4] = (uint8_t)chance_below(chance, 256);
        break;
    case 1:
        put(wire->octets + 5, codes[chance_below(chance, sizeof codes / sizeof *codes)], 3);
        break;
    case 2:
        put(wire->octets + 8, applications[chance_below(chance, 6)], 4);
        break;
    default:
        wire->octets[0] = (uint8_t)chance_below(chance, 3);
        break;
    }
}

static void damage(struct wire *wire, struct chance *chance)
{
    struct places places = {0};
    uint32_t kind = chance_below(chance, 16), place = 0;

    find_places(wire, HEADER, wire->len, &places);
    if (places.count == 0 || kind == 0) {
        if (wire->len > HEADER)
            damage_bits(wire, chance);
        return;
    }
    place = chance_below(chance, (uint32_t)places.count);
    if (kind < 6)
        damage_header_of_avp(wire, places.at[place], chance);
    else if (kind < 10)
        damage_value(wire, places.at[place], places.len[place], chance);
    else if (kind < 13)
        damage_order(wire, &places, place, chance);
    else if (kind == 13)
        damage_depth(wire, places.at[place], places.len[place], chance);
    else if (kind == 14)
        damage_message(wire, chance);
    else
        wire->len = HEADER + chance_below(chance, (uint32_t)wire->len - HEADER);
}

void mutate(struct wire *wire, struct chance *chance)
{
    for (uint32_t i = 1 + chance_below(chance, 4); i > 0; i--)
        damage(wire, chance);
    if (chance_below(chance, 16))
        wire_end(wire);
}
