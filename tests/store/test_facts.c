/* SPDX-License-Identifier: Apache-2.0 */
/* What the database says of one MAR, for every kind of identity and of asker. */
#include "site.h"
#include "store/keys.h"
#include "store/subscriber.h"

static struct mcx_mar_facts own(const char *impi, const char *impu)
{
    struct mcx_mar_ask ask = fixture_own_ask(impi, impu);

    return fixture_facts(site.daemon, &ask);
}

static struct mcx_mar_facts asked(const char *partner, const char *impi, const char *impu)
{
    struct mcx_mar_ask ask = fixture_partner_ask(partner, impi, impu);

    return fixture_facts(site.daemon, &ask);
}

START_TEST(test_own_subscriber)
{
    struct mcx_mar_facts facts = own("alice@primary.example", "sip:alice@primary.example");

    ck_assert_int_eq(facts.impi_kind, MCX_KIND_OWN);
    ck_assert_int_eq(facts.impu_kind, MCX_KIND_OWN);
    ck_assert(facts.belongs);
    ck_assert(facts.has_credential);
    ck_assert_int_eq(facts.wrapped_k_len, 49);
    ck_assert_int_eq(facts.wrapped_opc_len, 49);
    ck_assert_str_eq(facts.credential_impi.octets, "alice@primary.example");
    ck_assert(!facts.binding_live);
    ck_assert(!facts.grant_live);
}
END_TEST

/* As it was entered, for the own SIP core and for a partner. */
START_TEST(test_amf_is_the_subscribers)
{
    static const struct mcx_key128 k = {{1}};
    static const uint8_t amf[2] = {0xb9, 0x17}, none[2] = {0};
    struct mcx_new_subscriber want = {.impi = fixture_str("dave@primary.example"),
                                      .impu_count = 1,
                                      .impu = {fixture_str("sip:dave@primary.example")},
                                      .k = &k,
                                      .opc = &k,
                                      .amf = {amf[0], amf[1]}};
    struct mcx_keyring ring;
    struct mcx_mar_facts facts;

    mcx_keyring_from(&site.conf, &ring);
    ck_ok(mcx_store_subscriber_add(site.admin, &ring, &want, &site.problem));
    (void)fixture_grant(site.admin, "partner", "dave", false);
    facts = own("dave@primary.example", "sip:dave@primary.example");
    ck_assert_mem_eq(facts.amf, amf, sizeof amf);
    facts = asked("partner", "dave@primary.example", "sip:dave@primary.example");
    ck_assert_mem_eq(facts.amf, amf, sizeof amf);
    facts = own("alice@primary.example", "sip:alice@primary.example");
    ck_assert_mem_eq(facts.amf, none, sizeof none);
}
END_TEST

START_TEST(test_unknown_identity)
{
    struct mcx_mar_facts facts = own("nobody@primary.example", "sip:nobody@primary.example");

    ck_assert_int_eq(facts.impi_kind, MCX_KIND_NONE);
    ck_assert_int_eq(facts.impu_kind, MCX_KIND_NONE);
    ck_assert(!facts.belongs);
    ck_assert(!facts.has_credential);
}
END_TEST

START_TEST(test_impu_of_somebody_else)
{
    struct mcx_mar_facts facts = own("alice@primary.example", "sip:bob@primary.example");

    ck_assert_int_eq(facts.impu_kind, MCX_KIND_OWN);
    ck_assert(!facts.belongs);
    ck_assert(facts.has_credential);
}
END_TEST

START_TEST(test_zh_without_impu)
{
    struct mcx_mar_facts facts = own("alice@primary.example", "");

    ck_assert_int_eq(facts.impi_kind, MCX_KIND_OWN);
    ck_assert(facts.belongs);
}
END_TEST

START_TEST(test_barred_subscriber_has_no_credential)
{
    fixture_sql(site.sql,
                "UPDATE credential SET is_barred = true WHERE impi = 'alice@primary.example'");
    ck_assert(!own("alice@primary.example", "sip:alice@primary.example").has_credential);
    ck_assert(own("bob@primary.example", "sip:bob@primary.example").has_credential);
}
END_TEST

