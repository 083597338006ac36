/* SPDX-License-Identifier: Apache-2.0 */
/* Freeing of what an answer holds. Pure; any thread. */
#include "policy/mcx.h"

#include <stdlib.h>

#include "base/secret.h"

void mcx_given_free(struct mcx_given *given)
{
    if (given->document)
        mcx_wipe(given->document, given->document_len);
    free(given->document);
    given->document = NULL;
    given->document_len = 0;
}
