/* SPDX-License-Identifier: Apache-2.0 */
/* bare_maa.fdx: answers every Cx MAR in the dispatch callback with one constant vector. The ceiling
 * for what app_hss can do; lets everybody in, so for benchmarks only. */
#include "bare_avp.h"

static struct {
    struct bare_avp vsai, vendor_id, auth_application_id, session_state, user_name, public_identity,
        number, item, item_number, scheme, authenticate, authorization, ck, ik;
} avps;

static int add_item(struct msg *answer)
{
    static const uint8_t octets[32] = {0x23, 0x55, 0x3c, 0xbe};
    static const char scheme[] = "Digest-AKAv1-MD5";
    struct avp *item = NULL;
    int ret = bare_avp_add_group(answer, avps.item, &item);
    if (ret == 0)
        ret = bare_avp_add_u32(item, avps.item_number, 1);
    if (ret == 0)
        ret = bare_avp_add(item, avps.scheme, scheme, sizeof(scheme) - 1);
    if (ret == 0)
        ret = bare_avp_add(item, avps.authenticate, octets, 32);
    if (ret == 0)
        ret = bare_avp_add(item, avps.authorization, octets, 8);
    if (ret == 0)
        ret = bare_avp_add(item, avps.ck, octets, 16);
    if (ret == 0)
        ret = bare_avp_add(item, avps.ik, octets, 16);
    return ret;
}

static int echo(struct msg *request, struct msg *answer, struct bare_avp avp)
{
    struct avp *found = NULL;
    int ret = fd_msg_search_avp(request, avp.model, &found);
    return ret == 0 && found ? bare_avp_copy(answer, found) : ret;
}

static int fill(struct msg *request, struct msg *answer)
{
    struct avp *vsai = NULL;
    int ret = fd_msg_rescode_set(answer, "DIAMETER_SUCCESS", NULL, NULL, 1);
    if (ret == 0)
        ret = bare_avp_add_group(answer, avps.vsai, &vsai);
    if (ret == 0)
        ret = bare_avp_add_u32(vsai, avps.vendor_id, 10415);
    if (ret == 0)
        ret = bare_avp_add_u32(vsai, avps.auth_application_id, 16777216);
    if (ret == 0)
        ret = bare_avp_add_u32(answer, avps.session_state, 1); /* NO_STATE_MAINTAINED */
    if (ret == 0)
        ret = echo(request, answer, avps.user_name);
    if (ret == 0)
        ret = echo(request, answer, avps.public_identity);
    if (ret == 0)
        ret = bare_avp_add_u32(answer, avps.number, 1);
    return ret == 0 ? add_item(answer) : ret;
}

static int on_mar(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    struct msg *request = *msg;
    int ret = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, msg, 0);
    if (ret == 0)
        ret = fill(request, *msg);
    if (ret == 0)
        ret = fd_msg_send(msg, NULL, NULL);
    if (ret != 0)
        fd_log_error("bare_maa: no answer (%d)", ret);
    return 0;
}

static int bare_maa_entry(char *conffile)
{
    static const struct {
        const char *name;
        struct bare_avp *avp;
    } wanted[] = {
        {"Vendor-Specific-Application-Id", &avps.vsai},
        {"Vendor-Id", &avps.vendor_id},
        {"Auth-Application-Id", &avps.auth_application_id},
        {"Auth-Session-State", &avps.session_state},
        {"User-Name", &avps.user_name},
        {"Public-Identity", &avps.public_identity},
        {"SIP-Number-Auth-Items", &avps.number},
        {"SIP-Auth-Data-Item", &avps.item},
        {"SIP-Item-Number", &avps.item_number},
        {"SIP-Authentication-Scheme", &avps.scheme},
        {"SIP-Authenticate", &avps.authenticate},
        {"SIP-Authorization", &avps.authorization},
        {"Confidentiality-Key", &avps.ck},
        {"Integrity-Key", &avps.ik},
    };
    struct dict_object *command = NULL;
    int ret = 0;
    for (size_t i = 0; ret == 0 && i < sizeof(wanted) / sizeof(wanted[0]); i++)
        ret = bare_avp_find(wanted[i].name, wanted[i].avp);
    return ret == 0 ? bare_avp_serve_mar(on_mar, &command) : ret;
}

EXTENSION_ENTRY("bare_maa", bare_maa_entry, "dict_cx")
