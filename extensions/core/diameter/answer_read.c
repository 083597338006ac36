/* SPDX-License-Identifier: Apache-2.0 */
/* Results and correlation of received answers. */
#include "diameter/answer_read.h"

bool mcx_answer_same_session(struct msg *answer)
{
    struct mcx_avp said = {0}, asked = {0};
    struct msg *request = NULL;

    if (!mcx_avp_find(answer, MCX_AVP_SESSION_ID, &said))
        return true;
    return fd_msg_answ_getq(answer, &request) == 0 && request &&
           mcx_avp_find(request, MCX_AVP_SESSION_ID, &asked) &&
           mcx_span_equal(said.octets, asked.octets);
}

bool mcx_answer_read_result(struct msg *answer, uint32_t vendor, struct mcx_result *result)
{
    struct mcx_avp group = {0}, said = {0}, code = {0};
    bool is_experimental = mcx_avp_find(answer, MCX_AVP_EXPERIMENTAL_RESULT, &group);

    if (mcx_avp_find(answer, MCX_AVP_RESULT_CODE, &code)) {
        *result = mcx_result_code(code.u32);
        return !is_experimental;
    }
    if (!is_experimental || !mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &said) ||
        said.u32 != vendor || !mcx_avp_find(group.avp, MCX_AVP_EXPERIMENTAL_RESULT_CODE, &code))
        return false;
    *result =
        vendor == MCX_VENDOR_3GPP ? mcx_result_experimental(code.u32) : mcx_result_mcx(code.u32);
    return true;
}
