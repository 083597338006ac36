/* SPDX-License-Identifier: Apache-2.0 */
/* The commands cer, mar, uar, sar, lir, rtr, ppr and request: connect, ask, check, report. */
#include <string.h>

#include "base/clock.h"
#include "card.h"
#include "commands.h"
#include "edit.h"
#include "link.h"
#include "report.h"
#include "request.h"

struct ask_options {
    struct link_options link;
    struct request_options request;
    struct card_options card;
    struct edit_options edit;
};

struct ask {
    struct ask_options options;
    struct link link;
    struct card card;
    json_t *report, *exchanges;
};

static error_t parse_cer(int key, char *arg, struct argp_state *state)
{
    if (key != ARGP_KEY_INIT)
        return ARGP_ERR_UNKNOWN;
    state->child_inputs[0] = state->input;
    return 0;
}

static error_t parse_ask(int key, char *arg, struct argp_state *state)
{
    struct ask_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->link;
        state->child_inputs[1] = &options->request;
        state->child_inputs[2] = &options->card;
        state->child_inputs[3] = &options->edit;
        return 0;
    case ARGP_KEY_END:
        if (!options->request.command)
            argp_error(state, "--command is needed");
        if (options->request.command == WIRE_CMD_MA && !options->request.impi &&
            !options->request.impu)
            argp_error(state, "--impi is needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child cer_children[] = {{&link_argp, 0, NULL, 0}, {0}};
static const struct argp cer_argp = {
    NULL,         parse_cer, NULL, "Connects, sends a CER, shows the CEA and leaves.",
    cer_children, NULL,      NULL};
static const struct argp_child ask_children[] = {{&link_argp, 0, NULL, 0},
                                                 {&request_argp, 0, NULL, 0},
                                                 {&card_argp, 0, NULL, 0},
                                                 {&edit_argp, 0, NULL, 0},
                                                 {0}};
static const struct argp ask_argp = {
    NULL,
    parse_ask,
    NULL,
    "Sends one request and shows the answer; checks vectors when the card's keys are known.",
    ask_children,
    NULL,
    NULL};

int command_cer(const char *name, int argc, char **argv)
{
    struct link_options options = {0};
    struct link link;
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&cer_argp, argc, argv, ARGP_NO_ARGS, NULL, &options))
        return PROBE_USAGE;
    json_t *report = json_pack("{s:s}", "command", name);
    enum probe_exit rc = link_open(&options, &link, report);
    link_close(&link);
    json_object_set_new(report, "exit", json_integer(rc));
    report_print(report, options.json);
    json_decref(report);
    return rc;
}

/* Sends the request and waits for its answer; others are counted as strays. */
static enum wire_status exchange(struct ask *ask, struct mcx_span request, struct mcx_span *answer)
{
    int64_t deadline_us = link_deadline(&ask->options.link);
    struct wire_header sent = {0}, got = {0};
    wire_msg_header(request, &sent);
    enum wire_status status = wire_conn_send(&ask->link.conn, request, deadline_us);
    while (status == WIRE_OK) {
        status = wire_peer_answer(&ask->link.conn, &ask->link.identity, answer, deadline_us);
        if (status != WIRE_OK)
            break;
        wire_msg_header(*answer, &got);
        if (got.hop_by_hop == sent.hop_by_hop)
            break;
        json_t *strays = json_object_get(ask->report, "strays");
        json_integer_set(strays, json_integer_value(strays) + 1);
    }
    return status;
}

/* Every item in order of arrival through the card. The worst verdict counts; *sync says whether a
 * resync may help. */
static enum probe_exit check_items(struct ask *ask, struct mcx_span answer, json_t *shown,
                                   bool *sync, uint8_t rand_auts[30])
{
    struct mcx_span avps = wire_msg_avps(answer);
    json_t *vectors = json_array();
    enum probe_exit rc = PROBE_OK;
    struct wire_avp item;
    unsigned n;
    for (n = 0; wire_msg_find(avps, WIRE_SIP_AUTH_DATA_ITEM, n, &item); n++) {
        struct card_check check;
        card_run(&ask->card, item.body, &check);
        json_array_append_new(vectors, card_report(&check, item.body));
        if (check.verdict == CARD_SYNC_FAILURE && !*sync) {
            *sync = true;
            memcpy(rand_auts, check.rand_auts, 30);
        }
        if (check.verdict != CARD_OK && check.verdict != CARD_UNCHECKED)
            rc = PROBE_BAD_VECTOR;
    }
    if (n == 0 && ask->card.present)
        rc = PROBE_BAD_VECTOR;
    json_object_set_new(shown, "vectors", vectors);
    return rc;
}

