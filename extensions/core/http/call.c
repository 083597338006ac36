/* SPDX-License-Identifier: Apache-2.0 */
/* The life of a request of a UE. libmicrohttpd's threads read it, suspend the connection and hand
 * the ask to the port; whoever calls done writes the answer down and resumes. Locks: call->lock
 * before those of libmicrohttpd, http->lock after; nothing blocks. */
#include "http/call.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/secret.h"

enum {
    PASS_OVER_MAX = 1048576
}; /* octets of a body that is not wanted, so that its sender hears why */

static void release(struct mcx_call *call)
{
    if (atomic_fetch_sub(&call->holders, 1) != 1)
        return;
    if (call->body)
        mcx_wipe(call->body, call->body_len);
    free(call->body);
    mcx_writer_drop(&call->reply.body);
    mcx_wipe(&call->reply, sizeof call->reply);
    pthread_mutex_destroy(&call->lock);
    free(call);
}

static struct mcx_call *begin(struct mcx_http *http, struct MHD_Connection *connection)
{
    struct mcx_call *call = calloc(1, sizeof *call);

    if (!call)
        return NULL;
    call->http = http;
    call->connection = connection;
    atomic_init(&call->holders, 1);
    pthread_mutex_init(&call->lock, NULL);
    pthread_mutex_lock(&http->lock);
    call->next = http->calls;
    if (http->calls)
        http->calls->prev = call;
    http->calls = call;
    pthread_mutex_unlock(&http->lock);
    return call;
}

/* The octets of a body given to libmicrohttpd, which says only where they begin. */
struct sent {
    size_t len;
    char text[];
};

static void free_sent(void *text)
{
    struct sent *sent = (struct sent *)(void *)((char *)text - offsetof(struct sent, text));

    mcx_wipe(sent->text, sent->len);
    free(sent);
}

static struct MHD_Response *make_response(const struct mcx_writer *body)
{
    struct sent *sent;
    struct MHD_Response *response;

    if (body->len == 0)
        return MHD_create_response_from_buffer(0, (void *)(uintptr_t) "", MHD_RESPMEM_PERSISTENT);
    sent = malloc(sizeof *sent + body->len);
    if (!sent)
        return NULL;
    sent->len = body->len;
    memcpy(sent->text, body->text, body->len);
    response = MHD_create_response_from_buffer_with_free_callback(body->len, sent->text, free_sent);
    if (!response)
        free_sent(sent->text);
    return response;
}

static void add_fields(struct MHD_Response *response, const struct mcx_http_reply *reply)
{
    char seconds[16];

    (void)MHD_add_response_header(response, "Cache-Control", "no-store"); /* RFC 6750 5.3 */
    if (reply->body.len > 0)
        (void)MHD_add_response_header(response, "Content-Type",
                                      reply->is_problem ? "application/problem+json"
                                                        : "application/json");
    if (reply->allow)
        (void)MHD_add_response_header(response, "Allow", reply->allow);
    if (reply->challenge[0])
        (void)MHD_add_response_header(response, "WWW-Authenticate", reply->challenge);
    if (reply->retry_after_s > 0) {
        snprintf(seconds, sizeof seconds, "%u", (unsigned)reply->retry_after_s);
        (void)MHD_add_response_header(response, "Retry-After", seconds);
    }
}

static enum MHD_Result send_reply(struct mcx_call *call)
{
    struct mcx_http_reply *reply = &call->reply;
    struct MHD_Response *response = make_response(&reply->body);
    enum MHD_Result result;

    if (!response)
        return MHD_NO;
    add_fields(response, reply);
    if (call->is_ambiguous)
        (void)MHD_add_response_header(response, "Connection", "close");
    mcx_metric_inc(reply->status < 400   ? MCX_M_UE_OK
                   : reply->status < 500 ? MCX_M_UE_REFUSED
                                         : MCX_M_UE_FAILED);
    mcx_listener_due(call->http->listener, call->connection, MCX_DUE_TAKING);
    result = MHD_queue_response(call->connection, reply->status, response);
    MHD_destroy_response(response);
    return result;
}

static void refuse(struct mcx_call *call, enum mcx_problem problem, const char *detail)
{
    mcx_reply_problem(&call->reply, problem, detail);
    if (problem == MCX_PROBLEM_BUSY || problem == MCX_PROBLEM_CLOSING)
        call->reply.retry_after_s = 1;
    call->is_answer_known = true;
}

