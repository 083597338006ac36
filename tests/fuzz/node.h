/* SPDX-License-Identifier: Apache-2.0 */
/* A node in the test process: our border, hooks, dispatch callbacks, transactions and relay, and
 * freeDiameter's own routing and dispatch threads between them, but neither sockets nor database.
 * What would be sent comes out as events. */
#ifndef MCX_FUZZ_NODE_H
#define MCX_FUZZ_NODE_H

#include "core.h"

/* Once in a process. The database is away: what it would say is outcome. */
enum node_outcome { NODE_SERVE, NODE_REFUSE, NODE_RELAY };
void node_start(void);
void node_set_outcome(enum node_outcome outcome);

/* From a peer of the own SIP core; false when freeDiameter's parser drops the octets, or when it is
 * a message of the base protocol, which never reaches routing. */
bool node_receive_request(struct mcx_span octets);
/* From a primary, to a request of ours, which is consumed; false likewise. */
bool node_receive_answer(struct mcx_span octets, struct msg **request, uint64_t number);

enum node_event_kind {
    NODE_SILENCE, /* nothing for long: somebody waits in vain */
    NODE_ANSWER,  /* ours, to the SIP core */
    NODE_ERROR,   /* freeDiameter's own answer */
    NODE_REQUEST, /* ours, to the primary, which knows it by number */
    NODE_LOST     /* freeDiameter dropped a request or a primary's answer */
};
struct node_event {
    enum node_event_kind kind;
    struct msg *msg; /* ANSWER, REQUEST: the caller's */
    uint64_t number; /* REQUEST */
};
struct node_event node_wait(void);

/* As at HOOK_MESSAGE_SENDING, which completes answers. */
void node_sending(struct msg *msg);

#endif
