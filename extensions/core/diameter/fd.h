/* SPDX-License-Identifier: Apache-2.0 */
/* freeDiameter's headers, in the one place that includes them. */
#ifndef MCX_DIAMETER_FD_H
#define MCX_DIAMETER_FD_H

#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>

#endif
