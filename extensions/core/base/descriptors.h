/* SPDX-License-Identifier: Apache-2.0 */
/* The one budget of file descriptors: freeDiameter aborts when one of its TLS sockets gets a number
 * from 1024 on, and new sockets get the lowest free number, so whoever else accepts connections in
 * its process must leave room below. Any thread; never blocks. */
#ifndef MCX_BASE_DESCRIPTORS_H
#define MCX_BASE_DESCRIPTORS_H

enum {
    MCX_DESCRIPTORS_END = 1024, /* FD_SETSIZE */
    /* What acceptors other than freeDiameter leave free for its peers. */
    MCX_DESCRIPTORS_FOR_PEERS = 96,
    MCX_DESCRIPTORS_FOR_METRICS = 32 /* and what UEs leave free besides, for the operator */
};

/* Sockets of peers are refused from this number on; told by the border at start. Before:
 * MCX_DESCRIPTORS_END, or the process's own limit if that is lower. */
void mcx_descriptors_set_cap(int cap);
int mcx_descriptors_cap(void);

#endif
