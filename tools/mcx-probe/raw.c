/* SPDX-License-Identifier: Apache-2.0 */
/* The command raw: any octets, after a CER or instead of one, and what comes back until silence or
 * the end. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "link.h"
#include "report.h"

enum { KEY_HEX = 0x700, KEY_FILE, KEY_CER };

struct raw_options {
    struct link_options link;
    struct wire_buf octets;
    bool with_cer;
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "What to send, in order:", 2},
    {"hex", KEY_HEX, "HEX", 0, "octets", 0},
    {"file", KEY_FILE, "FILE", 0, "a file as it is", 0},
    {"cer", KEY_CER, NULL, 0, "exchange CER and CEA before", 0},
    {0}};

static bool add_file(struct wire_buf *out, const char *path)
{
    uint8_t chunk[4096];
    size_t len;
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    while ((len = fread(chunk, 1, sizeof(chunk), file)) > 0)
        wire_buf_put(out, chunk, len);
    bool done = !ferror(file);
    fclose(file);
    return done;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct raw_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->link;
        return 0;
    case KEY_HEX:
        if (!wire_buf_put_hex(&options->octets, arg))
            argp_error(state, "--hex: pairs of hex digits, please");
        return 0;
    case KEY_FILE:
        if (!add_file(&options->octets, arg))
            argp_error(state, "%s: %s", arg, strerror(errno));
        return 0;
    case KEY_CER:
        options->with_cer = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&link_argp, 0, NULL, 0}, {0}};
static const struct argp raw_argp = {
    options_table, parse, NULL, "Sends octets and shows what comes back.", children, NULL, NULL};

static void show_messages(const json_t *messages)
{
    size_t i;
    json_t *message;
    json_array_foreach(messages, i, message) printf(
        "%-5s result %lld, %lld octets\n", json_string_value(json_object_get(message, "name")),
        json_integer_value(json_object_get(message, "result")),
        json_integer_value(json_object_get(message, "length")));
}

static enum probe_exit collect(const struct raw_options *options, struct link *link, json_t *report)
{
    json_t *messages = json_array();
    int64_t deadline_us = link_deadline(&options->link);
    struct mcx_span message, nothing = {NULL, 0};
    enum wire_status status =
        wire_conn_send(&link->conn, wire_buf_span(&options->octets), deadline_us);
    while (status == WIRE_OK) {
        status = wire_conn_receive(&link->conn, &message, deadline_us);
        if (status == WIRE_OK)
            json_array_append_new(messages, report_answer(message, nothing, 0));
    }
    size_t count = json_array_size(messages);
    json_object_set_new(report, "messages", messages);
    json_object_set_new(report, "closed", json_boolean(status == WIRE_CLOSED));
    json_object_set_new(report, "octets_left", json_integer((json_int_t)link->conn.in.len));
    if (!options->link.json)
        show_messages(messages);
    return count ? PROBE_OK : link_failed(link, status, report);
}

int command_raw(const char *name, int argc, char **argv)
{
    struct raw_options options = {0};
    struct link link;
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&raw_argp, argc, argv, ARGP_NO_ARGS, NULL, &options))
        return PROBE_USAGE;
    json_t *report = json_pack("{s:s}", "command", name);
    enum probe_exit rc = PROBE_OK;
    if (options.with_cer)
        rc = link_open(&options.link, &link, report);
    else if ((rc = link_prepare(&options.link, &link, report)) == PROBE_OK)
        rc = link_dial(&options.link, &link, report);
    if (rc == PROBE_OK)
        rc = collect(&options, &link, report);
    link.cea.result.code = 0; /* the other side may be confused: no DPR */
    link_close(&link);
    wire_buf_free(&options.octets);
    json_object_set_new(report, "exit", json_integer(rc));
    report_print(report, options.link.json);
    json_decref(report);
    return rc;
}
