/* SPDX-License-Identifier: Apache-2.0 */
/* Steps 8 to 12 of CR 10.1.X.1 at the partner: a PAR becomes a decision, an MIR to the own SIP
 * database, and an answer with the initial UE configuration. A repeat of a PAR runs through all of
 * it again and gives the same. Errands block on the database; the rest does not. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cms/cms_private.h"
#include "store/allocation.h"
#include "store/choice.h"
#include "store/document.h"

struct access {
    struct mcx_errand errand; /* first */
    struct mcx_par par;
    struct mcx_str system; /* the requester, as its connection says */
    mcx_cms_answered done;
    void *arg;
    struct mcx_access_choice choice;
    struct mcx_given answer;
};

static void finish(struct access *access, enum mcx_err err)
{
    access->done(access->arg, err, err == MCX_OK ? &access->answer : NULL);
    mcx_given_free(&access->answer);
    free(access);
}

static void refuse(struct access *access, struct mcx_result result)
{
    access->answer = (struct mcx_given){.result = result};
    finish(access, MCX_OK);
}

static void unavailable(struct access *access)
{
    refuse(access, mcx_result_mcx(MCX_MCX_SYSTEM_UNAVAILABLE));
}

static void dropped(struct mcx_errand *errand, enum mcx_err why)
{
    struct access *access = (struct access *)errand;

    if (why == MCX_CLOSING)
        finish(access, why);
    else
        unavailable(access);
}

/* ---- step 12 ---- */

/* The primary takes it as final: what step 10 made is not to stay. */
static enum mcx_err give_up(struct access *access, struct mcx_session *session)
{
    enum mcx_err err = mcx_store_binding_release(
        session, access->par.binding_id, access->system.octets, MCX_REVOKED,
        mcx_session_actor(session), "no PDN access credential was free");

    mcx_log_limited(MCX_LOG_ERROR,
                    "ev=credentials_exhausted partner=%s released=%s remedy=\"mcxctl "
                    "credential load\"",
                    MCX_SAFE(mcx_span_str(&access->system)), mcx_err_label(err));
    if (err == MCX_DB_AWAY)
        return err;
    refuse(access, mcx_result_mcx(MCX_MCX_IDENTITIES_EXHAUSTED));
    return MCX_OK;
}

static enum mcx_err fill(struct mcx_errand *errand, struct mcx_session *session)
{
    struct access *access = (struct access *)errand;
    struct mcx_document document = {0};
    enum mcx_err err =
        mcx_store_document_fill(session, &mcx_cms.ring, access->choice.partner_id,
                                access->choice.services, access->par.binding_id, &document);

    if (err == MCX_DB_AWAY)
        return err;
    if (err == MCX_LIMIT)
        return give_up(access, session);
    if (err != MCX_OK && err != MCX_NOT_FOUND) {
        mcx_log_limited(MCX_LOG_ERROR, "ev=document_failed partner=%s reason=%s",
                        MCX_SAFE(mcx_span_str(&access->system)), mcx_err_label(err));
        unavailable(access);
        return MCX_OK;
    }
    access->answer.document = document.octets;
    access->answer.document_len = document.len;
    finish(access, MCX_OK);
    return MCX_OK;
}

/* ---- steps 9 to 11 ---- */

/* What our SIP database refused, in words for the primary. */
static struct mcx_result translate(struct mcx_result result)
{
    if (!result.is_experimental && result.code == MCX_RC_AVP_OCCURS_TOO_MANY_TIMES)
        return mcx_result_mcx(MCX_MCX_IDENTITIES_EXHAUSTED); /* of this binding: a repeat is vain */
    if (result.is_mcx || (!result.is_experimental && result.code == MCX_RC_CONTRADICTING_AVPS))
        return result;
    return mcx_result_mcx(MCX_MCX_SYSTEM_UNAVAILABLE);
}

static void mir_answered(void *arg, enum mcx_err err, struct mcx_given *answer)
{
    struct access *access = arg;

    if (err == MCX_CLOSING) {
        finish(access, err);
        return;
    }
    if (err != MCX_OK) {
        unavailable(access);
        return;
    }
    if (!mcx_result_is_success(answer->result)) {
        refuse(access, translate(answer->result));
        return;
    }
    access->answer = *answer;
    answer->document = NULL;
    access->errand.run = fill;
    access->errand.was_run = false;
    if (mcx_cms_post(&access->errand) != MCX_OK)
        unavailable(access);
}

static void send_mir(struct access *access)
{
    const struct mcx_cms_peer own = {.system = {0}};
    struct mcx_mir mir = {.direction = MCX_INBOUND,
                          .system = access->system,
                          .mc_user_id = access->par.mc_user_id,
                          .source = access->par.source,
                          .database_realm = access->par.database_realm,
                          .database_host = access->par.database_host,
                          .expires_s = access->choice.expires_s};

    memcpy(mir.binding_id, access->par.binding_id, sizeof mir.binding_id);
    if (mcx_cms.ports.mir(&mir, &own, mir_answered, access) != MCX_OK)
        unavailable(access);
}

/* ---- step 8 ---- */

static enum mcx_err decide(struct mcx_errand *errand, struct mcx_session *session)
{
    static const uint32_t code[] = {
        [MCX_ACCESS_NO_AGREEMENT] = MCX_MCX_NO_AGREEMENT,
        [MCX_ACCESS_NOT_AUTHORIZED] = MCX_MCX_USER_NOT_AUTHORIZED,
        [MCX_ACCESS_EXHAUSTED] = MCX_MCX_IDENTITIES_EXHAUSTED,
    };
    struct access *access = (struct access *)errand;
    const struct mcx_access_ask ask = {.system = access->system, .par = &access->par};
    enum mcx_err err = mcx_store_access_choose(session, &ask, &access->choice);

    if (err == MCX_DB_AWAY)
        return err;
    mcx_log(MCX_LOG_INFO, "ev=access_decided binding=%s system=%s verdict=%s",
            access->par.binding_id, MCX_SAFE(mcx_span_str(&access->system)),
            err == MCX_OK ? access->choice.reason : mcx_err_label(err));
    if (err != MCX_OK)
        unavailable(access);
    else if (access->choice.verdict != MCX_ACCESS)
        refuse(access, mcx_result_mcx(code[access->choice.verdict]));
    else
        send_mir(access);
    return MCX_OK;
}

enum mcx_err mcx_cms_par(const struct mcx_par *par, const struct mcx_str *system,
                         mcx_cms_answered done, void *arg)
{
    struct access *access = calloc(1, sizeof *access);
    enum mcx_err err;

    if (!access)
        return MCX_NO_MEMORY;
    access->errand =
        (struct mcx_errand){.job = {.shard = mcx_span_hash(mcx_span_str(&par->source.impi))},
                            .run = decide,
                            .drop = dropped};
    access->par = *par;
    access->system = *system;
    access->done = done;
    access->arg = arg;
    err = mcx_cms_post(&access->errand);
    if (err != MCX_OK)
        free(access);
    return err;
}
