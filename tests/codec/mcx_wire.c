/* SPDX-License-Identifier: Apache-2.0 */
/* Sound MCX messages, octet by octet, without the encoder under test. */
#include "mcx_wire.h"

#include "core.h"

/* 2030-01-01T00:00:00Z, RFC 6733 4.3.1. */
static const char time_2030[] = "\xf4\x86\x57\x00";
static const char zero[4] = "", one[4] = "\0\0\0\1";

static struct field *insert(struct mcx_wire *of, size_t at, struct field field)
{
    ck_assert_uint_lt(of->count, FIELDS_MAX);
    memmove(&of->field[at + 1], &of->field[at], (of->count - at) * sizeof field);
    of->count++;
    of->field[at] = field;
    return &of->field[at];
}

void field_add(struct mcx_wire *of, enum mcx_avp_name name, struct mcx_span value)
{
    insert(of, of->count, (struct field){name, MCX_AVP_NAMES, value});
}

static void add_in_database(struct mcx_wire *of, enum mcx_avp_name name, const char *text)
{
    insert(of, of->count, (struct field){name, MCX_AVP_PRIMARY_SIP_DATABASE, mcx_span_of(text)});
}

struct field *field_of(struct mcx_wire *of, enum mcx_avp_name name)
{
    for (size_t i = 0; i < of->count; i++)
        if (of->field[i].name == name)
            return &of->field[i];
    return NULL;
}

void field_remove(struct mcx_wire *of, enum mcx_avp_name name)
{
    struct field *field = field_of(of, name);

    ck_assert_ptr_nonnull(field);
    of->count--;
    memmove(field, field + 1, (size_t)(&of->field[of->count] - field) * sizeof *field);
}

void field_repeat(struct mcx_wire *of, enum mcx_avp_name name)
{
    struct field *field = field_of(of, name);

    ck_assert_ptr_nonnull(field);
    insert(of, (size_t)(field - of->field) + 1, *field);
}

static void add_database(struct mcx_wire *of)
{
    field_add(of, MCX_AVP_PRIMARY_SIP_DATABASE, mcx_span(NULL, 0));
    add_in_database(of, MCX_AVP_SIP_DATABASE_REALM, "Primary.example");
    add_in_database(of, MCX_AVP_SIP_DATABASE_HOST, "hss.Primary.example");
}

static void add_source(struct mcx_wire *of)
{
    field_add(of, MCX_AVP_USER_NAME, LITERAL("Alice@Primary.example"));
    field_add(of, MCX_AVP_PUBLIC_IDENTITY, LITERAL("sip:Alice@Primary.example"));
    field_add(of, MCX_AVP_PUBLIC_IDENTITY, LITERAL("tel:+1-201-555"));
}

static struct mcx_wire request(uint32_t command, uint32_t application)
{
    struct mcx_wire out = {.command = command, .application = application};

    field_add(&out, MCX_AVP_DESTINATION_HOST, LITERAL(OWN_HOST));
    field_add(&out, MCX_AVP_MIGRATION_BINDING_ID, LITERAL(UUID));
    return out;
}

struct mcx_wire wire_mir(enum mcx_direction direction)
{
    struct mcx_wire out = request(MCX_CMD_MIR, OWN_SDB);

    field_add(&out, MCX_AVP_MIGRATION_DIRECTION,
              mcx_span(direction == MCX_INBOUND ? one : zero, 4));
    field_add(&out, MCX_AVP_MC_SYSTEM_ID, LITERAL("primary-1"));
    field_add(&out, MCX_AVP_MC_USER_ID, LITERAL("sip:alice@mc.primary.example"));
    field_add(&out, MCX_AVP_MC_SERVICE_ID, LITERAL("sip:alice@mcptt.primary.example"));
    add_source(&out);
    if (direction == MCX_INBOUND)
        add_database(&out);
    field_add(&out, MCX_AVP_MASKING, mcx_span(one, 4));
    field_add(&out, MCX_AVP_MIGRATION_EXPIRY, mcx_span(time_2030, 4));
    return out;
}

struct mcx_wire wire_par(void)
{
    struct mcx_wire out = request(MCX_CMD_PAR, OWN_SS);

    field_add(&out, MCX_AVP_MC_SYSTEM_ID, LITERAL("primary-1"));
    field_add(&out, MCX_AVP_MC_USER_ID, LITERAL("sip:alice@mc.primary.example"));
    field_add(&out, MCX_AVP_MC_SERVICE_ID, LITERAL("sip:alice@mcptt.primary.example"));
    add_database(&out);
    add_source(&out);
    field_add(&out, MCX_AVP_MIGRATION_EXPIRY, mcx_span(time_2030, 4));
    return out;
}

