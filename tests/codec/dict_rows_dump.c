/* SPDX-License-Identifier: Apache-2.0 */
/* For tests only, as lines of words. Argument "mcx": the rows of dict_mcx, the codec's table of
 * members, the defaults of the settings and the results; "cx": the rows of dict_cx. */
#include <stdio.h>
#include <string.h>

#include "cx_rows.h"
#include "diameter/dict.h"
#include "mcx_rows.h"
#include "policy/result.h"

static const char *const types[] = {
    [MCX_OCTETS] = "OctetString",        [MCX_UTF8] = "UTF8String",
    [MCX_UNSIGNED32] = "Unsigned32",     [MCX_UNSIGNED64] = "Unsigned64",
    [MCX_ENUMERATED] = "Enumerated",     [MCX_GROUPED] = "Grouped",
    [MCX_IDENTITY] = "DiameterIdentity", [MCX_URI] = "DiameterURI",
    [MCX_ADDRESS] = "Address",           [MCX_TIME] = "Time",
};
static const char *const flags[] = {
    [MCX_VM] = "V,M", [MCX_V] = "V", [MCX_V_ANY_M] = "V,any", [MCX_M] = "M", [MCX_ANY_M] = "any"};

static void dump_rows(const struct mcx_dictionary *rows)
{
    for (const struct mcx_dict_vendor *row = rows->vendors; row->name; row++)
        printf("vendor %u %s\n", row->id, row->name);
    for (const struct mcx_dict_application *row = rows->applications; row->name; row++)
        printf("application %u %s\n", row->id, row->name);
    for (const struct mcx_dict_avp *row = rows->avps; row->name; row++)
        printf("avp %s %u %s %s\n", row->name, row->code, types[row->type], flags[row->flags]);
    for (const struct mcx_dict_avp *row = rows->avps; row->name; row++)
        printf("vendor_of %s %u\n", row->name, row->vendor);
    for (const struct mcx_dict_value *row = rows->values; row->name; row++)
        printf("value %s %d %s\n", row->avp, row->value, row->name);
    for (const struct mcx_dict_command *row = rows->commands; row->request; row++)
        printf("command %u %s %s\n", row->code, row->request, row->answer);
}

/* By code and vendor: 0 for that of the MCX applications. */
static void dump_members(void)
{
    enum { MCX_VENDOR_SET = 32473 };
    static const struct {
        uint32_t code, vendor;
    } avp[] = {
#define MCX_AVP(name, code, vendor, type) {code, vendor},
#include "diameter/dict.def"
#undef MCX_AVP
    };

#define MCX_MEMBER(of, name, least, most)                                                          \
    printf("member %s %u %u %u %u\n", #of, avp[MCX_AVP_##name].code, avp[MCX_AVP_##name].vendor,   \
           (unsigned)(least), (unsigned)(most));
#include "diameter/mcx_grammar.def"
#undef MCX_MEMBER
}

static void dump_settings(void)
{
#define MCX_INT(section, name, def, min, max, help)
#define MCX_UINT(section, name, def, min, max, help)                                               \
    printf("setting %s.%s %llu\n", #section, #name, (unsigned long long)(def));
#define MCX_TEXT(section, name, def, help)
#define MCX_WORD(section, name, def, words, help)
#define MCX_FLAG(section, name, def, help)
#include "base/settings.def"
#undef MCX_INT
#undef MCX_UINT
#undef MCX_TEXT
#undef MCX_WORD
#undef MCX_FLAG
}

static int dump_mcx(void)
{
    static const struct {
        uint32_t code;
        const char *name;
    } results[] = {{MCX_MCX_IDENTITIES_EXHAUSTED, "IDENTITIES_EXHAUSTED"},
                   {MCX_MCX_SYSTEM_UNAVAILABLE, "SYSTEM_UNAVAILABLE"},
                   {MCX_MCX_USER_NOT_AUTHORIZED, "USER_NOT_AUTHORIZED"},
                   {MCX_MCX_NO_AGREEMENT, "NO_AGREEMENT"},
                   {MCX_MCX_UNKNOWN_BINDING, "UNKNOWN_BINDING"},
                   {MCX_MCX_UNKNOWN_USER, "UNKNOWN_USER"}};

    dump_rows(mcx_rows_numbered(&mcx_numbers_default));
    dump_members();
    dump_settings();
    for (size_t i = 0; i < sizeof results / sizeof *results; i++)
        printf("result %u %s\n", results[i].code, results[i].name);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "mcx") == 0)
        return dump_mcx();
    if (argc != 2 || strcmp(argv[1], "cx") != 0)
        return 2;
    dump_rows(&mcx_cx_rows);
    return 0;
}
