/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl credential: PDN access credentials (PAP, CHAP; TS 23.280 Annex A.6) for documents of step
 * 12. Never printed. */
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "ctl.h"
#include "store/document.h"
#include "store/keys.h"

enum { FILE_MAX = 64 * 1024 * 1024 };

/* The next line "username:password" that is not empty and no comment. False: no more, or *problem
 * has a line number. */
static bool next_line(char **at, size_t *line, struct mcx_access_credential *out, bool *is_bad)
{
    while (**at) {
        char *text = *at;
        size_t len = strcspn(text, "\n");
        char *colon;

        *at = text + len + (text[len] == '\n');
        (*line)++;
        len -= len > 0 && text[len - 1] == '\r';
        if (len == 0 || text[0] == '#')
            continue;
        colon = memchr(text, ':', len);
        *is_bad = !colon || colon == text || len - 1 > MCX_ACCESS_MAX ||
                  !mcx_utf8_is_text(mcx_span(text, len));
        if (*is_bad)
            return false;
        out->username = mcx_span(text, (size_t)(colon - text));
        out->password = mcx_span(colon + 1, len - out->username.len - 1);
        return true;
    }
    return false;
}

/* All of them, before any is stored. */
static bool check_lines(char *text)
{
    struct mcx_access_credential one;
    size_t line = 0;
    bool is_bad = false;

    while (next_line(&text, &line, &one, &is_bad))
        ;
    if (is_bad)
        fprintf(stderr, "mcxctl: line %zu: must be username:password, at most %d octets of UTF-8\n",
                line, MCX_ACCESS_MAX);
    return !is_bad;
}

/* What was loaded before something failed stays: the same file may be loaded again. */
static int load_lines(struct ctl *ctl, const struct mcx_keyring *ring, const char *pdn, char *text)
{
    struct mcx_access_credential batch[MCX_ACCESS_BATCH];
    const char *partner = ctl_value(ctl, OPT_PARTNER, 0);
    struct mcx_conf_problem problem;
    size_t count = 0, line = 0, all = 0;
    bool is_bad = false, is_more = check_lines(text);
    enum mcx_err err = MCX_OK;

    if (!is_more)
        return CTL_REFUSED;
    while (is_more && err == MCX_OK) {
        is_more = next_line(&text, &line, &batch[count], &is_bad);
        count += is_more;
        if (count < MCX_ACCESS_BATCH && (is_more || count == 0))
            continue;
        err = mcx_store_access_load(ctl->session, ring, pdn, partner, batch, count, &problem);
        all += err == MCX_OK ? count : 0;
        count = 0;
    }
    ctl_say_number(ctl, "loaded", (int64_t)all);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int load(struct ctl *ctl)
{
    const char *pdn = ctl_value(ctl, OPT_PDN, 0);
    struct mcx_keyring ring;
    CTL_FILE file = {0};
    int status;

    if (!pdn)
        return ctl_usage(ctl, "--pdn is needed: the name in {{pdn:NAME:username}}");
    status = ctl_conf(ctl);
    if (status != CTL_OK)
        return status;
    if (!ctl_read_file(ctl->arg[0], FILE_MAX, &file))
        return CTL_REFUSED;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    mcx_keyring_from(ctl->conf, &ring);
    status = load_lines(ctl, &ring, pdn, (char *)file.octets);
    mcx_wipe(&ring, sizeof ring);
    return status;
}

static int list(struct ctl *ctl)
{
    return ctl_show(ctl, MCX_STMT_ACCESS_LIST, NULL);
}

static const struct argp_option load_options[] = {
    {"pdn", OPT_PDN, "NAME", 0, "the name in {{pdn:NAME:username}}, for example mc-services", 0},
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "for users of this primary only; else of any", 0},
    {0}};

const struct ctl_command ctl_credential[] = {
    {"credential", "load", "FILE", 1, 1,
     "Loads PDN access credentials, one username:password a line; - reads standard input.\v"
     "Encrypted with the first key of mcx.conf. Each is one binding's at a time. A user name that "
     "is "
     "there gets the new password.",
     load_options, load},
    {"credential", "list", "", 0, 0, "Tells how many are loaded, free and given.", ctl_no_options,
     list},
    {0}};
