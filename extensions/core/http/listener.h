/* SPDX-License-Identifier: Apache-2.0 */
/* Accepts connections for libmicrohttpd, and bounds what strangers can cost (design 8): how many
 * there are, how many come in a second, which descriptors they may take (trap C9), how long each
 * may take for a request or for taking an answer, and how much of the processor: its threads run at
 * a lower priority than Diameter's. */
#ifndef MCX_HTTP_LISTENER_H
#define MCX_HTTP_LISTENER_H

#include <gnutls/abstract.h>
#include <microhttpd.h>

#include "base/conf.h"

struct mcx_listener_options {
    const struct mcx_conf *conf; /* for problems; NULL: without line */
    const char *name;            /* in logs and problems: "cms.https_" */
    const char *address;         /* numeric; "::" takes IPv4 too */
    int port;
    gnutls_certificate_retrieve_function3 *certificate; /* of each handshake; NULL: plain HTTP */
    int threads, connections_max, per_s;
    int request_ms, idle_ms;
    int leave_free;  /* descriptors below the cap that it does not take: MCX_DESCRIPTORS_FOR_... */
    size_t head_max; /* octets of a request's line and header fields */
    bool is_counted; /* in the metrics of the UE interface */
    MHD_AccessHandlerCallback handle;
    MHD_RequestCompletedCallback completed;
    void *arg; /* of both */
};

struct mcx_listener;

/* What a connection waits for, and so how long it may. */
enum mcx_due {
    MCX_DUE_REQUEST, /* the client is to send its request: request_ms */
    MCX_DUE_ANSWER,  /* we are to make the answer: no limit here */
    MCX_DUE_TAKING,  /* the client is to take the answer: request_ms */
    MCX_DUE_NEXT     /* the client may send another request: idle_ms */
};

/* CONF: *problem says why the port cannot be served. */
MCX_MUST_USE enum mcx_err mcx_listener_start(const struct mcx_listener_options *options,
                                             struct mcx_listener **out,
                                             struct mcx_conf_problem *problem);

/* From the callbacks of that connection. */
void mcx_listener_due(struct mcx_listener *listener, struct MHD_Connection *connection,
                      enum mcx_due due);

/* No new connections from now on: closes the port and joins its thread. */
void mcx_listener_close(struct mcx_listener *listener);
/* Ends all connections and threads. No connection may be suspended. After close. */
void mcx_listener_stop(struct mcx_listener **listener);

#endif
