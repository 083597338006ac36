/* SPDX-License-Identifier: Apache-2.0 */
/* Lookups over dict.def and two small tables of commands and results. Linear: the tools look up a
 * handful of names per message, and mcx-bench none. Pure; any thread. */
#include "wire/dict.h"

#include <stddef.h>
#include <stdio.h>
#include <strings.h>

static const struct wire_row rows[] = {
#define WIRE_AVP(ident, name, code, vendor, flags, type) {name, code, vendor, flags, WIRE_##type},
#include "wire/dict.def"
#undef WIRE_AVP
};

static const struct {
    uint32_t code;
    const char *request, *answer;
} commands[] = {
    {WIRE_CMD_CE, "CER", "CEA"}, {WIRE_CMD_DW, "DWR", "DWA"}, {WIRE_CMD_DP, "DPR", "DPA"},
    {WIRE_CMD_UA, "UAR", "UAA"}, {WIRE_CMD_SA, "SAR", "SAA"}, {WIRE_CMD_LI, "LIR", "LIA"},
    {WIRE_CMD_MA, "MAR", "MAA"}, {WIRE_CMD_RT, "RTR", "RTA"}, {WIRE_CMD_PP, "PPR", "PPA"},
};

static const struct {
    uint32_t code;
    bool is_experimental;
    const char *name;
} results[] = {
    /* RFC 6733 7.1 */
    {2001, false, "DIAMETER_SUCCESS"},
    {2002, false, "DIAMETER_LIMITED_SUCCESS"},
    {3001, false, "DIAMETER_COMMAND_UNSUPPORTED"},
    {3002, false, "DIAMETER_UNABLE_TO_DELIVER"},
    {3003, false, "DIAMETER_REALM_NOT_SERVED"},
    {3004, false, "DIAMETER_TOO_BUSY"},
    {3005, false, "DIAMETER_LOOP_DETECTED"},
    {3006, false, "DIAMETER_REDIRECT_INDICATION"},
    {3007, false, "DIAMETER_APPLICATION_UNSUPPORTED"},
    {3008, false, "DIAMETER_INVALID_HDR_BITS"},
    {3009, false, "DIAMETER_INVALID_AVP_BITS"},
    {3010, false, "DIAMETER_UNKNOWN_PEER"},
    {4001, false, "DIAMETER_AUTHENTICATION_REJECTED"},
    {4003, false, "DIAMETER_ELECTION_LOST"},
    {5001, false, "DIAMETER_AVP_UNSUPPORTED"},
    {5002, false, "DIAMETER_UNKNOWN_SESSION_ID"},
    {5003, false, "DIAMETER_AUTHORIZATION_REJECTED"},
    {5004, false, "DIAMETER_INVALID_AVP_VALUE"},
    {5005, false, "DIAMETER_MISSING_AVP"},
    {5006, false, "DIAMETER_RESOURCES_EXCEEDED"},
    {5007, false, "DIAMETER_CONTRADICTING_AVPS"},
    {5008, false, "DIAMETER_AVP_NOT_ALLOWED"},
    {5009, false, "DIAMETER_AVP_OCCURS_TOO_MANY_TIMES"},
    {5010, false, "DIAMETER_NO_COMMON_APPLICATION"},
    {5011, false, "DIAMETER_UNSUPPORTED_VERSION"},
    {5012, false, "DIAMETER_UNABLE_TO_COMPLY"},
    {5014, false, "DIAMETER_INVALID_AVP_LENGTH"},
    {5015, false, "DIAMETER_INVALID_MESSAGE_LENGTH"},
    {5017, false, "DIAMETER_NO_COMMON_SECURITY"},
    /* TS 29.229 6.2, TS 29.109 6.2 */
    {2001, true, "DIAMETER_FIRST_REGISTRATION"},
    {2002, true, "DIAMETER_SUBSEQUENT_REGISTRATION"},
    {2003, true, "DIAMETER_UNREGISTERED_SERVICE"},
    {2004, true, "DIAMETER_SUCCESS_SERVER_NAME_NOT_STORED"},
    {5001, true, "DIAMETER_ERROR_USER_UNKNOWN"},
    {5002, true, "DIAMETER_ERROR_IDENTITIES_DONT_MATCH"},
    {5003, true, "DIAMETER_ERROR_IDENTITY_NOT_REGISTERED"},
    {5004, true, "DIAMETER_ERROR_ROAMING_NOT_ALLOWED"},
    {5005, true, "DIAMETER_ERROR_IDENTITY_ALREADY_REGISTERED"},
    {5006, true, "DIAMETER_ERROR_AUTH_SCHEME_NOT_SUPPORTED"},
    {5007, true, "DIAMETER_ERROR_IN_ASSIGNMENT_TYPE"},
    {5008, true, "DIAMETER_ERROR_TOO_MUCH_DATA"},
    {5009, true, "DIAMETER_ERROR_NOT_SUPPORTED_USER_DATA"},
    {5011, true, "DIAMETER_ERROR_FEATURE_UNSUPPORTED"},
    {5012, true, "DIAMETER_ERROR_SERVING_NODE_FEATURE_UNSUPPORTED"},
    {5401, true, "DIAMETER_ERROR_IDENTITY_UNKNOWN"},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

const struct wire_row *wire_dict_row(enum wire_id id)
{
    return &rows[id];
}

const struct wire_row *wire_dict_by_code(uint32_t code, uint32_t vendor)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (rows[i].code == code && rows[i].vendor == vendor)
            return &rows[i];
    return NULL;
}

const struct wire_row *wire_dict_by_name(const char *name)
{
    for (size_t i = 0; i < COUNT(rows); i++)
        if (strcasecmp(rows[i].name, name) == 0)
            return &rows[i];
    return NULL;
}

const char *wire_dict_name(uint32_t code, uint32_t vendor, char scratch[24])
{
    const struct wire_row *row = wire_dict_by_code(code, vendor);
    if (row)
        return row->name;
    if (vendor)
        snprintf(scratch, 24, "%u:%u", code, vendor);
    else
        snprintf(scratch, 24, "%u", code);
    return scratch;
}

const char *wire_dict_command(uint32_t command, bool is_request)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (commands[i].code == command)
            return is_request ? commands[i].request : commands[i].answer;
    return "?";
}

uint32_t wire_dict_command_code(const char *name)
{
    for (size_t i = 0; i < COUNT(commands); i++)
        if (strcasecmp(commands[i].request, name) == 0 || strcasecmp(commands[i].answer, name) == 0)
            return commands[i].code;
    return 0;
}

const char *wire_dict_result(uint32_t code, bool is_experimental)
{
    for (size_t i = 0; i < COUNT(results); i++)
        if (results[i].code == code && results[i].is_experimental == is_experimental)
            return results[i].name;
    return "";
}
