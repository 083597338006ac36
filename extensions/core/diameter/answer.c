/* SPDX-License-Identifier: Apache-2.0 */
/* Builds answers in one place, so that every path (decision, fault, guard, expiry) answers in the
 * same form. */
#include "diameter/answer.h"

#include "base/log.h"
#include "diameter/avp.h"

/* Answers of ours stay far below MESSAGE_MAX; mcx_answer_fit() is for what freeDiameter repeats. */
enum { ECHO_MAX = 4096, FAILED_MAX = 512, MESSAGE_MAX = 65535 /* trap C11 */ };

static int add_result(struct msg *answer, struct mcx_result result)
{
    struct avp *group = NULL;
    int ret = 0;

    if (!result.is_experimental)
        return mcx_avp_add_u32(answer, MCX_AVP_RESULT_CODE, result.code);
    ret = mcx_avp_add_group(answer, MCX_AVP_EXPERIMENTAL_RESULT, &group);
    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_VENDOR_ID,
                              result.is_mcx ? mcx_dict_mcx_vendor() : MCX_VENDOR_3GPP);
    if (ret == 0)
        ret = mcx_avp_add_u32(group, MCX_AVP_EXPERIMENTAL_RESULT_CODE, result.code);
    return ret;
}

/* As asked, octet for octet: a real S-CSCF looks for both before it looks at the result. */
static int echo_identities(struct msg *answer, struct msg *request)
{
    struct mcx_avp avp = {0};
    int ret = 0;

    if (mcx_avp_find(request, MCX_AVP_USER_NAME, &avp) && avp.octets.len <= ECHO_MAX)
        ret = mcx_avp_add(answer, MCX_AVP_USER_NAME, avp.octets);
    if (ret == 0 && mcx_avp_find(request, MCX_AVP_PUBLIC_IDENTITY, &avp) &&
        avp.octets.len <= ECHO_MAX)
        ret = mcx_avp_add(answer, MCX_AVP_PUBLIC_IDENTITY, avp.octets);
    return ret;
}

static int set_failed_value(struct avp *avp, const struct dict_avp_data *data,
                            const struct mcx_failed_avp *failed)
{
    static uint8_t zeros[FAILED_MAX];
    size_t len = failed->len < FAILED_MAX ? failed->len : FAILED_MAX;
    union avp_value value = {0};

    switch (data->avp_basetype) {
    case AVP_TYPE_GROUPED:
        return 0;
    case AVP_TYPE_OCTETSTRING:
        value.os.data = failed->octets ? (uint8_t *)failed->octets : zeros;
        value.os.len = len;
        break;
    case AVP_TYPE_UNSIGNED32:
    case AVP_TYPE_INTEGER32:
    case AVP_TYPE_FLOAT32:
        value.u32 = failed->octets ? 0 : failed->number;
        /* of another length: the zero example, or the answer itself would not parse */
        for (size_t i = 0; failed->octets && len == 4 && i < 4; i++)
            value.u32 = value.u32 << 8 | failed->octets[i];
        break;
    default: /* 64 bit: the zero example */
        break;
    }
    return fd_msg_avp_setvalue(avp, &value);
}

/* The definition of what stands in Failed-AVP. false: there is none, so it is written as plain
 * octets under its own header. */
static bool find_model(const struct mcx_failed_avp *failed, struct dict_object **model,
                       struct dict_avp_data *data)
{
    struct dict_avp_request request = {.avp_code = failed->code, .avp_vendor = failed->vendor};

    if (fd_dict_search(fd_g_config->cnf_dict, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &request, model,
                       ENOENT) == 0 &&
        *model && fd_dict_getval(*model, data) == 0)
        return true;
    *model = mcx_dict_avp(MCX_AVP_ERROR_MESSAGE);
    data->avp_basetype = AVP_TYPE_OCTETSTRING;
    return false;
}

static void name_plain(struct avp *avp, const struct mcx_failed_avp *failed)
{
    struct avp_hdr *header = NULL;

    if (fd_msg_avp_hdr(avp, &header) != 0)
        return;
    header->avp_code = failed->code;
    header->avp_vendor = failed->vendor;
    header->avp_flags =
        (uint8_t)((failed->flags & ~AVP_FLAG_VENDOR) | (failed->vendor != 0 ? AVP_FLAG_VENDOR : 0));
}

/* RFC 6733 7.5. */
static int add_failed(struct msg *answer, const struct mcx_failed_avp *failed)
{
    struct dict_object *model = NULL;
    struct dict_avp_data data;
    struct avp *group = NULL, *parent = NULL, *avp = NULL;
    bool is_defined = find_model(failed, &model, &data);
    int ret = 0;

    ret = mcx_avp_add_group(answer, MCX_AVP_FAILED_AVP, &group);
    if (ret != 0)
        return ret;
    parent = group;
    if (failed->parent_code)
        ret = mcx_avp_add_group(group, mcx_dict_name(failed->parent_code, failed->parent_vendor),
                                &parent);
    if (ret == 0)
        ret = fd_msg_avp_new(model, 0, &avp);
    if (ret == 0)
        ret = set_failed_value(avp, &data, failed);
    if (ret == 0 && !is_defined)
        name_plain(avp, failed);
    if (ret == 0)
        ret = fd_msg_avp_add(parent, MSG_BRW_LAST_CHILD, avp);
    if (ret != 0 && avp)
        fd_msg_free(avp);
    return ret;
}

