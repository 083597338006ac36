/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl migrate and migration: CR 10.1.X.1 by O&M (steps 4 to 12), carried out by app_cms, and
 * what came of it. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "options.h"
#include "store/document.h"
#include "store/keys.h"
#include "store/outbox.h"

enum { LOOK_MS = 500, WAIT_S = 30 };

/* ---- the document ---- */

static int unwrap(const struct ctl *ctl, const char *id, struct mcx_span wrapped,
                  struct mcx_document *out)
{
    struct mcx_keyring ring;
    enum mcx_err err;

    if (wrapped.len <= MCX_WRAP_EXTRA)
        return CTL_REFUSED;
    out->len = wrapped.len - MCX_WRAP_EXTRA;
    out->octets = malloc(out->len);
    mcx_keyring_from(ctl->conf, &ring);
    err = out->octets
              ? mcx_unwrap_octets(&ring, MCX_WRAP_DOCUMENT, mcx_span_of(id), wrapped, out->octets)
              : MCX_NO_MEMORY;
    mcx_wipe(&ring, sizeof ring);
    if (err == MCX_OK)
        return CTL_OK;
    fprintf(stderr, "mcxctl: the document does not open: %s\n", mcx_err_text(err));
    return CTL_REFUSED;
}

/* What the partner sent, else the copy that is configured for it (NOTE 3). */
static int write_document(struct ctl *ctl, const char *id, const char *path)
{
    struct mcx_document document = {0};
    struct mcx_conf_problem problem;
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;
    int status = CTL_OK;

    mcx_params_text(&params, id);
    err = mcx_admin_one(ctl->session, MCX_STMT_MIGRATION_KEPT, &params, &rows, &problem);
    if (err != MCX_OK)
        return CTL_REFUSED;
    if (!mcx_cell_is_null(&rows, 0, 1)) {
        status = ctl_conf(ctl);
        if (status == CTL_OK)
            status = unwrap(ctl, id, mcx_cell_span(&rows, 0, 1), &document);
    } else if (mcx_store_document_copy(ctl->session, mcx_cell_i64(&rows, 0, 0), 0, &document) !=
               MCX_OK) {
        fprintf(stderr, "mcxctl: the partner sent no document, and no copy is loaded: mcxctl "
                        "document load --direction outbound\n");
        status = CTL_REFUSED;
    }
    if (status == CTL_OK && !ctl_write_file(path, document.octets, document.len))
        status = CTL_REFUSED;
    mcx_document_free(&document);
    return status;
}

static int show_one(struct ctl *ctl, const char *id)
{
    const char *path = ctl_value(ctl, OPT_DOCUMENT, 0);
    MCX_PARAMS params = {0};
    int status;

    mcx_params_text(&params, id);
    mcx_params_text(&params, "");
    mcx_params_bool(&params, true);
    mcx_params_i64(&params, 1);
    status = ctl_show_record(ctl, MCX_STMT_MIGRATION_SHOW, &params, "no such migration");
    return status == CTL_OK && path ? write_document(ctl, id, path) : status;
}

/* ---- migrate ---- */

static enum mcx_err add_task(struct ctl *ctl, const char *expires, char id[MCX_TASK_ID_MAX])
{
    return mcx_task_add(ctl->session, "migrate", id, "mc_user_id", ctl->arg[0], "partner",
                        ctl->arg[1], "device", ctl_value(ctl, OPT_DEVICE, 0), "expires_s", expires,
                        NULL);
}

struct migrate_task {
    struct ctl *ctl;
    const char *expires; /* Unix time; NULL: the agreement's */
    char id[MCX_TASK_ID_MAX];
};

static enum mcx_err ask_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct migrate_task *task = arg;
    enum mcx_err err = add_task(task->ctl, task->expires, task->id);

    if (err != MCX_OK)
        return mcx_admin_refuse(problem, err, "%s", mcx_err_text(err));
    return mcx_admin_audit(session, "migration_asked", problem, "mc_user", task->ctl->arg[0],
                           "partner", task->ctl->arg[1], "device",
                           ctl_value(task->ctl, OPT_DEVICE, 0), "task", task->id, NULL);
}

/* --expires or --for (0: not given) as Unix time by the database's clock; *is_given false: neither,
 * or without end. */
