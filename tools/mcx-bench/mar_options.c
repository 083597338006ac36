/* SPDX-License-Identifier: Apache-2.0 */
/* Options of MAR load. */
#include <string.h>

#include "options.h"

static const struct bench_row rows[] = {
    BENCH_TITLE_ROW("Requests:"),
    BENCH_TEXT_ROW("origin-domain", "DOMAIN", origin_domain,
                   "of our Origin-Hosts, bench-0.DOMAIN, bench-1.DOMAIN ..."),
    BENCH_TEXT_ROW("origin-realm", "REALM", origin_realm,
                   "our Origin-Realm (default: the domain behind its first dot)"),
    BENCH_TEXT_ROW("destination-realm", "REALM", destination_realm, "default: our Origin-Realm"),
    BENCH_TEXT_ROW("destination-host", "NAME", destination_host, "default: none"),
    BENCH_TEXT_ROW("server-name", "URI", server_name, "default: sip:scscf. and the domain"),
    BENCH_YES_ROW("zh", is_zh, "application Zh in place of Cx"),
    BENCH_WHOLE_ROW("items", "N", items, 1, 1000, "vectors per request (default 1)"),
    BENCH_TEXT_ROW(
        "user-realm", "REALM", user_realm,
        "users are IMPI %015llu@REALM, IMPU sip: and the same (default: Destination-Realm)"),
    BENCH_TEXT_ROW("identities", "FILE", identities_file,
                   "in place of --users: lines of IMPI and IMPU"),
    BENCH_WHOLE_ROW("window", "N", window, 1, 65535,
                    "requests in flight per connection (default 32)"),
    BENCH_TITLE_ROW("Verdict:"),
    BENCH_WHOLE_ROW("check", "N", check, 1, 1000000000,
                    "check MAC, XRES, CK and IK of one answer in N"),
    BENCH_TEXT_ROW("sqn-file", "FILE", sqn_file, "write IMPI, SEQ and IND of each vector checked"),
    {0}};

static void defaults(struct bench_options *options)
{
    options->window = 32;
}

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

const struct bench_usage mar_usage = {
    .doc =
        "Loads a SIP database with MARs and shows rate, latencies and results. mcx-bench migrate "
        "loads a configuration management server.\v"
        "Exit status: 0 all answered with 2001, 1 a fault of this program, 2 wrong use, 3 other "
        "results, 4 requests without answer, 5 a connection was refused or lost, 6 a vector is "
        "wrong.",
    .rows = rows,
    .has_card = true,
    .defaults = defaults,
    .finish = finish};
