/* SPDX-License-Identifier: Apache-2.0 */
/* MIR, PAR and MRR from the wire: what is read from them, and for each shape that is wrong the
 * Result-Code and the Failed-AVP that go back (design 3, RFC 6733 7.1.5). */
#include "core.h"
#include "mcx_wire.h"

static uint8_t long_octets[400];

enum which { MIR_OUT, MIR_IN, PAR, MRR };

static struct mcx_wire sound(enum which which)
{
    switch (which) {
    case MIR_OUT:
        return wire_mir(MCX_OUTBOUND);
    case MIR_IN:
        return wire_mir(MCX_INBOUND);
    case PAR:
        return wire_par();
    case MRR:
        break;
    }
    return wire_mrr(OWN_SS);
}

static bool decode(enum which which, struct msg *msg, struct mcx_flaw *flaw)
{
    union {
        struct mcx_mir mir;
        struct mcx_par par;
        struct mcx_mrr mrr;
    } out;

    memset(&out, 0xa5, sizeof out);
    if (which == PAR)
        return mcx_par_decode(msg, &out.par, flaw);
    return which == MRR ? mcx_mrr_decode(msg, &out.mrr, flaw) : mcx_mir_decode(msg, &out.mir, flaw);
}

START_TEST(test_an_inbound_mir_is_read_whole)
{
    struct mcx_wire wire = wire_mir(MCX_INBOUND);
    struct msg *msg = mcx_received(&wire);
    struct mcx_mir mir;
    struct mcx_flaw flaw;

    memset(&mir, 0xa5, sizeof mir);
    ck_assert(mcx_mir_decode(msg, &mir, &flaw));
    ck_assert_str_eq(mir.binding_id, UUID);
    ck_assert_int_eq(mir.direction, MCX_INBOUND);
    ck_assert_str_eq(mir.system.octets, "primary-1");
    ck_assert_str_eq(mir.mc_user_id.octets, "sip:alice@mc.primary.example");
    ck_assert_uint_eq(mir.service_ids.count, 1);
    ck_assert_str_eq(mir.service_ids.id[0].octets, "sip:alice@mcptt.primary.example");
    ck_assert_str_eq(mir.source.impi.octets, "Alice@Primary.example"); /* as received */
    ck_assert_uint_eq(mir.source.impu_count, 2);
    ck_assert_str_eq(mir.source.impu[0].octets, "sip:Alice@Primary.example");
    ck_assert_str_eq(mir.source.impu[1].octets, "tel:+1-201-555");
    ck_assert_str_eq(mir.database_realm.octets, "primary.example");
    ck_assert_str_eq(mir.database_host.octets, "hss.primary.example");
    ck_assert(mir.has_masking && mir.mask);
    ck_assert_int_eq(mir.expires_s, 1893456000);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_what_an_outbound_mir_may_leave_out)
{
    struct mcx_wire wire = wire_mir(MCX_OUTBOUND);
    struct msg *msg = NULL;
    struct mcx_mir mir;
    struct mcx_flaw flaw;

    field_remove(&wire, MCX_AVP_MASKING);
    field_remove(&wire, MCX_AVP_MC_SERVICE_ID);
    field_remove(&wire, MCX_AVP_MIGRATION_EXPIRY);
    field_of(&wire, MCX_AVP_MIGRATION_BINDING_ID)->value =
        LITERAL("6F1ED002-AB5A-4D3C-AE0B-0123456789AB");
    msg = mcx_received(&wire);
    memset(&mir, 0xa5, sizeof mir);
    ck_assert(mcx_mir_decode(msg, &mir, &flaw));
    ck_assert_str_eq(mir.binding_id, "6f1ed002-ab5a-4d3c-ae0b-0123456789ab");
    ck_assert_int_eq(mir.direction, MCX_OUTBOUND);
    ck_assert(!mir.has_masking && !mir.mask);
    ck_assert_uint_eq(mir.service_ids.count, 0);
    ck_assert_int_eq(mir.expires_s, MCX_NEVER);
    ck_assert_uint_eq(mir.database_realm.len + mir.database_host.len, 0);
    fd_msg_free(msg);
}
END_TEST

