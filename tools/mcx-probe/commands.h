/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands. Each parses its own command line (argv[0] is "mcx-probe NAME") and answers the
 * exit status. */
#ifndef PROBE_COMMANDS_H
#define PROBE_COMMANDS_H

typedef int command_fn(const char *name, int argc, char **argv);

command_fn command_cer, command_request, command_respond, command_flood, command_idle, command_raw;

#endif
