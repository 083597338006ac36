/* SPDX-License-Identifier: Apache-2.0 */
/* Options of the load of a configuration management server. */
#include "options.h"

static const struct bench_row rows[] = {
    BENCH_TITLE_ROW("Requests:"),
    BENCH_TEXT_ROW("host", "NAME", migrate.host,
                   "of the server: in Host, in TLS, and in its certificate"),
    BENCH_TEXT_ROW("path", "PATH", migrate.path, "default /mcx/v1/partner-connections"),
    BENCH_TEXT_ROW("mc-realm", "REALM", migrate.mc_realm, "users are MC ids sip:%015llu@REALM"),
    BENCH_TEXT_ROW("service", "NAME", migrate.service, "mcptt (default), mcvideo or mcdata"),
    BENCH_TEXT_ROW("location", "JSON", migrate.location, "default {\"plmn\":\"00101\"}"),
    BENCH_TEXT_ROW("partner", "ID", migrate.partner, "ask for this one, and take no other"),
    BENCH_TEXT_ROW("device", "LABEL", migrate.device, "default: none"),
    BENCH_YES_ROW("connect-per-request", migrate.connect_per_request,
                  "a new TLS connection for each request, its handshake in the latency (default: "
                  "kept alive)"),
    BENCH_TITLE_ROW("Tokens, one per user, made before the clock starts:"),
    BENCH_TEXT_ROW("tokens", "FILE", migrate.token_file,
                   "in place of --users: lines of MC id, tab and token"),
    BENCH_TEXT_ROW("sign-key", "FILE", migrate.sign_key,
                   "sign them with this private key: P-256 (ES256) or RSA (RS256)"),
    BENCH_TEXT_ROW("kid", "ID", migrate.kid, "of that key"),
    BENCH_TEXT_ROW("issuer", "URL", migrate.issuer, "iss"),
    BENCH_TEXT_ROW("client", "ID", migrate.client, "client_id"),
    BENCH_TEXT_ROW("audience", "NAME", migrate.audience, "aud (default: none)"),
    BENCH_TITLE_ROW("Verdict:"),
    BENCH_TEXT_ROW(
        "root", "NAME", migrate.root,
        "each answer must bring a document with this root element (default: either way)"),
    {0}};

static void defaults(struct bench_options *options)
{
    options->migrate = (struct migrate_options){.path = "/mcx/v1/partner-connections",
                                                .service = "mcptt",
                                                .location = "{\"plmn\":\"00101\"}"};
}

static void finish(struct bench_options *options, struct argp_state *state)
{
    const struct migrate_options *migrate = &options->migrate;
    if (!options->files.ca)
        argp_error(state, "--ca is needed");
    if (!migrate->host)
        argp_error(state, "--host is needed");
    if (!migrate->token_file == !migrate->sign_key)
        argp_error(state, "one of --tokens and --sign-key is needed");
    if (migrate->sign_key && !migrate->mc_realm)
        argp_error(state, "--sign-key needs --mc-realm");
}

const struct bench_usage migrate_usage = {
    .doc = "Loads a configuration management server with migrations (CR 10.1.X.1 steps 1 and 13), "
           "each for another user, and shows rate, latencies and results.\v"
           "Exit status: 0 all answered with 200 and sound, 1 a fault of this program, 2 "
           "wrong use, 3 other statuses, 4 requests without answer, 5 a connection was refused or "
           "lost, 6 an answer is not sound.",
    .rows = rows,
    .defaults = defaults,
    .finish = finish};
