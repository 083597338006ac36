/* SPDX-License-Identifier: Apache-2.0 */
/* MIA, PAA and MRA laundered: every unsound one is found out, with the word that the log says, and
 * what is sound is copied out (design 3, 6). */
#include "core.h"
#include "mcx_wire.h"

static uint8_t document[MCX_DOCUMENT_MAX + 1];

/* Ours, to the primary's realm, with that many public identities. */
static struct msg *our_request(uint32_t command, size_t impu_count)
{
    struct msg *request = NULL;

    ck_assert_int_eq(fd_msg_new(mcx_dict_request(command), MSGFL_ALLOC_ETEID, &request), 0);
    ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_SESSION_ID, LITERAL("our;session")), 0);
    ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_DESTINATION_REALM, LITERAL("primary.example")),
                     0);
    for (size_t i = 0; i < impu_count; i++)
        ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_PUBLIC_IDENTITY, LITERAL("sip:a@b.example")),
                         0);
    return request;
}

static const char *decoded(const struct mcx_wire *wire, size_t asked, struct mcx_given *out)
{
    struct msg *answer = mcx_received(wire);
    const char *unsound = NULL;

    ck_assert_int_eq(fd_msg_answ_associate(answer, our_request(wire->command, asked)), 0);
    memset(out, 0xa5, sizeof *out);
    if (wire->command == MCX_CMD_PAR)
        unsound = mcx_paa_decode(answer, out);
    else
        unsound = mcx_mia_decode(answer, out);
    fd_msg_free(answer); /* with its request */
    return unsound;
}

static void expect_unsound(const struct mcx_wire *wire, const char *reason)
{
    static const struct mcx_given none;
    struct mcx_given given;
    const char *unsound = decoded(wire, 2, &given);

    ck_assert_msg(unsound != NULL, "accepted, expected %s", reason);
    ck_assert_str_eq(unsound, reason);
    ck_assert_mem_eq(&given, &none, sizeof none); /* nothing of it stays */
}

START_TEST(test_a_sound_mia_is_copied_out)
{
    struct mcx_wire wire = wire_mia(2);
    struct mcx_given given;

    ck_assert_pstr_eq(decoded(&wire, 2, &given), NULL);
    ck_assert_uint_eq(given.result.code, 2001);
    ck_assert(!given.result.is_experimental);
    ck_assert_str_eq(given.given.impi.octets, "Guest@in.example");
    ck_assert_uint_eq(given.given.impu_count, 2);
    ck_assert_str_eq(given.given.impu[0].octets, "sip:G1@in.example");
    ck_assert_str_eq(given.given.impu[1].octets, "sip:g2@in.example");
    ck_assert_int_eq(given.expires_s, 1893456000);
    ck_assert_ptr_null(given.document);
    mcx_given_free(&given);
}
END_TEST

START_TEST(test_a_paa_with_and_without_document)
{
    struct mcx_wire wire = wire_paa(8);
    struct mcx_given given;

    wire.realm = "PRIMARY.example";
    ck_assert_pstr_eq(decoded(&wire, 8, &given), NULL);
    ck_assert_ptr_null(given.document);
    ck_assert_uint_eq(given.given.impu_count, 8);
    memset(document, 'x', sizeof document);
    field_add(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION, mcx_span(document, MCX_DOCUMENT_MAX));
    ck_assert_pstr_eq(decoded(&wire, 8, &given), NULL);
    ck_assert_uint_eq(given.document_len, MCX_DOCUMENT_MAX);
    ck_assert_mem_eq(given.document, document, MCX_DOCUMENT_MAX);
    mcx_given_free(&given);
    ck_assert_ptr_null(given.document);
}
END_TEST

/* The UE gets it as a JSON text, RFC 8259 8.1. */
START_TEST(test_each_unsound_document)
{
    const struct mcx_span no_text[] = {
        LITERAL("<a>M\xfcller</a>"),     /* ISO 8859-1 */
        LITERAL("\xff\xfe<\0a\0/\0>\0"), /* UTF-16 */
        LITERAL("<a>\xc3"),              /* cut off */
        LITERAL("<a>\0</a>"),            /* no Char of XML 1.0 2.2 */
    };
    struct mcx_wire wire = wire_paa(2);

    field_add(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION, mcx_span(document, MCX_DOCUMENT_MAX + 1));
    expect_unsound(&wire, "bad_document");
    field_of(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION)->value = mcx_span(NULL, 0);
    expect_unsound(&wire, "bad_document");
    for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++) {
        field_of(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION)->value = no_text[i];
        expect_unsound(&wire, "document_not_utf8");
    }
    field_of(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION)->value = LITERAL("<a/>");
    field_repeat(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION);
    expect_unsound(&wire, "repeated_avp");
}
END_TEST

