/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of the answers to UEs. Nothing here knows the HTTP library. Pure; any thread. */
#include "http/reply.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define TYPE_PREFIX   "https://mcx-hss.example/problems/"
#define DOCUMENT_TYPE "application/vnd.3gpp.mcptt-ue-init-config+xml" /* TS 24.484 7.2 */

struct problem {
    unsigned status;
    const char *type, *title;
};

static const struct problem problems[] = {
#define MCX_PROBLEM(name, status, type, title) [MCX_PROBLEM_##name] = {status, type, title},
#include "http/problems.def"
#undef MCX_PROBLEM
};

static void write_member(struct mcx_writer *body, const char *name, const char *value)
{
    mcx_write(body, name);
    mcx_write_text(body, mcx_span_of(value));
}

/* Leaves the object open. */
static void begin_problem(struct mcx_http_reply *out, const struct problem *problem,
                          const char *detail)
{
    char status[32];
    char type[128];

    mcx_writer_drop(&out->body);
    out->status = problem->status;
    out->is_problem = true;
    snprintf(type, sizeof type, "%s%s", TYPE_PREFIX, problem->type);
    snprintf(status, sizeof status, ",\"status\":%u", problem->status);
    write_member(&out->body, "{\"type\":", type);
    write_member(&out->body, ",\"title\":", problem->title);
    mcx_write(&out->body, status);
    write_member(&out->body, ",\"detail\":", detail);
}

static void end(struct mcx_http_reply *out)
{
    mcx_write(&out->body, "}\n");
    if (out->body.err != MCX_OK)
        mcx_writer_drop(&out->body);
}

void mcx_reply_problem(struct mcx_http_reply *out, enum mcx_problem problem, const char *detail)
{
    begin_problem(out, &problems[problem], detail);
    end(out);
}

static void write_identities(struct mcx_writer *body, const struct mcx_identities *given)
{
    mcx_write(body, ",\"sip\":{\"privateIdentity\":");
    mcx_write_str(body, &given->impi);
    mcx_write(body, ",\"publicIdentities\":[");
    for (size_t i = 0; i < given->impu_count && i < MCX_PUBLIC_MAX; i++) {
        mcx_write(body, i ? "," : "");
        mcx_write_str(body, &given->impu[i]);
    }
    mcx_write(body, "]}");
}