struct mcx_wire wire_mrr(uint32_t application)
{
    struct mcx_wire out = request(MCX_CMD_MRR, application);

    field_add(&out, MCX_AVP_MC_SYSTEM_ID, LITERAL("primary-1"));
    field_add(&out, MCX_AVP_RELEASE_CAUSE, mcx_span(one, 4));
    return out;
}

static struct mcx_wire answer(uint32_t command, uint32_t application, size_t impu_count)
{
    static const char *const impu[] = {
        "sip:G1@in.example", "sip:g2@in.example", "sip:g3@in.example",
        "sip:g4@in.example", "sip:g5@in.example", "sip:g6@in.example",
        "sip:g7@in.example", "sip:g8@in.example", "sip:g9@in.example"};
    struct mcx_wire out = {.command = command,
                           .application = application,
                           .is_answer = true,
                           .result = 2001,
                           .vendor = OWN_VENDOR,
                           .session = "our;session",
                           .realm = "primary.example"};

    field_add(&out, MCX_AVP_MIGRATION_PRIVATE_IDENTITY, LITERAL("Guest@in.example"));
    for (size_t i = 0; i < impu_count; i++)
        field_add(&out, MCX_AVP_MIGRATION_PUBLIC_IDENTITY, mcx_span_of(impu[i]));
    field_add(&out, MCX_AVP_MIGRATION_EXPIRY, mcx_span(time_2030, 4));
    return out;
}

struct mcx_wire wire_mia(size_t impu_count)
{
    return answer(MCX_CMD_MIR, OWN_SDB, impu_count);
}

struct mcx_wire wire_paa(size_t impu_count)
{
    return answer(MCX_CMD_PAR, OWN_SS, impu_count);
}

static void write_result(const struct mcx_wire *from, struct wire *wire)
{
    size_t open = 0;

    if (from->result)
        wire_u32(wire, MCX_AVP_RESULT_CODE, from->result);
    if (!from->experimental)
        return;
    open = wire_open(wire, MCX_AVP_EXPERIMENTAL_RESULT);
    wire_u32(wire, MCX_AVP_VENDOR_ID, from->vendor);
    wire_u32(wire, MCX_AVP_EXPERIMENTAL_RESULT_CODE, from->experimental);
    wire_close(wire, open);
}

static void write_head(const struct mcx_wire *from, struct wire *wire)
{
    size_t open = 0;

    wire_begin(wire, from->is_answer ? CMD_FLAG_PROXIABLE : CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
               from->command, from->application);
    wire_avp(wire, MCX_AVP_SESSION_ID,
             mcx_span_of(from->is_answer ? from->session : "cms.partner.example;1;2"));
    open = wire_open(wire, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID);
    wire_u32(wire, MCX_AVP_VENDOR_ID, OWN_VENDOR);
    wire_u32(wire, MCX_AVP_AUTH_APPLICATION_ID, from->application);
    wire_close(wire, open);
    if (from->is_answer)
        write_result(from, wire);
    wire_u32(wire, MCX_AVP_AUTH_SESSION_STATE, 1);
    wire_avp(wire, MCX_AVP_ORIGIN_HOST, LITERAL("cms.primary.example"));
    wire_avp(wire, MCX_AVP_ORIGIN_REALM,
             mcx_span_of(from->is_answer ? from->realm : "primary.example"));
    if (!from->is_answer)
        wire_avp(wire, MCX_AVP_DESTINATION_REALM, LITERAL(OWN_REALM));
}

void mcx_write(const struct mcx_wire *from, struct wire *wire)
{
    write_head(from, wire);
    for (size_t i = 0; i < from->count; i++) {
        const struct field *field = &from->field[i];
        size_t open = wire->len;

        wire_avp(wire, field->name, field->value);
        if (mcx_dict_type(field->name) != MCX_TYPE_GROUP)
            continue;
        for (; i + 1 < from->count && from->field[i + 1].parent == field->name; i++)
            wire_avp(wire, from->field[i + 1].name, from->field[i + 1].value);
        wire_close(wire, open);
    }
    wire_end(wire);
}

struct msg *mcx_received(const struct mcx_wire *from)
{
    static struct wire wire;

    mcx_write(from, &wire);
    return core_receive(wire_span(&wire));
}
