/* SPDX-License-Identifier: Apache-2.0 */
/* The command respond: plays a SIP database for the node under test, as a server or as a client,
 * and tells what it was asked, a line per request. One thread, one poll; TLS handshakes may hold it
 * up for the time of --timeout. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands.h"
#include "respond.h"

static void accept_peer(struct respond *respond)
{
    int fd = accept(respond->listener, NULL, NULL);
    int index = 0;
    if (fd < 0)
        return;
    while (index < PEERS_MAX && respond->peers[index].conn.fd >= 0)
        index++;
    if (index == PEERS_MAX) {
        close(fd);
        return;
    }
    struct peer *peer = &respond->peers[index];
    *peer = (struct peer){.conn = WIRE_CONN_NONE};
    wire_dial_adopt(&peer->conn, fd);
    if (!respond->options.link.use_tls)
        return;
    int64_t deadline_us = link_deadline(&respond->options.link);
    if (wire_dial_tls(&peer->conn, &respond->link.tls, true, deadline_us) != WIRE_OK)
        respond_peer_drop(respond, index, peer->conn.reason);
}

static size_t watch(const struct respond *respond, struct pollfd *fds)
{
    fds[0] = (struct pollfd){respond->signals, POLLIN, 0};
    fds[1] = (struct pollfd){respond->watches_stdin ? STDIN_FILENO : -1, POLLIN, 0};
    fds[2] = (struct pollfd){respond->listener, POLLIN, 0};
    for (size_t i = 0; i < PEERS_MAX; i++)
        fds[3 + i] =
            (struct pollfd){respond->peers[i].is_deaf ? -1 : respond->peers[i].conn.fd, POLLIN, 0};
    return 3 + PEERS_MAX;
}

static bool stdin_ended(void)
{
    char octets[256];
    return read(STDIN_FILENO, octets, sizeof(octets)) <= 0;
}

static void loop(struct respond *respond)
{
    struct pollfd fds[3 + PEERS_MAX];
    if (respond->listener < 0)
        respond_peer_serve(respond, 0); /* what came together with the CEA */
    while (!respond->is_ending) {
        int wait_ms = respond_peer_send_late(respond);
        if (poll(fds, watch(respond, fds), wait_ms) < 0 && errno != EINTR)
            return;
        if (fds[0].revents || (fds[1].revents && stdin_ended()))
            return;
        if (fds[2].revents)
            accept_peer(respond);
        for (int i = 0; i < PEERS_MAX; i++)
            if (fds[3 + i].revents && fds[3 + i].fd == respond->peers[i].conn.fd)
                respond_peer_serve(respond, i);
    }
}

static enum probe_exit start(struct respond *respond, json_t *report)
{
    struct respond_options *options = &respond->options;
    char what[300];
    unsigned port = 0;
    if (!options->link.listen) {
        enum probe_exit rc = link_open(&options->link, &respond->link, report);
        if (rc != PROBE_OK)
            return rc;
        respond->peers[0] = (struct peer){.conn = respond->link.conn, .is_open = true};
        memcpy(respond->peers[0].host, respond->link.cea.host, sizeof(respond->peers[0].host));
        respond->link.conn = (struct wire_conn)WIRE_CONN_NONE;
        snprintf(what, sizeof(what), "%s", options->link.connect);
    } else {
        enum probe_exit rc = link_prepare(&options->link, &respond->link, report);
        if (rc != PROBE_OK)
            return rc;
        respond->listener = wire_dial_listen(options->link.listen, &port, what, sizeof(what));
        if (respond->listener < 0) {
            json_object_set_new(report, "error", report_text(mcx_span_of(what)));
            return PROBE_FAULT;
        }
        snprintf(what, sizeof(what), "%.*s:%u",
                 (int)(strrchr(options->link.listen, ':') - options->link.listen),
                 options->link.listen, port);
    }
    respond_say(respond,
                json_pack("{s:s, s:s, s:i}", "event", "ready", "what", what, "port", (int)port));
    return PROBE_OK;
}

static void stop(struct respond *respond)
{
    for (int i = 0; i < PEERS_MAX; i++) {
        struct peer *peer = &respond->peers[i];
        if (peer->conn.fd >= 0 && peer->is_open && !peer->is_deaf)
            wire_peer_leave(&peer->conn, &respond->link.identity);
        wire_conn_close(&peer->conn);
    }
    for (size_t i = 0; i < LATE_MAX; i++)
        wire_buf_free(&respond->late[i].answer);
    if (respond->listener >= 0)
        close(respond->listener);
    link_close(&respond->link);
    card_wipe(&respond->source.card);
}

static int signal_source(void)
{
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC);
}

int command_respond(const char *name, int argc, char **argv)
{
    struct respond *respond = wire_alloc(sizeof(*respond));
    char reason[400];
    *respond = (struct respond){.listener = -1, .options = {.card = CARD_OPTIONS_INIT, .ind = 2}};
    respond->options.link.listen_allowed = true;
    for (size_t i = 0; i < PEERS_MAX; i++)
        respond->peers[i].conn.fd = -1;
    for (size_t i = 0; i < LATE_MAX; i++)
        respond->late[i].peer = -1;
    respond->link.conn.fd = -1;
    argp_err_exit_status = PROBE_USAGE;
    if (argp_parse(&respond_argp, argc, argv, ARGP_NO_ARGS, NULL, &respond->options))
        return PROBE_USAGE;
    json_t *report = json_pack("{s:s}", "command", name);
    enum probe_exit rc = PROBE_USAGE;
    respond->signals = signal_source();
    respond->watches_stdin = true;
    respond->source.seq = respond->options.seq;
    respond->source.ind = (uint8_t)respond->options.ind;
    if (!card_load(&respond->options.card, &respond->source.card, reason, sizeof(reason)))
        json_object_set_new(report, "error", report_text(mcx_span_of(reason)));
    else
        rc = start(respond, report);
    if (rc == PROBE_OK)
        loop(respond);
    stop(respond);
    json_object_set_new(report, "event", json_string("end"));
    json_object_set_new(report, "requests", json_integer(respond->served));
    json_object_set_new(report, "exit", json_integer(rc));
    report_print(report, respond->options.link.json);
    json_decref(report);
    free(respond);
    return rc;
}
