/* SPDX-License-Identifier: Apache-2.0 */
/* One request of a UE, from its first octet to the taken answer. Private to the UE interface. */
#ifndef MCX_HTTP_CALL_H
#define MCX_HTTP_CALL_H

#include <pthread.h>
#include <stdatomic.h>

#include "http/ask.h"
#include "http/listener.h"
#include "http/reply.h"
#include "http/server.h"
#include "http/token.h"

#define MCX_BODY_MAX 65536 /* octets of a request's body */

struct mcx_http {
    const struct mcx_ue_port *port;
    struct mcx_tokens *tokens;
    struct mcx_listener *listener;
    pthread_mutex_t lock;   /* guards all below; taken after no other lock of ours */
    pthread_cond_t emptied; /* on CLOCK_MONOTONIC */
    bool is_stopping;
    struct mcx_call *calls; /* all that libmicrohttpd knows of */
};

/* Held by libmicrohttpd until completed, and by the port from a taken ask until done. The last one
 * frees. */
struct mcx_call {
    struct mcx_call *prev, *next; /* guarded by http->lock */
    struct mcx_http *http;        /* not after completed */
    struct MHD_Connection *connection;
    atomic_int holders;
    enum mcx_ue_verb verb;
    char binding_id[MCX_UUID_TEXT];
    bool is_answer_known; /* refused from the head alone; the body, if any, is passed over */
    bool is_ambiguous;    /* its end cannot be known: the connection closes with the answer */
    struct mcx_token token;
    uint8_t *body; /* of body_size, body_len have come */
    size_t body_len, body_size;
    pthread_mutex_t lock; /* guards state and reply from the ask on */
    enum { CALL_READING, CALL_WAITING, CALL_ANSWERED } state;
    struct mcx_http_reply reply;
};

/* head.c: what the request line and header fields decide: verb, binding_id, token; or reply, and
 * then is_answer_known. */
void mcx_call_read_head(struct mcx_call *call, const char *path, const char *method);

/* call.c: callbacks of libmicrohttpd. */
enum MHD_Result mcx_call_handle(void *arg, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_len, void **context);
void mcx_call_completed(void *arg, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode why);

/* call.c: 503 to all that wait; waits up to timeout_ms until all answers were taken. Since
 * is_stopping, nothing new waits. */
void mcx_calls_dismiss(struct mcx_http *http, int timeout_ms);

#endif
