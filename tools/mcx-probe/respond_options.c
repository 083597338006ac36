/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of respond; --help also lists the behaviours. */
#include <string.h>

#include "respond.h"

enum { KEY_BEHAVIOUR = 0x500, KEY_COUNT, KEY_CEA_RESULT, KEY_SEQ, KEY_IND };

static const struct argp_option options_table[] = {
    {NULL, 0, NULL, 0, "Answering:", 4},
    {"behaviour", KEY_BEHAVIOUR, "NAME[:ARG]", 0,
     "see below; may be repeated: the n-th request gets the n-th, the last one stays", 0},
    {"count", KEY_COUNT, "N", 0, "end after N requests", 0},
    {"cea-result", KEY_CEA_RESULT, "CODE", 0, "Result-Code of our CEA", 0},
    {"seq", KEY_SEQ, "N", 0, "last SEQ issued (default 0)", 0},
    {"ind", KEY_IND, "N", 0, "IND of our vectors (default 2)", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct respond_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->link;
        state->child_inputs[1] = &options->card;
        state->child_inputs[2] = &options->edit;
        return 0;
    case KEY_BEHAVIOUR:
        if (options->behaviour_count == BEHAVIOURS_MAX ||
            !behaviour_parse(arg, &options->behaviours[options->behaviour_count++]))
            argp_error(state, "--behaviour %s: no such behaviour, or its argument is wrong", arg);
        return 0;
    case KEY_COUNT:
        options->count = link_number(state, arg, "--count", 1, 1000000000);
        return 0;
    case KEY_CEA_RESULT:
        options->cea_result = (uint32_t)link_number(state, arg, "--cea-result", 1, UINT32_MAX);
        return 0;
    case KEY_SEQ:
        options->seq = link_number(state, arg, "--seq", 0, MCX_SEQ_MAX);
        return 0;
    case KEY_IND:
        options->ind = link_number(state, arg, "--ind", 0, MCX_IND_MAX);
        return 0;
    case ARGP_KEY_END:
        if (options->behaviour_count == 0)
            behaviour_parse("vectors", &options->behaviours[options->behaviour_count++]);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *filter(int key, const char *text, void *input)
{
    return key == ARGP_KEY_HELP_POST_DOC ? strdup(behaviour_help()) : (char *)text;
}

static const struct argp_child children[] = {
    {&link_argp, 0, NULL, 0}, {&card_argp, 0, NULL, 0}, {&edit_argp, 0, NULL, 0}, {0}};
const struct argp respond_argp = {
    options_table,
    parse,
    NULL,
    "Plays a SIP database: answers MARs with real vectors, or as a behaviour "
    "says. Ends with standard input, SIGTERM or --count.\v",
    children,
    filter,
    NULL};
