/* SPDX-License-Identifier: Apache-2.0 */
/* What can be said from the head of a request alone: path, method, media types, length, token, in
 * this order. Threads of the UE interface; blocks on JWKS files only. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/metrics.h"
#include "http/call.h"

#define COLLECTION "/mcx/v1/partner-connections"

static void refuse(struct mcx_call *call, enum mcx_problem problem, const char *detail)
{
    mcx_reply_problem(&call->reply, problem, detail);
    call->is_answer_known = true;
}

struct method {
    const char *name;
    bool is_of_one; /* of .../{id}; else of the collection */
    enum mcx_ue_verb verb;
};

static const struct method methods[] = {
    {"POST", false, MCX_UE_CONNECT}, {"GET", false, MCX_UE_LIST}, {"HEAD", false, MCX_UE_LIST},
    {"GET", true, MCX_UE_SHOW},      {"HEAD", true, MCX_UE_SHOW}, {"DELETE", true, MCX_UE_END},
};

static void read_method(struct mcx_call *call, const char *method, bool is_of_one)
{
    const char *allow = is_of_one ? "GET, HEAD, DELETE, OPTIONS" : "GET, HEAD, POST, OPTIONS";

    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        if (methods[i].is_of_one == is_of_one && strcmp(methods[i].name, method) == 0) {
            call->verb = methods[i].verb;
            return;
        }
    if (strcmp(method, "OPTIONS") == 0) {
        call->reply.status = 204;
        call->is_answer_known = true;
    } else
        refuse(call, MCX_PROBLEM_METHOD, "Use one of the methods that Allow names.");
    call->reply.allow = allow;
}

static void read_target(struct mcx_call *call, const char *path, const char *method)
{
    const size_t len = strlen(COLLECTION);

    if (strcmp(path, COLLECTION) == 0 || (strcmp(path, "*") == 0 && strcmp(method, "OPTIONS") == 0))
        read_method(call, method, false);
    else if (strncmp(path, COLLECTION "/", len + 1) == 0 && !strchr(path + len + 1, '/') &&
             path[len + 1])
        read_method(call, method, true);
    else
        refuse(call, MCX_PROBLEM_NO_SUCH_PATH, "Partner connections are under " COLLECTION ".");
    if (call->is_answer_known || call->verb == MCX_UE_CONNECT || call->verb == MCX_UE_LIST)
        return;
    if (!mcx_uuid_read(mcx_span_of(path + len + 1), call->binding_id))
        refuse(call, MCX_PROBLEM_NO_SUCH_BINDING,
               "There is no such partner connection of this user.");
}

