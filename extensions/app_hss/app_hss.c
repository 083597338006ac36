/* SPDX-License-Identifier: Apache-2.0 */
/* app_hss.fdx: the SIP database. A thin shell: all state and logic live in libmcx.so. Runs in
 * freeDiameter's configuration thread at load, and in its shutdown thread at fini. */
#include "../extension_entry.h"
#include "diameter/runtime.h"

static int app_hss_entry(char *conffile)
{
    int ret = mcx_runtime_enter("app_hss", MCX_BUILD_ID, conffile);

    return ret != 0 ? ret : mcx_runtime_start_hss();
}

void fd_ext_fini(void)
{
    mcx_runtime_leave();
}

EXTENSION_ENTRY("app_hss", app_hss_entry, "dict_cx", "acl_border");