static int fill(struct msg *answer, struct msg *request, struct mcx_result result,
                const struct mcx_failed_avp *failed, const char *error_message)
{
    struct msg_hdr *header = NULL;
    int ret = fd_msg_hdr(answer, &header);

    if (ret == 0 && mcx_dict_app(header->msg_appl))
        ret = mcx_avp_add_application(answer, header->msg_appl);
    if (ret == 0)
        ret = add_result(answer, result);
    if (ret == 0)
        ret = fd_msg_add_origin(answer, 0);
    if (ret == 0 && header->msg_code == MCX_CMD_MAR)
        ret = echo_identities(answer, request);
    if (ret == 0 && error_message)
        ret = mcx_avp_add(answer, MCX_AVP_ERROR_MESSAGE, mcx_span_of(error_message));
    if (ret == 0 && failed && failed->code)
        ret = add_failed(answer, failed);
    return ret;
}

int mcx_answer_make(struct msg **msg, struct mcx_result result, const struct mcx_failed_avp *failed,
                    const char *error_message)
{
    bool is_protocol_error =
        !result.is_experimental && result.code >= 3000 && result.code < 4000; /* RFC 6733 7.1.3 */
    struct msg *request = *msg;
    int ret = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, msg,
                                         is_protocol_error ? MSGFL_ANSW_ERROR : 0);

    if (ret == 0)
        ret = fill(*msg, request, result, failed, error_message);
    if (ret != 0) {
        mcx_log_limited(MCX_LOG_ERROR, "ev=answer_not_built result=%u errno=%d", result.code, ret);
        fd_msg_free(*msg); /* with its request */
        *msg = NULL;
    }
    return ret;
}

/* Header of an AVP, RFC 6733 4.1. */
static size_t header_len(const struct avp_hdr *header)
{
    return header->avp_flags & AVP_FLAG_VENDOR ? 12 : 8;
}

int mcx_answer_mend(struct msg *answer)
{
    struct mcx_avp group = {0};
    struct avp *failed = NULL;
    struct dict_object *model = NULL;
    struct avp_hdr *header = NULL, *copy_header = NULL;
    struct avp *copy = NULL;
    int ret = 0;

    /* The header of what freeDiameter puts there has a value, but one that it has freed already. */
    if (!mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &group) ||
        fd_msg_browse_internal(group.avp, MSG_BRW_FIRST_CHILD, (void *)&failed, NULL) != 0 ||
        !failed || fd_msg_model(failed, &model) != 0 || model ||
        fd_msg_avp_hdr(failed, &header) != 0 || header->avp_len > header_len(header))
        return 0;
    header->avp_len = (uint32_t)header_len(header) + 4;
    copy = failed; /* the reference for the length of what is made */
    ret = fd_msg_avp_new(NULL, AVPFL_SET_BLANK_VALUE | AVPFL_SET_RAWDATA_FROM_AVP, &copy);
    if (ret != 0)
        return ret;
    ret = fd_msg_avp_hdr(copy, &copy_header);
    if (ret == 0) {
        *copy_header = *header;
        copy_header->avp_value = NULL;
        ret = fd_msg_avp_add(group.avp, MSG_BRW_LAST_CHILD, copy);
    }
    if (ret == 0)
        fd_msg_free(failed);
    else
        fd_msg_free(copy);
    return ret;
}

/* What an answer takes over from its request, however long that made it. */
static bool is_repeated(const struct avp_hdr *header)
{
    enum { PROXY_INFO = 284 };
    enum mcx_avp_name name = mcx_dict_name(
        header->avp_code, header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0);

    return name == MCX_AVP_SESSION_ID || name == MCX_AVP_USER_NAME ||
           name == MCX_AVP_PUBLIC_IDENTITY || name == MCX_AVP_FAILED_AVP ||
           (header->avp_code == PROXY_INFO && !(header->avp_flags & AVP_FLAG_VENDOR));
}

static struct avp *longest_repeated(struct msg *msg)
{
    struct avp *avp = NULL, *found = NULL;
    struct avp_hdr *header = NULL;
    uint32_t len = 0;

    (void)fd_msg_browse_internal(msg, MSG_BRW_FIRST_CHILD, (void *)&avp, NULL);
    while (avp) {
        if (fd_msg_avp_hdr(avp, &header) == 0 && header->avp_len > len && is_repeated(header)) {
            len = header->avp_len;
            found = avp;
        }
        if (fd_msg_browse_internal(avp, MSG_BRW_NEXT, (void *)&avp, NULL) != 0)
            break;
    }
    return found;
}

int mcx_answer_fit(struct msg *answer)
{
    struct msg_hdr *header = NULL;
    int ret = fd_msg_hdr(answer, &header);

    while (ret == 0) {
        struct avp *avp = NULL;

        ret = fd_msg_update_length(answer);
        if (ret != 0 || header->msg_length <= MESSAGE_MAX)
            break;
        avp = longest_repeated(answer);
        ret = avp ? fd_msg_free(avp) : EMSGSIZE;
    }
    return ret;
}
