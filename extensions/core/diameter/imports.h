/* SPDX-License-Identifier: Apache-2.0 */
/* Puts functions of ours in the place of those that a loaded library imports from others: its own
 * table of them is rewritten, so that nobody else notices. For what a library does wrong between
 * calls that no hook of it shows. ELF with JUMP_SLOT relocations of kind RELA, as Debian builds. */
#ifndef MCX_DIAMETER_IMPORTS_H
#define MCX_DIAMETER_IMPORTS_H

#include <stddef.h>
#include <stdint.h>

struct mcx_import {
    const char *symbol; /* as the library names it, without version */
    uintptr_t with;     /* a function of the same type, which stays loaded */
};

/* Before any thread can call them through `library`, the beginning of a file name ("libx.so").
 * Returns how many of the imports were replaced; less than count where the library is not loaded,
 * does not import one, or its table cannot be made writable. Does not block. */
size_t mcx_imports_replace(const char *library, const struct mcx_import *imports, size_t count);

#endif
