/* SPDX-License-Identifier: Apache-2.0 */
/* dict_cx.fdx: LoadExtension = "dict_cx.fdx"; before acl_border and app_hss. Data only, no state,
 * no threads. */
#include "../extensions/extension_entry.h"
#include "cx_rows.h"

static int dict_cx_entry(char *conffile)
{
    (void)conffile;
    return mcx_dictionary_load(&mcx_cx_rows);
}

EXTENSION_ENTRY("dict_cx", dict_cx_entry);