START_TEST(test_inbound_binding)
{
    struct mcx_provision made = fixture_binding(site.admin, "Carol");
    struct mcx_mar_facts facts = own(made.given_impi.octets, made.given_impu[0].octets);

    ck_assert_int_eq(facts.impi_kind, MCX_KIND_INBOUND);
    ck_assert_int_eq(facts.impu_kind, MCX_KIND_INBOUND);
    ck_assert(facts.belongs);
    ck_assert(facts.binding_live);
    ck_assert(!facts.has_credential);
    ck_assert_int_eq(facts.relay_iface, MCX_CX);
    ck_assert_str_eq(facts.primary_system.octets, "partner");
    ck_assert_str_eq(facts.primary_realm.octets, "partner.example");
    ck_assert_int_eq(facts.primary_host.len, 0);
    ck_assert_str_eq(facts.primary_impi.octets, "Carol@partner.example");
    ck_assert_str_eq(facts.primary_impu.octets, "sip:Carol@partner.example");
    facts = own(made.given_impi.octets, "");
    ck_assert(facts.belongs);
    ck_assert_str_eq(facts.primary_impu.octets, "sip:Carol@partner.example");
    facts = own(made.given_impi.octets, "sip:alice@primary.example");
    ck_assert(facts.binding_live);
    ck_assert(!facts.belongs);
}
END_TEST

START_TEST(test_identity_of_the_primary_is_unknown_here)
{
    (void)fixture_binding(site.admin, "carol");
    ck_assert_int_eq(own("carol@partner.example", "sip:carol@partner.example").impi_kind,
                     MCX_KIND_NONE);
}
END_TEST

START_TEST(test_inbound_binding_ends_at_its_time)
{
    struct mcx_provision made = fixture_binding(site.admin, "carol");
    struct mcx_mar_facts facts;

    fixture_sql(site.sql, "UPDATE binding SET expires_at = now()");
    facts = own(made.given_impi.octets, made.given_impu[0].octets);
    ck_assert_int_eq(facts.impi_kind, MCX_KIND_INBOUND);
    ck_assert(!facts.binding_live);
    fixture_sql(site.sql, "UPDATE binding SET expires_at = 'infinity'");
    ck_assert(own(made.given_impi.octets, made.given_impu[0].octets).binding_live);
}
END_TEST

START_TEST(test_ended_binding_is_not_live)
{
    struct mcx_provision made = fixture_binding(site.admin, "carol");
    struct mcx_conf_problem problem;
    size_t ended;

    ck_ok(mcx_store_binding_end(site.admin, made.binding_id, "revoked", "test", &ended, &problem));
    ck_assert_uint_eq(ended, 1);
    ck_assert(!own(made.given_impi.octets, made.given_impu[0].octets).binding_live);
    ck_assert_int_eq(
        mcx_store_binding_end(site.admin, made.binding_id, "revoked", "test", &ended, &problem),
        MCX_NOT_FOUND);
}
END_TEST

START_TEST(test_unmasked_grant)
{
    struct mcx_mar_facts facts;

    (void)fixture_grant(site.admin, "partner", "alice", false);
    facts = asked("partner", "alice@primary.example", "sip:alice@primary.example");
    ck_assert(facts.partner_known);
    ck_assert(facts.grant_live);
    ck_assert(facts.belongs);
    ck_assert(facts.has_credential);
    ck_assert_str_eq(facts.credential_impi.octets, "alice@primary.example");
    ck_assert_int_ge(facts.ind, 2);
    ck_assert_int_ne(facts.grant_id, 0);
    ck_assert_int_ne(facts.partner_id, 0);
    facts = asked("partner", "alice@primary.example", "sip:bob@primary.example");
    ck_assert(facts.grant_live);
    ck_assert(!facts.belongs);
    facts = asked("partner", "bob@primary.example", "sip:bob@primary.example");
    ck_assert(!facts.grant_live);
    ck_assert(!facts.has_credential);
}
END_TEST

START_TEST(test_grant_is_for_one_partner)
{
    struct mcx_mar_facts facts;

    (void)fixture_grant(site.admin, "partner", "alice", false);
    facts = asked("other", "alice@primary.example", "sip:alice@primary.example");
    ck_assert(facts.partner_known);
    ck_assert_int_eq(facts.impi_kind, MCX_KIND_OWN);
    ck_assert(!facts.grant_live);
    ck_assert(!facts.has_credential);
}
END_TEST

