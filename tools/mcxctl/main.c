/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl TOPIC VERB: finds the command, reads its options with argp, runs it. Each topic is a file.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "ctl.h"

const char *argp_program_version = "mcxctl " MCX_VERSION;

static const struct ctl_command *const topics[] = {
    ctl_db,        ctl_conf_commands, ctl_system,    ctl_domain,     ctl_key,     ctl_subscriber,
    ctl_partner,   ctl_user,          ctl_user_load, ctl_group,      ctl_service, ctl_device,
    ctl_agreement, ctl_area,          ctl_document,  ctl_credential, ctl_explain, ctl_migrate,
    ctl_migration, ctl_binding,       ctl_pool,      ctl_audit};
enum { TOPICS = sizeof topics / sizeof topics[0] };

const struct argp_option ctl_no_options[] = {{0}};

static const struct argp_option common[] = {
    {"db", OPT_DB, "CONNINFO", 0,
     "libpq connection string of the tables' owner; else MCX_DB, else database.conninfo of "
     "mcx.conf",
     90},
    {"conf", OPT_CONF, "FILE", 0, "mcx.conf, for the keys; else MCX_CONF", 90},
    {"json", OPT_JSON, 0, 0, "output for programs", 90},
    {0}};

static error_t keep(struct ctl *ctl, int option, const char *text)
{
    if (ctl->value_count == CTL_VALUES_MAX)
        return E2BIG;
    ctl->value[ctl->value_count].option = option;
    ctl->value[ctl->value_count].text = text;
    ctl->value_count++;
    return 0;
}

static bool is_secret(int option)
{
    return option == OPT_K || option == OPT_OPC || option == OPT_OP;
}

/* Copied, and wiped where ps looks. */
static error_t keep_secret(struct ctl *ctl, int option, char *text)
{
    char *copy = strdup(text);

    if (!copy)
        return ENOMEM;
    mcx_wipe(text, strlen(text));
    return keep(ctl, option, copy);
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct ctl *ctl = state->input;

    if (is_secret(key))
        return keep_secret(ctl, key, arg);
    if (key >= OPT_DB && key < OPT_LAST)
        return keep(ctl, key, arg ? arg : "");
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = ctl;
        return 0;
    case ARGP_KEY_ARG:
        if (ctl->arg_count >= ctl->command->args_max)
            argp_error(state, "one argument too many: %s", arg);
        ctl->arg[ctl->arg_count++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (ctl->arg_count < ctl->command->args_min)
            argp_error(state, "%s is missing", ctl->command->args);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static error_t parse_common(int key, char *arg, struct argp_state *state)
{
    if (key == OPT_DB || key == OPT_CONF || key == OPT_JSON)
        return keep(state->input, key, arg ? arg : "");
    return ARGP_ERR_UNKNOWN;
}

static void help(FILE *to, const char *only)
{
    fprintf(to,
            "Usage: mcxctl TOPIC VERB [OPTION...] [ARGUMENT...]\n"
            "Administers the database of an MC system. mcxctl TOPIC VERB --help says more.\n\n");
    for (size_t i = 0; i < TOPICS; i++) {
        for (const struct ctl_command *command = topics[i]; command->topic; command++) {
            char name[80];

            if (only && strcmp(only, command->topic) != 0)
                continue;
            snprintf(name, sizeof name, "%s%s%s %s", command->topic, *command->verb ? " " : "",
                     command->verb, command->args);
            fprintf(to, "  %-32s %.*s\n", name, (int)strcspn(command->doc, "\v"), command->doc);
        }
    }
    fprintf(to, "\nEvery command takes --db CONNINFO (or MCX_DB), --conf mcx.conf (or MCX_CONF) "
                "and --json.\n"
                "Exit status: 0 done; 1 refused or not found; 2 wrong use; 3 no database.\n");
}

static const struct ctl_command *find(const char *topic, const char *verb)
{
    for (size_t i = 0; i < TOPICS; i++) {
        for (const struct ctl_command *command = topics[i]; command->topic; command++) {
            if (strcmp(command->topic, topic) == 0 &&
                (!*command->verb || (verb && strcmp(command->verb, verb) == 0)))
                return command;
        }
    }
    return NULL;
}

static bool is_topic(const char *text)
{
    for (size_t i = 0; i < TOPICS; i++) {
        if (strcmp(topics[i]->topic, text) == 0)
            return true;
    }
    return false;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
    static char name[64];
    static const struct argp common_argp = {common, parse_common, NULL, NULL, NULL, NULL, NULL};
    const struct argp_child children[] = {{&common_argp, 0, "Everywhere:", 90}, {0}};
    struct argp argp = {
        ctl->command->options, parse, ctl->command->args, ctl->command->doc, children, NULL, NULL};
    int words = *ctl->command->verb ? 2 : 1;
    int status;

    snprintf(name, sizeof name, "mcxctl %s%s%s", ctl->command->topic, words > 1 ? " " : "",
             ctl->command->verb);
    argv[words] = name;
    argp_err_exit_status = CTL_USAGE;
    if (argp_parse(&argp, argc - words, argv + words, 0, NULL, ctl) != 0)
        return CTL_USAGE;
    status = ctl->command->run(ctl);
    mcx_session_close(&ctl->session);
    mcx_conf_free(&ctl->conf);
    for (size_t i = 0; i < ctl->value_count; i++) {
        if (is_secret(ctl->value[i].option)) {
            char *copy = (char *)(uintptr_t)ctl->value[i].text;

            mcx_wipe(copy, strlen(copy));
            free(copy);
        }
    }
    if (fflush(stdout) != 0) {
        fprintf(stderr, "mcxctl: standard output: cannot be written\n");
        return CTL_REFUSED;
    }
    return status;
}

int main(int argc, char **argv)
{
    struct ctl ctl = {0};
    const char *topic = argc > 1 ? argv[1] : "";
    const char *verb = argc > 2 ? argv[2] : NULL;

    mcx_no_core_dumps();
    mcx_log_set_level(MCX_LOG_ERROR);
    if (strcmp(topic, "--version") == 0) {
        printf("%s\n", argp_program_version);
        return CTL_OK;
    }
    if (strcmp(topic, "--help") == 0 || strcmp(topic, "-?") == 0 || strcmp(topic, "help") == 0) {
        help(stdout, NULL);
        return CTL_OK;
    }
    ctl.command = find(topic, verb);
    if (!ctl.command && is_topic(topic) && verb &&
        (strcmp(verb, "--help") == 0 || strcmp(verb, "-?") == 0)) {
        help(stdout, topic);
        return CTL_OK;
    }
    if (ctl.command)
        return run(&ctl, argc, argv);
    if (topic[0] != '\0')
        fprintf(stderr, "mcxctl: no command \"%s%s%s\"\n\n", topic, verb ? " " : "",
                verb ? verb : "");
    help(stderr, is_topic(topic) ? topic : NULL);
    return CTL_USAGE;
}
