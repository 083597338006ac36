/* SPDX-License-Identifier: Apache-2.0 */
/* For tests only: loaded after all dictionaries, looks every row of dict_cx up by code and by name,
 * as our code and a received message do, and refuses to start when one is missing or is somebody
 * else's. */
#include "extension_entry.h"

#include "cx_rows.h"

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

static int check_avp(const struct mcx_dict_avp *row)
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
    for (const struct mcx_dict_avp *other = mcx_cx_rows.avps; other != row; other++)
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

static int dict_check_entry(char *conffile)
{
    int ret = 0;

    (void)conffile;
    for (const struct mcx_dict_avp *row = mcx_cx_rows.avps; ret == 0 && row->name; row++)
        ret = check_avp(row);
    for (const struct mcx_dict_command *row = mcx_cx_rows.commands; ret == 0 && row->request; row++)
        ret = check_command(row);
    for (const struct mcx_dict_application *row = mcx_cx_rows.applications; ret == 0 && row->name;
         row++)
        if (!search(DICT_APPLICATION, APPLICATION_BY_ID, &row->id))
            ret = wrong("application", row->name);
    return ret;
}

EXTENSION_ENTRY("dict_check", dict_check_entry)
