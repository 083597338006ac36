/* SPDX-License-Identifier: Apache-2.0 */
/* hss/mar: what a worker does with a batch, over a store that the test plays: facts for all, one
 * write for the accepted, vectors from committed SQNs only; one bad row costs one user; what is
 * refused writes nothing (design 5 and 6). */
#include "hss/mar.h"

#include "aka_hex.h"
#include "store/mar.h"

#define IMPI "user@primary.example"

enum { ROOM = 8 };

static struct mcx_mar_service service;
static struct mcx_key128 k, opc;
static const uint8_t amf[2] = {0xb9, 0x17}; /* of all subscribers here */

/* What the store is to say, and what it heard. */
static struct {
    struct mcx_mar_facts facts[ROOM];
    enum mcx_err each[ROOM], facts_err, advance_err, want_err;
    int64_t first_seq;
    size_t advances, want_count;
    struct mcx_sqn_want want[ROOM];
} store;

/* What came out, in order. */
static struct {
    uint64_t number;
    struct mcx_mar_outcome outcome;
    char reason[32];
} out[ROOM];
static size_t outs;

enum mcx_err mcx_store_mar_facts(struct mcx_session *session, const struct mcx_mar_ask *const *asks,
                                 size_t count, struct mcx_mar_facts *facts, enum mcx_err *err)
{
    memcpy(facts, store.facts, count * sizeof *facts);
    memcpy(err, store.each, count * sizeof *err);
    return store.facts_err;
}

enum mcx_err mcx_store_sqn_advance(struct mcx_session *session, struct mcx_sqn_want *wants,
                                   size_t count)
{
    store.advances++;
    store.want_count = count;
    memcpy(store.want, wants, count * sizeof *wants);
    for (size_t i = 0; i < count; i++) {
        wants[i].err = store.want_err;
        wants[i].first_seq = store.first_seq + (int64_t)i * 10;
    }
    return store.advance_err;
}

static void done(uint64_t number, const struct mcx_mar_ask *ask,
                 const struct mcx_mar_outcome *outcome)
{
    ck_assert_uint_lt(outs, ROOM);
    out[outs].number = number;
    out[outs].outcome = *outcome;
    strncpy(out[outs].reason, outcome->reason, sizeof out[outs].reason - 1);
    outs++;
}

static uint64_t gone; /* nobody waits for that number */

static bool is_awaited(uint64_t number)
{
    return number != gone;
}

/* An own subscriber, in full order. */
static void set_up(void)
{
    memset(&store, 0, sizeof store);
    outs = 0;
    gone = 0;
    store.first_seq = 100;
    service.done = done;
    service.is_awaited = is_awaited;
    service.policy.vectors_max = service.policy.partner_vectors_max = 2;
    ck_assert_int_eq(mcx_str_set(&service.policy.own_realm, LITERAL("primary.example")), MCX_OK);
    service.ring.count = 1;
    service.ring.kek[0].id = 1;
    memset(service.ring.kek[0].key, 0x5a, 32);
    k = hex_key("465b5ce8b199b49faa5f0a2ee238a6bc");
    opc = hex_key("cd63cb71954a9f4e48a5994e37a02baf");
    for (size_t i = 0; i < ROOM; i++) {
        struct mcx_mar_facts *facts = &store.facts[i];

        facts->impi_kind = facts->impu_kind = MCX_KIND_OWN;
        facts->belongs = facts->has_credential = true;
        facts->subscriber_id = 7 + (int64_t)i;
        memcpy(facts->amf, amf, sizeof amf);
        ck_assert_int_eq(mcx_str_set(&facts->credential_impi, LITERAL(IMPI)), MCX_OK);
        facts->wrapped_k_len = facts->wrapped_opc_len = MCX_WRAP_LEN;
        ck_assert_int_eq(mcx_wrap(&service.ring, MCX_WRAP_K, LITERAL(IMPI), &k, facts->wrapped_k),
                         MCX_OK);
        ck_assert_int_eq(
            mcx_wrap(&service.ring, MCX_WRAP_OPC, LITERAL(IMPI), &opc, facts->wrapped_opc), MCX_OK);
    }
}

static struct mcx_job *job_of(uint64_t number)
{
    struct mcx_mar_job *job = calloc(1, sizeof *job);

