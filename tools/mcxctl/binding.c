/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl binding: grants at the primary, inbound bindings at the partner, provisioned by hand
 * (CR 10.1.X.1, O&M). */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "store/provision.h"
#include "transfer.h"

/* ---- what to do next ---- */

/* One option for a shell: in single quotes where the text holds more than letters, digits and the
 * signs of ordinary identities. */
static size_t add_option(char *out, size_t size, size_t len, const char *option, const char *text)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@:.+-_";
    bool is_plain = text[strspn(text, plain)] == '\0';

    if (len < size)
        len += (size_t)snprintf(out + len, size - len, " %s %s", option, is_plain ? text : "'");
    for (; !is_plain && *text && len < size; text++)
        len += (size_t)snprintf(out + len, size - len, *text == '\'' ? "'\\''" : "%c", *text);
    if (!is_plain && len < size)
        len += (size_t)snprintf(out + len, size - len, "'");
    return len;
}

/* The line that the other operator enters. */
static void other_side(const struct mcx_provision *done, char *out, size_t size)
{
    size_t len = (size_t)snprintf(out, size, "mcxctl binding provision --side partner");

    len = add_option(out, size, len, "--partner", done->own.system_id.octets);
    len = add_option(out, size, len, "--realm", done->own.realm.octets);
    if (done->own.sip_database.len > 0)
        len = add_option(out, size, len, "--host", done->own.sip_database.octets);
    len = add_option(out, size, len, "--id", done->binding_id);
    len = add_option(out, size, len, "--impi", done->given_impi.octets);
    for (size_t i = 0; i < done->impu_count; i++)
        len = add_option(out, size, len, "--impu", done->given_impu[i].octets);
    if (strcmp(done->expires_at, "infinity") != 0)
        len = add_option(out, size, len, "--expires", done->expires_at);
    if (done->mc_user_id)
        (void)add_option(out, size, len, "--mc-user", done->mc_user_id);
}

static void say_lines(const struct mcx_provision *done, bool is_primary, const char *next)
{
    const char *given = is_primary ? "asked" : "inbound";

    printf("%-16s %s\n", "id", done->binding_id);
    printf("%-16s %s\n", "state", done->was_there ? "active (was there)" : "active");
    printf("%s_impi%*s %s\n", given, (int)(11 - strlen(given)), "", done->given_impi.octets);
    for (size_t i = 0; i < done->impu_count; i++)
        printf("%s_impu%*s %s\n", given, (int)(11 - strlen(given)), "", done->given_impu[i].octets);
    printf("%-16s %s\n", "expires", done->expires_at);
    if (done->replaced)
        printf("%-16s the one with the other masking was ended; end it at the partner too\n",
               "note");
    if (is_primary)
        printf("\nThe partner's operator enters:\n  %s\n", next);
}

static void say_json(const struct mcx_provision *done, bool is_primary, const char *next)
{
    json_t *object = json_object(), *impus = json_array();

    for (size_t i = 0; i < done->impu_count; i++)
        json_array_append_new(impus, json_string(done->given_impu[i].octets));
    json_object_set_new(object, "id", json_string(done->binding_id));
    json_object_set_new(object, "side", json_string(is_primary ? "primary" : "partner"));
    json_object_set_new(object, "given_impi", json_string(done->given_impi.octets));
    json_object_set_new(object, "given_impus", impus);
    json_object_set_new(object, "expires",
                        strcmp(done->expires_at, "infinity") == 0 ? json_null()
                                                                  : json_string(done->expires_at));
    json_object_set_new(object, "was_there", json_boolean(done->was_there));
    json_object_set_new(object, "replaced", json_boolean(done->replaced));
    if (is_primary)
        json_object_set_new(object, "partner_command", json_string(next));
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}

/* ---- provision ---- */

static bool get_identities(const struct ctl *ctl, struct mcx_provision *want)
{
    const char *impi = ctl_value(ctl, OPT_IMPI, 0);

    if (!impi || !ctl_has(ctl, OPT_IMPU)) {
        fprintf(stderr, "mcxctl: --impi and --impu are needed\n");
        return false;
    }
    return ctl_text(impi, &want->impi) &&
           ctl_texts(ctl, OPT_IMPU, MCX_IMPUS_MAX, want->impu, &want->impu_count);
}

static bool get_rest(const struct ctl *ctl, struct mcx_provision *want)
{
    const char *partner = ctl_value(ctl, OPT_PARTNER, 0);

    if (!partner) {
        fprintf(stderr, "mcxctl: --partner is needed: the other system's id\n");
        return false;
    }
    want->is_masked = ctl_has(ctl, OPT_MASKED);
    want->id = ctl_value(ctl, OPT_ID, 0);
    want->mc_user_id = ctl_value(ctl, OPT_MC_USER, 0);
    return ctl_text(partner, &want->partner) && ctl_expiry(ctl, &want->expires, &want->for_s) &&
           ctl_text_option(ctl, OPT_REALM, &want->database_realm) &&
           ctl_text_option(ctl, OPT_HOST, &want->database_host);
}

