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

/* Members of a JSON object, as two arrays. */
static void add_members(struct mcx_params *params, va_list *args)
{
    struct mcx_span names[MCX_TASK_FIELDS_MAX], values[MCX_TASK_FIELDS_MAX];
    const char *name;
    size_t count = 0;

    while (count < MCX_TASK_FIELDS_MAX && (name = va_arg(*args, const char *)) != NULL) {
        const char *value = va_arg(*args, const char *);

        names[count] = mcx_span_of(name);
        values[count] = value ? mcx_span_of(value) : (struct mcx_span){0};
        count++;
    }
    mcx_params_texts(params, names, count);
    mcx_params_texts(params, values, count);
}

enum mcx_err mcx_task_add(struct mcx_session *session, const char *kind, char *id, ...)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;
    va_list args;

    mcx_params_text(&params, kind);
    va_start(args, id);
    add_members(&params, &args);
    va_end(args);
    err = mcx_session_run(session, MCX_STMT_TASK_ADD, &params, &rows);
    if (err == MCX_OK && id)
        snprintf(id, MCX_TASK_ID_MAX, "%s", mcx_cell_text(&rows, 0, 0));
    return err;
}

enum mcx_err mcx_task_finish(struct mcx_session *session, const char *id, ...)
{
    MCX_PARAMS params = {0};
    va_list args;

    mcx_params_text(&params, id);
    va_start(args, id);
    add_members(&params, &args);
    va_end(args);
    return mcx_session_run(session, MCX_STMT_TASK_FINISH, &params, NULL);
}
