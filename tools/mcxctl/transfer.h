/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl binding export and import; listed with the other commands of binding.c. */
#ifndef MCX_CTL_TRANSFER_H
#define MCX_CTL_TRANSFER_H

#include "ctl.h"

int transfer_export(struct ctl *ctl);
int transfer_import(struct ctl *ctl);

#endif
