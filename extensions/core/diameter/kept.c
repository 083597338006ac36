/* SPDX-License-Identifier: Apache-2.0 */
/* Frees AVPs of the top level with all that is in them. What freeDiameter itself looks at
 * afterwards, the header, the source and the session, is no AVP. */
#include "diameter/kept.h"

#include "diameter/dict.h"

static bool is_echoed(enum mcx_avp_name name)
{
    return name == MCX_AVP_SESSION_ID || name == MCX_AVP_USER_NAME ||
           name == MCX_AVP_PUBLIC_IDENTITY || name == MCX_AVP_PROXY_INFO;
}

static bool is_session(enum mcx_avp_name name)
{
    return name == MCX_AVP_SESSION_ID;
}

static void keep(struct msg *request, bool (*is_kept)(enum mcx_avp_name name))
{
    struct avp *avp = NULL, *next = NULL;
    struct avp_hdr *header = NULL;
    int ret = fd_msg_browse_internal(request, MSG_BRW_FIRST_CHILD, (void *)&avp, NULL);

    for (; ret == 0 && avp; avp = next) {
        ret = fd_msg_browse_internal(avp, MSG_BRW_NEXT, (void *)&next, NULL);
        if (fd_msg_avp_hdr(avp, &header) == 0 &&
            !is_kept(mcx_dict_name(header->avp_code,
                                   header->avp_flags & AVP_FLAG_VENDOR ? header->avp_vendor : 0)))
            fd_msg_free(avp);
    }
}

void mcx_kept_for_answer(struct msg *request)
{
    keep(request, is_echoed);
}

void mcx_kept_when_answered(struct msg *request)
{
    keep(request, is_session);
}
