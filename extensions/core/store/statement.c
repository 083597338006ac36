/* SPDX-License-Identifier: Apache-2.0 */
/* Turns statements.def into a table. Data only. */
#include "store/statement.h"

#include <stddef.h>

const struct mcx_stmt_row mcx_stmt_rows[MCX_STMT_COUNT] = {
#define MCX_STMT(name, use, params, results, sql) {#name, MCX_USE_##use, params, results, sql},
#include "store/statements.def"
#undef MCX_STMT
};

/* Numbers of built-in types never change: catalog/pg_type.dat. */
unsigned mcx_stmt_type(char letter)
{
    static const struct {
        char letter;
        unsigned oid;
    } types[] = {{'t', 25},   {'l', 20},   {'i', 23},   {'s', 21},   {'o', 16},
                 {'b', 17},   {'w', 25},   {'u', 2950}, {'T', 1009}, {'L', 1016},
                 {'I', 1007}, {'B', 1001}, {'O', 1000}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (types[i].letter == letter)
            return types[i].oid;
    }
    return 0;
}