/* RFC 3339, UTC. */
static void write_expiry(struct mcx_writer *body, int64_t expires_s)
{
    time_t when = (time_t)expires_s;
    char text[40];
    struct tm utc;

    mcx_write(body, ",\"expires\":");
    if (expires_s == MCX_NEVER || !gmtime_r(&when, &utc) ||
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        mcx_write(body, "null");
    else
        mcx_write_text(body, mcx_span_of(text));
}

static void write_binding(struct mcx_writer *body, const struct mcx_ue_binding *binding,
                          bool with_document)
{
    write_member(body, "{\"bindingId\":", binding->binding_id);
    mcx_write(body, ",\"mcUserId\":");
    mcx_write_str(body, &binding->mc_user_id);
    mcx_write(body, ",\"device\":");
    mcx_write_str(body, &binding->device);
    mcx_write(body, ",\"partner\":{\"id\":");
    mcx_write_str(body, &binding->partner);
    mcx_write(body, binding->is_requested ? ",\"isRequested\":true}" : ",\"isRequested\":false}");
    write_identities(body, &binding->inbound);
    write_expiry(body, binding->expires_s);
    if (with_document && binding->document) {
        mcx_write(body, ",\"ueInitialConfiguration\":{\"contentType\":\"" DOCUMENT_TYPE
                        "\",\"document\":");
        mcx_write_text(body, mcx_span(binding->document, binding->document_len));
        mcx_write(body, "}");
    } else if (with_document)
        mcx_write(body, ",\"ueInitialConfiguration\":null");
    mcx_write(body, "}");
}

static void write_list(struct mcx_writer *body, const struct mcx_ue_reply *outcome)
{
    mcx_write(body, "{\"partnerConnections\":[");
    for (size_t i = 0; i < outcome->binding_count; i++) {
        mcx_write(body, i ? "," : "");
        write_binding(body, &outcome->binding[i], false);
    }
    mcx_write(body, "]}\n");
}

static void say_fault(struct mcx_http_reply *out)
{
    mcx_reply_problem(out, MCX_PROBLEM_FAULT,
                      "The result could not be sent. Tell the operator of your system.");
}

static void reply_ok(struct mcx_http_reply *out, enum mcx_ue_verb verb,
                     const struct mcx_ue_reply *outcome)
{
    out->status = 200;
    out->is_problem = false;
    if (verb == MCX_UE_LIST)
        write_list(&out->body, outcome);
    else if (outcome->binding_count == 1) {
        write_binding(&out->body, outcome->binding, true);
        mcx_write(&out->body, "\n");
    } else
        out->body.err = MCX_INVALID;
    if (out->body.err != MCX_OK)
        say_fault(out);
}

static void reply_refused(struct mcx_http_reply *out, const struct mcx_ue_reply *outcome)
{
    static const struct problem by_outcome[] = {
        [MCX_UE_FORBIDDEN] = {403, "forbidden", "This user may not migrate so"},
        [MCX_UE_NOT_FOUND] = {404, "not-found", "Nothing fits this request"},
        [MCX_UE_CONFLICT] = {409, "several-devices", "A device must be chosen"},
        [MCX_UE_UNAVAILABLE] = {503, "unavailable", "This cannot be done at the moment"},
        [MCX_UE_FAULT] = {500, "fault", "The server failed"},
    };
    struct problem problem = by_outcome[outcome->outcome];

    if (outcome->problem)
        problem.type = outcome->problem;
    begin_problem(out, &problem, outcome->detail);
    if (outcome->outcome == MCX_UE_CONFLICT && outcome->label_count > 0) {
        mcx_write(&out->body, ",\"devices\":[");
        for (size_t i = 0; i < outcome->label_count; i++) {
            mcx_write(&out->body, i ? "," : "");
            mcx_write_str(&out->body, &outcome->label[i]);
        }
        mcx_write(&out->body, "]");
    }
    if (outcome->binding_id)
        write_member(&out->body, ",\"bindingId\":", outcome->binding_id);
    end(out);
    if (outcome->outcome == MCX_UE_UNAVAILABLE)
        out->retry_after_s = outcome->retry_after_s ? outcome->retry_after_s : 1;
}

void mcx_reply_outcome(struct mcx_http_reply *out, enum mcx_ue_verb verb,
                       const struct mcx_ue_reply *outcome)
{
    mcx_writer_drop(&out->body);
    switch (outcome->outcome) {
    case MCX_UE_OK:
        reply_ok(out, verb, outcome);
        return;
    case MCX_UE_ENDED:
        out->status = 204;
        return;
    case MCX_UE_FORBIDDEN:
    case MCX_UE_NOT_FOUND:
    case MCX_UE_CONFLICT:
    case MCX_UE_UNAVAILABLE:
    case MCX_UE_FAULT:
        reply_refused(out, outcome);
        return;
    }
    say_fault(out);
}

/* The texts are ours: no quotes or backslashes inside. */
void mcx_reply_challenge(struct mcx_http_reply *out, const char *error, const char *description,
                         const char *scope)
{
    char *to = out->challenge;
    size_t size = sizeof out->challenge, used;

    snprintf(to, size, "Bearer realm=\"mcx\"");
    used = strlen(to);
    if (error)
        snprintf(to + used, size - used, ", error=\"%s\", error_description=\"%s\"", error,
                 description);
    used = strlen(to);
    if (scope)
        snprintf(to + used, size - used, ", scope=\"%s\"", scope);
}