START_TEST(test_partners_have_different_inds)
{
    (void)fixture_grant(site.admin, "partner", "alice", false);
    (void)fixture_grant(site.admin, "other", "alice", true);
    ck_assert_int_ne(asked("partner", "x@primary.example", "").ind,
                     asked("other", "x@primary.example", "").ind);
}
END_TEST

START_TEST(test_masked_grant_is_found_by_its_mask_only)
{
    struct mcx_provision made = fixture_grant(site.admin, "partner", "alice", true);
    struct mcx_mar_facts facts =
        asked("partner", made.given_impi.octets, made.given_impu[0].octets);

    ck_assert_int_eq(facts.impi_kind, MCX_KIND_OUTBOUND);
    ck_assert(facts.grant_live);
    ck_assert(facts.belongs);
    ck_assert_str_eq(facts.credential_impi.octets, "alice@primary.example");
    facts = asked("partner", "alice@primary.example", "sip:alice@primary.example");
    ck_assert(!facts.grant_live);
    facts = asked("partner", made.given_impi.octets, "sip:alice@primary.example");
    ck_assert(!facts.belongs);
    facts = asked("other", made.given_impi.octets, made.given_impu[0].octets);
    ck_assert(!facts.grant_live);
    facts = own(made.given_impi.octets, made.given_impu[0].octets);
    ck_assert_int_eq(facts.impi_kind, MCX_KIND_OUTBOUND);
    ck_assert(!facts.has_credential);
    facts = own("alice@primary.example", "sip:alice@primary.example");
    ck_assert(facts.belongs && facts.has_credential);
}
END_TEST

START_TEST(test_partner_is_known_by_its_own_names_only)
{
    static const struct {
        const char *partner, *realm, *host;
        bool is_known;
    } rows[] = {{"partner", "partner.example", "hss.partner.example", true},
                {"partner", "other.example", "hss.partner.example", false},
                {"partner", "partner.example", "hss.other.example", false},
                {"other", "partner.example", "hss.partner.example", false},
                {"nobody", "partner.example", "hss.partner.example", false},
                {"partner", "primary.example", "hss.partner.example", false},
                {"partner", "partner.example",
                 "hss.partner.ex\xff"
                 "mple",
                 false}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_mar_ask ask = fixture_partner_ask("partner", "alice@primary.example", "");

        ck_ok(mcx_str_set(&ask.partner, mcx_span_of(rows[i].partner)));
        ck_ok(mcx_str_set(&ask.origin_realm, mcx_span_of(rows[i].realm)));
        ck_ok(mcx_str_set(&ask.origin_host, mcx_span_of(rows[i].host)));
        ck_assert_int_eq(fixture_facts(site.daemon, &ask).partner_known, rows[i].is_known);
    }
}
END_TEST

START_TEST(test_grant_outlives_what_was_told_by_a_minute)
{
    struct mcx_provision made = {0};
    struct mcx_conf_problem problem;

    made = fixture_grant(site.admin, "partner", "bob", false);
    ck_assert_str_eq(made.expires_at, "infinity");
    made.for_s = 3600;
    made.expires = NULL;
    ck_ok(mcx_str_set(&made.impi, mcx_span_of("alice@primary.example")));
    ck_ok(mcx_str_set(&made.impu[0], mcx_span_of("sip:alice@primary.example")));
    ck_ok(mcx_store_grant_provision(site.admin, &made, &problem));
    ck_assert_int_eq(
        fixture_number(site.sql,
                       "SELECT count(*) FROM grant_ WHERE own_impi = 'alice@primary.example'"
                       " AND date_trunc('second', expires_at) ="
                       "  '%s'::timestamptz + interval '60 s'",
                       made.expires_at),
        1);
}
END_TEST

