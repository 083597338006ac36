/* SPDX-License-Identifier: Apache-2.0 */
/* For tests only: loaded after all dictionaries, looks every row of dict_cx, and with the argument
 * "mcx" those of dict_mcx too, up by code and by name, as our code and a received message do, and
 * refuses to start when one is missing or is somebody else's. */
#include "extension_entry.h"

#include "cx_rows.h"
#include "mcx_rows.h"

static int wrong(const char *what, const char *name)
{
    LOG_E("dict_check: %s %s", what, name);
    return ENOENT;
}

static struct dict_object *search(enum dict_object_type type, int criterion, const void *what)
{
    struct dict_object *found = NULL;

    return fd_dict_search(fd_g_config->cnf_dict, type, criterion, what, &found, 0) == 0 ? found
                                                                                        : NULL;
}

static int check_avp(const struct mcx_dict_avp *first, const struct mcx_dict_avp *row)
{
    struct dict_avp_request by_code = {.avp_vendor = row->vendor, .avp_code = row->code};
    struct dict_avp_request by_name = {.avp_vendor = row->vendor, .avp_name = row->name};
    struct dict_object *object = search(DICT_AVP, AVP_BY_CODE_AND_VENDOR, &by_code);
    struct dict_avp_data data;

    if (!object || object != search(DICT_AVP, AVP_BY_NAME_AND_VENDOR, &by_name) ||
        fd_dict_getval(object, &data) != 0)
        return wrong("AVP", row->name);
    if ((row->type == MCX_GROUPED) != (data.avp_basetype == AVP_TYPE_GROUPED) ||
        (row->flags == MCX_VM && data.avp_flag_val != (AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY)) ||
        (row->flags == MCX_V && data.avp_flag_val != AVP_FLAG_VENDOR))
        return wrong("format or flags of AVP", row->name);
    for (const struct mcx_dict_avp *other = first; other != row; other++)
        if (other->vendor == row->vendor &&
            (other->code == row->code || strcmp(other->name, row->name) == 0))
            return wrong("two rows for AVP", row->name);
    return 0;
}

static int check_command(const struct mcx_dict_command *row)
{
    struct dict_object *request = search(DICT_COMMAND, CMD_BY_CODE_R, &row->code);
    struct dict_object *answer = search(DICT_COMMAND, CMD_BY_CODE_A, &row->code);

    if (!request || request != search(DICT_COMMAND, CMD_BY_NAME, row->request))
        return wrong("command", row->request);
    return answer && answer == search(DICT_COMMAND, CMD_BY_NAME, row->answer)
               ? 0
               : wrong("command", row->answer);
}

static int check_value(const struct mcx_dict_value *row)
{
    struct dict_avp_request by_name = {.avp_vendor = row->vendor, .avp_name = (char *)row->avp};
    struct dict_object *avp = search(DICT_AVP, AVP_BY_NAME_AND_VENDOR, &by_name);
    struct dict_enumval_request what = {.search = {.enum_value = {.i32 = row->value}}};

    if (avp)
        what.type_obj = search(DICT_TYPE, TYPE_OF_AVP, avp);
    return what.type_obj && search(DICT_ENUMVAL, ENUMVAL_BY_STRUCT, &what)
               ? 0
               : wrong("value", row->name);
}

static int check(const struct mcx_dictionary *rows)
{
    int ret = 0;

    for (const struct mcx_dict_avp *row = rows->avps; ret == 0 && row->name; row++)
        ret = check_avp(rows->avps, row);
    for (const struct mcx_dict_command *row = rows->commands; ret == 0 && row->request; row++)
        ret = check_command(row);
    for (const struct mcx_dict_application *row = rows->applications; ret == 0 && row->name; row++)
        if (!search(DICT_APPLICATION, APPLICATION_BY_ID, &row->id))
            ret = wrong("application", row->name);
    return ret;
}

static int dict_check_entry(char *which)
{
    const struct mcx_dictionary *mcx = mcx_rows_numbered(&mcx_numbers_default);
    int ret = check(&mcx_cx_rows);

    if (ret != 0 || !which || strcmp(which, "mcx") != 0)
        return ret;
    ret = check(mcx);
    for (const struct mcx_dict_value *row = mcx->values; ret == 0 && row->name; row++)
        ret = check_value(row);
    return ret;
}

EXTENSION_ENTRY("dict_check", dict_check_entry)
