/* SPDX-License-Identifier: Apache-2.0 */
/* Options of MAR load. */
#include <stdlib.h>
#include <string.h>

#include "options.h"

enum {
    KEY_ORIGIN_DOMAIN = 0x100,
    KEY_ORIGIN_REALM,
    KEY_DESTINATION_REALM,
    KEY_DESTINATION_HOST,
    KEY_SERVER_NAME,
    KEY_USER_REALM,
    KEY_IDENTITIES,
    KEY_ZH,
    KEY_ITEMS,
    KEY_WINDOW,
    KEY_CHECK,
    KEY_SQN_FILE
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Requests:", 1},
    {"origin-domain", KEY_ORIGIN_DOMAIN, "DOMAIN", 0,
     "of our Origin-Hosts, bench-0.DOMAIN, bench-1.DOMAIN ...", 0},
    {"origin-realm", KEY_ORIGIN_REALM, "REALM", 0,
     "our Origin-Realm (default: the domain behind its first dot)", 0},
    {"destination-realm", KEY_DESTINATION_REALM, "REALM", 0, "default: our Origin-Realm", 0},
    {"destination-host", KEY_DESTINATION_HOST, "NAME", 0, "default: none", 0},
    {"server-name", KEY_SERVER_NAME, "URI", 0, "default: sip:scscf. and the domain", 0},
    {"zh", KEY_ZH, NULL, 0, "application Zh in place of Cx", 0},
    {"items", KEY_ITEMS, "N", 0, "vectors per request (default 1)", 0},
    {"user-realm", KEY_USER_REALM, "REALM", 0,
     "users are IMPI %015llu@REALM, IMPU sip: and the same (default: Destination-Realm)", 0},
    {"identities", KEY_IDENTITIES, "FILE", 0, "in place of --users: lines of IMPI and IMPU", 0},
    {"window", KEY_WINDOW, "N", 0, "requests in flight per connection (default 32)", 0},
    {NULL, 0, NULL, 0, "Verdict:", 2},
    {"check", KEY_CHECK, "N", 0, "check MAC, XRES, CK and IK of one answer in N", 0},
    {"sqn-file", KEY_SQN_FILE, "FILE", 0, "write IMPI, SEQ and IND of each vector checked", 0},
    {0}};

static void finish(struct bench_options *options, struct argp_state *state)
{
    if (!options->origin_domain)
        argp_error(state, "--origin-domain is needed");
    const char *dot = options->origin_domain ? strchr(options->origin_domain, '.') : NULL;
    if (!options->origin_realm && !dot)
        argp_error(state, "--origin-realm is needed");
    if (!options->origin_realm && dot)
        options->origin_realm = dot + 1;
    if (!options->destination_realm)
        options->destination_realm = options->origin_realm;
    if (!options->user_realm)
        options->user_realm = options->destination_realm;
}

static const char **text_option(struct bench_options *options, int key)
{
    switch (key) {
    case KEY_ORIGIN_DOMAIN:
        return &options->origin_domain;
    case KEY_ORIGIN_REALM:
        return &options->origin_realm;
    case KEY_DESTINATION_REALM:
        return &options->destination_realm;
    case KEY_DESTINATION_HOST:
        return &options->destination_host;
    case KEY_SERVER_NAME:
        return &options->server_name;
    case KEY_USER_REALM:
        return &options->user_realm;
    case KEY_IDENTITIES:
        return &options->identities_file;
    case KEY_SQN_FILE:
        return &options->sqn_file;
    default:
        return NULL;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;
    const char **text = text_option(options, key);
    if (text) {
        *text = arg;
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = options;
        state->child_inputs[1] = &options->keys;
        return 0;
    case KEY_ZH:
        options->is_zh = true;
        return 0;
    case KEY_ITEMS:
        options->items = bench_options_number(state, arg, "--items", 1, 1000);
        return 0;
    case KEY_WINDOW:
        options->window = bench_options_number(state, arg, "--window", 1, 65535);
        return 0;
    case KEY_CHECK:
        options->check = bench_options_number(state, arg, "--check", 1, 1000000000);
        return 0;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void mar_options_parse(struct bench_options *options, int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&bench_options_argp, 0, "Connection and load:", 3}, {&wire_keys_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {
        options_table,
        parse,
        NULL,
        "Loads a SIP database with MARs and shows rate, latencies and results. mcx-bench migrate "
        "loads a configuration management server.\v"
        "Exit status: 0 all answered with 2001, 2 wrong use, 3 other results, 4 requests without "
        "answer, 5 a "
        "connection was refused or lost, 6 a vector is wrong.",
        children,
        NULL,
        NULL};
    *options = bench_options_defaults();
    options->window = 32;
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ARGS, NULL, options))
        exit(2);
}
