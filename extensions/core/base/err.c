/* SPDX-License-Identifier: Apache-2.0 */
/* Words for the error meanings of err.def. Pure; any thread. */
#include "base/err.h"

#include <stddef.h>

static const struct {
    const char *label, *text;
} rows[] = {
#define MCX_ERR(name, label, text) [MCX_##name] = {label, text},
#include "base/err.def"
#undef MCX_ERR
};

static size_t row_of(enum mcx_err err)
{
    size_t row = (size_t)err;

    return row < sizeof rows / sizeof rows[0] ? row : (size_t)MCX_SYSTEM;
}

const char *mcx_err_label(enum mcx_err err)
{
    return rows[row_of(err)].label;
}

const char *mcx_err_text(enum mcx_err err)
{
    return rows[row_of(err)].text;
}

bool mcx_err_passes(enum mcx_err err)
{
    return err == MCX_DB_AWAY || err == MCX_BUSY || err == MCX_CLOSING || err == MCX_NOT_LIVE ||
           err == MCX_TIMEOUT;
}