START_TEST(test_batch_of_all_kinds_answers_each)
{
    struct mcx_provision in = fixture_binding(site.admin, "carol");
    struct mcx_provision out = fixture_grant(site.admin, "partner", "alice", true);
    struct mcx_mar_ask ask[5] = {
        fixture_own_ask("alice@primary.example", "sip:alice@primary.example"),
        fixture_partner_ask("partner", out.given_impi.octets, out.given_impu[0].octets),
        fixture_own_ask(in.given_impi.octets, in.given_impu[0].octets),
        fixture_own_ask("nobody@primary.example", "sip:alice@primary.example"),
        fixture_own_ask("alice@primary.example", "sip:alice@primary.example")};
    const struct mcx_mar_ask *asks[5] = {&ask[0], &ask[1], &ask[2], &ask[3], &ask[4]};
    struct mcx_mar_facts facts[5];
    enum mcx_err err[5];

    ck_ok(mcx_store_mar_facts(site.daemon, asks, 5, facts, err));
    for (int i = 0; i < 5; i++)
        ck_ok(err[i]);
    ck_assert(facts[0].has_credential && !facts[0].grant_live);
    ck_assert(facts[1].grant_live && facts[1].belongs);
    ck_assert(facts[2].binding_live);
    ck_assert_int_eq(facts[3].impi_kind, MCX_KIND_NONE);
    ck_assert_int_eq(facts[4].subscriber_id, facts[0].subscriber_id);
}
END_TEST

START_TEST(test_text_that_is_no_utf8_costs_its_own_ask_only)
{
    struct mcx_mar_ask good = fixture_own_ask("alice@primary.example", "sip:alice@primary.example");
    struct mcx_mar_ask bad = fixture_own_ask("\xff\xfe@primary.example", "sip:x@primary.example");
    const struct mcx_mar_ask *asks[3] = {&good, &bad, &good};
    struct mcx_mar_facts facts[3];
    enum mcx_err err[3];

    ck_assert_int_eq(mcx_store_mar_facts(site.daemon, asks, 3, facts, err), MCX_DB_ERROR);
    ck_ok(err[0]);
    ck_assert_int_eq(err[1], MCX_DB_ERROR);
    ck_ok(err[2]);
    ck_assert(facts[0].has_credential && facts[2].has_credential);
    ck_assert(!mcx_session_is_broken(site.daemon));
}
END_TEST

START_TEST(test_lost_connection_is_away)
{
    struct mcx_mar_ask ask = fixture_own_ask("alice@primary.example", "");
    const struct mcx_mar_ask *asks[1] = {&ask};
    struct mcx_mar_facts facts;
    enum mcx_err err;

    fixture_sql(site.sql,
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'mcx_hss'"
                " AND datname = current_database()");
    ck_assert_int_eq(mcx_store_mar_facts(site.daemon, asks, 1, &facts, &err), MCX_DB_AWAY);
    ck_assert(mcx_session_is_broken(site.daemon));
}
END_TEST

static Suite *suite(void)
{
    Suite *suite_facts = suite_create("facts");
    TCase *tcase = tcase_create("facts");

    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, site_setup, site_teardown);
    tcase_add_test(tcase, test_own_subscriber);
    tcase_add_test(tcase, test_amf_is_the_subscribers);
    tcase_add_test(tcase, test_unknown_identity);
    tcase_add_test(tcase, test_impu_of_somebody_else);
    tcase_add_test(tcase, test_zh_without_impu);
    tcase_add_test(tcase, test_barred_subscriber_has_no_credential);
    tcase_add_test(tcase, test_inbound_binding);
    tcase_add_test(tcase, test_identity_of_the_primary_is_unknown_here);
    tcase_add_test(tcase, test_inbound_binding_ends_at_its_time);
    tcase_add_test(tcase, test_ended_binding_is_not_live);
    tcase_add_test(tcase, test_unmasked_grant);
    tcase_add_test(tcase, test_grant_is_for_one_partner);
    tcase_add_test(tcase, test_partners_have_different_inds);
    tcase_add_test(tcase, test_masked_grant_is_found_by_its_mask_only);
    tcase_add_test(tcase, test_partner_is_known_by_its_own_names_only);
    tcase_add_test(tcase, test_grant_outlives_what_was_told_by_a_minute);
    tcase_add_test(tcase, test_batch_of_all_kinds_answers_each);
    tcase_add_test(tcase, test_text_that_is_no_utf8_costs_its_own_ask_only);
    tcase_add_test(tcase, test_lost_connection_is_away);
    suite_add_tcase(suite_facts, tcase);
    return suite_facts;
}

int main(void)
{
    return fixture_main(false, (Suite * (*const[])(void)){suite}, 1);
}
