/* SPDX-License-Identifier: Apache-2.0 */
/* Is this an initial UE configuration document (TS 24.484 7.2, reference of its root and
 * namespace)? Pure. */
#ifndef MCX_CTL_DOCUMENT_CHECK_H
#define MCX_CTL_DOCUMENT_CHECK_H

#include "base/span.h"

/* Well-formed UTF-8 XML without DTD, at most 64 levels deep, with the root element
 * mcptt-UE-initial-configuration of urn:3gpp:mcptt:mcpttUEinitConfig:1.0. False: why says it. */
MCX_MUST_USE bool document_check(struct mcx_span document, char *why, size_t size);

#endif
