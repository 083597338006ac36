/* SPDX-License-Identifier: Apache-2.0 */
/* Exit statuses, for scripts; also in README.md. */
#ifndef PROBE_EXITS_H
#define PROBE_EXITS_H

enum probe_exit {
    PROBE_OK = 0,    /* answered with success, and every vector checked is sound */
    PROBE_FAULT = 1, /* this program: memory, files */
    PROBE_USAGE = 2,
    PROBE_ERROR_RESULT = 3, /* answered, with an error */
    PROBE_NO_ANSWER = 4,    /* not in time */
    PROBE_NO_PEER = 5,      /* refused, closed, TLS or CEA refused, or not Diameter */
    PROBE_BAD_VECTOR = 6    /* answered with success, but a vector fails the card's checks */
};

#endif
