/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and adding AVPs without macros that jump. Whoever owns the message may call; does not
 * block. */
#ifndef MCX_DIAMETER_AVP_H
#define MCX_DIAMETER_AVP_H

#include "base/span.h"
#include "diameter/dict.h"

/* One AVP as a value. octets is borrowed from the message; for integers it is empty and u32 holds
 * the value. */
struct mcx_avp {
    struct avp *avp;
    enum mcx_avp_name name; /* MCX_AVP_NAMES: none of dict.def, its value is not read */
    uint32_t code, vendor;
    uint8_t flags;
    bool has_value; /* parsed, and not grouped */
    struct mcx_span octets;
    uint32_t u32;
};

/* Steps through the children of a message or group: start with *step = {0}; false at the end or on
 * damage. */
MCX_MUST_USE bool mcx_avp_next(msg_or_avp *parent, struct mcx_avp *step);
/* The first child of that name. */
bool mcx_avp_find(msg_or_avp *parent, enum mcx_avp_name name, struct mcx_avp *out);

/* Append at the end; 0 or errno (memory). Octets are copied. */
MCX_MUST_USE int mcx_avp_add(msg_or_avp *parent, enum mcx_avp_name name, struct mcx_span octets);
MCX_MUST_USE int mcx_avp_add_u32(msg_or_avp *parent, enum mcx_avp_name name, uint32_t value);
/* Appends an empty group and gives it back for its children. */
MCX_MUST_USE int mcx_avp_add_group(msg_or_avp *parent, enum mcx_avp_name name, struct avp **out);
/* {Vendor-Id of it, Auth-Application-Id application} and Auth-Session-State NO_STATE_MAINTAINED
 * (TS 29.229 5; design 3). application is one of ours. */
MCX_MUST_USE int mcx_avp_add_application(struct msg *msg, uint32_t application);

#endif