START_TEST(test_a_par_and_an_mrr_are_read_whole)
{
    struct mcx_wire par_wire = wire_par(), mrr_wire = wire_mrr(OWN_SDB);
    struct msg *par_msg = mcx_received(&par_wire), *mrr_msg = mcx_received(&mrr_wire);
    struct mcx_par par;
    struct mcx_mrr mrr;
    struct mcx_flaw flaw;

    ck_assert(mcx_par_decode(par_msg, &par, &flaw));
    ck_assert_str_eq(par.binding_id, UUID);
    ck_assert_str_eq(par.system.octets, "primary-1");
    ck_assert_str_eq(par.mc_user_id.octets, "sip:alice@mc.primary.example");
    ck_assert_uint_eq(par.service_ids.count, 1);
    ck_assert_str_eq(par.service_ids.id[0].octets, "sip:alice@mcptt.primary.example");
    ck_assert_str_eq(par.database_realm.octets, "primary.example");
    ck_assert_str_eq(par.database_host.octets, "hss.primary.example");
    ck_assert_uint_eq(par.source.impu_count, 2);
    ck_assert_int_eq(par.expires_s, 1893456000);
    ck_assert(mcx_mrr_decode(mrr_msg, &mrr, &flaw));
    ck_assert_str_eq(mrr.binding_id, UUID);
    ck_assert_str_eq(mrr.system.octets, "primary-1");
    ck_assert_int_eq(mrr.cause, MCX_REVOKED);
    fd_msg_free(par_msg);
    fd_msg_free(mrr_msg);
}
END_TEST

/* The whole way: octets, flaw, answer, octets. */
static void expect_flaw(enum which which, const struct mcx_wire *wire, uint32_t code,
                        enum mcx_avp_name name, enum mcx_avp_name parent)
{
    struct msg *msg = mcx_received(wire), *answer = NULL;
    struct mcx_flaw flaw = {0};
    struct mcx_avp failed = {0}, inside = {0}, group = {0};
    msg_or_avp *in = NULL;

    ck_assert_msg(!decode(which, msg, &flaw), "message %d, AVP %u: accepted", which,
                  mcx_dict_code(name));
    ck_assert_msg(flaw.result.code == code && flaw.failed.code == mcx_dict_code(name),
                  "message %d, AVP %u: %u, AVP %u instead of %u", which, mcx_dict_code(name),
                  flaw.result.code, flaw.failed.code, code);
    ck_assert_ptr_nonnull(flaw.reason);
    ck_assert_int_eq(mcx_answer_make(&msg, flaw.result, &flaw.failed, NULL), 0);
    answer = core_launder(&msg);
    ck_assert_uint_eq(core_result(answer).code, code);
    ck_assert(mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &failed));
    in = failed.avp;
    if (parent != MCX_AVP_NAMES) {
        ck_assert(mcx_avp_find(in, parent, &group));
        in = group.avp;
    }
    ck_assert(mcx_avp_next(in, &inside));
    ck_assert_int_eq(inside.name, name);
    ck_assert(mcx_avp_find(answer, MCX_AVP_VENDOR_SPECIFIC_APPLICATION_ID, &group));
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &inside) && inside.u32 == OWN_VENDOR);
    fd_msg_free(answer);
}

static enum mcx_avp_name parent_of(enum mcx_avp_name name)
{
    return name == MCX_AVP_SIP_DATABASE_REALM || name == MCX_AVP_SIP_DATABASE_HOST
               ? MCX_AVP_PRIMARY_SIP_DATABASE
               : MCX_AVP_NAMES;
}

