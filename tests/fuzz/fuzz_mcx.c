/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged MCX messages through the codec: nothing crashes or leaks; what is taken keeps what the
 * codec's header promises, what is refused has an answer that is sound on the wire. A bounded
 * number of rounds from a fixed seed; with MCX_LONG=1 more, from a seed that is printed and may be
 * given again as argument. */
#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "core.h"
#include "diameter/guard.h"
#include "identity/identity.h"
#include "mcx_wire.h"
#include "mutate.h"

enum { ROUNDS = 6000, LONG_FACTOR = 50 };

static struct wire wire;
static uint64_t seed = 20230823;
static uint32_t rounds = ROUNDS;
static uint32_t unparsed, refused, taken;

static struct mcx_wire some_message(struct chance *chance)
{
    static const uint8_t document[3000];
    struct mcx_wire out;

    switch (chance_below(chance, 5)) {
    case 0:
        return wire_mir(chance_below(chance, 2) ? MCX_INBOUND : MCX_OUTBOUND);
    case 1:
        return wire_mrr(chance_below(chance, 2) ? OWN_SDB : OWN_SS);
    case 2:
        return wire_mia(2);
    case 3:
        out = wire_paa(2);
        field_add(&out, MCX_AVP_UE_INITIAL_CONFIGURATION, mcx_span(document, sizeof document));
        return out;
    default:
        return wire_par();
    }
}

static void check_binding(const char *binding_id, const struct mcx_str *system)
{
    ck_assert_uint_eq(strlen(binding_id), MCX_UUID_TEXT - 1);
    ck_assert_uint_eq(strspn(binding_id, "0123456789abcdef-"), MCX_UUID_TEXT - 1);
    ck_assert(system->len >= 1 && system->len <= 63);
    ck_assert_uint_eq(strspn(system->octets, "abcdefghijklmnopqrstuvwxyz0123456789-"), system->len);
}

static void check_identities(const struct mcx_identities *identities)
{
    struct mcx_str key;

    ck_assert_int_eq(mcx_impi_canonical(mcx_span_str(&identities->impi), &key), MCX_OK);
    ck_assert(identities->impu_count >= 1 && identities->impu_count <= MCX_PUBLIC_MAX);
    for (size_t i = 0; i < identities->impu_count; i++)
        ck_assert_int_eq(mcx_impu_canonical(mcx_span_str(&identities->impu[i]), &key), MCX_OK);
}

static void check_user(const struct mcx_str *mc_user_id, int64_t expires_s)
{
    ck_assert_uint_ge(mc_user_id->len, 1);
    ck_assert(mcx_identity_is_printable_utf8(mcx_span_str(mc_user_id)));
    ck_assert_int_ge(expires_s, 0);
}

static bool decode_mir(struct msg *msg, struct mcx_flaw *flaw)
{
    struct mcx_mir mir;

    memset(&mir, 0xa5, sizeof mir);
    if (!mcx_mir_decode(msg, &mir, flaw))
        return false;
    check_binding(mir.binding_id, &mir.system);
    check_user(&mir.mc_user_id, mir.expires_s);
    check_identities(&mir.source);
    ck_assert_int_eq(mir.database_realm.len > 0, mir.direction == MCX_INBOUND);
    return true;
}

static bool decode_par(struct msg *msg, struct mcx_flaw *flaw)
{
    struct mcx_par par;

    memset(&par, 0xa5, sizeof par);
    if (!mcx_par_decode(msg, &par, flaw))
        return false;
    check_binding(par.binding_id, &par.system);
    check_user(&par.mc_user_id, par.expires_s);
    check_identities(&par.source);
    ck_assert_uint_le(par.service_ids.count, MCX_PUBLIC_MAX);
    ck_assert_uint_ge(par.database_realm.len, 1);
    return true;
}

static bool decode_mrr(struct msg *msg, struct mcx_flaw *flaw)
{
    struct mcx_mrr mrr;

    memset(&mrr, 0xa5, sizeof mrr);
    if (!mcx_mrr_decode(msg, &mrr, flaw))
        return false;
    check_binding(mrr.binding_id, &mrr.system);
    ck_assert_uint_le(mrr.cause, MCX_REPLACED);
    return true;
}

