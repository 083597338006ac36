/* SPDX-License-Identifier: Apache-2.0 */
/* The commands flood (many MARs, no reading) and idle (connections without CER): a badly behaving
 * peer, bounded in number and time. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "commands.h"
#include "link.h"
#include "report.h"
#include "request.h"

#define IDLE_MAX 900

enum { KEY_NUMBER = 0x600, KEY_HOLD };

struct abuse_options {
    struct link_options link;
    struct request_options request;
    long number, hold_ms;
};

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Bounds:", 4},
    {"number", KEY_NUMBER, "N", 0, "MARs or connections (default 1000 or 20)", 0},
    {"hold", KEY_HOLD, "MS", 0, "then stay connected that long (default 5000)", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct abuse_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->link;
        state->child_inputs[1] = &options->request;
        return 0;
    case KEY_NUMBER:
        options->number = link_number(state, arg, "--number", 1, 1000000);
        return 0;
    case KEY_HOLD:
        options->hold_ms = link_number(state, arg, "--hold", 0, 600000);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child flood_children[] = {
    {&link_argp, 0, NULL, 0}, {&request_argp, 0, NULL, 0}, {0}};
static const struct argp flood_argp = {
    options_table,
    parse,
    NULL,
    "Sends N MARs without reading an answer, holds the connection, and leaves "
    "without a DPR. A line \"holding\" says when all is sent or nothing more goes.",
    flood_children,
    NULL,
    NULL};
static const struct argp_child idle_children[] = {{&link_argp, 0, NULL, 0}, {0}};
static const struct argp idle_argp = {
    options_table,
    parse,
    NULL,
    "Opens N TCP connections, sends nothing, and leaves. A line \"holding\" says "
    "when they are open.",
    idle_children,
    NULL,
    NULL};

static void wait_until(int64_t until_us)
{
    int64_t left_us;
    while ((left_us = until_us - mcx_clock_mono_us()) > 0)
        poll(NULL, 0, (int)(left_us / 1000) + 1);
}

static void say_holding(const struct abuse_options *options, const char *key, long number)
{
    json_t *line = json_pack("{s:s, s:I}", "event", "holding", key, (json_int_t)number);
    if (options->link.json)
        report_print(line, true);
    else
        printf("holding %ld\n", number);
    fflush(stdout);
    json_decref(line);
}

static int finish(const struct abuse_options *options, json_t *report, enum probe_exit rc)
{
    json_object_set_new(report, "exit", json_integer(rc));
    report_print(report, options->link.json);
    json_decref(report);
    return rc;
}

int command_flood(const char *name, int argc, char **argv)
{
    struct abuse_options options = {.number = 1000, .hold_ms = 5000};
    struct link link;
    struct wire_buf request = {0};
    int small = 2048;
    long sent = 0;
    options.request =
        (struct request_options){.command = WIRE_CMD_MA, .application = WIRE_APP_CX, .items = 1};
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&flood_argp, argc, argv, ARGP_NO_ARGS, NULL, &options))
        return PROBE_USAGE;
    json_t *report = json_pack("{s:s}", "command", name);
    enum probe_exit rc = link_open(&options.link, &link, report);
    if (rc == PROBE_OK) {
        setsockopt(link.conn.fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
        while (sent < options.number) {
            request.len = 0;
            request_build(&options.request, &link.identity, NULL, &request);
            if (wire_conn_send(&link.conn, wire_buf_span(&request), link_deadline(&options.link)) !=
                WIRE_OK)
                break;
            sent++;
        }
        say_holding(&options, "sent", sent);
        wait_until(mcx_clock_mono_us() + options.hold_ms * 1000);
        link.cea.result.code = 0; /* no DPR */
    }
    json_object_set_new(report, "sent", json_integer(sent));
    json_object_set_new(report, "all_sent", json_boolean(sent == options.number));
    wire_buf_free(&request);
    link_close(&link);
    return finish(&options, report, rc);
}

static bool is_closed(const struct wire_conn *conn)
{
    char octet;
    ssize_t rc = recv(conn->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
    return rc == 0 || (rc < 0 && errno != EAGAIN);
}

int command_idle(const char *name, int argc, char **argv)
{
    struct abuse_options options = {.number = 20, .hold_ms = 5000};
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&idle_argp, argc, argv, ARGP_NO_ARGS, NULL, &options))
        return PROBE_USAGE;
    long opened = 0, closed = 0, wanted = options.number < IDLE_MAX ? options.number : IDLE_MAX;
    json_t *report = json_pack("{s:s}", "command", name);
    struct wire_conn *conns = wire_alloc((size_t)wanted * sizeof(*conns));
    while (opened < wanted &&
           wire_dial_open(&conns[opened], options.link.connect, options.link.from,
                          link_deadline(&options.link)) == WIRE_OK)
        opened++;
    say_holding(&options, "opened", opened);
    wait_until(mcx_clock_mono_us() + options.hold_ms * 1000);
    for (long i = 0; i < opened; i++) {
        closed += is_closed(&conns[i]);
        wire_conn_close(&conns[i]);
    }
    free(conns);
    json_object_set_new(report, "opened", json_integer(opened));
    json_object_set_new(report, "closed_by_peer", json_integer(closed));
    return finish(&options, report, opened == wanted ? PROBE_OK : PROBE_NO_PEER);
}
