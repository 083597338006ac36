/* SPDX-License-Identifier: Apache-2.0 */
/* MCX messages as lists of AVPs, sound ones to begin with, of which a test changes one. */
#ifndef MCX_TEST_MCX_WIRE_H
#define MCX_TEST_MCX_WIRE_H

#include "diameter/mcx_codec.h"
#include "wire.h"

#define UUID "6f1ed002-ab5a-4d3c-9e0b-0123456789ab"
enum { FIELDS_MAX = 32 };

struct field {
    enum mcx_avp_name name, parent; /* parent MCX_AVP_NAMES: the message */
    struct mcx_span value;
};

struct mcx_wire {
    uint32_t command, application;
    bool is_answer;
    uint32_t result, experimental, vendor; /* answers; experimental 0: none */
    const char *session, *realm;           /* answers */
    size_t count;
    struct field field[FIELDS_MAX];
};

/* direction: MCX_OUTBOUND or MCX_INBOUND. */
struct mcx_wire wire_mir(enum mcx_direction direction);
struct mcx_wire wire_par(void);
struct mcx_wire wire_mrr(uint32_t application);
struct mcx_wire wire_mia(size_t impu_count);
struct mcx_wire wire_paa(size_t impu_count);

void field_add(struct mcx_wire *of, enum mcx_avp_name name, struct mcx_span value);
/* The first of that name; NULL: none. */
struct field *field_of(struct mcx_wire *of, enum mcx_avp_name name);
void field_remove(struct mcx_wire *of, enum mcx_avp_name name);
/* A second one behind the first. */
void field_repeat(struct mcx_wire *of, enum mcx_avp_name name);

void mcx_write(const struct mcx_wire *from, struct wire *wire);
struct msg *mcx_received(const struct mcx_wire *from);

#endif