START_TEST(test_a_document_of_several_lines_and_alphabets)
{
    struct mcx_wire wire = wire_paa(2);
    struct mcx_given given;

    field_add(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION,
              LITERAL("\xef\xbb\xbf<a>\r\n\t\xc3\xbc \xe2\x82\xac \xf0\x9f\x9a\x92</a>\n"));
    ck_assert_pstr_eq(decoded(&wire, 2, &given), NULL);
    ck_assert_uint_eq(given.document_len, 25);
    mcx_given_free(&given);
}
END_TEST

START_TEST(test_a_document_in_a_mia_is_not_looked_at)
{
    struct mcx_wire wire = wire_mia(2);
    struct mcx_given given;

    field_add(&wire, MCX_AVP_UE_INITIAL_CONFIGURATION, LITERAL("<a/>"));
    ck_assert_pstr_eq(decoded(&wire, 2, &given), NULL);
    ck_assert_ptr_null(given.document);
}
END_TEST

START_TEST(test_results_other_than_success_bring_nothing_else)
{
    static const struct {
        uint32_t result, experimental;
    } row[] = {{3004, 0}, {5012, 0}, {5007, 0}, {0, 4001}, {0, 5001}, {0, 5002}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_wire wire = wire_mia(2);
        struct mcx_given given;

        wire.result = row[i].result;
        wire.experimental = row[i].experimental;
        ck_assert_pstr_eq(decoded(&wire, 2, &given), NULL);
        ck_assert_uint_eq(given.result.code, row[i].result + row[i].experimental);
        ck_assert_int_eq(given.result.is_experimental, row[i].experimental != 0);
        ck_assert_int_eq(given.result.is_mcx, row[i].experimental != 0);
        ck_assert_uint_eq(given.given.impu_count + given.given.impi.len, 0);
    }
}
END_TEST

START_TEST(test_an_experimental_success_is_unsound)
{
    static const uint32_t codes[] = {2001, 0, 1001, 3002, 6001};

    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        struct mcx_wire wire = wire_mia(2);

        wire.result = 0;
        wire.experimental = codes[i];
        expect_unsound(&wire, codes[i] ? "no_known_result" : "no_single_result");
    }
}
END_TEST

START_TEST(test_exactly_one_result_of_our_vendor)
{
    struct mcx_wire wire = wire_mia(2);

    wire.experimental = 5001;
    expect_unsound(&wire, "no_single_result");
    wire.result = wire.experimental = 0;
    expect_unsound(&wire, "no_single_result");
    wire.experimental = 5001;
    wire.vendor = 10415; /* means something else there */
    expect_unsound(&wire, "no_single_result");
}
END_TEST

START_TEST(test_another_realm_or_session_is_unsound)
{
    struct mcx_wire wire = wire_mia(2);
    struct mcx_given given;

    wire.realm = "other.example";
    expect_unsound(&wire, "other_realm");
    wire.result = 5012;
    expect_unsound(&wire, "other_realm");
    wire.result = 3002; /* a node on the way */
    ck_assert_pstr_eq(decoded(&wire, 2, &given), NULL);
    ck_assert_uint_eq(given.result.code, 3002);
    wire = wire_mia(2);
    wire.session = "another;session";
    expect_unsound(&wire, "other_session");
}
END_TEST

START_TEST(test_the_number_must_be_that_asked)
{
    struct mcx_wire one = wire_mia(1), three = wire_mia(3), nine = wire_mia(9), none = wire_mia(0);

    expect_unsound(&one, "other_number");
    expect_unsound(&three, "other_number");
    expect_unsound(&nine, "repeated_avp");
    expect_unsound(&none, "missing_avp");
}
END_TEST

