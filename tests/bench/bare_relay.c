/* SPDX-License-Identifier: Apache-2.0 */
/* bare_relay.fdx: LoadExtension = "bare_relay.fdx" : "primary.example hss.primary.example"; sends
 * every Cx MAR on as a new request with the same AVPs, and copies the answer back. Checks nothing,
 * so it is the ceiling for our relay; for benchmarks only. */
#include "bare_avp.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static struct {
    struct bare_avp session_id, destination_realm, destination_host;
    struct dict_object *mar;
    char realm[256], host[256];
    uint32_t start;
} relay;

/* What each hop writes itself: Session-Id, Origin-*, Destination-*, Route-Record, Proxy-Info (RFC
 * 6733 4.5). */
static bool is_hop_by_hop(struct avp *avp)
{
    static const uint32_t codes[] = {263, 264, 296, 283, 293, 282, 284};
    struct avp_hdr *header = NULL;
    if (fd_msg_avp_hdr(avp, &header) != 0)
        return true;
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
        if (header->avp_code == codes[i] && !(header->avp_flags & AVP_FLAG_VENDOR))
            return true;
    return false;
}

static int copy_body(struct msg *from, struct msg *to)
{
    struct avp *avp = NULL;
    int ret = fd_msg_browse(from, MSG_BRW_FIRST_CHILD, &avp, NULL);
    while (ret == 0 && avp) {
        if (!is_hop_by_hop(avp))
            ret = bare_avp_copy(to, avp);
        if (ret == 0)
            ret = fd_msg_browse(avp, MSG_BRW_NEXT, &avp, NULL);
    }
    return ret;
}

static void on_answer(void *opaque, struct msg **msg)
{
    struct msg *answer = *msg, *back = opaque;
    int ret = fd_msg_parse_dict(answer, fd_g_config->cnf_dict, NULL);
    if (ret == 0)
        ret = fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &back, 0);
    if (ret == 0)
        ret = fd_msg_add_origin(back, 0);
    if (ret == 0)
        ret = copy_body(answer, back);
    if (ret == 0)
        ret = fd_msg_send(&back, NULL, NULL);
    if (ret != 0)
        fd_log_error("bare_relay: no answer (%d)", ret);
    fd_msg_free(answer);
    *msg = NULL;
}

static int add_session_id(struct msg *out)
{
    static atomic_uint_fast64_t counter;
    char text[600];
    int len = snprintf(text, sizeof(text), "%s;%u;%llu", fd_g_config->cnf_diamid, relay.start,
                       (unsigned long long)atomic_fetch_add(&counter, 1));
    return bare_avp_add(out, relay.session_id, text, (size_t)len);
}

static int on_mar(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    struct msg *out = NULL, *request = *msg;
    struct msg_hdr *header = NULL;
    int ret = fd_msg_new(relay.mar, MSGFL_ALLOC_ETEID, &out);
    if (ret == 0)
        ret = fd_msg_hdr(out, &header);
    if (ret == 0)
        header->msg_appl = 16777216;
    if (ret == 0)
        ret = add_session_id(out);
    if (ret == 0)
        ret = fd_msg_add_origin(out, 0);
    if (ret == 0)
        ret = bare_avp_add(out, relay.destination_realm, relay.realm, strlen(relay.realm));
    if (ret == 0)
        ret = bare_avp_add(out, relay.destination_host, relay.host, strlen(relay.host));
    if (ret == 0)
        ret = copy_body(request, out);
    *msg = NULL;
    if (ret == 0)
        ret = fd_msg_send(&out, on_answer, request);
    if (ret != 0)
        fd_log_error("bare_relay: not sent (%d)", ret);
    return 0;
}

static int bare_relay_entry(char *target)
{
    if (!target || sscanf(target, "%255s %255s", relay.realm, relay.host) != 2) {
        fd_log_error("bare_relay: \"realm host\" is needed, not \"%s\"", target ? target : "");
        return EINVAL;
    }
    relay.start = (uint32_t)time(NULL);
    int ret = bare_avp_find("Session-Id", &relay.session_id);
    if (ret == 0)
        ret = bare_avp_find("Destination-Realm", &relay.destination_realm);
    if (ret == 0)
        ret = bare_avp_find("Destination-Host", &relay.destination_host);
    return ret == 0 ? bare_avp_serve_mar(on_mar, &relay.mar) : ret;
}

EXTENSION_ENTRY("bare_relay", bare_relay_entry, "dict_cx")