START_TEST(test_each_missing_avp_is_5005)
{
    static const struct {
        enum which which;
        enum mcx_avp_name name;
    } row[] = {{MIR_OUT, MCX_AVP_DESTINATION_HOST},
               {MIR_OUT, MCX_AVP_MIGRATION_BINDING_ID},
               {MIR_OUT, MCX_AVP_MIGRATION_DIRECTION},
               {MIR_OUT, MCX_AVP_MC_SYSTEM_ID},
               {MIR_OUT, MCX_AVP_MC_USER_ID},
               {MIR_OUT, MCX_AVP_USER_NAME},
               {MIR_IN, MCX_AVP_SIP_DATABASE_REALM},
               {PAR, MCX_AVP_DESTINATION_HOST},
               {PAR, MCX_AVP_MIGRATION_BINDING_ID},
               {PAR, MCX_AVP_MC_SYSTEM_ID},
               {PAR, MCX_AVP_MC_USER_ID},
               {PAR, MCX_AVP_USER_NAME},
               {PAR, MCX_AVP_SIP_DATABASE_REALM},
               {MRR, MCX_AVP_DESTINATION_HOST},
               {MRR, MCX_AVP_MIGRATION_BINDING_ID},
               {MRR, MCX_AVP_MC_SYSTEM_ID},
               {MRR, MCX_AVP_RELEASE_CAUSE}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_wire wire = sound(row[i].which);

        field_remove(&wire, row[i].name);
        expect_flaw(row[i].which, &wire, MCX_RC_MISSING_AVP, row[i].name, parent_of(row[i].name));
    }
}
END_TEST

START_TEST(test_no_public_identity_and_no_database_are_5005)
{
    static const enum which which[] = {MIR_IN, PAR};

    for (size_t i = 0; i < 2; i++) {
        struct mcx_wire wire = sound(which[i]);

        field_remove(&wire, MCX_AVP_PUBLIC_IDENTITY);
        field_remove(&wire, MCX_AVP_PUBLIC_IDENTITY);
        expect_flaw(which[i], &wire, MCX_RC_MISSING_AVP, MCX_AVP_PUBLIC_IDENTITY, MCX_AVP_NAMES);
        wire = sound(which[i]);
        field_remove(&wire, MCX_AVP_SIP_DATABASE_REALM);
        field_remove(&wire, MCX_AVP_SIP_DATABASE_HOST);
        field_remove(&wire, MCX_AVP_PRIMARY_SIP_DATABASE);
        expect_flaw(which[i], &wire, MCX_RC_MISSING_AVP, MCX_AVP_PRIMARY_SIP_DATABASE,
                    MCX_AVP_NAMES);
    }
}
END_TEST

START_TEST(test_a_database_in_an_outbound_mir_is_5008)
{
    struct mcx_wire wire = wire_mir(MCX_INBOUND);

    field_of(&wire, MCX_AVP_MIGRATION_DIRECTION)->value = LITERAL("\0\0\0\0");
    expect_flaw(MIR_OUT, &wire, MCX_RC_AVP_NOT_ALLOWED, MCX_AVP_PRIMARY_SIP_DATABASE,
                MCX_AVP_NAMES);
}
END_TEST

START_TEST(test_each_repeated_avp_is_5009)
{
    static const struct {
        enum which which;
        enum mcx_avp_name name;
    } row[] = {{MIR_IN, MCX_AVP_DESTINATION_HOST},
               {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID},
               {MIR_IN, MCX_AVP_MIGRATION_DIRECTION},
               {MIR_IN, MCX_AVP_MC_SYSTEM_ID},
               {MIR_IN, MCX_AVP_MC_USER_ID},
               {MIR_IN, MCX_AVP_USER_NAME},
               {MIR_IN, MCX_AVP_MASKING},
               {MIR_IN, MCX_AVP_MIGRATION_EXPIRY},
               {MIR_IN, MCX_AVP_SIP_DATABASE_REALM},
               {MIR_IN, MCX_AVP_SIP_DATABASE_HOST},
               {PAR, MCX_AVP_MIGRATION_BINDING_ID},
               {PAR, MCX_AVP_MC_SYSTEM_ID},
               {PAR, MCX_AVP_MC_USER_ID},
               {PAR, MCX_AVP_USER_NAME},
               {PAR, MCX_AVP_MIGRATION_EXPIRY},
               {MRR, MCX_AVP_MIGRATION_BINDING_ID},
               {MRR, MCX_AVP_MC_SYSTEM_ID},
               {MRR, MCX_AVP_RELEASE_CAUSE}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_wire wire = sound(row[i].which);

        field_repeat(&wire, row[i].name);
        expect_flaw(row[i].which, &wire, MCX_RC_AVP_OCCURS_TOO_MANY_TIMES, row[i].name,
                    parent_of(row[i].name));
    }
}
END_TEST