/* With call->lock held. Puts the connection back to work: its thread will call handle again. */
static void answer(struct mcx_call *call)
{
    call->state = CALL_ANSWERED;
    mcx_metric_add(MCX_M_UE_WAITING, -1);
    MHD_resume_connection(call->connection);
}

/* mcx_ue_done. Any thread, also long after the UE interface was stopped. */
static void done(void *arg, const struct mcx_ue_reply *outcome)
{
    struct mcx_call *call = arg;

    pthread_mutex_lock(&call->lock);
    if (call->state == CALL_WAITING) {
        mcx_reply_outcome(&call->reply, call->verb, outcome);
        answer(call);
    }
    pthread_mutex_unlock(&call->lock);
    release(call);
}

static void dismiss(struct mcx_call *call)
{
    pthread_mutex_lock(&call->lock);
    if (call->state == CALL_WAITING) {
        refuse(call, MCX_PROBLEM_CLOSING, "Ask again in a moment: what was begun is kept.");
        answer(call);
    }
    pthread_mutex_unlock(&call->lock);
}

static void not_taken(struct mcx_call *call, enum mcx_err err)
{
    pthread_mutex_lock(&call->lock);
    if (call->state == CALL_WAITING) {
        if (err == MCX_CLOSING)
            refuse(call, MCX_PROBLEM_CLOSING, "Ask again in a moment.");
        else
            refuse(call, MCX_PROBLEM_BUSY, "Ask again in a moment.");
        answer(call);
    }
    pthread_mutex_unlock(&call->lock);
    release(call);
}

/* Suspends first: done may come before ask returns. */
static enum MHD_Result wait_for(struct mcx_call *call, const struct mcx_ue_ask *ask)
{
    struct mcx_http *http = call->http;
    bool is_stopping;
    enum mcx_err err;

    mcx_listener_due(http->listener, call->connection, MCX_DUE_ANSWER);
    MHD_suspend_connection(call->connection);
    pthread_mutex_lock(&call->lock);
    call->state = CALL_WAITING;
    mcx_metric_add(MCX_M_UE_WAITING, 1);
    pthread_mutex_unlock(&call->lock);
    atomic_fetch_add(&call->holders, 1); /* the port's */
    pthread_mutex_lock(&http->lock);
    is_stopping = http->is_stopping;
    pthread_mutex_unlock(&http->lock);
    err = is_stopping ? MCX_CLOSING : http->port->ask(ask, done, call);
    if (err != MCX_OK)
        not_taken(call, err);
    return MHD_YES;
}

/* TS 33.180 B: each service asked for by its own scope and its own claim. */
static bool may_ask(struct mcx_call *call, const struct mcx_service_ids *asked)
{
    const struct mcx_service_ids *granted = &call->token.granted;

    for (int i = 0; i < MCX_SERVICES; i++) {
        if (!asked->has[i])
            continue;
        if (!granted->has[i]) {
            refuse(call, MCX_PROBLEM_INSUFFICIENT_SCOPE,
                   "The access token does not cover each MC service that is asked for: get one "
                   "with the config_management_service scope of each.");
            mcx_reply_challenge(&call->reply, "insufficient_scope",
                                "The scope of each MC service asked for is needed",
                                mcx_service_rows[i].scope);
            return false;
        }
        if (!mcx_str_equal(&granted->id[i], &asked->id[i])) {
            refuse(call, MCX_PROBLEM_WRONG_USER,
                   "mcServiceIds must be the MC service ids in the access token.");
            return false;
        }
    }
    return true;
}

static enum MHD_Result ask_to_connect(struct mcx_call *call)
{
    struct mcx_ue_ask ask = {.verb = MCX_UE_CONNECT};
    struct mcx_ask_fault fault;

    if (mcx_ask_read(mcx_span(call->body, call->body_len), &ask.migration, &fault) != MCX_OK)
        refuse(call, MCX_PROBLEM_MALFORMED, fault.detail);
    else if (may_ask(call, &ask.migration.services))
        return wait_for(call, &ask);
    return send_reply(call);
}

static enum MHD_Result ask_of_bindings(struct mcx_call *call)
{
    struct mcx_ue_ask ask = {.verb = call->verb};

