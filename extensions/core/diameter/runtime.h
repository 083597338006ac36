/* SPDX-License-Identifier: Apache-2.0 */
/* The one runtime object of the process, in libmcx.so: configuration, pool, threads. Shells enter
 * it at load and leave it at fini; the first that leaves stops and joins everything (trap S2). */
#ifndef MCX_DIAMETER_RUNTIME_H
#define MCX_DIAMETER_RUNTIME_H

#include "base/conf.h"
#include "mcx_build_id.h"

#define MCX_PUBLIC __attribute__((visibility("default")))

/* From a shell's entry. build_id must be MCX_BUILD_ID. conffile: the path given in LoadExtension;
 * all shells the same. 0, or errno after one logged sentence that says what to do. */
MCX_PUBLIC int mcx_runtime_enter(const char *shell, const char *build_id, const char *conffile);
MCX_PUBLIC void mcx_runtime_leave(void);

/* What the shells start; each after mcx_runtime_enter. 0 or errno. */
MCX_PUBLIC int mcx_runtime_start_border(void);
MCX_PUBLIC int mcx_runtime_start_hss(void);
MCX_PUBLIC int mcx_runtime_start_cms(void);

#endif
