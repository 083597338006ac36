/* SPDX-License-Identifier: Apache-2.0 */
/* mcx-probe: a Diameter client with a USIM, one command per request, for people, scripts and tests.
 */
#include <gnutls/gnutls.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/secret.h"
#include "commands.h"
#include "exits.h"

static const struct {
    const char *name;
    command_fn *run;
    const char *doc;
} commands[] = {
    {"cer", command_cer, "connect, exchange capabilities, show the CEA"},
    {"mar", command_request, "ask for authentication vectors and check them as a USIM does"},
    {"uar", command_request, "User-Authorization"},
    {"sar", command_request, "Server-Assignment"},
    {"lir", command_request, "Location-Info"},
    {"rtr", command_request, "Registration-Termination"},
    {"ppr", command_request, "Push-Profile"},
    {"request", command_request, "any command: --command, --application, AVPs by --add-avp"},
    {"respond", command_respond, "play the other SIP database: answer MARs, rightly or wrongly"},
    {"flood", command_flood, "send MARs and read no answer"},
    {"idle", command_idle, "open connections and send no CER"},
    {"raw", command_raw, "send octets and show what comes back"},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int usage(FILE *to, int rc)
{
    fputs("Usage: mcx-probe COMMAND [OPTION...]\n\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-9s %s\n", commands[i].name, commands[i].doc);
    fputs(
        "\nmcx-probe COMMAND --help shows the options.\n"
        "Exit status: 0 success, 2 wrong use, 3 answered with an error, 4 no answer in time,\n"
        "5 refused, closed or not Diameter, 6 a vector fails the card's checks, 1 a fault here.\n",
        to);
    return rc;
}

int main(int argc, char **argv)
{
    mcx_no_core_dumps();
    signal(SIGPIPE, SIG_IGN);
    if (argc < 2)
        return usage(stderr, PROBE_USAGE);
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0 ||
        strcmp(argv[1], "-h") == 0)
        return usage(stdout, PROBE_OK);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i].name, argv[1]) != 0)
            continue;
        char name[64];
        snprintf(name, sizeof(name), "mcx-probe %s", commands[i].name);
        argv[1] = name;
        return commands[i].run(commands[i].name, argc - 1, argv + 1);
    }
    fprintf(stderr, "mcx-probe: no command \"%s\"\n", argv[1]);
    return usage(stderr, PROBE_USAGE);
}
