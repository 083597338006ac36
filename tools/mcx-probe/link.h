/* SPDX-License-Identifier: Apache-2.0 */
/* Whom to connect to and as whom: the options that every command shares, and the open connection.
 */
#ifndef PROBE_LINK_H
#define PROBE_LINK_H

#include <argp.h>
#include <jansson.h>

#include "exits.h"
#include "wire/peer.h"

struct link_options {
    const char *connect, *listen, *from;
    bool use_tls, no_verify_name;
    struct wire_tls_files files;
    const char *origin_host, *origin_realm;
    char host_buffer[256];
    long timeout_ms;
    bool json;
    bool listen_allowed; /* set by the command before parsing */
};

struct link {
    struct wire_conn conn;
    struct wire_tls tls;
    struct wire_identity identity;
    struct wire_cea cea;
};

extern const struct argp link_argp; /* input: struct link_options */

/* Certificates and identity, without connecting. */
enum probe_exit link_prepare(const struct link_options *options, struct link *link, json_t *report);
/* TCP and TLS only. */
enum probe_exit link_dial(const struct link_options *options, struct link *link, json_t *report);
/* prepare, dial, CER and CEA; "cea" goes into the report, "error" on failure. */
enum probe_exit link_open(const struct link_options *options, struct link *link, json_t *report);
void link_close(struct link *link);

int64_t link_deadline(const struct link_options *options);
/* Writes status and reason into the report and says which exit status that is. */
enum probe_exit link_failed(const struct link *link, enum wire_status status, json_t *report);
/* Reads a number in [low, high]; argp_error otherwise. */
long link_number(struct argp_state *state, const char *text, const char *what, long low, long high);

#endif
