/* SPDX-License-Identifier: Apache-2.0 */
/* AVPs as they stand on the wire, for what goes back as it came (RFC 6733 7.5). Whoever owns the
 * message; does not block. */
#ifndef MCX_DIAMETER_AVP_OCTETS_H
#define MCX_DIAMETER_AVP_OCTETS_H

#include <stdbool.h>
#include <stddef.h>

#include "diameter/fd.h"

/* What the dictionary says of that code and vendor (0: none). false: nothing; *data is untouched.
 */
bool mcx_avp_definition(uint32_t code, uint32_t vendor, struct dict_object **model,
                        struct dict_avp_data *data);
/* Of an AVP with these flags: 8 or 12 octets (RFC 6733 4.1). */
size_t mcx_avp_header_len(uint8_t flags);
/* Octets of a value of that type; 0: any number. */
size_t mcx_avp_fixed_size(enum dict_avp_basetype type);

/* The content of a received AVP, without its header and padding: at most `size` octets are written
 * to out, of a group whole children only. How many were. An AVP that has not been parsed, or that
 * no dictionary knows, is read as plain octets; its header stays. */
size_t mcx_avp_octets(struct avp *avp, uint8_t *out, size_t size);

/* What the first octets of an AVP say. */
struct mcx_avp_head {
    uint32_t code, vendor; /* 0: none */
    uint8_t flags;
    size_t header_len, len; /* len: with its header, without padding */
};
/* false: these octets do not begin with a whole AVP; the last one may lack its padding. */
bool mcx_avp_head(const uint8_t *octets, size_t len, struct mcx_avp_head *head);

/* How many of these octets, from the first on, are whole AVPs that any node with our dictionary can
 * parse. */
size_t mcx_avp_sound(const uint8_t *octets, size_t len);

#endif
