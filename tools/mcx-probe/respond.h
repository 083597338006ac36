/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of the command respond: options (respond_options.c), peers and their requests
 * (respond_peer.c), and the loop (respond.c). One thread. */
#ifndef PROBE_RESPOND_H
#define PROBE_RESPOND_H

#include "edit.h"
#include "maa.h"
#include "report.h"

#define PEERS_MAX      32
#define LATE_MAX       256
#define BEHAVIOURS_MAX 128

struct respond_options {
    struct link_options link;
    struct card_options card;
    struct edit_options edit;
    struct behaviour behaviours[BEHAVIOURS_MAX];
    size_t behaviour_count;
    long count, seq, ind;
    uint32_t cea_result;
};

struct peer {
    struct wire_conn conn;
    bool is_open, is_deaf; /* after CER and CEA; after stop-reading */
    char host[256];
};

struct late {
    int64_t due_us;
    int peer; /* index; -1: free */
    struct wire_buf answer;
};

struct respond {
    struct respond_options options;
    struct link link;
    struct maa_source source;
    struct peer peers[PEERS_MAX];
    struct late late[LATE_MAX];
    int listener, signals;
    bool watches_stdin, is_ending;
    long served;
};

extern const struct argp respond_argp; /* input: struct respond_options */

/* Prints one event, and frees it. */
void respond_say(const struct respond *respond, json_t *line);
/* All that has come from one peer: CER, watchdog, requests. */
void respond_peer_serve(struct respond *respond, int index);
void respond_peer_drop(struct respond *respond, int index, const char *why);
/* Sends the late answers that are due; milliseconds until the next, -1: none. */
int respond_peer_send_late(struct respond *respond);

#endif