START_TEST(test_eight_public_identities_and_services_and_no_more)
{
    static const char *const more[] = {"sip:3@a.example", "sip:4@a.example", "sip:5@a.example",
                                       "sip:6@a.example", "sip:7@a.example", "sip:8@a.example",
                                       "sip:9@a.example"};
    struct mcx_wire wire = wire_par();
    struct mcx_flaw flaw;
    struct mcx_par par;
    struct msg *msg = NULL;

    for (size_t i = 0; i < 6; i++)
        field_add(&wire, MCX_AVP_PUBLIC_IDENTITY, mcx_span_of(more[i]));
    for (size_t i = 0; i < 7; i++)
        field_add(&wire, MCX_AVP_MC_SERVICE_ID, mcx_span_of(more[i]));
    msg = mcx_received(&wire);
    ck_assert(mcx_par_decode(msg, &par, &flaw));
    ck_assert_uint_eq(par.source.impu_count, 8);
    ck_assert_str_eq(par.source.impu[7].octets, "sip:8@a.example");
    ck_assert_uint_eq(par.service_ids.count, 8);
    fd_msg_free(msg);
    field_add(&wire, MCX_AVP_PUBLIC_IDENTITY, mcx_span_of(more[6]));
    expect_flaw(PAR, &wire, MCX_RC_AVP_OCCURS_TOO_MANY_TIMES, MCX_AVP_PUBLIC_IDENTITY,
                MCX_AVP_NAMES);
    wire.count--;
    field_repeat(&wire, MCX_AVP_MC_SERVICE_ID);
    expect_flaw(PAR, &wire, MCX_RC_AVP_OCCURS_TOO_MANY_TIMES, MCX_AVP_MC_SERVICE_ID, MCX_AVP_NAMES);
}
END_TEST

#define SPAN(text)                                                                                 \
    {                                                                                              \
        (const uint8_t *)text, sizeof text - 1                                                     \
    }
