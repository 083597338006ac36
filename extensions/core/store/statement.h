/* SPDX-License-Identifier: Apache-2.0 */
/* The one list of SQL statements (statements.def), and what each takes and gives. Static; any
 * thread. */
#ifndef MCX_STORE_STATEMENT_H
#define MCX_STORE_STATEMENT_H

#include <stdbool.h>

/* The newest schema/NNNN_*.sql that this code knows. It runs on a database whose newest row of
 * schema_version says readable_from <= this <= version (design 4). */
#define MCX_SCHEMA_VERSION 9

enum mcx_stmt {
#define MCX_STMT(name, use, params, results, sql) MCX_STMT_##name,
#include "store/statements.def"
#undef MCX_STMT
    MCX_STMT_COUNT
};

enum mcx_stmt_use {
    MCX_USE_DAEMON, /* prepared on connect by workers, and on first use by anybody */
    MCX_USE_COPY,   /* never prepared, see mcx_session_copy_begin */
    MCX_USE_ADMIN   /* prepared on first use */
};

/* Letters of params and results, one each: t text, w words between spaces (a list, for people),
 * l int8, i int4, s int2, o bool, b bytea, u uuid; upper case the array of it. All travel in
 * binary. */
struct mcx_stmt_row {
    const char *name;
    enum mcx_stmt_use use;
    const char *params;
    const char *results; /* checked when prepared */
    const char *sql;
};
extern const struct mcx_stmt_row mcx_stmt_rows[MCX_STMT_COUNT];

/* The type's number in PostgreSQL's catalogue; 0 for an unknown letter. */
unsigned mcx_stmt_type(char letter);

#endif