    ask.migration.services = call->token.granted;
    memcpy(ask.binding_id, call->binding_id, sizeof ask.binding_id);
    return wait_for(call, &ask);
}

/* A refused body up to a limit is taken in and passed over, because a connection that is closed
 * with octets unread loses the answer too. Whoever waits for 100 Continue has not sent it yet. */
static bool is_to_be_answered_now(struct mcx_call *call)
{
    const char *length =
        MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Content-Length");
    const char *expect = MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, "Expect");

    if (!call->is_answer_known)
        return false;
    return expect || call->is_ambiguous || (length && strtoull(length, NULL, 10) > PASS_OVER_MAX);
}

static enum MHD_Result first(struct mcx_http *http, struct MHD_Connection *connection,
                             const char *path, const char *method, void **context)
{
    struct mcx_call *call = begin(http, connection);

    if (!call)
        return MHD_NO;
    *context = call;
    mcx_listener_due(http->listener, connection, MCX_DUE_REQUEST);
    mcx_call_read_head(call, path, method);
    if (!call->is_answer_known && call->body_size > 0) {
        call->body = malloc(call->body_size);
        if (!call->body)
            refuse(call, MCX_PROBLEM_BUSY, "Ask again in a moment.");
    }
    return is_to_be_answered_now(call) ? send_reply(call) : MHD_YES;
}

static enum MHD_Result take_body(struct mcx_call *call, const char *upload, size_t *len)
{
    if (!call->is_answer_known) {
        if (*len > call->body_size - call->body_len)
            return MHD_NO; /* more than its Content-Length: cannot be */
        memcpy(call->body + call->body_len, upload, *len);
    }
    call->body_len += *len;
    *len = 0;
    return call->body_len <= PASS_OVER_MAX ? MHD_YES : MHD_NO;
}

enum MHD_Result mcx_call_handle(void *arg, struct MHD_Connection *connection, const char *path,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_len, void **context)
{
    struct mcx_call *call = *context;
    bool is_answered;

    if (!call)
        return first(arg, connection, path, method, context);
    if (*upload_len > 0)
        return take_body(call, upload, upload_len);
    pthread_mutex_lock(&call->lock);
    is_answered = call->state == CALL_ANSWERED;
    pthread_mutex_unlock(&call->lock);
    if (is_answered || call->is_answer_known)
        return send_reply(call);
    return call->verb == MCX_UE_CONNECT ? ask_to_connect(call) : ask_of_bindings(call);
}

void mcx_call_completed(void *arg, struct MHD_Connection *connection, void **context,
                        enum MHD_RequestTerminationCode why)
{
    struct mcx_http *http = arg;
    struct mcx_call *call = *context;

    mcx_listener_due(http->listener, connection, MCX_DUE_NEXT);
    if (!call)
        return;
    *context = NULL;
    if (why != MHD_REQUEST_TERMINATED_COMPLETED_OK)
        mcx_metric_inc(MCX_M_UE_GONE);
    pthread_mutex_lock(&http->lock);
    if (call->prev)
        call->prev->next = call->next;
    else
        http->calls = call->next;
    if (call->next)
        call->next->prev = call->prev;
    if (!http->calls)
        pthread_cond_broadcast(&http->emptied);
    pthread_mutex_unlock(&http->lock);
    release(call);
}

/* Not under http->lock: libmicrohttpd calls completed under one of its own. */
void mcx_calls_dismiss(struct mcx_http *http, int timeout_ms)
{
    const struct timespec until = mcx_clock_mono_timespec(mcx_clock_mono_ms() + timeout_ms);
    struct mcx_call **held = NULL;
    size_t count = 0, room = 0;

    pthread_mutex_lock(&http->lock);
    for (struct mcx_call *call = http->calls; call; call = call->next)
        room++;
    held = calloc(room + 1, sizeof *held);
    for (struct mcx_call *call = http->calls; held && call; call = call->next) {
        atomic_fetch_add(&call->holders, 1);
        held[count++] = call;
    }
    pthread_mutex_unlock(&http->lock);
    for (size_t i = 0; i < count; i++) {
        dismiss(held[i]);
        release(held[i]);
    }
    free(held);
    pthread_mutex_lock(&http->lock);
    while (http->calls && pthread_cond_timedwait(&http->emptied, &http->lock, &until) == 0)
        ;
    pthread_mutex_unlock(&http->lock);
}
