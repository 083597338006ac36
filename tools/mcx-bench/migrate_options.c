/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the load of a configuration management server. */
#include <stdlib.h>

#include "options.h"

enum {
    KEY_HOST = 0x100,
    KEY_PATH,
    KEY_MC_REALM,
    KEY_SERVICE,
    KEY_LOCATION,
    KEY_PARTNER,
    KEY_DEVICE,
    KEY_CONNECT_PER_REQUEST,
    KEY_TOKENS,
    KEY_SIGN_KEY,
    KEY_KID,
    KEY_ISSUER,
    KEY_CLIENT,
    KEY_AUDIENCE,
    KEY_ROOT
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Requests:", 1},
    {"host", KEY_HOST, "NAME", 0, "of the server: in Host, in TLS, and in its certificate", 0},
    {"path", KEY_PATH, "PATH", 0, "default /mcx/v1/partner-connections", 0},
    {"mc-realm", KEY_MC_REALM, "REALM", 0, "users are MC ids sip:%015llu@REALM", 0},
    {"service", KEY_SERVICE, "NAME", 0, "mcptt (default), mcvideo or mcdata", 0},
    {"location", KEY_LOCATION, "JSON", 0, "default {\"plmn\":\"00101\"}", 0},
    {"partner", KEY_PARTNER, "ID", 0, "ask for this one, and take no other", 0},
    {"device", KEY_DEVICE, "LABEL", 0, "default: none", 0},
    {"connect-per-request", KEY_CONNECT_PER_REQUEST, NULL, 0,
     "a new TLS connection for each request, its handshake in the latency (default: kept alive)",
     0},
    {NULL, 0, NULL, 0, "Tokens, one per user, made before the clock starts:", 2},
    {"tokens", KEY_TOKENS, "FILE", 0, "in place of --users: lines of MC id, tab and token", 0},
    {"sign-key", KEY_SIGN_KEY, "FILE", 0,
     "sign them with this private key: P-256 (ES256) or RSA (RS256)", 0},
    {"kid", KEY_KID, "ID", 0, "of that key", 0},
    {"issuer", KEY_ISSUER, "URL", 0, "iss", 0},
    {"client", KEY_CLIENT, "ID", 0, "client_id", 0},
    {"audience", KEY_AUDIENCE, "NAME", 0, "aud (default: none)", 0},
    {NULL, 0, NULL, 0, "Verdict:", 3},
    {"root", KEY_ROOT, "NAME", 0,
     "each answer must bring a document with this root element (default: either way)", 0},
    {0}};

static void finish(struct bench_options *options, struct argp_state *state)
{
    struct migrate_options *migrate = &options->migrate;
    if (!options->files.ca)
        argp_error(state, "--ca is needed");
    if (!migrate->host)
        argp_error(state, "--host is needed");
    if (!migrate->token_file == !migrate->sign_key)
        argp_error(state, "one of --tokens and --sign-key is needed");
    if (migrate->sign_key && !migrate->mc_realm)
        argp_error(state, "--sign-key needs --mc-realm");
}

static const char **text_option(struct migrate_options *migrate, int key)
{
    switch (key) {
    case KEY_HOST:
        return &migrate->host;
    case KEY_PATH:
        return &migrate->path;
    case KEY_MC_REALM:
        return &migrate->mc_realm;
    case KEY_SERVICE:
        return &migrate->service;
    case KEY_LOCATION:
        return &migrate->location;
    case KEY_PARTNER:
        return &migrate->partner;
    case KEY_DEVICE:
        return &migrate->device;
    case KEY_TOKENS:
        return &migrate->token_file;
    case KEY_SIGN_KEY:
        return &migrate->sign_key;
    case KEY_KID:
        return &migrate->kid;
    case KEY_ISSUER:
        return &migrate->issuer;
    case KEY_CLIENT:
        return &migrate->client;
    case KEY_AUDIENCE:
        return &migrate->audience;
    case KEY_ROOT:
        return &migrate->root;
    default:
        return NULL;
    }
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct bench_options *options = state->input;
    const char **text = text_option(&options->migrate, key);
    if (text) {
        *text = arg;
        return 0;
    }
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = options;
        return 0;
    case KEY_CONNECT_PER_REQUEST:
        options->migrate.connect_per_request = true;
        return 0;
    case ARGP_KEY_END:
        finish(options, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

void migrate_options_parse(struct bench_options *options, int argc, char **argv)
{
    static const struct argp_child children[] = {
        {&bench_options_argp, 0, "Connection and load:", 4}, {0}};
    static const struct argp argp = {
        options_table,
        parse,
        NULL,
        "Loads a configuration management server with migrations (CR 10.1.X.1 steps 1 and 13), "
        "each for another user, and shows rate, latencies and results.\v"
        "Exit status: 0 all answered with 200 and sound, 2 wrong use, 3 other statuses, 4 requests "
        "without answer, 5 a connection was refused or lost, 6 an answer is not sound.",
        children,
        NULL,
        NULL};
    *options = bench_options_defaults();
    options->migrate = (struct migrate_options){.path = "/mcx/v1/partner-connections",
                                                .service = "mcptt",
                                                .location = "{\"plmn\":\"00101\"}"};
    argp_err_exit_status = 2;
    if (argp_parse(&argp, argc, argv, ARGP_NO_ARGS, NULL, options))
        exit(2);
}
