/* SPDX-License-Identifier: Apache-2.0 */
/* dict_mcx.fdx: LoadExtension = "dict_mcx.fdx"; after dict_cx, before acl_border. Other numbers
 * than the defaults: LoadExtension = "dict_mcx.fdx" : "vendor=32473 sdb=4294967040 ss=4294967041";
 * the section mcx of mcx.conf must say the same. Data only, no state, no threads. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

#include "../extensions/extension_entry.h"
#include "mcx_rows.h"

enum { APPLICATION_FIRST = 0x01000000 }; /* vendor-specific ones, RFC 6733 11.3 */
static const uint32_t application_last = 0xfffffffe;

static int refuse(const char *text)
{
    LOG_E(
        "dict_mcx: '%s' is not understood; write in %s LoadExtension = \"dict_mcx.fdx\"; or behind "
        "a colon some of \"vendor=NUMBER sdb=NUMBER ss=NUMBER\", decimal, the applications two "
        "different ones from %u to %u",
        text, fd_g_config->cnf_file, APPLICATION_FIRST, application_last);
    return EINVAL;
}

/* "name=number" */
static bool read_word(const char *word, struct mcx_numbers *numbers)
{
    const struct {
        const char *name;
        uint32_t *place, least, most;
    } names[] = {{"vendor=", &numbers->vendor, 1, UINT32_MAX},
                 {"sdb=", &numbers->sdb, APPLICATION_FIRST, application_last},
                 {"ss=", &numbers->ss, APPLICATION_FIRST, application_last}};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        size_t len = strlen(names[i].name);
        unsigned long long value = 0;
        char *end = NULL;

        if (strncmp(word, names[i].name, len) != 0 || word[len] < '0' || word[len] > '9')
            continue;
        value = strtoull(word + len, &end, 10);
        if (*end || value < names[i].least || value > names[i].most)
            return false;
        *names[i].place = (uint32_t)value;
        return true;
    }
    return false;
}

static int read_argument(const char *text, struct mcx_numbers *numbers)
{
    char copy[128], *rest = NULL;

    if (snprintf(copy, sizeof copy, "%s", text) >= (int)sizeof copy)
        return refuse(text);
    for (char *word = strtok_r(copy, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (!read_word(word, numbers))
            return refuse(text);
    return numbers->sdb == numbers->ss ? refuse(text) : 0;
}

static int dict_mcx_entry(char *argument)
{
    struct mcx_numbers numbers = mcx_numbers_default;
    int ret = argument ? read_argument(argument, &numbers) : 0;

    return ret != 0 ? ret : mcx_dictionary_load(mcx_rows_numbered(&numbers));
}

EXTENSION_ENTRY("dict_mcx", dict_mcx_entry, "dict_cx");
