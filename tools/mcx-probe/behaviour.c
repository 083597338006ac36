/* SPDX-License-Identifier: Apache-2.0 */
/* The table of behaviours. Pure. */
#include "behaviour.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum argument { NOTHING, A_CODE, A_TIME, A_REALM, A_URI };

static const struct {
    const char *name;
    enum argument argument;
    const char *doc;
    struct behaviour_plan plan;
} table[] = {
    {"vectors", NOTHING, "sound vectors, as many as asked (at most 5)", {0}},
    {"silence", NOTHING, "no answer", {.act = ACT_SILENCE}},
    {"close", NOTHING, "close the connection", {.act = ACT_CLOSE}},
    {"stop-reading",
     NOTHING,
     "read nothing any more from that connection",
     {.act = ACT_STOP_READING}},
    {"garbage", NOTHING, "octets that are no Diameter", {.act = ACT_GARBAGE}},
    {"late", A_TIME, "sound vectors, N ms late", {0}},
    {"result", A_CODE, "Result-Code N, no items", {.no_items = true}},
    {"experimental",
     A_CODE,
     "Experimental-Result N of 3GPP, no items",
     {.no_items = true, .is_experimental = true}},
    {"experimental-with-items",
     A_CODE,
     "Experimental-Result N, and items",
     {.is_experimental = true}},
    {"no-result", NOTHING, "neither result AVP", {.no_result = true}},
    {"both-results", NOTHING, "Result-Code 2001 and Experimental 5001", {.both_results = true}},
    {"short-rand", NOTHING, "SIP-Authenticate of 31 octets", {.authenticate_len = 31}},
    {"no-authenticate", NOTHING, "no SIP-Authenticate", {.authenticate_len = LEN_ABSENT}},
    {"long-xres", NOTHING, "SIP-Authorization of 17 octets", {.xres_len = 17}},
    {"short-xres", NOTHING, "SIP-Authorization of 3 octets", {.xres_len = 3}},
    {"no-xres", NOTHING, "no SIP-Authorization", {.xres_len = LEN_ABSENT}},
    {"no-items", NOTHING, "2001 without items, number 0", {.no_items = true}},
    {"more-items", NOTHING, "two items more than asked", {.more_items = 2}},
    {"wrong-number", NOTHING, "SIP-Number-Auth-Items is one too high", {.number_shift = 1}},
    {"no-number", NOTHING, "no SIP-Number-Auth-Items", {.no_number = true}},
    {"no-item-number", NOTHING, "items without SIP-Item-Number", {.no_item_number = true}},
    {"wrong-scheme", NOTHING, "scheme \"SIP Digest\"", {.scheme = "SIP Digest"}},
    {"no-scheme", NOTHING, "no scheme", {.scheme = ""}},
    {"no-ck", NOTHING, "no Confidentiality-Key", {.ck_len = LEN_ABSENT}},
    {"no-ik", NOTHING, "no Integrity-Key", {.ik_len = LEN_ABSENT}},
    {"short-ck", NOTHING, "Confidentiality-Key of 15 octets", {.ck_len = 15}},
    {"short-ik", NOTHING, "Integrity-Key of 15 octets", {.ik_len = 15}},
    {"wrong-identities",
     NOTHING,
     "other identities than asked",
     {.impi = IDENTITY_OTHER, .impu = IDENTITY_OTHER}},
    {"wrong-impi", NOTHING, "another User-Name", {.impi = IDENTITY_OTHER}},
    {"wrong-impu", NOTHING, "another Public-Identity", {.impu = IDENTITY_OTHER}},
    {"no-identities", NOTHING, "no identities", {.impi = IDENTITY_ABSENT, .impu = IDENTITY_ABSENT}},
    {"wrong-realm",
     A_REALM,
     "Origin-Realm R, default elsewhere.example",
     {.realm = "elsewhere.example"}},
    {"wrong-host",
     A_REALM,
     "Origin-Host H, default hss.elsewhere.example",
     {.host = "hss.elsewhere.example"}},
    {"redirect", A_URI, "3006 with Redirect-Host URI", {.result = 3006, .no_items = true}},
    {"redirect-nowhere", NOTHING, "3006 without Redirect-Host", {.result = 3006, .no_items = true}},
    {"unparsable", NOTHING, "an AVP longer than the message", {.unparsable = true}},
    {"unknown-mbit", NOTHING, "an unknown AVP with M before Result-Code", {.unknown_mbit = true}},
    {"extras", NOTHING, "more AVPs without M, in the answer and in the items", {.extras = true}},
    {"secrets",
     NOTHING,
     "5012 with Error-Message, Error-Reporting-Host and Failed-AVP that tell our identities",
     {.result = 5012, .no_items = true, .secrets = true}},
    {"secrets-with-items", NOTHING, "2001, items, and the same", {.secrets = true}},
    {"duplicate", NOTHING, "the same answer twice", {.duplicate = true}},
    {"wrong-session", NOTHING, "another Session-Id", {.wrong_session = true}},
    {"wrong-hop-by-hop", NOTHING, "another Hop-by-Hop identifier", {.wrong_hop_by_hop = true}},
    {"huge", NOTHING, "an answer over 65,535 octets", {.huge = true}},
};
#define BEHAVIOURS (sizeof(table) / sizeof(table[0]))

static bool number(const char *text, uint32_t *out)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    *out = (uint32_t)value;
    return !errno && end != text && !*end && value <= UINT32_MAX;
}

static bool argument(enum argument kind, const char *text, struct behaviour_plan *plan)
{
    switch (kind) {
    case NOTHING:
        return !text;
    case A_CODE:
        return text && number(text, &plan->result);
    case A_TIME:
        return text && number(text, &plan->late_ms);
    case A_REALM:
        if (text && plan->realm)
            plan->realm = text;
        else if (text)
            plan->host = text;
        return true;
    case A_URI:
        plan->redirect = text;
        return text;
    }
    return false;
}

bool behaviour_parse(const char *text, struct behaviour *out)
{
    size_t len = strcspn(text, ":");
    for (size_t i = 0; i < BEHAVIOURS; i++) {
        if (strlen(table[i].name) != len || strncmp(table[i].name, text, len) != 0)
            continue;
        *out = (struct behaviour){table[i].name, table[i].plan};
        return argument(table[i].argument, text[len] ? text + len + 1 : NULL, &out->plan);
    }
    return false;
}

const char *behaviour_help(void)
{
    static const char *const arguments[] = {
        [NOTHING] = "", [A_CODE] = ":N", [A_TIME] = ":N", [A_REALM] = "[:NAME]", [A_URI] = ":URI"};
    static char text[8192];
    size_t len = (size_t)snprintf(text, sizeof(text), "Behaviours:\n");
    for (size_t i = 0; i < BEHAVIOURS && len < sizeof(text); i++) {
        char name[64];
        snprintf(name, sizeof(name), "%s%s", table[i].name, arguments[table[i].argument]);
        len += (size_t)snprintf(text + len, sizeof(text) - len, "  %-27s %s\n", name, table[i].doc);
    }
    return text;
}
