/* SPDX-License-Identifier: Apache-2.0 */
/* Builds answers in one place, so that every path (decision, fault, guard, expiry) answers in the
 * same form. */
#include "diameter/answer.h"

#include <stdlib.h>

#include "base/log.h"
#include "diameter/avp.h"
#include "diameter/avp_octets.h"
#include "diameter/kept.h"

enum {
    EXAMPLE_MAX = 512,
    ANSWER_MAX = 65532 /* trap C11; a whole number of words, as RFC 6733 3 wants it */
};

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

    if (mcx_avp_find(request, MCX_AVP_USER_NAME, &avp))
        ret = mcx_avp_add(answer, MCX_AVP_USER_NAME, avp.octets);
    if (ret == 0 && mcx_avp_find(request, MCX_AVP_PUBLIC_IDENTITY, &avp))
        ret = mcx_avp_add(answer, MCX_AVP_PUBLIC_IDENTITY, avp.octets);
    return ret;
}

/* As it came, under whatever header: plain octets. */
static int new_copy(const struct mcx_failed_avp *failed, struct avp **out)
{
    union avp_value value = {.os = {.data = (uint8_t *)failed->octets, .len = failed->len}};
    struct avp_hdr *header = NULL;
    uint8_t *content = NULL;
    int ret = fd_msg_avp_new(mcx_dict_avp(MCX_AVP_ERROR_MESSAGE), 0, out);

    if (ret == 0 && failed->group)
        ret = fd_msg_avp_hdr(failed->group, &header);
    if (ret == 0 && header) {
        content = malloc(header->avp_len);
        value.os.data = content;
        value.os.len = content ? mcx_avp_octets(failed->group, content, header->avp_len) : 0;
        ret = content ? 0 : ENOMEM;
    }
    if (ret == 0)
        ret = fd_msg_avp_setvalue(*out, &value);
    free(content);
    return ret;
}

/* RFC 6733 7.1.5: of a missing AVP, or of one whose content can't be shown. */
static int new_example(const struct mcx_failed_avp *failed, struct dict_object *model,
                       enum dict_avp_basetype type, struct avp **out)
{
    static uint8_t zeros[EXAMPLE_MAX];
    union avp_value value = {0};
    int ret = fd_msg_avp_new(model, 0, out);

    if (ret != 0 || type == AVP_TYPE_GROUPED)
        return ret;
    if (type == AVP_TYPE_OCTETSTRING) {
        value.os.data = zeros;
        value.os.len = failed->len < EXAMPLE_MAX ? failed->len : EXAMPLE_MAX;
    } else if (!failed->octets && mcx_avp_fixed_size(type) == 4) {
        value.u32 = failed->number;
    }
    return fd_msg_avp_setvalue(*out, &value);
}

static int set_header(struct avp *avp, const struct mcx_failed_avp *failed)
{
    struct avp_hdr *header = NULL;
    int ret = fd_msg_avp_hdr(avp, &header);

    if (ret != 0)
        return ret;
    header->avp_code = failed->code;
    header->avp_vendor = failed->vendor;
    header->avp_flags = failed->flags | (failed->vendor != 0 ? AVP_FLAG_VENDOR : 0);
    return 0;
}

static int new_failed(const struct mcx_failed_avp *failed, struct avp **out)
{
    struct dict_object *model = NULL;
    struct dict_avp_data data;
    size_t fixed = 0;
    int ret = 0;

    if (mcx_avp_definition(failed->code, failed->vendor, &model, &data))
        fixed = mcx_avp_fixed_size(data.avp_basetype);
    if (!model || failed->group || (failed->octets && (fixed == 0 || fixed == failed->len)))
        ret = new_copy(failed, out);
    else
        ret = new_example(failed, model, data.avp_basetype, out);
    return ret == 0 ? set_header(*out, failed) : ret;
}