static const struct {
    enum which which;
    enum mcx_avp_name name;
    struct mcx_span value;
} bad[] = {
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-9e0b-0123456789a")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-9e0b-0123456789abc")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-1d3c-9e0b-0123456789ab")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-7e0b-0123456789ab")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-ce0b-0123456789ab")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002xab5a-4d3c-9e0b-0123456789ab")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-9e0b-0123456789a\0")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-\0e0b-0123456789ab")},
    {MIR_IN, MCX_AVP_MIGRATION_BINDING_ID, SPAN("6f1ed002-ab5a-4d3c-9e0b-0123456789ag")},
    {MIR_IN, MCX_AVP_MIGRATION_DIRECTION, SPAN("\0\0\0\2")},
    {MIR_IN, MCX_AVP_MIGRATION_DIRECTION, SPAN("\xff\xff\xff\xff")},
    {MIR_IN, MCX_AVP_MASKING, SPAN("\0\0\0\2")},
    {MIR_IN, MCX_AVP_MASKING, SPAN("\x80\0\0\0")},
    {MIR_IN, MCX_AVP_MC_SYSTEM_ID, SPAN("")},
    {MIR_IN, MCX_AVP_MC_SYSTEM_ID, SPAN("Primary")},
    {MIR_IN, MCX_AVP_MC_SYSTEM_ID, SPAN("primary.example")},
    {MIR_IN, MCX_AVP_MC_SYSTEM_ID, SPAN("primary\0")},
    {MIR_IN, MCX_AVP_MC_SYSTEM_ID, SPAN("pr\xc3\xa9mary")},
    {MIR_IN, MCX_AVP_MC_USER_ID, SPAN("")},
    {MIR_IN, MCX_AVP_MC_USER_ID, SPAN("sip:a\0b@mc.example")},
    {MIR_IN, MCX_AVP_MC_USER_ID, SPAN("sip:a\xff@mc.example")},
    {MIR_IN, MCX_AVP_MC_USER_ID, SPAN("sip:a\n@mc.example")},
    {MIR_IN, MCX_AVP_USER_NAME, SPAN("")},
    {MIR_IN, MCX_AVP_USER_NAME, SPAN("alice")},
    {MIR_IN, MCX_AVP_USER_NAME, SPAN("alice@")},
    {MIR_IN, MCX_AVP_USER_NAME, SPAN("home.example!alice@visited.example")},
    {MIR_IN, MCX_AVP_USER_NAME, SPAN("al\0ice@a.example")},
    {MIR_IN, MCX_AVP_PUBLIC_IDENTITY, SPAN("")},
    {MIR_IN, MCX_AVP_PUBLIC_IDENTITY, SPAN("alice@a.example")},
    {MIR_IN, MCX_AVP_PUBLIC_IDENTITY, SPAN("http://a.example")},
    {MIR_IN, MCX_AVP_PUBLIC_IDENTITY, SPAN("sip:a!b@a.example")},
    {MIR_IN, MCX_AVP_PUBLIC_IDENTITY, SPAN("tel:+12-01555")}, /* the second one again */
    {MIR_IN, MCX_AVP_SIP_DATABASE_REALM, SPAN("")},
    {MIR_IN, MCX_AVP_SIP_DATABASE_REALM, SPAN("a b")},
    {MIR_IN, MCX_AVP_SIP_DATABASE_REALM, SPAN("a\0.example")},
    {MIR_IN, MCX_AVP_SIP_DATABASE_HOST, SPAN("")},
    {MIR_IN, MCX_AVP_SIP_DATABASE_HOST, SPAN("hss.\xc3\xa9.example")},
    {MIR_IN, MCX_AVP_MIGRATION_EXPIRY, SPAN("\x83\xaa\x7e\x80")}, /* 1970-01-01 */
    {MIR_IN, MCX_AVP_MIGRATION_EXPIRY, SPAN("\x80\0\0\0")},       /* 1968 */
    {PAR, MCX_AVP_MIGRATION_BINDING_ID, SPAN("x")},
    {PAR, MCX_AVP_MC_SYSTEM_ID, SPAN("A")},
    {PAR, MCX_AVP_MC_USER_ID, SPAN("")},
    {PAR, MCX_AVP_MC_SERVICE_ID, SPAN("")},
    {PAR, MCX_AVP_MC_SERVICE_ID, SPAN("a\xc0\x80")},
    {PAR, MCX_AVP_USER_NAME, SPAN("a!b@c.example")},
    {PAR, MCX_AVP_PUBLIC_IDENTITY, SPAN("sip:")},
    {PAR, MCX_AVP_SIP_DATABASE_REALM, SPAN("")},
    {MRR, MCX_AVP_MIGRATION_BINDING_ID, SPAN("")},
    {MRR, MCX_AVP_MC_SYSTEM_ID, SPAN("_")},
    {MRR, MCX_AVP_RELEASE_CAUSE, SPAN("\0\0\0\4")},
};

START_TEST(test_each_bad_value_is_5004_and_goes_back)
{
    struct mcx_wire wire = sound(bad[_i].which);

    field_of(&wire, bad[_i].name)->value = bad[_i].value;
    expect_flaw(bad[_i].which, &wire, MCX_RC_INVALID_AVP_VALUE, bad[_i].name,
                parent_of(bad[_i].name));
}
END_TEST

