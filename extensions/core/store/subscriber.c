/* SPDX-License-Identifier: Apache-2.0 */
/* One subscriber at a time: tables identity, public_identity, impi_impu, implicit_set, credential,
 * sqn. The caller's thread; blocks on the database. */
#include "store/subscriber.h"

#include <stdio.h>
#include <string.h>

#include "aka/aka.h"
#include "identity/identity.h"
#include "store/keys.h"

struct add {
    const struct mcx_keyring *ring;
    const struct mcx_new_subscriber *want;
    int64_t subscriber_id;
    bool was_deleted;
};

/* ---- add ---- */

static enum mcx_err check_domain(struct mcx_session *session, const struct mcx_str *identity,
                                 struct mcx_conf_problem *problem)
{
    struct mcx_span domain = mcx_identity_domain(identity);
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    if (domain.len == 0) /* a tel URI */
        return MCX_OK;
    mcx_params_span(&params, domain);
    err = mcx_admin_one(session, MCX_STMT_DOMAIN_PURPOSE, &params, &rows, problem);
    if (err == MCX_OK && mcx_span_equal(mcx_cell_span(&rows, 0, 0), mcx_span_of("own")))
        return MCX_OK;
    if (err != MCX_OK && err != MCX_NOT_FOUND)
        return err;
    return mcx_admin_refuse(
        problem, MCX_NOT_LIVE,
        "%s: %.*s is not a domain of own identities: mcxctl domain add %.*s --purpose own",
        identity->octets, (int)domain.len, domain.octets, (int)domain.len, domain.octets);
}

/* A new number, or the old one of a deleted subscriber, whose SEQ goes on. */
static enum mcx_err claim_impi(struct mcx_session *session, struct add *add,
                               struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_PARAMS insert = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, &add->want->impi);
    err = mcx_admin_one(session, MCX_STMT_IDENTITY_GET, &params, &rows, problem);
    if (err == MCX_OK) {
        add->was_deleted = mcx_cell_bool(&rows, 0, 2);
        add->subscriber_id = mcx_cell_i64(&rows, 0, 1);
        if (!add->was_deleted)
            return mcx_admin_refuse(problem, MCX_EXISTS, "%s is already there (%s)",
                                    add->want->impi.octets, mcx_cell_text(&rows, 0, 0));
        return mcx_admin_run(session, MCX_STMT_IDENTITY_REVIVE, &params, NULL, problem);
    }
    if (err != MCX_NOT_FOUND)
        return err;
    err = mcx_admin_take_ids(session, "subscriber", 1, &add->subscriber_id, problem);
    mcx_params_str(&insert, &add->want->impi);
    mcx_params_text(&insert, "own");
    mcx_params_i64(&insert, add->subscriber_id);
    return err == MCX_OK ? mcx_admin_run(session, MCX_STMT_IDENTITY_ADD, &insert, NULL, problem)
                         : err;
}

static enum mcx_err add_impus(struct mcx_session *session, const struct add *add,
                              struct mcx_conf_problem *problem)
{
    struct mcx_span impus[MCX_IMPUS_MAX];
    MCX_PARAMS params = {0};
    MCX_PARAMS set = {0};
    MCX_PARAMS links = {0};
    MCX_ROWS rows = {0};
    int64_t set_id;
    size_t made;
    enum mcx_err err = mcx_admin_take_ids(session, "implicit_set", 1, &set_id, problem);

    for (size_t i = 0; i < add->want->impu_count; i++)
        impus[i] = mcx_span_str(&add->want->impu[i]);
    mcx_params_texts(&params, impus, add->want->impu_count);
    mcx_params_text(&params, "own");
    mcx_params_i64(&params, set_id);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_PUBLIC_ADD, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    made = mcx_rows_changed(&rows);
    if (made < add->want->impu_count && !add->want->may_share)
        return mcx_admin_refuse(
            problem, MCX_EXISTS,
            "an IMPU of %s belongs to somebody already: use --shared if it is meant to",
            add->want->impi.octets);
    mcx_params_i64(&set, set_id);
    if (made > 0)
        err = mcx_admin_run(session, MCX_STMT_SET_ADD, &set, NULL, problem);
    mcx_params_str(&links, &add->want->impi);
    mcx_params_texts(&links, impus, add->want->impu_count);
    mcx_rows_free(&rows);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_IMPI_IMPU_ADD, &links, &rows, problem);
    if (err == MCX_OK && mcx_rows_changed(&rows) != add->want->impu_count)
        return mcx_admin_refuse(problem, MCX_EXISTS,
                                "an IMPU of %s is a migration identity, or was given twice",
                                add->want->impi.octets);
    return err;
}

