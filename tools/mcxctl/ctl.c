/* SPDX-License-Identifier: Apache-2.0 */
/* Options, mcx.conf, the database session and refusals, for all commands. */
#include "ctl.h"

#include <errno.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "aka/milenage.h"

enum { CONNECT_TIMEOUT_MS = 10000, LOCK_TIMEOUT_MS = 10000 };

const char *ctl_value(const struct ctl *ctl, int option, size_t nth)
{
    for (size_t i = 0; i < ctl->value_count; i++) {
        if (ctl->value[i].option == option && nth-- == 0)
            return ctl->value[i].text;
    }
    return NULL;
}

size_t ctl_count(const struct ctl *ctl, int option)
{
    size_t count = 0;

    while (ctl_value(ctl, option, count))
        count++;
    return count;
}

bool ctl_has(const struct ctl *ctl, int option)
{
    return ctl_value(ctl, option, 0) != NULL;
}

int ctl_usage(const struct ctl *ctl, const char *format, ...)
{
    const char *gap = *ctl->command->verb ? " " : "";
    va_list args;

    fprintf(stderr, "mcxctl %s%s%s: ", ctl->command->topic, gap, ctl->command->verb);
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fprintf(stderr, "\nTry mcxctl %s%s%s --help.\n", ctl->command->topic, gap, ctl->command->verb);
    return CTL_USAGE;
}

int ctl_refused(enum mcx_err err, const struct mcx_conf_problem *problem)
{
    fprintf(stderr, "mcxctl: %s\n", problem->text);
    return err == MCX_DB_AWAY ? CTL_DB_AWAY : CTL_REFUSED;
}

int ctl_conf(struct ctl *ctl)
{
    const char *path = ctl_value(ctl, OPT_CONF, 0);
    struct mcx_conf_problem problem;

    if (ctl->conf)
        return CTL_OK;
    if (!path)
        path = getenv("MCX_CONF");
    if (!path || !*path) {
        fprintf(stderr, "mcxctl: mcx.conf is needed: name it with --conf or MCX_CONF\n");
        return CTL_USAGE;
    }
    if (mcx_conf_load(path, &ctl->conf, &problem) == MCX_OK)
        return CTL_OK;
    fprintf(stderr, "mcxctl: %s\n", problem.text);
    return CTL_REFUSED;
}

int ctl_conninfo(struct ctl *ctl, const char **out)
{
    int status;

    *out = ctl_value(ctl, OPT_DB, 0);
    if (!*out)
        *out = getenv("MCX_DB");
    if (*out && **out)
        return CTL_OK;
    if (!ctl->conf && !ctl_has(ctl, OPT_CONF) && !getenv("MCX_CONF")) {
        fprintf(stderr, "mcxctl: which database? Name it with --db, MCX_DB, or --conf mcx.conf\n");
        return CTL_USAGE;
    }
    status = ctl_conf(ctl);
    *out = status == CTL_OK ? ctl->conf->database_conninfo : NULL;
    return status;
}

