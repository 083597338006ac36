/* SPDX-License-Identifier: Apache-2.0 */
/* An MRR that reaches the configuration management server (CR, "MC service migration": design 3 and
 * 4, "Ending"): of a partner that ends what its user has here, or what our user has there. One
 * errand each; blocks on the database there. */
#include <stdlib.h>

#include "base/log.h"
#include "cms/cms_private.h"
#include "store/allocation.h"

struct release {
    struct mcx_errand errand; /* first */
    struct mcx_mrr mrr;
    struct mcx_str from; /* system id of the partner; len 0: our own SIP database */
    mcx_cms_answered done;
    void *arg;
};

static void finish(struct release *release, enum mcx_err err, struct mcx_result result)
{
    struct mcx_given answer = {.result = result};

    release->done(release->arg, err, err == MCX_OK ? &answer : NULL);
    free(release);
}

static void dropped(struct mcx_errand *errand, enum mcx_err why)
{
    finish((struct release *)errand, why == MCX_CLOSING ? why : MCX_OK,
           mcx_result_mcx(MCX_MCX_SYSTEM_UNAVAILABLE));
}

/* What our own user has there. */
static enum mcx_err end_ours(struct release *release, struct mcx_session *session)
{
    bool is_partner = release->from.len > 0;
    const struct mcx_migration_end end = {.binding_id = release->mrr.binding_id,
                                          .cause = mcx_cause_text(release->mrr.cause),
                                          .reason = is_partner ? "the partner system ended it"
                                                               : "the own SIP database ended it",
                                          .from = is_partner ? &release->from : NULL,
                                          .primary = &release->mrr.system,
                                          .tells_partner = !is_partner};

    return mcx_store_migration_end(session, &end);
}

/* What the partner's user has here; or what our user has there without a migration of ours, since
 * it was provisioned by hand. */
static enum mcx_err end_bindings(struct release *release, struct mcx_session *session)
{
    const char *who = release->from.octets;

    if (!mcx_str_equal(&release->mrr.system, &release->from)) {
        enum mcx_err err = mcx_store_grant_is_of(session, release->mrr.binding_id, &release->from);

        if (err != MCX_OK)
            return err;
    }
    return mcx_store_binding_release(session, release->mrr.binding_id, release->mrr.system.octets,
                                     release->mrr.cause, who, "the other system ended it");
}

static enum mcx_err run(struct mcx_errand *errand, struct mcx_session *session)
{
    struct release *release = (struct release *)errand;
    bool is_theirs = release->from.len > 0 && mcx_str_equal(&release->mrr.system, &release->from);
    struct mcx_result result = mcx_result_code(MCX_RC_SUCCESS);
    enum mcx_err err = is_theirs ? MCX_NOT_FOUND : end_ours(release, session);

    if (err == MCX_NOT_FOUND && release->from.len > 0)
        err = end_bindings(release, session);
    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_NOT_FOUND)
        result = mcx_result_mcx(MCX_MCX_UNKNOWN_BINDING);
    else if (err != MCX_OK)
        result = mcx_result_code(MCX_RC_UNABLE_TO_COMPLY);
    mcx_log(MCX_LOG_INFO, "ev=release binding=%s from=%s cause=%d result=%s%u",
            release->mrr.binding_id,
            release->from.len ? MCX_SAFE(mcx_span_str(&release->from)) : "own",
            (int)release->mrr.cause, mcx_result_prefix(result), result.code);
    finish(release, MCX_OK, result);
    return MCX_OK;
}

enum mcx_err mcx_cms_mrr(const struct mcx_mrr *mrr, const struct mcx_str *system,
                         mcx_cms_answered done, void *arg)
{
    struct release *release = calloc(1, sizeof *release);
    enum mcx_err err;

    if (!release)
        return MCX_NO_MEMORY;
    release->errand = (struct mcx_errand){
        .job = {.shard = mcx_span_hash(mcx_span_of(mrr->binding_id))}, .run = run, .drop = dropped};
    release->mrr = *mrr;
    release->from = *system;
    release->done = done;
    release->arg = arg;
    err = mcx_cms_post(&release->errand);
    if (err != MCX_OK)
        free(release);
    return err;
}