static void fuzz_request(struct msg *msg, uint32_t command)
{
    struct mcx_flaw flaw = {0};
    struct msg *answer = NULL;
    bool is_sound = command == MCX_CMD_MIR   ? decode_mir(msg, &flaw)
                    : command == MCX_CMD_PAR ? decode_par(msg, &flaw)
                                             : decode_mrr(msg, &flaw);

    if (is_sound) {
        taken++;
        fd_msg_free(msg);
        return;
    }
    refused++;
    ck_assert_ptr_nonnull(flaw.reason);
    ck_assert_uint_eq(flaw.result.code / 1000, 5);
    if (mcx_answer_make(&msg, flaw.result, &flaw.failed, NULL) != 0)
        ck_abort_msg("no answer");
    answer = core_launder(&msg);
    ck_assert_uint_eq(core_result(answer).code, flaw.result.code);
    fd_msg_free(answer);
}

/* Ours, that named two public identities. */
static struct msg *our_request(uint32_t command)
{
    struct msg *request = NULL;

    ck_assert_int_eq(fd_msg_new(mcx_dict_request(command), MSGFL_ALLOC_ETEID, &request), 0);
    ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_SESSION_ID, LITERAL("our;session")), 0);
    ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_DESTINATION_REALM, LITERAL("primary.example")),
                     0);
    for (int i = 0; i < 2; i++)
        ck_assert_int_eq(mcx_avp_add(request, MCX_AVP_PUBLIC_IDENTITY, LITERAL("sip:a@b.example")),
                         0);
    return request;
}

static void fuzz_answer(struct msg *msg, uint32_t command)
{
    struct mcx_given given;
    const char *unsound = NULL;

    ck_assert_int_eq(fd_msg_answ_associate(msg, our_request(command)), 0);
    unsound = command == MCX_CMD_PAR ? mcx_paa_decode(msg, &given) : mcx_mia_decode(msg, &given);
    if (unsound) {
        refused++;
    } else if (given.result.code == 2001) {
        ck_assert(!given.result.is_experimental);
        taken++;
        check_identities(&given.given);
        ck_assert_uint_eq(given.given.impu_count, 2);
        ck_assert_uint_le(given.document_len, MCX_DOCUMENT_MAX);
    }
    mcx_given_free(&given);
    fd_msg_free(msg);
}

/* What the guard refuses, before anybody else sees it: freeDiameter can't even make an answer to
 * some of it. */
static bool is_refused_before(struct msg *msg)
{
    struct mcx_heard heard;
    struct mcx_verdict verdict;

    mcx_guard_read(msg, &heard, &verdict);
    return verdict.rule != MCX_RULE_NONE;
}

static void fuzz_one(struct chance *chance)
{
    struct mcx_wire message = some_message(chance);
    struct msg *msg = NULL;

    mcx_write(&message, &wire);
    if (chance_below(chance, 16) != 0)
        mutate(&wire, chance);
    msg = core_parse(wire_span(&wire));
    if (!msg || is_refused_before(msg) ||
        fd_msg_parse_dict(msg, fd_g_config->cnf_dict, NULL) != 0 ||
        !(core_flags(msg) & CMD_FLAG_REQUEST) != message.is_answer) {
        unparsed++;
        if (msg)
            fd_msg_free(msg);
        return;
    }
    if (message.is_answer)
        fuzz_answer(msg, message.command);
    else
        fuzz_request(msg, message.command);
}

START_TEST(test_damaged_messages_are_refused_or_kept_to_what_is_promised)
{
    struct chance chance = {seed * 0x9e3779b97f4a7c15 | 1};

    mcx_guard_set_max(200);
    for (uint32_t round = 0; round < rounds; round++)
        fuzz_one(&chance);
    printf("unparsed %u, refused %u, taken %u\n", unparsed, refused, taken);
    ck_assert_uint_gt(refused, rounds / 12); /* else it tests nothing */
    ck_assert_uint_gt(taken, rounds / 12);
}
END_TEST

int main(int argc, char **argv)
{
    const char *is_long = getenv("MCX_LONG");
    TCase *tests = tcase_create("fuzz");

    if (is_long && strcmp(is_long, "1") == 0) {
        rounds *= LONG_FACTOR;
        seed = (uint64_t)time(NULL);
    }
    if (argc > 1)
        seed = strtoull(argv[1], NULL, 10);
    printf("seed %" PRIu64 ", %u rounds\n", seed, rounds);
    fflush(stdout);
    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_test(tests, test_damaged_messages_are_refused_or_kept_to_what_is_promised);
    return core_run(tests, 0);
}
