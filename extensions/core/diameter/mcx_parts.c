/* SPDX-License-Identifier: Apache-2.0 */
/* Order and multiplicity by table, and the few formats that only the MCX messages have. Pure. */
#include "diameter/mcx_parts.h"

#include <string.h>

#include "identity/identity.h"

static const struct member {
    enum mcx_grammar of;
    enum mcx_avp_name name;
    uint8_t least, most;
} members[] = {
#define MCX_MEMBER(of, name, least, most) {MCX_GRAMMAR_##of, MCX_AVP_##name, least, most},
#include "diameter/mcx_grammar.def"
#undef MCX_MEMBER
};

enum { MEMBERS = sizeof members / sizeof *members };

static const struct member *member_of(enum mcx_grammar grammar, enum mcx_avp_name name)
{
    for (size_t i = 0; i < MEMBERS; i++)
        if (members[i].of == grammar && members[i].name == name)
            return &members[i];
    return NULL;
}

bool mcx_parts_read(msg_or_avp *parent, enum mcx_avp_name group, enum mcx_grammar grammar,
                    struct mcx_parts *parts, struct mcx_flaw *flaw)
{
    struct mcx_avp step = {0};

    memset(parts, 0, sizeof *parts);
    while (mcx_avp_next(parent, &step)) {
        const struct member *member = member_of(grammar, step.name);

        if (!member)
            continue;
        if (parts->count[step.name] == member->most)
            return mcx_flaw_repeated(flaw, &step, group);
        if (parts->count[step.name]++ == 0)
            parts->first[step.name] = step;
    }
    for (size_t i = 0; i < MEMBERS; i++)
        if (members[i].of == grammar && parts->count[members[i].name] < members[i].least)
            return mcx_flaw_missing(flaw, members[i].name, group);
    return true;
}

static bool add_public(struct mcx_span octets, struct mcx_identities *out, struct mcx_str *keys,
                       bool *is_twice)
{
    size_t at = out->impu_count;

    if (at == MCX_PUBLIC_MAX || mcx_impu_canonical(octets, &keys[at]) != MCX_OK ||
        mcx_str_set(&out->impu[at], octets) != MCX_OK)
        return false;
    for (size_t i = 0; i < at && !*is_twice; i++)
        *is_twice = mcx_str_equal(&keys[i], &keys[at]);
    out->impu_count++;
    return !*is_twice;
}

bool mcx_parts_identities(msg_or_avp *parent, enum mcx_avp_name impi, enum mcx_avp_name impu,
                          struct mcx_identities *out, struct mcx_avp *bad, bool *is_twice)
{
    struct mcx_str keys[MCX_PUBLIC_MAX], key;
    struct mcx_avp step = {0};

    out->impu_count = 0;
    *is_twice = false;
    while (mcx_avp_next(parent, &step)) {
        *bad = step;
        if (step.name == impi && (mcx_impi_canonical(step.octets, &key) != MCX_OK ||
                                  mcx_str_set(&out->impi, step.octets) != MCX_OK))
            return false;
        if (step.name == impu && !add_public(step.octets, out, keys, is_twice))
            return false;
    }
    return true;
}

/* Unix time 0, and the first second of NTP's second era (2036-02-07 06:28:16). */
enum { UNIX_0_IN_NTP = 2208988800U };
static const int64_t era_1 = 0x100000000 - (int64_t)UNIX_0_IN_NTP;
static const uint32_t half = 0x80000000;

bool mcx_time_read(struct mcx_span octets, int64_t *unix_s)
{
    uint32_t value = 0;

    if (octets.len != MCX_TIME_OCTETS)
        return false;
    for (size_t i = 0; i < MCX_TIME_OCTETS; i++)
        value = value << 8 | octets.octets[i];
    if (value == half - 1)
        *unix_s = MCX_NEVER;
    else
        *unix_s = value < half ? value + era_1 : (int64_t)value - UNIX_0_IN_NTP;
    return *unix_s > 0 || value == half - 1;
}

void mcx_time_write(int64_t unix_s, uint8_t out[MCX_TIME_OCTETS])
{
    int64_t last = half - 1 + era_1;
    uint32_t value = 0;

    if (unix_s == MCX_NEVER || unix_s > last)
        unix_s = last;
    value = (uint32_t)(unix_s + UNIX_0_IN_NTP);
    for (size_t i = 0; i < MCX_TIME_OCTETS; i++)
        out[i] = (uint8_t)(value >> 8 * (MCX_TIME_OCTETS - 1 - i));
}
