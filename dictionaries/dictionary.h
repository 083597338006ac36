/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a Diameter dictionary and the small engine that puts them into freeDiameter's.
 * Configuration thread, while extensions load. Loading beside other dictionaries works in any
 * order: what is already there is compared, not added. */
#ifndef MCX_DICTIONARY_H
#define MCX_DICTIONARY_H

#include <freeDiameter/extension.h>

/* RFC 6733 4.2 and 4.3: the data format of an AVP. */
enum mcx_dict_type {
    MCX_OCTETS,
    MCX_UTF8,
    MCX_UNSIGNED32,
    MCX_UNSIGNED64,
    MCX_ENUMERATED,
    MCX_GROUPED,
    MCX_IDENTITY,
    MCX_URI,
    MCX_ADDRESS,
    MCX_TIME
};

/* Which flags are checked (mask) and what they must be. */
enum mcx_dict_flags {
    MCX_VM,      /* V and M set */
    MCX_V,       /* V set, M must not be set */
    MCX_V_ANY_M, /* V set, M as the sender likes */
    MCX_M,       /* M set, V clear */
    MCX_ANY_M    /* V clear, M as the sender likes; we send it clear */
};

struct mcx_dict_vendor {
    vendor_id_t id;
    char *name;
};

struct mcx_dict_application {
    application_id_t id;
    vendor_id_t vendor;
    char *name;
    const char *clause;
};

struct mcx_dict_avp {
    avp_code_t code;
    vendor_id_t vendor;
    char *name;
    enum mcx_dict_type type;
    enum mcx_dict_flags flags;
    const char *clause;
};

struct mcx_dict_value {
    vendor_id_t vendor;
    const char *avp;
    int32_t value;
    char *name;
    const char *clause;
};

struct mcx_dict_command {
    command_code_t code;
    application_id_t application;
    char *request, *answer;
    const char *clause;
};

/* All rows; each list ends with a row whose name is NULL. */
struct mcx_dictionary {
    const struct mcx_dict_vendor *vendors;
    const struct mcx_dict_application *applications;
    const struct mcx_dict_avp *avps;
    const struct mcx_dict_value *values;
    const struct mcx_dict_command *commands;
};

/* 0, or errno after one sentence in freeDiameter's log. An AVP that is already there with other
 * flags is kept and said; with another data format or name it stops the start (EEXIST). */
int mcx_dictionary_load(const struct mcx_dictionary *rows);

#endif
