/* SPDX-License-Identifier: Apache-2.0 */
/* Rows as tables and records for people, as JSON for programs. Column names are the SQL's, types
 * those of statements.def. */
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ctl.h"
#include "store/admin.h"

enum { COLUMNS_MAX = 24, CELL_MAX = 1024 };

static char type_of(enum mcx_stmt stmt, int column)
{
    return mcx_stmt_rows[stmt].results[column];
}

static int columns_of(enum mcx_stmt stmt)
{
    int count = (int)strlen(mcx_stmt_rows[stmt].results);

    return count < COLUMNS_MAX ? count : COLUMNS_MAX;
}

/* ---- people ---- */

static const char *cell(enum mcx_stmt stmt, const struct mcx_rows *rows, size_t row, int column,
                        char out[CELL_MAX])
{
    char type = type_of(stmt, column);

    if (mcx_cell_is_null(rows, row, column))
        return "-";
    if (type == 'o')
        return mcx_cell_bool(rows, row, column) ? "yes" : "no";
    if (type == 'l' || type == 'i' || type == 's')
        snprintf(out, CELL_MAX, "%lld", (long long)mcx_cell_i64(rows, row, column));
    else
        snprintf(out, CELL_MAX, "%s", mcx_cell_text(rows, row, column));
    return out[0] ? out : "-";
}

/* 0: nothing in this column, which is then left out. */
static int width_of(enum mcx_stmt stmt, const struct mcx_rows *rows, int column)
{
    int width = 0;
    char text[CELL_MAX];

    for (size_t row = 0; row < mcx_rows_count(rows); row++) {
        int len = mcx_cell_is_null(rows, row, column)
                      ? 0
                      : (int)strlen(cell(stmt, rows, row, column, text));

        width = len > width ? len : width;
    }
    if (width > 0 && width < (int)strlen(mcx_rows_name(rows, column)))
        width = (int)strlen(mcx_rows_name(rows, column));
    return width;
}

static void print_table(enum mcx_stmt stmt, const struct mcx_rows *rows)
{
    int columns = columns_of(stmt), width[COLUMNS_MAX];
    char text[CELL_MAX];

    if (mcx_rows_count(rows) == 0)
        return;
    for (int column = 0; column < columns; column++) {
        width[column] = width_of(stmt, rows, column);
        if (width[column] > 0)
            printf("%-*s  ", width[column], mcx_rows_name(rows, column));
    }
    putchar('\n');
    for (size_t row = 0; row < mcx_rows_count(rows); row++) {
        for (int column = 0; column < columns; column++) {
            if (width[column] > 0)
                printf("%-*s  ", width[column], cell(stmt, rows, row, column, text));
        }
        putchar('\n');
    }
}

static void print_record(enum mcx_stmt stmt, const struct mcx_rows *rows, size_t row)
{
    char text[CELL_MAX];

    for (int column = 0; column < columns_of(stmt); column++) {
        if (!mcx_cell_is_null(rows, row, column))
            printf("%-16s %s\n", mcx_rows_name(rows, column), cell(stmt, rows, row, column, text));
    }
}

/* ---- programs ---- */

static json_t *words(const char *text)
{
    json_t *array = json_array();
    const char *at = text;

    while (*at) {
        size_t len = strcspn(at, " ");

        json_array_append_new(array, json_stringn(at, len));
        at += len + strspn(at + len, " ");
    }
    return array;
}

static json_t *json_cell(enum mcx_stmt stmt, const struct mcx_rows *rows, size_t row, int column)
{
    if (mcx_cell_is_null(rows, row, column))
        return type_of(stmt, column) == 'w' ? json_array() : json_null();
    switch (type_of(stmt, column)) {
    case 'o':
        return json_boolean(mcx_cell_bool(rows, row, column));
    case 'l':
    case 'i':
    case 's':
        return json_integer(mcx_cell_i64(rows, row, column));
    case 'w':
        return words(mcx_cell_text(rows, row, column));
    default:
        return json_string(mcx_cell_text(rows, row, column));
    }
}

static json_t *json_row(enum mcx_stmt stmt, const struct mcx_rows *rows, size_t row)
{
    json_t *object = json_object();

    for (int column = 0; column < columns_of(stmt); column++)
        json_object_set_new(object, mcx_rows_name(rows, column),
                            json_cell(stmt, rows, row, column));
    return object;
}

static void print_json(json_t *json)
{
    json_dumpf(json, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(json);
}

/* ---- commands ---- */

static int connect_and_run(struct ctl *ctl, enum mcx_stmt stmt, const struct mcx_params *params,
                           struct mcx_rows *rows)
{
    struct mcx_conf_problem problem;
    int status = ctl->session ? CTL_OK : ctl_connect(ctl);
    enum mcx_err err;

    if (status != CTL_OK)
        return status;
    err = mcx_admin_run(ctl->session, stmt, params, rows, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

int ctl_show(struct ctl *ctl, enum mcx_stmt stmt, const struct mcx_params *params)
{
    MCX_ROWS rows = {0};
    int status = connect_and_run(ctl, stmt, params, &rows);

    if (status != CTL_OK)
        return status;
    if (!ctl_has(ctl, OPT_JSON)) {
        print_table(stmt, &rows);
        return CTL_OK;
    }
    json_t *array = json_array();

    for (size_t row = 0; row < mcx_rows_count(&rows); row++)
        json_array_append_new(array, json_row(stmt, &rows, row));
    print_json(array);
    return CTL_OK;
}

int ctl_show_record(struct ctl *ctl, enum mcx_stmt stmt, const struct mcx_params *params,
                    const char *missing)
{
    MCX_ROWS rows = {0};
    int status = connect_and_run(ctl, stmt, params, &rows);

    if (status != CTL_OK)
        return status;
    if (mcx_rows_count(&rows) == 0) {
        fprintf(stderr, "mcxctl: %s\n", missing);
        return CTL_REFUSED;
    }
    for (size_t row = 0; row < mcx_rows_count(&rows); row++) {
        if (ctl_has(ctl, OPT_JSON))
            print_json(json_row(stmt, &rows, row));
        else
            print_record(stmt, &rows, row);
    }
    return CTL_OK;
}

void ctl_say(const struct ctl *ctl, ...)
{
    json_t *object = ctl_has(ctl, OPT_JSON) ? json_object() : NULL;
    const char *name;
    va_list args;

    va_start(args, ctl);
    while ((name = va_arg(args, const char *)) != NULL) {
        const char *value = va_arg(args, const char *);

        if (object)
            json_object_set_new(object, name, value ? json_string(value) : json_null());
        else if (value)
            printf("%-16s %s\n", name, value);
    }
    va_end(args);
    if (object)
        print_json(object);
}

void ctl_say_number(const struct ctl *ctl, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%" PRId64, number);
    ctl_say(ctl, name, text, NULL);
}
