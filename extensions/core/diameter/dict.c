/* SPDX-License-Identifier: Apache-2.0 */
/* Looks up every row of dict.def, the applications and the requests once, when the first shell
 * starts. */
#include "diameter/dict.h"

#include "diameter/refuse.h"

/* Stands in dict.def for the Vendor-Id of the MCX applications. */
#define MCX_VENDOR_SET UINT32_MAX

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

/* Codes from 0 (base), from 600 (3GPP) and from 0 (MCX) to the row plus one; 0: none of ours. */
enum { BASE_CODES = 300, CX_FIRST = 600, CX_CODES = 100, MCX_CODES = 15 };

enum app_row { CX, ZH, S_DB, S_S, APPS };
enum { COMMANDS = 6 };
static const uint32_t command_code[COMMANDS] = {MCX_CMD_MAR, MCX_CMD_RTR, MCX_CMD_PPR,
                                                MCX_CMD_MIR, MCX_CMD_PAR, MCX_CMD_MRR};

static struct {
    bool started;
    uint8_t base_row[BASE_CODES], cx_row[CX_CODES], mcx_row[MCX_CODES];
    struct dict_object *avp[MCX_AVP_NAMES];
    uint32_t vendor_mcx, app_number[APPS];
    struct dict_object *vendor[APPS], *app[APPS], *command[COMMANDS];
} dict;

static int find(enum dict_object_type type, int criteria, const void *what, const char *name,
                struct dict_object **out)
{
    int ret = fd_dict_search(fd_g_config->cnf_dict, type, criteria, what, out, ENOENT);

    if (ret != 0)
        (void)mcx_refuse_daemon("dict_mcx",
                                "LoadExtension: no dictionary has %s; load dict_cx.fdx and "
                                "dict_mcx.fdx first, with the numbers of section mcx in mcx.conf: "
                                "LoadExtension = \"dict_mcx.fdx\" : \"vendor=%u sdb=%u ss=%u\";",
                                name, dict.vendor_mcx, dict.app_number[S_DB], dict.app_number[S_S]);
    return ret;
}

/* Another dictionary may have been first with this AVP: its type must be the one that we read. */
static int check_type(size_t row)
{
    struct dict_avp_data data;
    int ret = fd_dict_getval(dict.avp[row], &data);

    if (ret == 0 && data.avp_basetype != rows[row].basetype) {
        ret = mcx_refuse_daemon(NULL,
                                "LoadExtension: another dictionary defines %s with another type; "
                                "take that one out",
                                rows[row].name);
    }
    return ret;
}

static void index_row(size_t row)
{
    if (rows[row].vendor == 0 && rows[row].code < BASE_CODES)
        dict.base_row[rows[row].code] = (uint8_t)(row + 1);
    else if (rows[row].vendor == MCX_VENDOR_3GPP && rows[row].code - CX_FIRST < CX_CODES)
        dict.cx_row[rows[row].code - CX_FIRST] = (uint8_t)(row + 1);
    else if (rows[row].vendor == MCX_VENDOR_SET && rows[row].code < MCX_CODES)
        dict.mcx_row[rows[row].code] = (uint8_t)(row + 1);
}

static int find_avps(void)
{
    int ret = 0;

    for (size_t i = 0; i < MCX_AVP_NAMES && ret == 0; i++) {
        struct dict_avp_request request = {.avp_code = rows[i].code,
                                           .avp_vendor = mcx_dict_vendor((enum mcx_avp_name)i)};

        ret = find(DICT_AVP, AVP_BY_CODE_AND_VENDOR, &request, rows[i].name, &dict.avp[i]);
        if (ret == 0)
            ret = check_type(i);
        index_row(i);
    }
    return ret;
}

static int find_applications(void)
{
    static const char *const name[APPS] = {"application Cx", "application Zh", "application S-DB",
                                           "application S-S"};
    int ret = 0;

    for (size_t i = 0; i < APPS && ret == 0; i++) {
        vendor_id_t vendor = mcx_dict_vendor_of(dict.app_number[i]);

        ret = find(DICT_VENDOR, VENDOR_BY_ID, &vendor, name[i], &dict.vendor[i]);
        if (ret == 0)
            ret = find(DICT_APPLICATION, APPLICATION_BY_ID, &dict.app_number[i], name[i],
                       &dict.app[i]);
    }
    return ret;
}

