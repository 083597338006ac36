/* SPDX-License-Identifier: Apache-2.0 */
/* Loads a file of identities in batches, inside one transaction. The caller's thread; blocks on the
 * file and the database. */
#include "store/identity_pool.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "identity/identity.h"

enum { BATCH_MAX = 1000, LINE_MAX_OCTETS = 512 };

/* One kind: IMPIs or IMPUs. */
struct batch {
    bool is_public;
    size_t count;
    struct mcx_str identity[BATCH_MAX];
};

struct loading {
    struct mcx_pool_load *load;
    FILE *from;
    struct mcx_str domain; /* len 0: none */
    struct batch *batch[2];
};

static struct mcx_span domain_of(const struct loading *loading, const struct mcx_str *identity)
{
    struct mcx_span domain = mcx_identity_domain(identity);

    return domain.len > 0 ? domain : mcx_span_str(&loading->domain);
}

static enum mcx_err write_batch(struct mcx_session *session, struct loading *loading,
                                struct batch *batch, struct mcx_conf_problem *problem)
{
    struct mcx_span identities[BATCH_MAX], domains[BATCH_MAX];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    if (batch->count == 0)
        return MCX_OK;
    for (size_t i = 0; i < batch->count; i++) {
        identities[i] = mcx_span_str(&batch->identity[i]);
        domains[i] = domain_of(loading, &batch->identity[i]);
    }
    mcx_params_texts(&params, identities, batch->count);
    mcx_params_texts(&params, domains, batch->count);
    mcx_params_bool(&params, batch->is_public);
    err = mcx_admin_one(session, MCX_STMT_POOL_LOAD, &params, &rows, problem);
    if (err == MCX_OK && !mcx_cell_is_null(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_NOT_FOUND,
                                "%s is no inbound or outbound domain of this system: mcxctl domain "
                                "add it, with --generator pool",
                                mcx_cell_text(&rows, 0, 1));
    if (err != MCX_OK)
        return err;
    loading->load->added += (size_t)mcx_cell_i64(&rows, 0, 0);
    loading->load->were_there += batch->count - (size_t)mcx_cell_i64(&rows, 0, 0);
    batch->count = 0;
    return MCX_OK;
}

static enum mcx_err take_line(struct mcx_session *session, struct loading *loading,
                              struct mcx_span line, size_t number, struct mcx_conf_problem *problem)
{
    struct mcx_str identity;
    struct batch *batch;
    bool is_public = mcx_impu_canonical(line, &identity) == MCX_OK;

    if (!is_public && mcx_impi_canonical(line, &identity) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "line %zu: %s: neither a private identity (user@domain) nor a "
                                "public one (sip:, sips: or tel:)",
                                number, MCX_SAFE(line));
    if (domain_of(loading, &identity).len == 0)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "line %zu: %s: of which domain? Name it with --domain", number,
                                identity.octets);
    batch = loading->batch[is_public];
    batch->identity[batch->count++] = identity;
    return batch->count == BATCH_MAX ? write_batch(session, loading, batch, problem) : MCX_OK;
}

static enum mcx_err load_steps(struct mcx_session *session, void *arg,
                               struct mcx_conf_problem *problem)
{
    struct loading *loading = arg;
    char text[LINE_MAX_OCTETS];
    enum mcx_err err = MCX_OK;

    for (size_t number = 1; err == MCX_OK && fgets(text, sizeof text, loading->from); number++) {
        size_t len = strcspn(text, "\r\n");

        if (text[len] == '\0' && len == sizeof text - 1)
            return mcx_admin_refuse(problem, MCX_INVALID, "line %zu: too long", number);
        if (len > 0 && text[0] != '#')
            err = take_line(session, loading, mcx_span(text, len), number, problem);
    }
    if (err == MCX_OK && ferror(loading->from))
        return mcx_admin_refuse(problem, MCX_SYSTEM, "the file cannot be read");
    for (int i = 0; err == MCX_OK && i < 2; i++)
        err = write_batch(session, loading, loading->batch[i], problem);
    if (err != MCX_OK)
        return err;
    return mcx_admin_audit(session, "pool_loaded", problem, "domain", loading->domain.octets, NULL);
}

enum mcx_err mcx_store_pool_load(struct mcx_session *session, FILE *from,
                                 struct mcx_pool_load *load, struct mcx_conf_problem *problem)
{
    struct loading loading = {.load = load, .from = from};
    enum mcx_err err = MCX_OK;

    load->added = load->were_there = 0;
    if (load->domain && mcx_host_canonical(mcx_span_of(load->domain), &loading.domain) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID, "domain %s: not a domain name",
                                MCX_SAFE(mcx_span_of(load->domain)));
    for (int i = 0; i < 2; i++) {
        loading.batch[i] = calloc(1, sizeof *loading.batch[i]);
        if (!loading.batch[i])
            err = mcx_admin_refuse(problem, MCX_NO_MEMORY, "out of memory");
        else
            loading.batch[i]->is_public = i;
    }
    if (err == MCX_OK)
        err = mcx_admin_change(session, load_steps, &loading, problem);
    free(loading.batch[0]);
    free(loading.batch[1]);
    return err;
}
