/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up every row of dict.def, the two applications and the MAR once, when the first shell
 * starts. */
#include "diameter/dict.h"

#include "base/log.h"

static const struct {
    uint32_t code, vendor;
    enum mcx_avp_type type;
    enum dict_avp_basetype basetype;
    const char *name;
} rows[] = {
#define MCX_TYPE_OCTETS_BASE AVP_TYPE_OCTETSTRING
#define MCX_TYPE_U32_BASE    AVP_TYPE_UNSIGNED32
#define MCX_TYPE_I32_BASE    AVP_TYPE_INTEGER32
#define MCX_TYPE_GROUP_BASE  AVP_TYPE_GROUPED
#define MCX_AVP(name, code, vendor, type)                                                          \
    {code, vendor, MCX_TYPE_##type, MCX_TYPE_##type##_BASE, #name},
#include "diameter/dict.def"
#undef MCX_AVP
};

/* Codes from 0 (base) and from 600 (3GPP) to the row plus one; 0: none of ours. */
enum { BASE_CODES = 300, CX_FIRST = 600, CX_CODES = 100 };

static struct {
    bool started;
    uint8_t base_row[BASE_CODES], cx_row[CX_CODES];
    struct dict_object *avp[MCX_AVP_NAMES];
    struct dict_object *vendor, *cx, *zh, *mar;
} dict;

static int find(enum dict_object_type type, int criteria, const void *what, const char *name,
                struct dict_object **out)
{
    int ret = fd_dict_search(fd_g_config->cnf_dict, type, criteria, what, out, ENOENT);

    if (ret != 0)
        mcx_log(MCX_LOG_ERROR,
                "ev=dictionary_incomplete missing=%s remedy=\"load dict_cx.fdx before this\"",
                name);
    return ret;
}

/* Another dictionary may have been first with this AVP: its type must be the one that we read. */
static int check_type(size_t row)
{
    struct dict_avp_data data;
    int ret = fd_dict_getval(dict.avp[row], &data);

    if (ret == 0 && data.avp_basetype != rows[row].basetype) {
        mcx_log(MCX_LOG_ERROR,
                "ev=dictionary_conflict avp=%s remedy=\"another extension defines it with another "
                "type: do not load that\"",
                rows[row].name);
        ret = EINVAL;
    }
    return ret;
}

static void index_row(size_t row)
{
    if (rows[row].vendor == 0 && rows[row].code < BASE_CODES)
        dict.base_row[rows[row].code] = (uint8_t)(row + 1);
    else if (rows[row].vendor == MCX_VENDOR_3GPP && rows[row].code - CX_FIRST < CX_CODES)
        dict.cx_row[rows[row].code - CX_FIRST] = (uint8_t)(row + 1);
}

int mcx_dict_start(void)
{
    vendor_id_t vendor = MCX_VENDOR_3GPP;
    application_id_t cx = MCX_APP_CX, zh = MCX_APP_ZH;
    int ret = 0;

    if (dict.started)
        return 0;
    for (size_t i = 0; i < MCX_AVP_NAMES && ret == 0; i++) {
        struct dict_avp_request request = {.avp_code = rows[i].code, .avp_vendor = rows[i].vendor};

        ret = find(DICT_AVP, AVP_BY_CODE_AND_VENDOR, &request, rows[i].name, &dict.avp[i]);
        if (ret == 0)
            ret = check_type(i);
        index_row(i);
    }
    if (ret == 0)
        ret = find(DICT_VENDOR, VENDOR_BY_ID, &vendor, "vendor 3GPP", &dict.vendor);
    if (ret == 0)
        ret = find(DICT_APPLICATION, APPLICATION_BY_ID, &cx, "application Cx", &dict.cx);
    if (ret == 0)
        ret = find(DICT_APPLICATION, APPLICATION_BY_ID, &zh, "application Zh", &dict.zh);
    if (ret == 0) {
        command_code_t code = MCX_CMD_MAR;

        ret = find(DICT_COMMAND, CMD_BY_CODE_R, &code, "Multimedia-Auth-Request", &dict.mar);
    }
    dict.started = ret == 0;
    return ret;
}

enum mcx_avp_name mcx_dict_name(uint32_t code, uint32_t vendor)
{
    uint8_t row = 0;

    if (vendor == 0 && code < BASE_CODES)
        row = dict.base_row[code];
    else if (vendor == MCX_VENDOR_3GPP && code >= CX_FIRST && code < CX_FIRST + CX_CODES)
        row = dict.cx_row[code - CX_FIRST];
    return row ? (enum mcx_avp_name)(row - 1) : MCX_AVP_NAMES;
}

enum mcx_avp_type mcx_dict_type(enum mcx_avp_name name)
{
    return rows[name].type;
}

uint32_t mcx_dict_code(enum mcx_avp_name name)
{
    return rows[name].code;
}

uint32_t mcx_dict_vendor(enum mcx_avp_name name)
{
    return rows[name].vendor;
}

struct dict_object *mcx_dict_avp(enum mcx_avp_name name)
{
    return dict.avp[name];
}

struct dict_object *mcx_dict_vendor_3gpp(void)
{
    return dict.vendor;
}

struct dict_object *mcx_dict_app(uint32_t application)
{
    return application == MCX_APP_ZH ? dict.zh : dict.cx;
}

struct dict_object *mcx_dict_request(uint32_t command)
{
    struct dict_object *found = NULL;
    command_code_t code = command;

    return find(DICT_COMMAND, CMD_BY_CODE_R, &code, "a command of Cx", &found) == 0 ? found : NULL;
}

struct dict_object *mcx_dict_mar(void)
{
    return dict.mar;
}