/* RFC 6733 7.5. */
static int add_failed(struct msg *answer, const struct mcx_failed_avp *failed)
{
    struct avp *parent = NULL, *avp = NULL;
    int ret = mcx_avp_add_group(answer, MCX_AVP_FAILED_AVP, &parent);

    if (ret == 0 && failed->parent_code)
        ret = mcx_avp_add_group(parent, mcx_dict_name(failed->parent_code, failed->parent_vendor),
                                &parent);
    if (ret == 0)
        ret = new_failed(failed, &avp);
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

/* Before it waits for its peer: it may hold an AVP twice, as an identity and in Failed-AVP. A
 * request of half the room can't bring that about. */
static void fit_early(struct msg *answer, const struct msg_hdr *asked)
{
    if (asked->msg_length > ANSWER_MAX / 2)
        (void)mcx_answer_fit(answer); /* the hook that sends it does so again, and tells */
}

int mcx_answer_make(struct msg **msg, struct mcx_result result, const struct mcx_failed_avp *failed,
                    const char *error_message)
{
    bool is_protocol_error =
        !result.is_experimental && result.code >= 3000 && result.code < 4000; /* RFC 6733 7.1.3 */
    struct msg *request = *msg;
    struct msg_hdr *asked = NULL;
    int ret = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, msg,
                                         is_protocol_error ? MSGFL_ANSW_ERROR : 0);

    if (ret == 0)
        ret = fill(*msg, request, result, failed, error_message);
    if (ret == 0)
        ret = fd_msg_hdr(request, &asked);
    if (ret == 0) {
        fit_early(*msg, asked);
        mcx_kept_when_answered(request);
    } else {
        mcx_log_limited(MCX_LOG_ERROR, "ev=answer_not_built result=%u errno=%d", result.code, ret);
        fd_msg_free(*msg); /* with its request */
        *msg = NULL;
    }
    return ret;
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
        fd_msg_avp_hdr(failed, &header) != 0 ||
        header->avp_len > mcx_avp_header_len(header->avp_flags))
        return 0;
    header->avp_len = (uint32_t)mcx_avp_header_len(header->avp_flags) + 4;
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

/* Shortens what Failed-AVP holds, where the rest still says something and still parses. What has no
 * model is freeDiameter's own example, whose value is freed already. */
static bool cut_failed(struct avp *group, size_t excess)
{
    struct avp *avp = group;
    struct avp_hdr *header = NULL;
    struct dict_object *model = NULL;
    struct dict_avp_data data;

    for (struct avp *next = group; next;) { /* down to what is wrong */
        avp = next;
        next = NULL;
        if (fd_msg_browse_internal(avp, MSG_BRW_FIRST_CHILD, (void *)&next, NULL) != 0)
            return false;
    }
    if (fd_msg_model(avp, &model) != 0 || !model || fd_msg_avp_hdr(avp, &header) != 0 ||
        !header->avp_value ||
        !mcx_avp_definition(header->avp_code, header->avp_vendor, &model, &data) ||
        data.avp_basetype != AVP_TYPE_OCTETSTRING || header->avp_value->os.len <= excess)
        return false;
    header->avp_value->os.len -= excess;
    return true;
}

int mcx_answer_fit(struct msg *answer)
{
    static const enum mcx_avp_name order[] = {MCX_AVP_FAILED_AVP,      MCX_AVP_ERROR_MESSAGE,
                                              MCX_AVP_PUBLIC_IDENTITY, MCX_AVP_USER_NAME,
                                              MCX_AVP_SESSION_ID,      MCX_AVP_PROXY_INFO};
    struct msg_hdr *header = NULL;
    int ret = fd_msg_hdr(answer, &header);

    for (size_t i = 0; ret == 0;) {
        struct mcx_avp found = {0};

        ret = fd_msg_update_length(answer);
        if (ret != 0 || header->msg_length <= ANSWER_MAX)
            return ret;
        if (i == sizeof order / sizeof *order)
            return EMSGSIZE;
        if (!mcx_avp_find(answer, order[i], &found))
            i++;
        else if (order[i] != MCX_AVP_FAILED_AVP ||
                 !cut_failed(found.avp, header->msg_length - ANSWER_MAX))
            ret = fd_msg_free(found.avp);
    }
    return ret;
}
