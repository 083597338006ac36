/* SPDX-License-Identifier: Apache-2.0 */
/* acl_border.fdx: LoadExtension = "acl_border.fdx" : "mcx.conf"; before the applications that it
 * guards. A thin shell: everything is in libmcx (diameter/border.h, diameter/hooks.h).
 * Configuration thread. */
#include "../extension_entry.h"
#include "diameter/runtime.h"

static int acl_border_entry(char *conffile)
{
    int ret = mcx_runtime_enter("acl_border", MCX_BUILD_ID, conffile);
    return ret != 0 ? ret : mcx_runtime_start_border();
}

EXTENSION_ENTRY("acl_border", acl_border_entry, "dict_cx");

void fd_ext_fini(void)
{
    mcx_runtime_leave();
}
