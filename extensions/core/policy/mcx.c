/* SPDX-License-Identifier: Apache-2.0 */
/* The form of a Migration-Binding-Id; freeing of what an answer holds. Pure; any thread. */
#include "policy/mcx.h"

#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

static bool is_hex(uint8_t octet)
{
    return (octet >= '0' && octet <= '9') || (octet >= 'a' && octet <= 'f') ||
           (octet >= 'A' && octet <= 'F');
}

bool mcx_uuid_read(struct mcx_span text, char out[MCX_UUID_TEXT])
{
    static const char form[] = "xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx";

    if (text.len != sizeof form - 1)
        return false;
    for (size_t i = 0; i < text.len; i++) {
        uint8_t octet = text.octets[i];

        if (form[i] == 'x' || form[i] == 'y') {
            if (!is_hex(octet) || (form[i] == 'y' && !strchr("89abAB", octet)))
                return false;
        } else if (octet != (uint8_t)form[i]) {
            return false;
        }
        out[i] = (char)(octet >= 'A' && octet <= 'F' ? octet + ('a' - 'A') : octet);
    }
    out[text.len] = '\0';
    return true;
}

void mcx_given_free(struct mcx_given *given)
{
    if (given->document)
        mcx_wipe(given->document, given->document_len);
    free(given->document);
    given->document = NULL;
    given->document_len = 0;
}
