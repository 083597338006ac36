/* SPDX-License-Identifier: Apache-2.0 */
/* Preloaded beside libasan into stock daemons. libp11-kit's constructor would otherwise be the
 * first to call malloc, while newlocale() holds glibc's locale lock; ASan, starting up inside,
 * calls dlerror(), whose gettext releases that lock once too often, and exit() then waits for it
 * for ever. Linked initfirst, so that ASan starts here. */
#include <stdlib.h>

__attribute__((constructor)) static void asan_first(void)
{
    void *volatile piece = malloc(1);
    free(piece);
}