static int provision(struct ctl *ctl)
{
    bool is_primary = false;
    struct mcx_provision want = {0};
    struct mcx_conf_problem problem;
    char next[16384];
    int status;
    enum mcx_err err;

    if (!ctl_has(ctl, OPT_SIDE))
        return ctl_usage(ctl, "--side primary or partner is needed");
    if (!ctl_either(ctl, OPT_SIDE, "partner", "primary", &is_primary))
        return CTL_USAGE;
    if (is_primary && (ctl_has(ctl, OPT_REALM) || ctl_has(ctl, OPT_HOST)))
        return ctl_usage(ctl, "--realm and --host are of the partner's side");
    if (!is_primary && ctl_has(ctl, OPT_MASKED))
        return ctl_usage(ctl, "--masked is the primary's decision");
    if (!get_identities(ctl, &want) || !get_rest(ctl, &want))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = is_primary ? mcx_store_grant_provision(ctl->session, &want, &problem)
                     : mcx_store_binding_provision(ctl->session, &want, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    other_side(&want, next, sizeof next);
    if (ctl_has(ctl, OPT_JSON))
        say_json(&want, is_primary, next);
    else
        say_lines(&want, is_primary, next);
    return CTL_OK;
}

/* ---- the rest ---- */

static bool list_params(const struct ctl *ctl, const char *only, bool all,
                        struct mcx_params *params)
{
    bool is_primary = false;

    if (!ctl_either(ctl, OPT_SIDE, "partner", "primary", &is_primary))
        return false;
    mcx_params_text(params, only);
    mcx_params_bool(params, all);
    if (ctl_has(ctl, OPT_SIDE))
        mcx_params_bool(params, is_primary);
    else
        mcx_params_text(params, NULL);
    return true;
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    if (!list_params(ctl, ctl_optional(ctl, OPT_PARTNER), ctl_has(ctl, OPT_ALL), &params))
        return CTL_USAGE;
    return ctl_show(ctl, MCX_STMT_BINDING_LIST, &params);
}

static int show(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    if (!list_params(ctl, ctl->arg[0], true, &params))
        return CTL_USAGE;
    return ctl_show_record(ctl, MCX_STMT_BINDING_LIST, &params, "no such grant or binding");
}

static int end(struct ctl *ctl)
{
    const char *reason, *cause = ctl_value(ctl, OPT_CAUSE, 0);
    struct mcx_conf_problem problem;
    size_t ended;
    int status;
    enum mcx_err err;

    if (!ctl_reason(ctl, &reason))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_binding_end(ctl->session, ctl->arg[0], cause ? cause : "revoked", reason,
                                &ended, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static const struct argp_option provision_options[] = {
    {"side", OPT_SIDE, "primary|partner", 0, "what this system is to the user", 0},
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "the other system", 0},
    {"impi", OPT_IMPI, "IMPI", 0, "primary: the own subscriber; partner: what the primary told", 0},
    {"impu", OPT_IMPU, "URI", 0, "its public identity; up to 8 times", 0},
    {"masked", OPT_MASKED, 0, 0, "primary: hide the own identities behind outbound ones", 0},
    {"expires", OPT_EXPIRES, "TIME", 0, "as 2027-01-31T12:00:00Z; a repeat never shortens it", 0},
    {"for", OPT_FOR, "DURATION", 0, "instead: 90s, 30m, 12h or 7d from now; neither: never", 0},
    {"mc-user", OPT_MC_USER, "ID", 0, "MC user id", 0},
    {"id", OPT_ID, "UUID", 0, "Migration-Binding-Id; partner: the one that the primary told", 0},
    {"realm", OPT_REALM, "REALM", 0, "partner: realm of the primary's SIP database (its main one)",
     0},
    {"host", OPT_HOST, "HOST", 0, "partner: its host, if one is to be asked", 0},
    {0}};
static const struct argp_option list_options[] = {
    {"side", OPT_SIDE, "primary|partner", 0, "only grants, or only inbound bindings", 0},
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "only of this one", 0},
    {"all", OPT_ALL, 0, 0, "ended ones too", 0},
    {0}};
static const struct argp_option end_options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "why; kept for ever", 0},
    {"cause", OPT_CAUSE, "CAUSE", 0, "released by the user, revoked (default) or expired", 0},
    {0}};

static const struct argp_option output_options[] = {
    {"output", OPT_OUTPUT, "FILE", 0, "write there, mode 0600, instead of standard output", 0},
    {0}};

const struct ctl_command ctl_binding[] = {
    {"binding", "provision", "", 0, 0,
     "Makes a grant (primary) or an inbound binding (partner); repeated, it gives the same "
     "identities.\v"
     "First --side primary in the user's own system; it prints the line for the other side.",
     provision_options, provision},
    {"binding", "list", "", 0, 0, "Lists live grants and bindings.", list_options, list},
    {"binding", "show", "ID", 1, 1, "Shows by id, or by any of its private identities.",
     ctl_no_options, show},
    {"binding", "export", "ID", 1, 1,
     "Writes a live grant for the partner's operator, or a live binding for the primary's.\v"
     "A binding's export holds the document of step 12 with its PDN access credentials: keep it as "
     "you keep them. It needs mcx.conf then.",
     output_options, transfer_export},
    {"binding", "import", "FILE", 1, 1,
     "Takes what the other operator exported; - reads standard input.\v"
     "A grant becomes the inbound binding, and what the primary needs is written. That, imported "
     "at "
     "the primary, is kept as what step 12 gave.",
     output_options, transfer_import},
    {"binding", "end", "ID", 1, 1, "Ends a grant or binding at once.", end_options, end},
    {0}};