static int find_commands(void)
{
    static const char *const name[COMMANDS] = {
        "Multimedia-Auth-Request", "Registration-Termination-Request",
        "Push-Profile-Request",    "Migration-Identity-Request",
        "Partner-Access-Request",  "Migration-Release-Request"};
    int ret = 0;

    for (size_t i = 0; i < COMMANDS && ret == 0; i++)
        ret = find(DICT_COMMAND, CMD_BY_CODE_R, &command_code[i], name[i], &dict.command[i]);
    return ret;
}

static int check_numbers(const struct mcx_conf *conf)
{
    for (size_t i = S_DB; i < APPS; i++) {
        if (dict.app_number[i] != MCX_APP_CX && dict.app_number[i] != MCX_APP_ZH)
            continue;
        return mcx_refuse_setting(
            conf, i == S_DB ? "mcx.sdb_application" : "mcx.ss_application",
            "%u is the Application-Id of Cx or Zh; give the MCX application its own",
            dict.app_number[i]);
    }
    return 0;
}

int mcx_dict_start(const struct mcx_conf *conf)
{
    int ret = 0;

    if (dict.started)
        return 0;
    dict.vendor_mcx = conf->mcx_vendor_id;
    dict.app_number[CX] = MCX_APP_CX;
    dict.app_number[ZH] = MCX_APP_ZH;
    dict.app_number[S_DB] = conf->mcx_sdb_application;
    dict.app_number[S_S] = conf->mcx_ss_application;
    ret = check_numbers(conf);
    if (ret == 0)
        ret = find_avps();
    if (ret == 0)
        ret = find_applications();
    if (ret == 0)
        ret = find_commands();
    dict.started = ret == 0;
    return ret;
}

uint32_t mcx_dict_mcx_vendor(void)
{
    return dict.vendor_mcx;
}

uint32_t mcx_dict_sdb(void)
{
    return dict.app_number[S_DB];
}

uint32_t mcx_dict_ss(void)
{
    return dict.app_number[S_S];
}

/* APPS: none of ours. */
static enum app_row row_of(uint32_t application)
{
    enum app_row row = CX;

    while (row < APPS && dict.app_number[row] != application)
        row++;
    return row;
}

uint32_t mcx_dict_vendor_of(uint32_t application)
{
    switch (row_of(application)) {
    case CX:
    case ZH:
        return MCX_VENDOR_3GPP;
    case S_DB:
    case S_S:
        return dict.vendor_mcx;
    case APPS:
        break;
    }
    return 0;
}

enum mcx_avp_name mcx_dict_name(uint32_t code, uint32_t vendor)
{
    uint8_t row = 0;

    if (vendor == 0 && code < BASE_CODES)
        row = dict.base_row[code];
    else if (vendor == MCX_VENDOR_3GPP && code >= CX_FIRST && code < CX_FIRST + CX_CODES)
        row = dict.cx_row[code - CX_FIRST];
    else if (vendor == dict.vendor_mcx && code < MCX_CODES)
        row = dict.mcx_row[code];
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
    return rows[name].vendor == MCX_VENDOR_SET ? dict.vendor_mcx : rows[name].vendor;
}

struct dict_object *mcx_dict_avp(enum mcx_avp_name name)
{
    return dict.avp[name];
}

struct dict_object *mcx_dict_vendor_object(uint32_t application)
{
    enum app_row row = row_of(application);

    return row < APPS ? dict.vendor[row] : NULL;
}

struct dict_object *mcx_dict_app(uint32_t application)
{
    enum app_row row = row_of(application);

    return row < APPS ? dict.app[row] : NULL;
}

struct dict_object *mcx_dict_request(uint32_t command)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (command_code[i] == command)
            return dict.command[i];
    return NULL;
}
