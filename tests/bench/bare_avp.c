/* SPDX-License-Identifier: Apache-2.0 */
/* Dictionary and AVP helpers of the bare extensions. Does not block. */
#include "bare_avp.h"

#define VENDOR_3GPP 10415
#define APP_CX      16777216 /* TS 29.229 */
#define COMMAND_MA  303

int bare_avp_find(const char *name, struct bare_avp *out)
{
    return fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_NAME_ALL_VENDORS, name,
                          &out->model, ENOENT);
}

static int append(msg_or_avp *parent, struct dict_object *model, union avp_value *value,
                  struct avp **out)
{
    struct avp *avp = NULL;
    int ret = fd_msg_avp_new(model, 0, &avp);
    if (ret == 0 && value)
        ret = fd_msg_avp_setvalue(avp, value);
    if (ret == 0)
        ret = fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, avp);
    if (ret == 0 && out)
        *out = avp;
    if (ret != 0 && avp)
        fd_msg_free(avp);
    return ret;
}

int bare_avp_add(msg_or_avp *parent, struct bare_avp avp, const void *octets, size_t len)
{
    union avp_value value = {.os = {(uint8_t *)octets, len}};
    return append(parent, avp.model, &value, NULL);
}

int bare_avp_add_u32(msg_or_avp *parent, struct bare_avp avp, uint32_t number)
{
    union avp_value value = {.u32 = number};
    return append(parent, avp.model, &value, NULL);
}

int bare_avp_add_group(msg_or_avp *parent, struct bare_avp avp, struct avp **out)
{
    return append(parent, avp.model, NULL, out);
}

int bare_avp_copy(msg_or_avp *parent, struct avp *from)
{
    struct avp_hdr *header = NULL;
    struct dict_object *model = NULL;
    struct avp *copy = NULL, *child = NULL;
    int ret = fd_msg_avp_hdr(from, &header);
    if (ret == 0)
        ret = fd_msg_model(from, &model);
    if (ret != 0 || !model)
        return ret;
    ret = append(parent, model, header->avp_value, &copy);
    if (ret == 0 && !header->avp_value)
        ret = fd_msg_browse(from, MSG_BRW_FIRST_CHILD, &child, NULL);
    while (ret == 0 && child) {
        ret = bare_avp_copy(copy, child);
        if (ret == 0)
            ret = fd_msg_browse(child, MSG_BRW_NEXT, &child, NULL);
    }
    return ret;
}

static int let_in(struct peer_info *info, int *auth, int (**later)(struct peer_info *))
{
    info->config.pic_flags.sec |= PI_SEC_NONE;
    *auth = 1;
    return 0;
}

int bare_avp_serve_mar(int (*callback)(struct msg **, struct avp *, struct session *, void *,
                                       enum disp_action *),
                       struct dict_object **command)
{
    struct disp_when when = {0};
    struct dict_object *vendor = NULL;
    application_id_t app = APP_CX;
    vendor_id_t id = VENDOR_3GPP;
    command_code_t code = COMMAND_MA;
    int ret = fd_dict_search(fd_g_config->cnf_dict, DICT_APPLICATION, APPLICATION_BY_ID, &app,
                             &when.app, ENOENT);
    if (ret == 0)
        ret = fd_dict_search(fd_g_config->cnf_dict, DICT_COMMAND, CMD_BY_CODE_R, &code,
                             &when.command, ENOENT);
    if (ret == 0)
        ret =
            fd_dict_search(fd_g_config->cnf_dict, DICT_VENDOR, VENDOR_BY_ID, &id, &vendor, ENOENT);
    if (ret == 0)
        ret = fd_disp_register(callback, DISP_HOW_CC, &when, NULL, NULL);
    if (ret == 0)
        ret = fd_disp_app_support(when.app, vendor, 1, 0);
    if (ret == 0)
        ret = fd_peer_validate_register(let_in);
    *command = when.command;
    return ret;
}
