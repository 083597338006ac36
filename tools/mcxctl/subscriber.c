/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl subscriber: own subscribers and their keys. */
#include "store/subscriber.h"

#include <stdio.h>

#include "aka/aka.h"
#include "identity/identity.h"
#include "options.h"
#include "store/keys.h"

static void wipe_ring(struct mcx_keyring *ring)
{
    mcx_wipe(ring, sizeof *ring);
}
#define KEYRING __attribute__((cleanup(wipe_ring))) struct mcx_keyring

static bool get_impi(const char *text, struct mcx_str *out)
{
    if (mcx_impi_canonical(mcx_span_of(text), out) == MCX_OK)
        return true;
    fprintf(stderr, "mcxctl: %s: not a private identity (user@realm, without !)\n", text);
    return false;
}

static int add(struct ctl *ctl)
{
    CTL_SECRETS secrets;
    KEYRING ring = {0};
    struct mcx_new_subscriber want = {
        .k = &secrets.k, .opc = &secrets.opc, .may_share = ctl_has(ctl, OPT_SHARED)};
    struct mcx_conf_problem problem;
    const char *impu;
    int status;
    enum mcx_err err;

    status = ctl_secrets(ctl, &secrets);
    if (status != CTL_OK)
        return status;
    if (!get_impi(ctl->arg[0], &want.impi) || !ctl_number(ctl, OPT_SEQ, 0, MCX_SEQ_MAX, &want.seq))
        return CTL_USAGE;
    if (ctl_count(ctl, OPT_IMPU) > MCX_IMPUS_MAX || !ctl_has(ctl, OPT_IMPU))
        return ctl_usage(ctl, "1 to %d times --impu are needed", MCX_IMPUS_MAX);
    while ((impu = ctl_value(ctl, OPT_IMPU, want.impu_count)) != NULL) {
        if (mcx_impu_canonical(mcx_span_of(impu), &want.impu[want.impu_count]) != MCX_OK)
            return ctl_usage(ctl, "%s: not a public identity (sip:, sips: or tel:)", impu);
        want.impu_count++;
    }
    want.amf[0] = secrets.amf[0];
    want.amf[1] = secrets.amf[1];
    status = ctl_conf(ctl);
    if (status == CTL_OK)
        status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    mcx_keyring_from(ctl->conf, &ring);
    err = mcx_store_subscriber_add(ctl->session, &ring, &want, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int load(struct ctl *ctl)
{
    CTL_SECRETS secrets;
    KEYRING ring = {0};
    struct mcx_bulk_load bulk = {.ring = &ring, .k = &secrets.k, .opc = &secrets.opc};
    const char *realm = ctl_value(ctl, OPT_REALM, 0);
    int64_t count = 0, first = 0, threads = 0;
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!realm || !ctl_has(ctl, OPT_COUNT))
        return ctl_usage(ctl, "--count and --realm are needed");
    status = ctl_secrets(ctl, &secrets);
    if (status != CTL_OK)
        return status;
    if (!ctl_text(realm, &bulk.realm) || !ctl_number(ctl, OPT_COUNT, 1, 1000000000, &count) ||
        !ctl_number(ctl, OPT_FIRST, 0, 999999999999999, &first) ||
        !ctl_number(ctl, OPT_THREADS, 0, 8, &threads))
        return CTL_USAGE;
    bulk.amf[0] = secrets.amf[0];
    bulk.amf[1] = secrets.amf[1];
    bulk.count = (uint64_t)count;
    bulk.first = (uint64_t)first;
    bulk.threads = (int)threads;
    status = ctl_conf(ctl);
    if (status == CTL_OK)
        status = ctl_conninfo(ctl, &bulk.conninfo);
    if (status == CTL_OK)
        status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    mcx_keyring_from(ctl->conf, &ring);
    err = mcx_store_subscriber_load(ctl->session, &bulk, &problem);
    ctl_say_number(ctl, "loaded", (int64_t)bulk.loaded);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int show(struct ctl *ctl)
{
    struct mcx_str impi;
    MCX_PARAMS params = {0};

    if (!get_impi(ctl->arg[0], &impi))
        return CTL_USAGE;
    mcx_params_str(&params, &impi);
    return ctl_show_record(ctl, MCX_STMT_SUBSCRIBER_SHOW, &params, "no such subscriber");
}

static int list(struct ctl *ctl)
{
    int64_t limit;
    MCX_PARAMS params = {0};

    if (!ctl_limit(ctl, &limit))
        return CTL_USAGE;
    mcx_params_text(&params, ctl_optional(ctl, OPT_AFTER));
    mcx_params_i32(&params, (int32_t)limit);
    return ctl_show(ctl, MCX_STMT_SUBSCRIBER_LIST, &params);
}

static const char *reason_of(const struct ctl *ctl)
{
    const char *reason = ctl_value(ctl, OPT_REASON, 0);

    return reason ? reason : "not given";
}

static int change(struct ctl *ctl, int what)
{
    struct mcx_str impi;
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!get_impi(ctl->arg[0], &impi))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    if (what < 0)
        err = mcx_store_subscriber_delete(ctl->session, &impi, reason_of(ctl), &problem);
    else
        err = mcx_store_subscriber_bar(ctl->session, &impi, what == 1, reason_of(ctl), &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int delete (struct ctl *ctl)
{
    return change(ctl, -1);
}

static int bar(struct ctl *ctl)
{
    return change(ctl, 1);
}

static int unbar(struct ctl *ctl)
{
    return change(ctl, 0);
}

static int set_sqn(struct ctl *ctl)
{
    struct mcx_str impi;
    struct mcx_conf_problem problem;
    int64_t seq = -1;
    int status;
    enum mcx_err err;

    if (!ctl_has(ctl, OPT_SEQ))
        return ctl_usage(ctl, "--seq is needed");
    if (!get_impi(ctl->arg[0], &impi) || !ctl_number(ctl, OPT_SEQ, 0, MCX_SEQ_MAX, &seq))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_subscriber_set_seq(ctl->session, &impi, seq, ctl_has(ctl, OPT_FORCE),
                                       reason_of(ctl), &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

#define SECRET_OPTIONS                                                                             \
    {"secrets",                                                                                    \
     OPT_SECRETS,                                                                                  \
     "FILE",                                                                                       \
     0,                                                                                            \
     "lines k = HEX, opc = HEX or op = HEX, amf = HEX; - for standard input",                      \
     1},                                                                                           \
        {"k", OPT_K, "HEX", 0, "K, 32 hex digits; other users see it in ps: for labs", 1},         \
        {"opc", OPT_OPC, "HEX", 0, "OPc, likewise", 1},                                            \
        {"op", OPT_OP, "HEX", 0, "OP instead of OPc, likewise", 1},                                \
    {                                                                                              \
        "amf", OPT_AMF, "HEX", 0, "AMF, 4 hex digits (0000)", 1                                    \
    }

static const struct argp_option add_options[] = {
    {"impu", OPT_IMPU, "URI", 0, "public identity; up to 8 times, the first is the default", 0},
    {"shared", OPT_SHARED, 0, 0, "an IMPU may be another own subscriber's too", 0},
    {"seq", OPT_SEQ, "N", 0, "highest SEQ ever issued for this K (0)", 0},
    SECRET_OPTIONS,
    {0}};
static const struct argp_option load_options[] = {
    {"count", OPT_COUNT, "N", 0, "how many", 0},
    {"realm", OPT_REALM, "REALM", 0, "of IMPI and IMPU", 0},
    {"first", OPT_FIRST, "N", 0, "first number (0)", 0},
    {"threads", OPT_THREADS, "N", 0, "connections (one per processor)", 0},
    SECRET_OPTIONS,
    {0}};
static const struct argp_option list_options[] = {
    {"limit", OPT_LIMIT, "N", 0, "at most so many (100)", 0},
    {"after", OPT_AFTER, "IMPI", 0, "go on after this one", 0},
    {0}};
static const struct argp_option reason_options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "why, for the audit trail", 0}, {0}};
static const struct argp_option seq_options[] = {
    {"seq", OPT_SEQ, "N", 0, "highest SEQ issued from now on", 0},
    {"force", OPT_FORCE, 0, 0, "also lower it", 0},
    {"reason", OPT_REASON, "TEXT", 0, "why, for the audit trail", 0},
    {0}};

const struct ctl_command ctl_subscriber[] = {
    {"subscriber", "add", "IMPI", 1, 1, "Adds an own subscriber with its keys.", add_options, add},
    {"subscriber", "show", "IMPI", 1, 1, "Shows one, without keys.", ctl_no_options, show},
    {"subscriber", "list", "", 0, 0, "Lists own subscribers.", list_options, list},
    {"subscriber", "bar", "IMPI", 1, 1, "Serves no more vectors for one, and ends its grants.",
     reason_options, bar},
    {"subscriber", "unbar", "IMPI", 1, 1, "Serves it again; grants stay ended.", reason_options,
     unbar},
    {"subscriber", "delete", "IMPI", 1, 1,
     "Deletes one, and ends its grants.\vIts SEQ is kept: added again, it goes on from there.",
     reason_options, delete},
    {"subscriber", "set-sqn", "IMPI", 1, 1, "Sets SEQ; --force lowers it.", seq_options, set_sqn},
    {"subscriber", "load", "", 0, 0,
     "Loads many for a test: IMPI 000000000000000@REALM and on, IMPU sip: and the same, one K for "
     "all.",
     load_options, load},
    {0}};