int ctl_connect(struct ctl *ctl)
{
    struct mcx_session_options options = {.lock_timeout_ms = LOCK_TIMEOUT_MS,
                                          .connect_timeout_ms = CONNECT_TIMEOUT_MS,
                                          .stop_fd = -1};
    const struct passwd *user = getpwuid(getuid());
    const char *sudo_user = getenv("SUDO_USER");
    char actor[64];
    struct mcx_conf_problem problem;
    int status = ctl_conninfo(ctl, &options.conninfo);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    if (sudo_user && *sudo_user && getuid() == 0)
        snprintf(actor, sizeof actor, "mcxctl/%s", sudo_user);
    else
        snprintf(actor, sizeof actor, "mcxctl/%s", user ? user->pw_name : "unknown");
    options.actor = actor;
    err = mcx_session_open(&options, &ctl->session, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

/* ---- secrets ---- */

void ctl_secrets_wipe(struct ctl_secrets *secrets)
{
    mcx_wipe(secrets, sizeof *secrets);
}

struct secret_text {
    char k[40], opc[40], op[40], amf[8];
};

static bool take_line(struct secret_text *text, const char *line)
{
    char name[8] = "", value[40] = "";
    bool is_good = sscanf(line, " %7[A-Za-z] = %39s", name, value) == 2;
    const struct {
        const char *name;
        char *at;
        size_t size;
    } fields[] = {{"k", text->k, sizeof text->k},
                  {"opc", text->opc, sizeof text->opc},
                  {"op", text->op, sizeof text->op},
                  {"amf", text->amf, sizeof text->amf}};

    for (size_t i = 0; is_good && i < sizeof fields / sizeof fields[0]; i++) {
        if (strcasecmp(name, fields[i].name) == 0) {
            snprintf(fields[i].at, fields[i].size, "%s", value);
            mcx_wipe(value, sizeof value);
            return true;
        }
    }
    mcx_wipe(value, sizeof value);
    return false;
}

/* Lines "k = HEX", "opc = HEX" or "op = HEX", "amf = HEX"; empty lines and # are skipped. */
static bool read_secrets(const char *path, struct secret_text *text)
{
    bool is_stdin = strcmp(path, "-") == 0;
    FILE *file = is_stdin ? stdin : fopen(path, "re");
    char line[128];
    bool is_good = file != NULL;
    int number = 0;

    if (!file)
        fprintf(stderr, "mcxctl: %s: %s\n", path, strerror(errno));
    while (is_good && fgets(line, sizeof line, file)) {
        const char *at = line + strspn(line, " \t\r\n");

        number++;
        if (*at != '\0' && *at != '#')
            is_good = take_line(text, at);
        if (!is_good)
            fprintf(stderr, "mcxctl: %s:%d: must be k, opc, op or amf = hex digits\n",
                    is_stdin ? "standard input" : path, number);
    }
    mcx_wipe(line, sizeof line);
    if (file && !is_stdin)
        fclose(file);
    return is_good;
}

static void from_options(const struct ctl *ctl, struct secret_text *text)
{
    const char *k = ctl_value(ctl, OPT_K, 0), *opc = ctl_value(ctl, OPT_OPC, 0);
    const char *op = ctl_value(ctl, OPT_OP, 0), *amf = ctl_value(ctl, OPT_AMF, 0);

    if (k)
        snprintf(text->k, sizeof text->k, "%s", k);
    if (opc)
        snprintf(text->opc, sizeof text->opc, "%s", opc);
    if (op)
        snprintf(text->op, sizeof text->op, "%s", op);
    if (amf)
        snprintf(text->amf, sizeof text->amf, "%s", amf);
}

static bool decode(const char *name, const char *text, uint8_t *out, size_t len)
{
    if (mcx_hex_decode(mcx_span_of(text), out, len) == MCX_OK)
        return true;
    fprintf(stderr, "mcxctl: %s: must be %zu hex digits\n", name, 2 * len);
    return false;
}

static bool decode_all(const struct secret_text *text, struct ctl_secrets *out)
{
    MCX_SECRET_KEY128 op = {0};

    if (!text->k[0] || !text->opc[0] == !text->op[0]) {
        fprintf(stderr, "mcxctl: K and either OPc or OP are needed: --secrets FILE (or - for "
                        "standard input)\n");
        return false;
    }
    if (!decode("K", text->k, out->k.octets, sizeof out->k.octets) ||
        (text->amf[0] && !decode("AMF", text->amf, out->amf, sizeof out->amf)))
        return false;
    if (text->opc[0])
        return decode("OPc", text->opc, out->opc.octets, sizeof out->opc.octets);
    if (!decode("OP", text->op, op.octets, sizeof op.octets))
        return false;
    mcx_milenage_opc(&out->k, &op, &out->opc);
    return true;
}

int ctl_secrets(struct ctl *ctl, struct ctl_secrets *out)
{
    const char *path = ctl_value(ctl, OPT_SECRETS, 0);
    struct secret_text text = {0};
    bool is_good = !path || read_secrets(path, &text);

    memset(out, 0, sizeof *out);
    from_options(ctl, &text);
    is_good = is_good && decode_all(&text, out);
    mcx_wipe(&text, sizeof text);
    if (is_good)
        return CTL_OK;
    return path ? CTL_REFUSED : CTL_USAGE;
}
