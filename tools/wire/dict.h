/* SPDX-License-Identifier: Apache-2.0 */
/* Names of AVPs, commands and results, for building and for showing. Rows in dict.def. Pure; any
 * thread. */
#ifndef WIRE_DICT_H
#define WIRE_DICT_H

#include <stdbool.h>
#include <stdint.h>

#define WIRE_VENDOR_3GPP 10415
#define WIRE_VENDOR_ETSI 13019
#define WIRE_APP_CX      16777216 /* TS 29.229 */
#define WIRE_APP_ZH      16777221 /* TS 29.109 */

enum wire_type {
    WIRE_OCTETS,
    WIRE_UTF8,
    WIRE_IDENTITY,
    WIRE_URI,
    WIRE_U32,
    WIRE_U64,
    WIRE_ENUM,
    WIRE_TIME,
    WIRE_ADDRESS,
    WIRE_GROUPED
};

enum wire_id {
#define WIRE_AVP(ident, name, code, vendor, flags, type) WIRE_##ident,
#include "wire/dict.def"
#undef WIRE_AVP
    WIRE_IDS
};

struct wire_row {
    const char *name;
    uint32_t code, vendor;
    uint8_t flags;
    enum wire_type type;
};

enum { /* RFC 6733 3.1; TS 29.229 6.1 */
       WIRE_CMD_CE = 257,
       WIRE_CMD_DW = 280,
       WIRE_CMD_DP = 282,
       WIRE_CMD_UA = 300,
       WIRE_CMD_SA = 301,
       WIRE_CMD_LI = 302,
       WIRE_CMD_MA = 303,
       WIRE_CMD_RT = 304,
       WIRE_CMD_PP = 305
};

const struct wire_row *wire_dict_row(enum wire_id id); /* never NULL */
/* NULL: not in dict.def. */
const struct wire_row *wire_dict_by_code(uint32_t code, uint32_t vendor);
const struct wire_row *wire_dict_by_name(const char *name); /* without case */
/* Name of an AVP, "code" or "code:vendor" into scratch when unknown. */
const char *wire_dict_name(uint32_t code, uint32_t vendor, char scratch[24]);
/* "MAR", "MAA", "CER" ... ; "?" when unknown. */
const char *wire_dict_command(uint32_t command, bool is_request);
/* 0: no such name. Takes MAR and MAA alike. */
uint32_t wire_dict_command_code(const char *name);
/* "DIAMETER_SUCCESS" ...; "" when unknown. */
const char *wire_dict_result(uint32_t code, bool is_experimental);

#endif