static enum probe_exit judge(struct ask *ask, struct mcx_span answer, json_t *shown, bool *sync,
                             uint8_t rand_auts[30])
{
    struct wire_result result = wire_msg_result(wire_msg_avps(answer));
    if (wire_msg_fault(answer))
        return PROBE_NO_PEER;
    if (result.code / 1000 != 2)
        return PROBE_ERROR_RESULT;
    if (ask->options.request.command != WIRE_CMD_MA)
        return PROBE_OK;
    return check_items(ask, answer, shown, sync, rand_auts);
}

static enum probe_exit ask_once(struct ask *ask, const uint8_t *auts_in, bool *sync,
                                uint8_t rand_auts[30])
{
    struct wire_buf request = {0};
    struct mcx_span answer;
    char reason[400];
    request_build(&ask->options.request, &ask->link.identity, auts_in, &request);
    if (!edit_apply(&ask->options.edit, &request, reason, sizeof(reason))) {
        json_object_set_new(ask->report, "error", report_text(mcx_span_of(reason)));
        wire_buf_free(&request);
        return PROBE_USAGE;
    }
    json_t *exchanged = json_pack("{s:o}", "request", report_request(wire_buf_span(&request)));
    json_array_append_new(ask->exchanges, exchanged);
    int64_t start_us = mcx_clock_mono_us();
    enum wire_status status = exchange(ask, wire_buf_span(&request), &answer);
    enum probe_exit rc;
    if (status != WIRE_OK) {
        rc = link_failed(&ask->link, status, ask->report);
    } else {
        json_t *shown =
            report_answer(answer, wire_buf_span(&request), mcx_clock_mono_us() - start_us);
        json_object_set_new(exchanged, "answer", shown);
        json_object_set(ask->report, "answer", shown);
        rc = judge(ask, answer, shown, sync, rand_auts);
    }
    wire_buf_free(&request);
    return rc;
}

static enum probe_exit ask_all(struct ask *ask)
{
    uint8_t rand_auts[30];
    bool sync = false;
    enum probe_exit rc = link_open(&ask->options.link, &ask->link, ask->report);
    if (rc == PROBE_OK)
        rc = ask_once(ask, NULL, &sync, rand_auts);
    bool again = rc == PROBE_BAD_VECTOR && sync && ask->options.card.resync;
    json_object_set_new(ask->report, "resynced", json_boolean(again));
    if (again)
        rc = ask_once(ask, rand_auts, &sync, rand_auts);
    link_close(&ask->link);
    return rc;
}

static uint32_t command_of(const char *name)
{
    return strcmp(name, "request") == 0 ? 0 : wire_dict_command_code(name);
}

int command_request(const char *name, int argc, char **argv)
{
    struct ask ask = {.options = {.card = CARD_OPTIONS_INIT}, .link = {.conn = WIRE_CONN_NONE}};
    char reason[400];
    ask.options.request = (struct request_options){
        .command = command_of(name), .application = WIRE_APP_CX, .items = 1, .assignment_type = 1};
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&ask_argp, argc, argv, ARGP_NO_ARGS, NULL, &ask.options))
        return PROBE_USAGE;
    ask.exchanges = json_array();
    ask.report =
        json_pack("{s:s, s:i, s:o}", "command", name, "strays", 0, "exchanges", ask.exchanges);
    enum probe_exit rc;
    if (!card_load(&ask.options.card, &ask.card, reason, sizeof(reason))) {
        json_object_set_new(ask.report, "error", report_text(mcx_span_of(reason)));
        rc = PROBE_USAGE;
    } else {
        rc = ask_all(&ask);
        if (!card_save(&ask.options.card, &ask.card, reason, sizeof(reason))) {
            json_object_set_new(ask.report, "error", report_text(mcx_span_of(reason)));
            rc = PROBE_FAULT;
        }
    }
    json_object_set_new(ask.report, "exit", json_integer(rc));
    report_print(ask.report, ask.options.link.json);
    json_decref(ask.report);
    card_wipe(&ask.card);
    return rc;
}
