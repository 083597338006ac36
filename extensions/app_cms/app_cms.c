/* SPDX-License-Identifier: Apache-2.0 */
/* app_cms.fdx: the configuration management server. A thin shell: all state and logic live in
 * libmcx.so. Runs in freeDiameter's configuration thread at load, and in its shutdown thread at
 * fini. */
#include "../extension_entry.h"
#include "diameter/runtime.h"

static int app_cms_entry(char *conffile)
{
    int ret = mcx_runtime_enter("app_cms", MCX_BUILD_ID, conffile);

    return ret != 0 ? ret : mcx_runtime_start_cms();
}

void fd_ext_fini(void)
{
    mcx_runtime_leave();
}

EXTENSION_ENTRY("app_cms", app_cms_entry, "dict_cx", "dict_mcx", "acl_border");
