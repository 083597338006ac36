/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl conf: would a daemon start with this mcx.conf, and does it agree with the database? */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ctl.h"
#include "http/certfile.h"
#include "http/token.h"
#include "store/admin.h"

/* Is the word one of those between spaces? */
static bool has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " ")) {
        if (strcspn(at, " ") == len && strncmp(at, word, len) == 0)
            return true;
    }
    return false;
}

static size_t count_words(const char *words)
{
    size_t count = 0;

    for (const char *at = words; *at; at += strcspn(at, " "), at += strspn(at, " "))
        count++;
    return count;
}

static bool agrees(const struct mcx_conf_partner *partner, const char *what,
                   const struct mcx_host_list *list, const char *words)
{
    bool is_same = list->count == count_words(words);

    for (size_t i = 0; is_same && i < list->count; i++)
        is_same = has_word(words, list->host[i].octets);
    if (!is_same)
        fprintf(stderr, "mcxctl: border.partners, %s: %s differ from those in the database: %s\n",
                partner->system_id.octets, what, *words ? words : "none");
    return is_same;
}

static bool check_partner(const struct mcx_conf *conf, const struct mcx_rows *rows, size_t row)
{
    const struct mcx_conf_partner *partner = NULL;

    for (size_t i = 0; i < conf->partner_count && !partner; i++) {
        if (strcmp(conf->partner[i].system_id.octets, mcx_cell_text(rows, row, 0)) == 0)
            partner = &conf->partner[i];
    }
    if (!partner) {
        fprintf(stderr,
                "mcxctl: border.partners: %s is missing, or should be removed from the database\n",
                mcx_cell_text(rows, row, 0));
        return false;
    }
    /* & and not &&: every difference is said */
    return agrees(partner, "realms", &partner->realms, mcx_cell_text(rows, row, 1)) &
           agrees(partner, "sip_databases", &partner->sip_databases, mcx_cell_text(rows, row, 2)) &
           agrees(partner, "cms", &partner->cms, mcx_cell_text(rows, row, 3)) &
           agrees(partner, "agents", &partner->agents, mcx_cell_text(rows, row, 4));
}

/* Every partner of the database is in mcx.conf with the same names, and the other way round. */
static bool check_partners(const struct mcx_conf *conf, const struct mcx_rows *rows)
{
    bool is_good = true;

    for (size_t row = 0; row < mcx_rows_count(rows); row++)
        is_good &= check_partner(conf, rows, row);
    for (size_t i = 0; i < conf->partner_count; i++) {
        bool is_there = false;

        for (size_t row = 0; row < mcx_rows_count(rows); row++)
            is_there |= strcmp(conf->partner[i].system_id.octets, mcx_cell_text(rows, row, 0)) == 0;
        if (!is_there)
            fprintf(stderr,
                    "mcxctl: border.partners, %s: no such partner in the database: mcxctl partner "
                    "add\n",
                    conf->partner[i].system_id.octets);
        is_good &= is_there;
    }
    return is_good;
}

/* As the daemon connects: its role, its keys, its schema version. */
static int check_database(struct ctl *ctl)
{
    struct mcx_session_options options = {.conninfo = ctl->conf->database_conninfo,
                                          .is_daemon = true,
                                          .statement_timeout_ms = 10000,
                                          .connect_timeout_ms = 10000,
                                          .stop_fd = -1,
                                          .actor = "mcxctl",
                                          .conf = ctl->conf};
    struct mcx_conf_problem problem;
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_session_open(&options, &ctl->session, &problem);

    if (err == MCX_OK)
        err = mcx_admin_run(ctl->session, MCX_STMT_PARTNER_NAMES, NULL, &rows, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    return check_partners(ctl->conf, &rows) ? CTL_OK : CTL_REFUSED;
}

/* May be another user's than ours: that he can write there is not ours to judge, that there is a
 * place for it is. */
static enum mcx_err check_log_file(const struct mcx_conf *conf, struct mcx_conf_problem *problem)
{
    const int file =
        conf->log_file[0] ? open(conf->log_file, O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK) : -1;
    const int why = conf->log_file[0] && file < 0 ? errno : 0;
    char folder[PATH_MAX];
    struct stat status;

    if (file >= 0)
        (void)close(file);
    snprintf(folder, sizeof folder, "%s", conf->log_file);
    if (why == 0 || why == EACCES || why == EPERM ||
        (why == ENOENT && stat(dirname(folder), &status) == 0))
        return MCX_OK;
    return mcx_conf_blame(conf, problem, "log.file",
                          "%s: cannot be opened for writing: %s; name a file in a folder that the "
                          "daemon's user may write to, or \"\" for standard error",
                          conf->log_file, strerror(why));
}

/* The files that the UE interface needs. */
static enum mcx_err check_ue_interface(const struct mcx_conf *conf,
                                       struct mcx_conf_problem *problem)
{
    struct mcx_tokens *tokens = NULL;
    enum mcx_err err;

    if (conf->cms_https_port == 0)
        return MCX_OK;
    err = mcx_tokens_open(conf, &tokens, problem);
    mcx_tokens_close(&tokens);
    if (err == MCX_OK) {
        err = mcx_certfile_open(conf, problem);
        mcx_certfile_close();
    }
    return err;
}

static int check_files(const struct mcx_conf *conf)
{
    struct mcx_conf_problem problem;
    enum mcx_err err = check_log_file(conf, &problem);

    if (err == MCX_OK)
        err = check_ue_interface(conf, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static int check(struct ctl *ctl)
{
    int status = ctl_conf(ctl);

    if (status == CTL_OK)
        status = check_files(ctl->conf);
    if (status == CTL_OK && ctl_has(ctl, OPT_DATABASE))
        status = check_database(ctl);
    if (status == CTL_OK)
        printf("ok\n");
    return status;
}

static int help(struct ctl *ctl)
{
    (void)ctl;
    mcx_conf_print_settings(stdout);
    return CTL_OK;
}

static const struct argp_option check_options[] = {
    {"database", OPT_DATABASE, 0, 0,
     "also connect as the daemon does, and compare border.partners with the partners there", 0},
    {0}};

const struct ctl_command ctl_conf_commands[] = {
    {"conf", "check", "", 0, 0,
     "Reads mcx.conf, its keys and the files of the UE interface as daemons would.\v"
     "Run it as the daemons' user, or as one who may read what he may. Only a daemon finds out: "
     "whether ca_file of border holds a CA, names that are its own or twice, networks of "
     "plain_from, addresses and ports that are taken, and rights of its user.",
     check_options, check},
    {"conf", "help", "", 0, 0, "Lists all settings with default and range.", ctl_no_options, help},
    {0}};
