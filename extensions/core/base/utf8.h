/* SPDX-License-Identifier: Apache-2.0 */
/* UTF-8 as RFC 3629 4 has it: no overlong forms, no surrogates, nothing over U+10FFFF. Pure; any
 * thread. */
#ifndef MCX_BASE_UTF8_H
#define MCX_BASE_UTF8_H

#include "base/span.h"

/* Octets of the character that at begins with, 1 to 4, and which it is; 0: none begins here, or at
 * is empty. */
size_t mcx_utf8_step(struct mcx_span at, uint32_t *character);

/* Only characters of XML 1.0 2.2 (Char): of the controls below U+0020 tab, line feed and carriage
 * return. What an XML document in UTF-8 may hold; nothing is said about its form. */
bool mcx_utf8_is_text(struct mcx_span text);

#endif