static enum mcx_err add_credential(struct mcx_session *session, const struct add *add,
                                   struct mcx_conf_problem *problem)
{
    uint8_t k[MCX_WRAP_LEN], opc[MCX_WRAP_LEN];
    struct mcx_span impi = mcx_span_str(&add->want->impi);
    MCX_PARAMS params = {0};
    enum mcx_err err = mcx_wrap(add->ring, MCX_WRAP_K, impi, add->want->k, k);

    if (err == MCX_OK)
        err = mcx_wrap(add->ring, MCX_WRAP_OPC, impi, add->want->opc, opc);
    if (err != MCX_OK)
        return mcx_admin_refuse(problem, err, "keys cannot be wrapped: %s", mcx_err_text(err));
    mcx_params_i64(&params, add->subscriber_id);
    mcx_params_str(&params, &add->want->impi);
    mcx_params_i64(&params, add->ring->kek[0].id);
    mcx_params_span(&params, mcx_span(k, sizeof k));
    mcx_params_span(&params, mcx_span(opc, sizeof opc));
    mcx_params_span(&params, mcx_span(add->want->amf, sizeof add->want->amf));
    return mcx_admin_run(session, MCX_STMT_CREDENTIAL_ADD, &params, NULL, problem);
}

static enum mcx_err add_steps(struct mcx_session *session, void *change,
                              struct mcx_conf_problem *problem)
{
    struct add *add = change;
    MCX_PARAMS params = {0};
    enum mcx_err err = mcx_store_key_hold(session, add->ring, problem);

    if (err == MCX_OK)
        err = check_domain(session, &add->want->impi, problem);
    for (size_t i = 0; err == MCX_OK && i < add->want->impu_count; i++)
        err = check_domain(session, &add->want->impu[i], problem);
    if (err == MCX_OK)
        err = claim_impi(session, add, problem);
    if (err == MCX_OK)
        err = add_impus(session, add, problem);
    if (err == MCX_OK)
        err = add_credential(session, add, problem);
    mcx_params_i64(&params, add->subscriber_id);
    mcx_params_i64(&params, add->want->seq);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_SQN_ADD, &params, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "subscriber_added", problem, "impi", add->want->impi.octets,
                              "was_deleted", add->was_deleted ? "true" : "false", NULL);
    return err;
}

enum mcx_err mcx_store_subscriber_add(struct mcx_session *session, const struct mcx_keyring *ring,
                                      const struct mcx_new_subscriber *subscriber,
                                      struct mcx_conf_problem *problem)
{
    struct add add = {.ring = ring, .want = subscriber};

    if (ring->count == 0)
        return mcx_admin_refuse(
            problem, MCX_NO_KEY,
            "no key to encrypt with: name one in keys of mcx.conf, see mcxctl key create");
    if (subscriber->impu_count == 0 || subscriber->impu_count > MCX_IMPUS_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "1 to %d IMPUs are needed", MCX_IMPUS_MAX);
    if (subscriber->seq < 0 || subscriber->seq > MCX_SEQ_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "SEQ must be 0 to %lld",
                                (long long)MCX_SEQ_MAX);
    return mcx_admin_change(session, add_steps, &add, problem);
}

/* ---- changes of one that is there ---- */

struct change {
    const struct mcx_str *impi;
    const char *reason;
    bool is_barred, force;
    int64_t seq;
};

static enum mcx_err find(struct mcx_session *session, const struct mcx_str *impi,
                         int64_t *subscriber_id, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_str(&params, impi);
    err = mcx_admin_one(session, MCX_STMT_IDENTITY_GET, &params, &rows, problem);
    if (err == MCX_OK && (mcx_cell_bool(&rows, 0, 2) ||
                          !mcx_span_equal(mcx_cell_span(&rows, 0, 0), mcx_span_of("own"))))
        err = MCX_NOT_FOUND;
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s is no subscriber of this system", impi->octets);
    if (err == MCX_OK)
        *subscriber_id = mcx_cell_i64(&rows, 0, 1);
    return err;
}

static enum mcx_err end_grants(struct mcx_session *session, const struct mcx_str *impi,
                               const char *reason, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    enum mcx_err err;

    mcx_params_str(&params, impi);
    mcx_params_text(&params, mcx_session_actor(session));
    mcx_params_text(&params, reason);
    err = mcx_admin_run(session, MCX_STMT_GRANTS_END_OF_SUBSCRIBER, &params, NULL, problem);
    return err == MCX_OK ? mcx_admin_run(session, MCX_STMT_MIGRATIONS_END_OF_SUBSCRIBER, &params,
                                         NULL, problem)
                         : err;
}