static const struct {
    enum mcx_avp_name name;
    const char *value, *reason;
} bad[] = {
    {MCX_AVP_MIGRATION_PRIVATE_IDENTITY, "", "bad_identity"},
    {MCX_AVP_MIGRATION_PRIVATE_IDENTITY, "guest", "bad_identity"},
    {MCX_AVP_MIGRATION_PRIVATE_IDENTITY, "a!b@in.example", "bad_identity"},
    {MCX_AVP_MIGRATION_PRIVATE_IDENTITY, "a\n@in.example", "bad_identity"},
    {MCX_AVP_MIGRATION_PUBLIC_IDENTITY, "", "bad_identity"},
    {MCX_AVP_MIGRATION_PUBLIC_IDENTITY, "g1@in.example", "bad_identity"},
    {MCX_AVP_MIGRATION_PUBLIC_IDENTITY, "sip:a!b@in.example", "bad_identity"},
    {MCX_AVP_MIGRATION_PUBLIC_IDENTITY, "sip:g2@IN.example:5060", "same_identity"},
    {MCX_AVP_MIGRATION_EXPIRY, "", "bad_expiry"},
    {MCX_AVP_MIGRATION_EXPIRY, "\xf4\x86\x57", "bad_expiry"},
    {MCX_AVP_MIGRATION_EXPIRY, "\xf4\x86\x57\x57\x57", "bad_expiry"},
    {MCX_AVP_MIGRATION_EXPIRY, "\x80\x01\x01\x01", "bad_expiry"}, /* 1968 */
};

START_TEST(test_each_bad_value)
{
    struct mcx_wire wire = wire_mia(2);

    field_of(&wire, bad[_i].name)->value = mcx_span_of(bad[_i].value);
    expect_unsound(&wire, bad[_i].reason);
}
END_TEST

START_TEST(test_missing_and_repeated_members)
{
    static const enum mcx_avp_name name[] = {MCX_AVP_MIGRATION_PRIVATE_IDENTITY,
                                             MCX_AVP_MIGRATION_EXPIRY};

    for (size_t i = 0; i < 2; i++) {
        struct mcx_wire wire = wire_mia(2);

        field_repeat(&wire, name[i]);
        expect_unsound(&wire, "repeated_avp");
        field_remove(&wire, name[i]);
        field_remove(&wire, name[i]);
        expect_unsound(&wire, "missing_avp");
    }
}
END_TEST

START_TEST(test_an_mra_is_its_result)
{
    struct mcx_wire wire = wire_mia(0);
    struct mcx_result result;
    struct msg *answer = NULL;

    wire.command = MCX_CMD_MRR;
    wire.result = 0;
    wire.experimental = 5003;
    answer = mcx_received(&wire);
    ck_assert_int_eq(fd_msg_answ_associate(answer, our_request(MCX_CMD_MRR, 0)), 0);
    ck_assert_pstr_eq(mcx_mra_decode(answer, &result), NULL);
    ck_assert_uint_eq(result.code, MCX_MCX_UNKNOWN_BINDING);
    ck_assert(result.is_experimental && result.is_mcx);
    fd_msg_free(answer);
    wire.realm = "other.example";
    answer = mcx_received(&wire);
    ck_assert_int_eq(fd_msg_answ_associate(answer, our_request(MCX_CMD_MRR, 0)), 0);
    ck_assert_pstr_eq(mcx_mra_decode(answer, &result), "other_realm");
    ck_assert_uint_eq(result.code, 0);
    fd_msg_free(answer);
    answer = mcx_received(&wire);
    ck_assert_pstr_eq(mcx_mra_decode(answer, &result), "no_request");
    fd_msg_free(answer);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mcx_answer");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_a_sound_mia_is_copied_out);
    tcase_add_test(tests, test_a_paa_with_and_without_document);
    tcase_add_test(tests, test_each_unsound_document);
    tcase_add_test(tests, test_a_document_of_several_lines_and_alphabets);
    tcase_add_test(tests, test_a_document_in_a_mia_is_not_looked_at);
    tcase_add_test(tests, test_results_other_than_success_bring_nothing_else);
    tcase_add_test(tests, test_an_experimental_success_is_unsound);
    tcase_add_test(tests, test_exactly_one_result_of_our_vendor);
    tcase_add_test(tests, test_another_realm_or_session_is_unsound);
    tcase_add_test(tests, test_the_number_must_be_that_asked);
    tcase_add_loop_test(tests, test_each_bad_value, 0, sizeof bad / sizeof *bad);
    tcase_add_test(tests, test_missing_and_repeated_members);
    tcase_add_test(tests, test_an_mra_is_its_result);
    return core_run(tests, 60);
}