    ck_assert_ptr_nonnull(job);
    job->number = number;
    job->ask.items = 1;
    ck_assert_int_eq(mcx_str_set(&job->ask.impi, LITERAL(IMPI)), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&job->ask.impu, LITERAL("sip:" IMPI)), MCX_OK);
    return &job->job;
}

static struct mcx_mar_ask *ask_of(struct mcx_job *job)
{
    return &((struct mcx_mar_job *)job)->ask;
}

static void expect_fault(size_t i, const char *reason)
{
    static const struct mcx_av none;

    ck_assert_int_eq(out[i].outcome.what, MCX_MAR_REFUSE);
    ck_assert_uint_eq(out[i].outcome.result.code, MCX_RC_UNABLE_TO_COMPLY);
    ck_assert(!out[i].outcome.result.is_experimental);
    ck_assert_str_eq(out[i].reason, reason);
    ck_assert_uint_eq(out[i].outcome.item_count, 0);
    for (size_t j = 0; j < MCX_ITEMS_MAX; j++)
        ck_assert_mem_eq(&out[i].outcome.item[j], &none, sizeof none);
}

/* The card takes each vector, at this SEQ, and with the subscriber's AMF. */
static void expect_vector(struct mcx_usim *usim, const struct mcx_av *av, int64_t seq, uint8_t ind)
{
    struct mcx_av card;
    uint8_t auts[14], amf_out[2], ind_out = 0;
    int64_t seq_out = 0;

    ck_assert_int_eq(
        mcx_usim_run(usim, av->rand, av->autn, &card, auts, amf_out, &seq_out, &ind_out),
        MCX_USIM_RES);
    ck_assert_mem_eq(amf_out, amf, sizeof amf);
    ck_assert_int_eq(seq_out, seq);
    ck_assert_uint_eq(ind_out, ind);
    ck_assert_uint_eq(card.xres_len, av->xres_len);
    ck_assert_mem_eq(card.xres, av->xres, av->xres_len);
}

START_TEST(test_vectors_are_made_from_the_committed_sqns)
{
    struct mcx_usim usim = {.k = k, .opc = opc};
    struct mcx_job *jobs[] = {job_of(11)};

    ask_of(jobs[0])->items = 2;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    ck_assert_uint_eq(outs, 1);
    ck_assert_uint_eq(out[0].number, 11);
    ck_assert_int_eq(out[0].outcome.what, MCX_MAR_SERVE);
    ck_assert_uint_eq(out[0].outcome.result.code, MCX_RC_SUCCESS);
    ck_assert_uint_eq(out[0].outcome.item_count, 2);
    expect_vector(&usim, &out[0].outcome.item[0], 100, 0);
    expect_vector(&usim, &out[0].outcome.item[1], 101, 0);
    ck_assert_int_eq(store.want[0].subscriber_id, 7);
    ck_assert_uint_eq(store.want[0].items, 2);
    ck_assert_int_eq(store.want[0].grant_id, 0);
}
END_TEST

START_TEST(test_each_user_has_its_own_amf)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2)};

    store.facts[1].amf[1] = 0x18;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 2), MCX_OK);
    ck_assert_uint_eq(outs, 2);
    for (size_t i = 0; i < 2; i++)
        ck_assert_mem_eq(out[i].outcome.item[0].autn + 6, store.facts[i].amf, sizeof amf);
}
END_TEST

START_TEST(test_a_row_that_does_not_decrypt_costs_one_user)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2), job_of(3), job_of(4)};

    store.facts[0].wrapped_k[30] ^= 1;
    store.facts[1].wrapped_opc_len = 48;
    memcpy(store.facts[2].wrapped_opc, store.facts[2].wrapped_k, MCX_WRAP_LEN);
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 4), MCX_OK);
    ck_assert_uint_eq(outs, 4);
    for (size_t i = 0; i < 3; i++)
        expect_fault(i, "credential_unreadable");
    ck_assert_int_eq(out[3].outcome.what, MCX_MAR_SERVE);
    ck_assert_uint_eq(store.want_count, 1);
}
END_TEST

