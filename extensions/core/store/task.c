/* SPDX-License-Identifier: Apache-2.0 */
/* Tasks as rows: inserting one, finishing one, reading one. The caller's thread; blocks on the
 * database. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/outbox.h"

const char *mcx_task_text(const struct mcx_task *task, const char *name)
{
    struct mcx_span want = mcx_span_of(name);

    for (size_t i = 0; i < task->field_count; i++) {
        if (mcx_span_equal(task->field[i].name, want))
            return (const char *)task->field[i].value.octets;
    }
    return "";
}

enum mcx_err mcx_task_add(struct mcx_session *session, const char *kind, char *id, ...)
{
    struct mcx_span names[MCX_TASK_FIELDS_MAX], values[MCX_TASK_FIELDS_MAX];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    const char *name;
    size_t count = 0;
    enum mcx_err err;
    va_list args;

    va_start(args, id);
    while (count < MCX_TASK_FIELDS_MAX && (name = va_arg(args, const char *)) != NULL) {
        const char *value = va_arg(args, const char *);

        names[count] = mcx_span_of(name);
        values[count] = value ? mcx_span_of(value) : (struct mcx_span){0};
        count++;
    }
    va_end(args);
    mcx_params_text(&params, kind);
    mcx_params_texts(&params, names, count);
    mcx_params_texts(&params, values, count);
    err = mcx_session_run(session, MCX_STMT_TASK_ADD, &params, &rows);
    if (err == MCX_OK && id)
        snprintf(id, MCX_TASK_ID_MAX, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

enum mcx_err mcx_task_finish(struct mcx_session *session, const char *id, const char *outcome)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, id);
    mcx_params_text(&params, outcome);
    return mcx_session_run(session, MCX_STMT_TASK_FINISH, &params, NULL);
}