static enum mcx_err get_expiry(struct ctl *ctl, const char *expires, int64_t for_s, char out[24],
                               bool *is_given, struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    *is_given = false;
    if (!expires && for_s == 0)
        return MCX_OK;
    mcx_params_text(&params, expires);
    if (expires)
        mcx_params_text(&params, NULL);
    else
        mcx_params_i64(&params, for_s);
    err = mcx_admin_one(ctl->session, MCX_STMT_EXPIRY, &params, &rows, problem);
    if (err != MCX_OK)
        return err;
    if (!mcx_cell_bool(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_INVALID, "%s lies in the past",
                                mcx_cell_text(&rows, 0, 0));
    *is_given = !mcx_cell_is_null(&rows, 0, 2);
    snprintf(out, 24, "%lld", (long long)mcx_cell_i64(&rows, 0, 2));
    return MCX_OK;
}

/* OK: *rows has the outcome. TIMEOUT: not done yet. */
static enum mcx_err wait_for(struct ctl *ctl, const char *id, int64_t wait_s, struct mcx_rows *rows,
                             struct mcx_conf_problem *problem)
{
    int64_t end_ms = mcx_clock_mono_ms() + wait_s * 1000;

    for (;;) {
        struct pollfd poll_fd = {.fd = mcx_session_fd(ctl->session), .events = POLLIN};
        int64_t left_ms = end_ms - mcx_clock_mono_ms();
        MCX_PARAMS params = {0};
        enum mcx_err err;

        mcx_params_text(&params, id);
        err = mcx_admin_one(ctl->session, MCX_STMT_TASK_OUTCOME, &params, rows, problem);
        if (err != MCX_OK || mcx_cell_bool(rows, 0, 0))
            return err;
        mcx_rows_free(rows);
        if (left_ms <= 0)
            return MCX_TIMEOUT;
        (void)poll(&poll_fd, 1, (int)(left_ms < LOOK_MS ? left_ms : LOOK_MS));
        mcx_session_idle(ctl->session); /* a notification, or the server hung up */
    }
}

static int say_outcome(struct ctl *ctl, const struct mcx_rows *rows)
{
    const char *problem = mcx_cell_text(rows, 0, 1), *detail = mcx_cell_text(rows, 0, 3);

    if (!*problem && !mcx_cell_is_null(rows, 0, 2))
        return show_one(ctl, mcx_cell_text(rows, 0, 2));
    fprintf(stderr, "mcxctl: refused: %s%s%s\n", *problem ? problem : "no reason was given",
            *detail ? ": " : "", detail);
    return CTL_REFUSED;
}

static int migrate(struct ctl *ctl)
{
    struct migrate_task task = {.ctl = ctl};
    struct mcx_conf_problem problem;
    const char *given;
    char expires[24];
    bool is_given = false;
    int64_t wait_s = WAIT_S, for_s = 0;
    MCX_ROWS rows = {0};
    int status;
    enum mcx_err err;

    if (!ctl_expiry(ctl, &given, &for_s) || !ctl_number(ctl, OPT_TIMEOUT, 0, 86400, &wait_s))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = get_expiry(ctl, given, for_s, expires, &is_given, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    task.expires = is_given ? expires : NULL;
    (void)!mcx_session_script(ctl->session, "LISTEN mcx_task_done");
    err = mcx_admin_change(ctl->session, ask_steps, &task, &problem);
    if (err == MCX_OK)
        err = wait_for(ctl, task.id, wait_s, &rows, &problem);
    if (err == MCX_TIMEOUT) {
        fprintf(stderr,
                "mcxctl: not done yet, task %s: a running app_cms does it as soon as it can reach "
                "the partner; see mcxctl migration list\n",
                task.id);
        return CTL_REFUSED;
    }
    return err == MCX_OK ? say_outcome(ctl, &rows) : ctl_refused(err, &problem);
}

/* ---- migration ---- */

static int list(struct ctl *ctl)
{
    int64_t limit;
    MCX_PARAMS params = {0};

    if (!ctl_limit(ctl, &limit))
        return CTL_USAGE;
    mcx_params_text(&params, "");
    mcx_params_text(&params, ctl_optional(ctl, OPT_MC_USER));
    mcx_params_bool(&params, ctl_has(ctl, OPT_ALL));
    mcx_params_i64(&params, limit);
    return ctl_show(ctl, MCX_STMT_MIGRATION_SHOW, &params);
}

static int show(struct ctl *ctl)
{
    return show_one(ctl, ctl->arg[0]);
}

static const struct argp_option migrate_options[] = {
    {"device", OPT_DEVICE, "LABEL", 0, "which device; the only one", 0},
    {"expires", OPT_EXPIRES, "TIME", 0, "as 2027-01-31T12:00:00Z, within the agreement", 0},
    {"for", OPT_FOR, "DURATION", 0, "instead: 90s, 30m, 12h or 7d from now", 0},
    {"document", OPT_DOCUMENT, "FILE", 0, "write the initial UE configuration there, mode 0600", 0},
    {"timeout", OPT_TIMEOUT, "SECONDS", 0, "wait for the outcome (30)", 0},
    {0}};
static const struct argp_option list_options[] = {
    {"mc-user", OPT_MC_USER, "ID", 0, "only of this MC user", 0},
    {"all", OPT_ALL, 0, 0, "ended ones too", 0},
    {"limit", OPT_LIMIT, "N", 0, "the newest so many (100)", 0},
    {0}};
static const struct argp_option show_options[] = {
    {"document", OPT_DOCUMENT, "FILE", 0,
     "write the initial UE configuration there, mode 0600; - "
     "prints it",
     0},
    {0}};

const struct ctl_command ctl_migrate[] = {
    {"migrate", "", "MC-USER-ID SYSTEM-ID", 2, 2,
     "Gets migration identities of a partner for a user, as if he had asked (CR 10.1.X.1, O&M).\v"
     "app_cms carries it out; the operator's word stands for step 2, but an agreement must be in "
     "force. Prints what step 13 tells the UE.",
     migrate_options, migrate},
    {0}};

const struct ctl_command ctl_migration[] = {
    {"migration", "list", "", 0, 0, "Lists what was asked of partners and got.", list_options,
     list},
    {"migration", "show", "ID", 1, 1, "Shows one: what step 13 tells the UE.", show_options, show},
    {0}};