START_TEST(test_what_is_refused_or_relayed_writes_nothing)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2)};

    store.facts[0].impi_kind = MCX_KIND_NONE;
    store.facts[1].impi_kind = store.facts[1].impu_kind = MCX_KIND_INBOUND;
    store.facts[1].binding_live = true;
    store.facts[1].binding_id = 5;
    ck_assert_int_eq(mcx_str_set(&store.facts[1].primary_system, LITERAL("other")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&store.facts[1].primary_realm, LITERAL("other.example")), MCX_OK);
    ck_assert_int_eq(mcx_str_set(&store.facts[1].primary_impi, LITERAL("A@other.example")), MCX_OK);
    ask_of(jobs[1])->has_auts = true;
    memset(ask_of(jobs[1])->rand, 3, 16);
    memset(ask_of(jobs[1])->auts, 4, 14);
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 2), MCX_OK);
    ck_assert_uint_eq(outs, 2);
    ck_assert_uint_eq(store.advances, 0);
    ck_assert_int_eq(out[0].outcome.what, MCX_MAR_REFUSE);
    ck_assert_uint_eq(out[0].outcome.result.code, MCX_EXP_USER_UNKNOWN);
    ck_assert_int_eq(out[1].outcome.what, MCX_MAR_RELAY);
    ck_assert_str_eq(out[1].outcome.relay.realm.octets, "other.example");
    ck_assert_str_eq(out[1].outcome.relay.impi.octets, "A@other.example");
    ck_assert_int_eq(out[1].outcome.relay.binding_id, 5);
    ck_assert(out[1].outcome.relay.has_auts);
    ck_assert_int_eq(out[1].outcome.relay.auts[13], 4);
    ck_assert_int_eq(out[1].outcome.relay.rand[0], 3);
}
END_TEST

START_TEST(test_a_wrong_mac_s_changes_nothing)
{
    struct mcx_job *jobs[] = {job_of(1)};

    ask_of(jobs[0])->has_auts = true;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    expect_fault(0, "auts_mac");
    ck_assert_uint_eq(store.advances, 0);
}
END_TEST

START_TEST(test_a_verified_auts_raises_seq_to_the_cards)
{
    struct mcx_usim usim = {.k = k, .opc = opc};
    struct mcx_job *jobs[] = {job_of(1)};
    struct mcx_av old, card;
    uint8_t auts[14], amf_out[2], ind = 0;
    int64_t seq = 0;

    usim.seq_ms[0] = 5000;
    ck_assert_int_eq(mcx_aka_vector(&k, &opc, amf, 10, 0, &old), MCX_OK);
    ck_assert_int_eq(mcx_usim_run(&usim, old.rand, old.autn, &card, auts, amf_out, &seq, &ind),
                     MCX_USIM_SYNC_FAILURE);
    ask_of(jobs[0])->has_auts = true;
    memcpy(ask_of(jobs[0])->rand, old.rand, 16);
    memcpy(ask_of(jobs[0])->auts, auts, 14);
    store.first_seq = 5001;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    ck_assert_int_eq(store.want[0].seq_ms, 5000);
    ck_assert_str_eq(out[0].reason, "resync");
    expect_vector(&usim, &out[0].outcome.item[0], 5001, 0);
}
END_TEST

START_TEST(test_a_partner_is_counted_and_gets_its_ind)
{
    struct mcx_usim usim = {.k = k, .opc = opc};
    struct mcx_job *jobs[] = {job_of(1)};

    ask_of(jobs[0])->from_partner = true;
    store.facts[0].partner_known = store.facts[0].grant_live = true;
    store.facts[0].grant_id = 31;
    store.facts[0].partner_id = 32;
    store.facts[0].ind = 9;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    ck_assert_int_eq(out[0].outcome.what, MCX_MAR_SERVE);
    ck_assert_int_eq(store.want[0].grant_id, 31);
    ck_assert_int_eq(store.want[0].partner_id, 32);
    expect_vector(&usim, &out[0].outcome.item[0], 100, 9);
}
END_TEST

