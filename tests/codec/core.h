/* SPDX-License-Identifier: Apache-2.0 */
/* freeDiameter's libraries inside the test process: dictionaries loaded, no thread of a daemon
 * started, no socket opened. Tests launder what they build through octets before they look. */
#ifndef MCX_TEST_CORE_H
#define MCX_TEST_CORE_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "diameter/answer.h"
#include "diameter/avp.h"

#define OWN_HOST  "hss.partner.example"
#define OWN_REALM "partner.example"

/* Not the defaults: whoever writes a number where the setting belongs fails. */
#define OWN_VENDOR 4242U
#define OWN_SDB    4000000001U
#define OWN_SS     4000000002U

/* A span over a string literal, NULs inside included. */
#define LITERAL(text) mcx_span(text, sizeof(text) - 1)

/* Once in a process: the base dictionary, the rows of dict_cx and dict_mcx, this node's name.
 * freeDiameter's log is off. */
void core_start(void);

/* What a daemon does with received octets; NULL when freeDiameter's parser drops them. */
struct msg *core_parse(struct mcx_span octets);
/* Also resolved by the dictionary; must succeed. */
struct msg *core_receive(struct mcx_span octets);
/* Onto the wire and back: *msg is freed, the copy is the caller's. */
struct msg *core_launder(struct msg **msg);

/* What this answer says; fails the test unless it has exactly one of the two results. */
struct mcx_result core_result(struct msg *answer);
uint8_t core_flags(struct msg *msg);
/* The names of all top-level AVPs in order, MCX_AVP_NAMES for others; returns how many. */
size_t core_names(msg_or_avp *parent, enum mcx_avp_name *out, size_t room);

/* Runs the tests, each in a process of its own, for timeout_s at most (0: no limit). core_start is
 * their checked fixture: its threads do not survive a fork. */
int core_run(TCase *tests, double timeout_s);

#endif
