/* SPDX-License-Identifier: Apache-2.0 */
/* Reads cells in PostgreSQL's binary format. Pure; the thread of its session. */
#include "store/rows.h"

#include <endian.h>
#include <libpq-fe.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

/* Wrapped keys are no secret without the key-encryption key, but are not left lying about either.
 */
void mcx_rows_free(struct mcx_rows *rows)
{
    if (!rows->result)
        return;
    for (int row = 0; row < PQntuples(rows->result); row++) {
        for (int column = 0; column < PQnfields(rows->result); column++) {
            if (PQftype(rows->result, column) == 17) /* bytea */
                mcx_wipe(PQgetvalue(rows->result, row, column),
                         (size_t)PQgetlength(rows->result, row, column));
        }
    }
    PQclear(rows->result);
    rows->result = NULL;
}

size_t mcx_rows_count(const struct mcx_rows *rows)
{
    return rows->result ? (size_t)PQntuples(rows->result) : 0;
}

size_t mcx_rows_changed(const struct mcx_rows *rows)
{
    return rows->result ? strtoull(PQcmdTuples(rows->result), NULL, 10) : 0;
}

const char *mcx_rows_name(const struct mcx_rows *rows, int column)
{
    const char *name = PQfname(rows->result, column);

    return name ? name : "";
}

bool mcx_cell_is_null(const struct mcx_rows *rows, size_t row, int column)
{
    return PQgetisnull(rows->result, (int)row, column);
}

int64_t mcx_cell_i64(const struct mcx_rows *rows, size_t row, int column)
{
    const char *octets = PQgetvalue(rows->result, (int)row, column);
    uint16_t two;
    uint32_t four;
    uint64_t eight;

    switch (mcx_cell_is_null(rows, row, column) ? 0 : PQgetlength(rows->result, (int)row, column)) {
    case 2:
        memcpy(&two, octets, sizeof two);
        return (int16_t)be16toh(two);
    case 4:
        memcpy(&four, octets, sizeof four);
        return (int32_t)be32toh(four);
    case 8:
        memcpy(&eight, octets, sizeof eight);
        return (int64_t)be64toh(eight);
    default:
        return 0;
    }
}

bool mcx_cell_bool(const struct mcx_rows *rows, size_t row, int column)
{
    return !mcx_cell_is_null(rows, row, column) &&
           PQgetlength(rows->result, (int)row, column) == 1 &&
           PQgetvalue(rows->result, (int)row, column)[0] != 0;
}

struct mcx_span mcx_cell_span(const struct mcx_rows *rows, size_t row, int column)
{
    if (mcx_cell_is_null(rows, row, column))
        return mcx_span("", 0);
    return mcx_span(PQgetvalue(rows->result, (int)row, column),
                    (size_t)PQgetlength(rows->result, (int)row, column));
}

const char *mcx_cell_text(const struct mcx_rows *rows, size_t row, int column)
{
    return (const char *)mcx_cell_span(rows, row, column).octets;
}

enum mcx_err mcx_cell_str(const struct mcx_rows *rows, size_t row, int column, struct mcx_str *out)
{
    return mcx_str_set(out, mcx_cell_span(rows, row, column));
}