START_TEST(test_a_grant_that_ends_before_the_commit_is_unknown)
{
    struct mcx_job *jobs[] = {job_of(1)};

    ask_of(jobs[0])->from_partner = true;
    store.facts[0].partner_known = store.facts[0].grant_live = true;
    store.facts[0].grant_id = 31;
    store.want_err = MCX_NOT_FOUND;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    ck_assert_int_eq(out[0].outcome.what, MCX_MAR_REFUSE);
    ck_assert(out[0].outcome.result.is_experimental);
    ck_assert_uint_eq(out[0].outcome.result.code, MCX_EXP_USER_UNKNOWN);
    ck_assert_str_eq(out[0].reason, "no_grant");
}
END_TEST

START_TEST(test_what_nobody_waits_for_burns_no_sqn)
{
    struct mcx_job *jobs[] = {job_of(1)};

    gone = 1;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
    expect_fault(0, "expired");
    ck_assert_uint_eq(store.advances, 0);
}
END_TEST

START_TEST(test_no_vector_without_a_committed_sqn)
{
    static const struct {
        enum mcx_err advance, want;
        int64_t first_seq;
        const char *reason;
    } row[] = {
        {MCX_DB_AWAY, MCX_OK, 100, "db_away"},          {MCX_OK, MCX_NOT_FOUND, 100, "not_found"},
        {MCX_OK, MCX_LIMIT, 100, "rate_or_sqn_limit"},  {MCX_OK, MCX_DB_ERROR, 100, "db_error"},
        {MCX_OK, MCX_OK, MCX_SEQ_MAX, "sqn_exhausted"}, {MCX_OK, MCX_OK, 0, "sqn_exhausted"}};

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_job *jobs[] = {job_of(1)};

        outs = 0;
        ask_of(jobs[0])->items = 2;
        store.advance_err = row[i].advance;
        store.want_err = row[i].want;
        store.first_seq = row[i].first_seq;
        ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 1), MCX_OK);
        ck_assert_uint_eq(outs, 1);
        expect_fault(0, row[i].reason);
    }
}
END_TEST

START_TEST(test_a_database_away_leaves_the_jobs_to_the_pool)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2)};

    store.facts_err = MCX_DB_AWAY;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 2), MCX_DB_AWAY);
    ck_assert_uint_eq(outs, 0);
    mcx_mar_ops.drop(&service, jobs, 2, MCX_DB_AWAY);
    ck_assert_uint_eq(outs, 2);
    expect_fault(0, "db_away");
    expect_fault(1, "db_away");
}
END_TEST

START_TEST(test_a_poisoned_ask_costs_one_user)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2)};

    store.facts_err = MCX_DB_ERROR;
    store.each[0] = MCX_DB_ERROR;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 2), MCX_OK);
    ck_assert_uint_eq(outs, 2);
    expect_fault(0, "db_error");
    ck_assert_int_eq(out[1].outcome.what, MCX_MAR_SERVE);
}
END_TEST

START_TEST(test_any_other_fault_of_the_store_answers_all)
{
    struct mcx_job *jobs[] = {job_of(1), job_of(2)};

    store.facts_err = MCX_NO_MEMORY;
    ck_assert_int_eq(mcx_mar_ops.run(&service, NULL, jobs, 2), MCX_OK);
    ck_assert_uint_eq(outs, 2);
    expect_fault(1, "no_memory");
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("mar_batch");

    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_vectors_are_made_from_the_committed_sqns);
    tcase_add_test(tests, test_each_user_has_its_own_amf);
    tcase_add_test(tests, test_a_row_that_does_not_decrypt_costs_one_user);
    tcase_add_test(tests, test_what_is_refused_or_relayed_writes_nothing);
    tcase_add_test(tests, test_a_wrong_mac_s_changes_nothing);
    tcase_add_test(tests, test_a_verified_auts_raises_seq_to_the_cards);
    tcase_add_test(tests, test_a_partner_is_counted_and_gets_its_ind);
    tcase_add_test(tests, test_a_grant_that_ends_before_the_commit_is_unknown);
    tcase_add_test(tests, test_what_nobody_waits_for_burns_no_sqn);
    tcase_add_test(tests, test_no_vector_without_a_committed_sqn);
    tcase_add_test(tests, test_a_database_away_leaves_the_jobs_to_the_pool);
    tcase_add_test(tests, test_a_poisoned_ask_costs_one_user);
    tcase_add_test(tests, test_any_other_fault_of_the_store_answers_all);
    return unit_run(tests);
}
