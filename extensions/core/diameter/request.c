/* SPDX-License-Identifier: Apache-2.0 */
/* Begins requests of ours; the Session-Ids of this process. */
#include "diameter/request.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

/* RFC 6733 8.8. Made by hand: freeDiameter's session objects would live on for a month (trap R8).
 */
static int add_session_id(struct msg *msg)
{
    static atomic_uint_fast64_t counter;
    static atomic_uint_fast32_t start;
    uint_fast32_t none = 0;
    char text[MCX_STR_MAX + 64];
    int len = 0;

    if (atomic_load(&start) == 0)
        atomic_compare_exchange_strong(&start, &none, (uint_fast32_t)time(NULL));
    len = snprintf(text, sizeof text, "%s;%" PRIuFAST32 ";%" PRIuFAST64, fd_g_config->cnf_diamid,
                   atomic_load(&start), atomic_fetch_add(&counter, 1));
    if (len < 0 || (size_t)len >= sizeof text)
        return EINVAL;
    return mcx_avp_add(msg, MCX_AVP_SESSION_ID, mcx_span(text, (size_t)len));
}

static int fill(struct msg *msg, uint32_t application, const struct mcx_str *realm,
                const struct mcx_str *host)
{
    int ret = add_session_id(msg);

    if (ret == 0)
        ret = mcx_avp_add_application(msg, application);
    if (ret == 0)
        ret = fd_msg_add_origin(msg, 0);
    if (ret == 0)
        ret = mcx_avp_add(msg, MCX_AVP_DESTINATION_REALM, mcx_span_str(realm));
    if (ret == 0 && host->len > 0)
        ret = mcx_avp_add(msg, MCX_AVP_DESTINATION_HOST, mcx_span_str(host));
    return ret;
}

int mcx_request_make(uint32_t command, uint32_t application, const struct mcx_str *realm,
                     const struct mcx_str *host, struct msg **out)
{
    struct msg_hdr *header = NULL;
    struct msg *msg = NULL;
    int ret = fd_msg_new(mcx_dict_request(command), MSGFL_ALLOC_ETEID, &msg);

    if (ret == 0)
        ret = fd_msg_hdr(msg, &header);
    if (ret == 0) {
        header->msg_appl = application;
        ret = fill(msg, application, realm, host);
    }
    if (ret != 0 && msg) {
        fd_msg_free(msg);
        msg = NULL;
    }
    *out = msg;
    return ret;
}