START_TEST(test_over_long_values_are_5004)
{
    static const enum mcx_avp_name name[] = {MCX_AVP_MIGRATION_BINDING_ID, MCX_AVP_MC_SYSTEM_ID,
                                             MCX_AVP_MC_USER_ID,           MCX_AVP_MC_SERVICE_ID,
                                             MCX_AVP_SIP_DATABASE_REALM,   MCX_AVP_USER_NAME,
                                             MCX_AVP_PUBLIC_IDENTITY};

    memset(long_octets, 'a', sizeof long_octets);
    memcpy(long_octets, "sip:a@", 6);
    for (size_t i = 0; i < sizeof name / sizeof *name; i++) {
        struct mcx_wire wire = wire_par();

        field_of(&wire, name[i])->value = mcx_span(long_octets, 256);
        expect_flaw(PAR, &wire, MCX_RC_INVALID_AVP_VALUE, name[i], parent_of(name[i]));
    }
    long_octets[63] = 'a';
    for (size_t len = 63; len <= 64; len++) {
        struct mcx_wire wire = wire_mrr(OWN_SS);
        struct msg *msg = NULL;
        struct mcx_flaw flaw;

        field_of(&wire, MCX_AVP_MC_SYSTEM_ID)->value = mcx_span(long_octets + 8, len);
        msg = mcx_received(&wire);
        ck_assert_int_eq(decode(MRR, msg, &flaw), len == 63);
        fd_msg_free(msg);
    }
}
END_TEST

START_TEST(test_a_time_of_another_length_is_5014)
{
    static const size_t len[] = {0, 1, 3, 5, 8};

    for (size_t i = 0; i < sizeof len / sizeof *len; i++) {
        struct mcx_wire wire = wire_par();

        field_of(&wire, MCX_AVP_MIGRATION_EXPIRY)->value = mcx_span("\xf0\0\0\0\0\0\0\0", len[i]);
        expect_flaw(PAR, &wire, MCX_RC_INVALID_AVP_LENGTH, MCX_AVP_MIGRATION_EXPIRY, MCX_AVP_NAMES);
    }
}
END_TEST

START_TEST(test_times_on_both_sides_of_2036)
{
    static const struct {
        const char *octets;
        int64_t unix_s;
    } row[] = {{"\x83\xaa\x7e\x81", 1},          {"\xff\xff\xff\xff", 2085978495},
               {"\x00\x00\x00\x00", 2085978496}, /* 2036-02-07T06:28:16Z */
               {"\x00\x00\x00\x01", 2085978497}, {"\x7f\xff\xff\xfe", 4233462142},
               {"\x7f\xff\xff\xff", MCX_NEVER}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_wire wire = wire_par();
        struct msg *msg = NULL;
        struct mcx_flaw flaw;
        struct mcx_par par;

        field_of(&wire, MCX_AVP_MIGRATION_EXPIRY)->value = mcx_span(row[i].octets, 4);
        msg = mcx_received(&wire);
        ck_assert(mcx_par_decode(msg, &par, &flaw));
        ck_assert_int_eq(par.expires_s, row[i].unix_s);
        fd_msg_free(msg);
    }
}
END_TEST

START_TEST(test_avps_that_the_grammar_lacks_are_ignored)
{
    struct mcx_wire wire = wire_mrr(OWN_SS);
    struct msg *msg = NULL;
    struct mcx_flaw flaw;

    for (int i = 0; i < 2; i++)
        field_add(&wire, MCX_AVP_MIGRATION_PRIVATE_IDENTITY, LITERAL("x"));
    msg = mcx_received(&wire);
    ck_assert(decode(MRR, msg, &flaw));
    fd_msg_free(msg);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mcx_decode");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_an_inbound_mir_is_read_whole);
    tcase_add_test(tests, test_what_an_outbound_mir_may_leave_out);
    tcase_add_test(tests, test_a_par_and_an_mrr_are_read_whole);
    tcase_add_test(tests, test_each_missing_avp_is_5005);
    tcase_add_test(tests, test_no_public_identity_and_no_database_are_5005);
    tcase_add_test(tests, test_a_database_in_an_outbound_mir_is_5008);
    tcase_add_test(tests, test_each_repeated_avp_is_5009);
    tcase_add_test(tests, test_eight_public_identities_and_services_and_no_more);
    tcase_add_loop_test(tests, test_each_bad_value_is_5004_and_goes_back, 0,
                        sizeof bad / sizeof *bad);
    tcase_add_test(tests, test_over_long_values_are_5004);
    tcase_add_test(tests, test_a_time_of_another_length_is_5014);
    tcase_add_test(tests, test_times_on_both_sides_of_2036);
    tcase_add_test(tests, test_avps_that_the_grammar_lacks_are_ignored);
    return core_run(tests, 60);
}