static const char *field(struct mcx_call *call, const char *name)
{
    return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

static bool is_media_type(struct mcx_span range, const char *wanted)
{
    return mcx_span_equal_nocase(range, mcx_span_of(wanted));
}

/* What stands before parameters, without white space. */
static struct mcx_span bare_type(const char *text, size_t len)
{
    const char *end = memchr(text, ';', len);
    struct mcx_span type = mcx_span(text, end ? (size_t)(end - text) : len);

    while (type.len > 0 && strchr(" \t", type.octets[0])) {
        type.octets++;
        type.len--;
    }
    while (type.len > 0 && strchr(" \t", type.octets[type.len - 1]))
        type.len--;
    return type;
}

/* RFC 9110 12.5.1, without weights: a range that takes JSON. */
static bool accepts_json(const char *accept)
{
    static const char *const ranges[] = {"*/*", "application/*", "application/json"};

    for (const char *at = accept; *at; at += *at == ',') {
        size_t len = strcspn(at, ",");
        struct mcx_span range = bare_type(at, len);

        for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
            if (is_media_type(range, ranges[i]))
                return true;
        at += len;
    }
    return false;
}

struct accepting {
    bool is_said, takes_json;
};

/* RFC 9110 5.3: several lines are one list. */
static enum MHD_Result look_at_accept(void *arg, enum MHD_ValueKind kind, const char *name,
                                      const char *value)
{
    struct accepting *accepting = arg;

    if (!mcx_span_equal_nocase(mcx_span_of(name), mcx_span_of("Accept")))
        return MHD_YES;
    accepting->is_said = true;
    accepting->takes_json = accepting->takes_json || accepts_json(value ? value : "");
    return MHD_YES;
}

static void read_accept(struct mcx_call *call)
{
    struct accepting accepting = {.is_said = false};

    (void)MHD_get_connection_values(call->connection, MHD_HEADER_KIND, look_at_accept, &accepting);
    if (accepting.is_said && !accepting.takes_json)
        refuse(call, MCX_PROBLEM_NOT_ACCEPTABLE,
               "Answers are application/json: leave Accept out, or let it name that.");
}

struct counting {
    const char *name;
    int count;
};

static enum MHD_Result count_field(void *arg, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct counting *counting = arg;

    counting->count += mcx_span_equal_nocase(mcx_span_of(name), mcx_span_of(counting->name));
    return MHD_YES;
}

static int count_fields(struct mcx_call *call, const char *name)
{
    struct counting counting = {.name = name};

    (void)MHD_get_connection_values(call->connection, MHD_HEADER_KIND, count_field, &counting);
    return counting.count;
}

/* RFC 9112 6.1, 6.3: where this message ends must be said once, or another server before us may
 * see other requests in these octets than we do. Nothing more is read from such a connection. */
static void read_framing(struct mcx_call *call)
{
    int lengths = count_fields(call, "Content-Length");
    int encodings = count_fields(call, "Transfer-Encoding");
    const char *encoding = field(call, "Transfer-Encoding");

    /* libmicrohttpd finds the end of a chunked body; read_length refuses that */
    call->is_ambiguous =
        lengths + encodings > 1 ||
        (encoding && !mcx_span_equal_nocase(mcx_span_of(encoding), mcx_span_of("chunked")));
    if (lengths + encodings > 1)
        refuse(call, MCX_PROBLEM_MALFORMED, "Send one Content-Length, and no Transfer-Encoding.");
}

static void refuse_token(struct mcx_call *call, enum mcx_token_fault fault)
{
    const char *detail = mcx_token_fault_detail(fault);

    mcx_metric_inc(MCX_M_TOKEN_REFUSED);
    mcx_log_limited(MCX_LOG_WARN, "ev=token_refused reason=%s", mcx_token_fault_label(fault));
    refuse(call, MCX_PROBLEM_INVALID_TOKEN, detail);
    mcx_reply_challenge(&call->reply, "invalid_token", detail, NULL);
}

/* RFC 6750 2.1, 3.1. */
static void read_token(struct mcx_call *call)
{
    static const char scheme[] = "Bearer ";
    const char *credential = field(call, "Authorization");
    enum mcx_token_fault fault;
    int fields = count_fields(call, "Authorization");

    if (fields == 0) {
        refuse(call, MCX_PROBLEM_NO_TOKEN,
               "Send the access token of your identity management server: Authorization: Bearer.");
        mcx_reply_challenge(&call->reply, NULL, NULL, NULL);
        return;
    }
    if (fields > 1 || !credential || strlen(credential) < sizeof scheme ||
        !mcx_span_equal_nocase(mcx_span(credential, sizeof scheme - 1), mcx_span_of(scheme))) {
        refuse(call, MCX_PROBLEM_BAD_AUTHORIZATION,
               "Send exactly one Authorization field, of scheme Bearer.");
        return;
    }
    fault = mcx_token_check(call->http->tokens, mcx_span_of(credential + sizeof scheme - 1),
                            &call->token);
    if (fault != MCX_TOKEN_OK)
        refuse_token(call, fault);
}

static void refuse_too_large(struct mcx_call *call)
{
    refuse(call, MCX_PROBLEM_TOO_LARGE, "A body may have 65536 octets.");
}

/* RFC 9112 6: libmicrohttpd has refused a length that is no number. */
static void read_length(struct mcx_call *call)
{
    const char *text = field(call, "Content-Length");
    unsigned long long len = text ? strtoull(text, NULL, 10) : 0;

    if (field(call, "Transfer-Encoding") || (!text && call->verb == MCX_UE_CONNECT))
        refuse(call, MCX_PROBLEM_NO_LENGTH, "Send Content-Length, and no Transfer-Encoding.");
    else if (len > MCX_BODY_MAX)
        refuse_too_large(call);
    else
        call->body_size = (size_t)len;
}

static void read_media_type(struct mcx_call *call)
{
    const char *type = field(call, "Content-Type"), *encoding = field(call, "Content-Encoding");

    if (!type || !is_media_type(bare_type(type, strlen(type)), "application/json") || encoding)
        refuse(call, MCX_PROBLEM_MEDIA_TYPE,
               "Send application/json, not encoded; mcptt-location-info goes into its member "
               "locationInfo.");
}

/* RFC 6750 3: without any scope of ours there is nothing that the bearer may ask. */
static void read_scope(struct mcx_call *call)
{
    for (int i = 0; i < MCX_SERVICES; i++)
        if (call->token.granted.has[i])
            return;
    refuse(call, MCX_PROBLEM_INSUFFICIENT_SCOPE,
           "The access token has no config_management_service scope with the MC service id that "
           "belongs to it: get one that has.");
    mcx_reply_challenge(&call->reply, "insufficient_scope",
                        "A config_management_service scope is needed",
                        mcx_service_rows[MCX_SERVICE_MCPTT].scope);
}

void mcx_call_read_head(struct mcx_call *call, const char *path, const char *method)
{
    read_framing(call);
    if (!call->is_answer_known)
        read_target(call, path, method);
    if (!call->is_answer_known)
        read_accept(call);
    if (!call->is_answer_known)
        read_token(call);
    if (!call->is_answer_known)
        read_scope(call);
    if (!call->is_answer_known)
        read_length(call);
    if (!call->is_answer_known && call->verb == MCX_UE_CONNECT)
        read_media_type(call);
}