static enum mcx_err delete_steps(struct mcx_session *session, void *arg,
                                 struct mcx_conf_problem *problem)
{
    static const enum mcx_stmt by_impi[] = {MCX_STMT_PUBLIC_DELETE_OF, MCX_STMT_IMPI_IMPU_DELETE,
                                            MCX_STMT_CREDENTIAL_DELETE, MCX_STMT_IDENTITY_RETIRE};
    const struct change *change = arg;
    MCX_PARAMS params = {0};
    int64_t subscriber_id = 0;
    enum mcx_err err = find(session, change->impi, &subscriber_id, problem);

    if (err == MCX_OK)
        err = end_grants(session, change->impi, change->reason, problem);
    mcx_params_str(&params, change->impi);
    for (size_t i = 0; err == MCX_OK && i < sizeof by_impi / sizeof by_impi[0]; i++)
        err = mcx_admin_run(session, by_impi[i], &params, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "subscriber_deleted", problem, "impi", change->impi->octets,
                              "reason", change->reason, NULL);
    return err;
}

enum mcx_err mcx_store_subscriber_delete(struct mcx_session *session, const struct mcx_str *impi,
                                         const char *reason, struct mcx_conf_problem *problem)
{
    return mcx_admin_change(session, delete_steps, &(struct change){.impi = impi, .reason = reason},
                            problem);
}

static enum mcx_err bar_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    const struct change *change = arg;
    MCX_PARAMS params = {0};
    int64_t subscriber_id = 0;
    enum mcx_err err = find(session, change->impi, &subscriber_id, problem);

    mcx_params_i64(&params, subscriber_id);
    mcx_params_bool(&params, change->is_barred);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_CREDENTIAL_BAR, &params, NULL, problem);
    if (err == MCX_OK && change->is_barred)
        err = end_grants(session, change->impi, change->reason, problem);
    if (err == MCX_OK)
        err = mcx_admin_audit(
            session, change->is_barred ? "subscriber_barred" : "subscriber_unbarred", problem,
            "impi", change->impi->octets, "reason", change->reason, NULL);
    return err;
}

enum mcx_err mcx_store_subscriber_bar(struct mcx_session *session, const struct mcx_str *impi,
                                      bool is_barred, const char *reason,
                                      struct mcx_conf_problem *problem)
{
    return mcx_admin_change(
        session, bar_steps,
        &(struct change){.impi = impi, .is_barred = is_barred, .reason = reason}, problem);
}

static enum mcx_err seq_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    const struct change *change = arg;
    MCX_PARAMS id = {0};
    MCX_PARAMS set = {0};
    MCX_ROWS rows = {0};
    char before[24], after[24];
    int64_t subscriber_id = 0;
    enum mcx_err err = find(session, change->impi, &subscriber_id, problem);

    mcx_params_i64(&id, subscriber_id);
    if (err == MCX_OK)
        err = mcx_admin_one(session, MCX_STMT_SQN_HOLD, &id, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err, "%s has no SEQ", change->impi->octets);
    if (err != MCX_OK)
        return err;
    if (change->seq < mcx_cell_i64(&rows, 0, 0) && !change->force)
        return mcx_admin_refuse(
            problem, MCX_INVALID,
            "SEQ of %s is %lld: lowering it makes cards refuse vectors, or accept old ones again; "
            "--force if that is meant",
            change->impi->octets, (long long)mcx_cell_i64(&rows, 0, 0));
    mcx_params_i64(&set, subscriber_id);
    mcx_params_i64(&set, change->seq);
    err = mcx_admin_run(session, MCX_STMT_SQN_SET, &set, NULL, problem);
    snprintf(before, sizeof before, "%lld", (long long)mcx_cell_i64(&rows, 0, 0));
    snprintf(after, sizeof after, "%lld", (long long)change->seq);
    if (err == MCX_OK)
        err = mcx_admin_audit(session, "seq_set", problem, "impi", change->impi->octets, "before",
                              before, "after", after, "reason", change->reason, NULL);
    return err;
}

enum mcx_err mcx_store_subscriber_set_seq(struct mcx_session *session, const struct mcx_str *impi,
                                          int64_t seq, bool force, const char *reason,
                                          struct mcx_conf_problem *problem)
{
    if (seq < 0 || seq > MCX_SEQ_MAX)
        return mcx_admin_refuse(problem, MCX_INVALID, "SEQ must be 0 to %lld",
                                (long long)MCX_SEQ_MAX);
    return mcx_admin_change(
        session, seq_steps,
        &(struct change){.impi = impi, .seq = seq, .force = force, .reason = reason}, problem);
}
