/* SPDX-License-Identifier: Apache-2.0 */
/* The UE's other requests: list, show and end what it has. One errand each; blocks on the database
 * there. Only bindings of the token's own user are seen; others do not exist (design 8). */
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "cms/cms_private.h"
#include "store/document.h"

enum { LIST_MAX = 64 };

struct asked {
    struct mcx_errand errand; /* first */
    struct mcx_ue_ask ask;
    mcx_ue_done done;
    void *arg;
    size_t count;
    struct mcx_migration found[LIST_MAX];
};

static void finish(struct asked *asked, const struct mcx_ue_reply *reply)
{
    asked->done(asked->arg, reply);
    free(asked);
}

static void dropped(struct mcx_errand *errand, enum mcx_err why)
{
    struct mcx_ue_reply reply = mcx_ue_reply_away(why);

    finish((struct asked *)errand, &reply);
}

static struct mcx_ue_reply none(void)
{
    return mcx_ue_reply_problem(MCX_UE_NOT_FOUND, "no-such-connection",
                                "There is no such partner connection of this user. GET "
                                "/mcx/v1/partner-connections lists those that there are.");
}

static enum mcx_err list(struct asked *asked)
{
    struct mcx_ue_binding binding[LIST_MAX];
    struct mcx_ue_reply reply = {
        .outcome = MCX_UE_OK, .binding_count = asked->count, .binding = binding};

    for (size_t i = 0; i < asked->count; i++)
        binding[i] = mcx_ue_reply_binding(&asked->found[i], NULL);
    finish(asked, &reply);
    return MCX_OK;
}

static enum mcx_err show(struct asked *asked, struct mcx_session *session)
{
    struct mcx_document document = {0};
    enum mcx_err err = mcx_cms_document(session, &asked->found[0], &document);
    const struct mcx_span octets = mcx_span(document.octets, document.len);
    const struct mcx_ue_binding binding = mcx_ue_reply_binding(&asked->found[0], &octets);
    struct mcx_ue_reply reply = {.outcome = MCX_UE_OK, .binding_count = 1, .binding = &binding};

    if (err == MCX_DB_AWAY)
        return err;
    err = mcx_cms_refused(session, MCX_CMS_SHOW, err);
    if (err != MCX_OK)
        reply = mcx_ue_reply_away(err);
    finish(asked, &reply);
    mcx_document_free(&document);
    return MCX_OK;
}

/* What the user has ended himself is ended again: the answer to the first request may be lost. Two
 * at once: the later one finds what the earlier one did. */
static enum mcx_err end(struct asked *asked, struct mcx_session *session)
{
    const char *id = asked->ask.binding_id;
    struct mcx_migration_end what = {.binding_id = id,
                                     .cause = "released",
                                     .reason = "the user ended it",
                                     .tells_partner = true};
    struct mcx_ue_reply reply = {.outcome = MCX_UE_ENDED};
    enum mcx_err err = MCX_NOT_FOUND;
    bool is_released = false;
    struct mcx_str user;

    for (int tried = 0; err == MCX_NOT_FOUND && !is_released && tried < 2; tried++) {
        err = mcx_store_migration_of(session, &asked->ask.migration.services, id, &user,
                                     &is_released);
        what.mc_user_id = user.octets;
        if (err == MCX_OK && !is_released)
            err = mcx_store_migration_end(session, &what);
    }
    if (err == MCX_DB_AWAY)
        return err;
    err = mcx_cms_refused(session, MCX_CMS_END, err);
    if (err != MCX_OK)
        reply = err == MCX_NOT_FOUND ? none() : mcx_ue_reply_away(err);
    mcx_log(MCX_LOG_INFO, "ev=migration_ended binding=%s by=user repeat=%d result=%s", id,
            is_released, mcx_err_label(err));
    if (err == MCX_OK)
        mcx_outbox_wake(mcx_cms.outbox);
    finish(asked, &reply);
    return MCX_OK;
}

static enum mcx_err run(struct mcx_errand *errand, struct mcx_session *session)
{
    struct asked *asked = (struct asked *)errand;
    bool is_list = asked->ask.verb == MCX_UE_LIST;
    struct mcx_ue_reply reply;
    enum mcx_err err;

    if (asked->ask.verb == MCX_UE_END)
        return end(asked, session);
    err = mcx_store_migration_list(session, &asked->ask.migration.services,
                                   is_list ? NULL : asked->ask.binding_id, asked->found, LIST_MAX,
                                   &asked->count);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_OK && is_list)
        return list(asked);
    if (err == MCX_OK && asked->count > 0)
        return show(asked, session);
    err = mcx_cms_refused(session, is_list ? MCX_CMS_LIST : MCX_CMS_SHOW, err);
    reply = err == MCX_OK ? none() : mcx_ue_reply_away(err);
    finish(asked, &reply);
    return MCX_OK;
}

enum mcx_err mcx_cms_ask(const struct mcx_ue_ask *ask, mcx_ue_done done, void *arg)
{
    struct mcx_connect_ask connect = {.migration = ask->migration};
    struct asked *asked = NULL;
    enum mcx_err err;

    if (ask->verb == MCX_UE_CONNECT)
        return mcx_connect_begin(&connect, done, arg);
    asked = calloc(1, sizeof *asked);
    if (!asked)
        return MCX_NO_MEMORY;
    asked->errand = (struct mcx_errand){.run = run, .drop = dropped};
    for (int i = 0; i < MCX_SERVICES; i++)
        if (ask->migration.services.has[i])
            asked->errand.job.shard = mcx_span_hash(mcx_span_str(&ask->migration.services.id[i]));
    asked->ask = *ask;
    asked->done = done;
    asked->arg = arg;
    err = mcx_cms_post(&asked->errand);
    if (err != MCX_OK)
        free(asked);
    return err;
}
