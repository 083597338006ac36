/* SPDX-License-Identifier: Apache-2.0 */
/* The answer of one statement. Its columns were checked when the statement was prepared; what is in
 * them is data, and judged here. Pure; the thread of its session. */
#ifndef MCX_STORE_ROWS_H
#define MCX_STORE_ROWS_H

#include "base/span.h"

struct pg_result; /* libpq's */

struct mcx_rows {
    struct pg_result *result;
};
#define MCX_ROWS __attribute__((cleanup(mcx_rows_free))) struct mcx_rows
void mcx_rows_free(struct mcx_rows *rows); /* wipes what it held */

size_t mcx_rows_count(const struct mcx_rows *rows);
/* Rows that an INSERT, UPDATE or DELETE without RETURNING changed. */
size_t mcx_rows_changed(const struct mcx_rows *rows);
const char *mcx_rows_name(const struct mcx_rows *rows, int column); /* as the SQL names it */
bool mcx_cell_is_null(const struct mcx_rows *rows, size_t row, int column);
/* s, i or l; 0 for NULL. */
int64_t mcx_cell_i64(const struct mcx_rows *rows, size_t row, int column);
bool mcx_cell_bool(const struct mcx_rows *rows, size_t row, int column); /* false for NULL */
/* t, b or u; borrowed until the rows are freed; empty for NULL. A NUL follows the octets. */
struct mcx_span mcx_cell_span(const struct mcx_rows *rows, size_t row, int column);
const char *mcx_cell_text(const struct mcx_rows *rows, size_t row, int column);
/* TOO_LONG, INVALID as mcx_str_set; NULL gives len 0. */
MCX_MUST_USE enum mcx_err mcx_cell_str(const struct mcx_rows *rows, size_t row, int column,
                                       struct mcx_str *out);

#endif
