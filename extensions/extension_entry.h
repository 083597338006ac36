/* SPDX-License-Identifier: Apache-2.0 */
/* EXTENSION_ENTRY for hidden builds: 1.2.1's extension.h forgets the visibility of what the daemon
 * looks up (trap B3). */
#ifndef MCX_EXTENSION_ENTRY_H
#define MCX_EXTENSION_ENTRY_H

#include <freeDiameter/extension.h>

#define MCX_EXTENSION_VISIBLE __attribute__((visibility("default")))
MCX_EXTENSION_VISIBLE extern const char *fd_ext_depends[];
MCX_EXTENSION_VISIBLE int fd_ext_init(int major, int minor, char *conffile);
MCX_EXTENSION_VISIBLE void fd_ext_fini(void);

#endif
