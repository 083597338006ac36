/* SPDX-License-Identifier: Apache-2.0 */
/* Error meanings of all layers; rows in err.def. */
#ifndef MCX_BASE_ERR_H
#define MCX_BASE_ERR_H

#include <stdbool.h>

enum mcx_err {
#define MCX_ERR(name, label, text) MCX_##name,
#include "base/err.def"
#undef MCX_ERR
};

#define MCX_MUST_USE __attribute__((warn_unused_result))

/* Static strings, never NULL. label: one word for logs and metrics; text: a sentence for people. */
const char *mcx_err_label(enum mcx_err err);
const char *mcx_err_text(enum mcx_err err);

/* Does it pass without anybody's doing, so that asking again later may help? */
bool mcx_err_passes(enum mcx_err err);

#endif
