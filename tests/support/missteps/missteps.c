/* SPDX-License-Identifier: Apache-2.0 */
/* missteps.fdx: what an extension must never do in freeDiameter 1.2.1 (traps C3 to C5), so that a
 * test can show what follows. LoadExtension = "missteps.fdx" : "<misstep>"; does it once for each
 * Cx MAR, in the dispatch callback; lets everybody in. For tests only. */
#include "bare_avp.h"

#include <string.h>
#include <time.h>

enum { WAIT_S = 1, WHOLE_SECOND_NS = 1000000000 };

static struct {
    struct bare_avp session_id, destination_realm, destination_host, origin_host, origin_realm;
    struct dict_object *mar;
    int (*misstep)(struct msg *request);
} missteps;

static int tell_expiry;

static void on_answer(void *opaque, struct msg **msg)
{
    fd_msg_free(*msg);
    *msg = NULL;
}

static void on_expiry(void *opaque, DiamId_t sent_to, size_t len, struct msg **msg)
{
    fd_log_notice("missteps: expired, %s", opaque == &tell_expiry ? "as given" : "without data");
    fd_msg_free(*msg);
    *msg = NULL;
}

/* To whoever sent the request. */
static int copy_as(struct msg *request, struct bare_avp from, struct msg *out, struct bare_avp to)
{
    struct avp *found = NULL;
    struct avp_hdr *header = NULL;
    int ret = fd_msg_search_avp(request, from.model, &found);

    if (ret == 0)
        ret = found ? fd_msg_avp_hdr(found, &header) : ENOENT;
    return ret == 0 ? bare_avp_add(out, to, header->avp_value->os.data, header->avp_value->os.len)
                    : ret;
}

static int make_mar(struct msg *request, struct msg **out)
{
    static const char session[] = "missteps;1;1";
    struct msg_hdr *header = NULL;
    int ret = fd_msg_new(missteps.mar, MSGFL_ALLOC_ETEID, out);

    if (ret == 0)
        ret = fd_msg_hdr(*out, &header);
    if (ret == 0)
        header->msg_appl = 16777216; /* TS 29.229 */
    if (ret == 0)
        ret = bare_avp_add(*out, missteps.session_id, session, sizeof session - 1);
    if (ret == 0)
        ret = fd_msg_add_origin(*out, 0);
    if (ret == 0)
        ret = copy_as(request, missteps.origin_realm, *out, missteps.destination_realm);
    if (ret == 0)
        ret = copy_as(request, missteps.origin_host, *out, missteps.destination_host);
    return ret;
}

/* Sends a MAR back to whoever sent one, waiting for WAIT_S and extra_ns. */
static int send_back(struct msg *request, void (*answered)(void *, struct msg **), long extra_ns)
{
    struct timespec until = {0};
    struct msg *out = NULL;
    int ret = make_mar(request, &out);

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += WAIT_S;
    until.tv_nsec += extra_ns;
    return ret == 0 ? fd_msg_send_timeout(&out, answered, &tell_expiry, on_expiry, &until) : ret;
}

/* Trap C3: a time whose tv_nsec is no part of a second. */
static int overflowing_time(struct msg *request)
{
    return send_back(request, on_answer, WHOLE_SECOND_NS);
}

/* Trap C4: data, but nobody for the answer. */
static int no_answer_callback(struct msg *request)
{
    return send_back(request, NULL, 0);
}

static int both_callbacks(struct msg *request)
{
    return send_back(request, on_answer, 0);
}

/* Trap C5. */
static int error_returned(struct msg *request)
{
    return EINVAL;
}

static const struct {
    const char *name;
    int (*misstep)(struct msg *request);
} known[] = {
    {"overflowing time", overflowing_time},
    {"no answer callback", no_answer_callback},
    {"both callbacks", both_callbacks}, /* no misstep: the control */
    {"error returned", error_returned},
};

/* The request stays unanswered unless freeDiameter answers it; it is freed when sent back. */
static int on_mar(struct msg **msg, struct avp *avp, struct session *session, void *opaque,
                  enum disp_action *action)
{
    int ret = missteps.misstep(*msg);

    if (ret != 0)
        return ret;
    fd_msg_free(*msg);
    *msg = NULL;
    return 0;
}

static int missteps_entry(char *name)
{
    int ret = 0;

    for (size_t i = 0; name && i < sizeof known / sizeof *known; i++)
        if (strcmp(name, known[i].name) == 0)
            missteps.misstep = known[i].misstep;
    if (!missteps.misstep) {
        fd_log_error("missteps: \"%s\" is none of them", name ? name : "");
        return EINVAL;
    }
    ret = bare_avp_find("Session-Id", &missteps.session_id);
    if (ret == 0)
        ret = bare_avp_find("Destination-Realm", &missteps.destination_realm);
    if (ret == 0)
        ret = bare_avp_find("Destination-Host", &missteps.destination_host);
    if (ret == 0)
        ret = bare_avp_find("Origin-Host", &missteps.origin_host);
    if (ret == 0)
        ret = bare_avp_find("Origin-Realm", &missteps.origin_realm);
    return ret == 0 ? bare_avp_serve_mar(on_mar, &missteps.mar) : ret;
}

EXTENSION_ENTRY("missteps", missteps_entry, "dict_cx")
