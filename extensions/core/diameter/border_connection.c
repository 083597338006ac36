/* SPDX-License-Identifier: Apache-2.0 */
/* Ties each request to the connection that it came by, by a number in the message itself:
 * freeDiameter keeps no more than the peer's name. The number stands where freeDiameter keeps what
 * belongs to the answer callback of requests of ours; of one that came from a peer it never calls
 * any (trap R2). */
#include "diameter/border_private.h"

/* A mark. Should it be called all the same, it leaves the answer as it is. */
static void came_by(void *number, struct msg **answer)
{
}

void mcx_connection_mark(struct msg *request, struct mcx_span host)
{
    void *number = (void *)(uintptr_t)mcx_peer_connection(host);

    (void)fd_msg_anscb_associate(request, came_by, number, NULL, NULL); /* new: it has none */
}

bool mcx_border_is_past(struct msg *request)
{
    void (*callback)(void *, struct msg **) = NULL;
    void *number = NULL;
    DiamId_t source = NULL;
    size_t len = 0;

    if (fd_msg_anscb_get(request, &callback, NULL, &number) != 0 || callback != came_by)
        return false;
    return !number || fd_msg_source_get(request, &source, &len) != 0 || !source ||
           mcx_peer_connection(mcx_span(source, len)) != (uintptr_t)number;
}
