/* SPDX-License-Identifier: Apache-2.0 */
/* freeDiameter takes the session that a message has over looking one up by its Session-Id. Ours has
 * a reference of its own, so that the count never falls to nought, and no end. */
#include "diameter/session_shield.h"

#include <time.h>

#include "base/clock.h"
#include "diameter/avp.h"

#define A_CENTURY_S 3155760000

static struct session *only;
static struct mcx_span only_id;

int mcx_session_shield_start(void)
{
    static const char name[] = "mcx.invalid;0;0";
    struct timespec until = {0};
    os0_t id = NULL;
    size_t len = 0;
    int ret = fd_sess_fromsid_msg((uint8_t *)name, sizeof name - 1, &only, NULL);

    if (ret != 0)
        return ret;
    until = mcx_clock_real_after_ms(0);
    until.tv_sec += A_CENTURY_S;
    ret = fd_sess_settimeout(only, &until);
    if (ret == 0)
        ret = fd_sess_getsid(only, &id, &len);
    only_id = mcx_span(id, len);
    return ret;
}

void mcx_session_shield(struct msg *msg)
{
    struct msg_hdr *header = NULL;
    struct mcx_avp found = {0};

    if (!only || fd_msg_hdr(msg, &header) != 0 || !(header->msg_flags & CMD_FLAG_REQUEST) ||
        !mcx_avp_find(msg, MCX_AVP_SESSION_ID, &found))
        return;
    if (fd_msg_sess_set(msg, only) == 0)
        (void)fd_sess_ref_msg(only); /* given back when the message is freed */
}

void mcx_session_unshield(struct msg *answer)
{
    struct mcx_avp said = {0}, asked = {0};
    struct msg *request = NULL;
    union avp_value value;

    if (!only || !mcx_avp_find(answer, MCX_AVP_SESSION_ID, &said) ||
        !mcx_span_equal(said.octets, only_id))
        return;
    if (fd_msg_answ_getq(answer, &request) == 0 && request &&
        mcx_avp_find(request, MCX_AVP_SESSION_ID, &asked) && asked.has_value) {
        value.os.data = (uint8_t *)asked.octets.octets;
        value.os.len = asked.octets.len;
        if (fd_msg_avp_setvalue(said.avp, &value) == 0)
            return;
    }
    fd_msg_free(said.avp); /* ours says nothing to a peer */
}
