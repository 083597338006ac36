/* SPDX-License-Identifier: Apache-2.0 */
/* The server's parts, started and stopped together, by configuration and shutdown threads; and what
 * its files share. */
#include "base/log.h"
#include "cms/cms_private.h"
#include "store/keys.h"

struct mcx_cms mcx_cms = {.posting = PTHREAD_MUTEX_INITIALIZER};

enum mcx_err mcx_cms_post(struct mcx_errand *errand)
{
    enum mcx_err err = MCX_CLOSING;

    pthread_mutex_lock(&mcx_cms.posting);
    if (mcx_cms.pool && !mcx_cms.is_closing)
        err = mcx_pool_post(mcx_cms.pool, &errand->job);
    pthread_mutex_unlock(&mcx_cms.posting);
    return err;
}

enum mcx_err mcx_cms_refused(const struct mcx_session *session, enum mcx_cms_step step,
                             enum mcx_err err)
{
    static const char *const texts[] = {
#define MCX_CMS_STEP(name, text) text,
        MCX_CMS_STEPS(MCX_CMS_STEP)
#undef MCX_CMS_STEP
    };
    static struct mcx_log_gate gates[sizeof texts / sizeof *texts];

    if (err != MCX_DB_ERROR)
        return err;
    mcx_log_gated(&gates[step], MCX_LOG_ERROR, "ev=ue_request_failed step=%s sqlstate=%s",
                  texts[step], mcx_session_sqlstate(session));
    return mcx_session_is_passing(session) ? MCX_BUSY : err;
}

enum mcx_err mcx_cms_start(const struct mcx_conf *conf, const struct mcx_cms_ports *ports,
                           struct mcx_conf_problem *problem)
{
    const struct mcx_pool_ops ops = mcx_errand_ops(MCX_CMS_ACTOR);
    struct mcx_outbox_options options;
    enum mcx_err err;

    mcx_cms.conf = conf;
    mcx_cms.ports = *ports;
    mcx_keyring_from(conf, &mcx_cms.ring);
    err = mcx_pool_start(conf, &ops, &mcx_cms.pool, &mcx_cms.pool, problem);
    if (err != MCX_OK)
        return err;
    mcx_cms_tasks(&options);
    err = mcx_outbox_start(conf, &options, &mcx_cms.outbox, problem);
    if (err != MCX_OK)
        mcx_cms_stop();
    return err;
}

void mcx_cms_stop(void)
{
    pthread_mutex_lock(&mcx_cms.posting);
    mcx_cms.is_closing = true;
    pthread_mutex_unlock(&mcx_cms.posting);
    if (mcx_cms.pool)
        mcx_pool_stop(&mcx_cms.pool);
    if (mcx_cms.outbox)
        mcx_outbox_stop(&mcx_cms.outbox);
    mcx_wipe(&mcx_cms.ring, sizeof mcx_cms.ring);
}
