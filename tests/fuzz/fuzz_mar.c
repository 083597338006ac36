/* SPDX-License-Identifier: Apache-2.0 */
/* Damaged MARs and MAAs through a whole node: nothing crashes, leaks or ends the daemon, and each
 * request that freeDiameter's parser lets in gets exactly one answer that is sound on the wire. A
 * bounded number of rounds from a fixed seed; with MCX_LONG=1 more, from a seed that is printed and
 * may be given again as argument. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "diameter/relay.h"
#include "mutate.h"
#include "node.h"

enum { ROUNDS = 1500, LONG_FACTOR = 50 };

static struct wire wire, kept;
static struct {
    uint64_t seed;
    uint32_t round;
} now = {.seed = 20230823};
static uint32_t rounds = ROUNDS;
static bool is_done;
static unsigned int unparsed, served, refused_by_core;

/* How to see it again: whatever ended us before all rounds were done. */
static void tell(void)
{
    if (is_done)
        return;
    fprintf(stderr, "seed %" PRIu64 ", round %u, the last damaged octets:\n", now.seed, now.round);
    for (size_t i = 0; i < kept.len && i < 2048; i++)
        fprintf(stderr, "%02x%s", kept.octets[i], i % 32 == 31 ? "\n" : "");
    fputs("\n", stderr);
}

static void on_abort(int number)
{
    tell();
    signal(SIGABRT, SIG_DFL);
    raise(SIGABRT);
}

/* Through octets; the command may be one that no dictionary knows, the AVPs may not. */
static struct msg *launder(struct msg *answer)
{
    uint8_t *octets = NULL;
    size_t len = 0;
    struct msg *copy = NULL;
    struct mcx_avp step = {0};

    ck_assert_int_eq(fd_msg_bufferize(answer, &octets, &len), 0);
    ck_assert_uint_lt(len, 65536); /* trap C11 */
    copy = core_parse(mcx_span(octets, len));
    ck_assert_ptr_nonnull(copy);
    free(octets);
    fd_msg_free(answer);
    while (mcx_avp_next(copy, &step))
        ck_assert_int_eq(fd_msg_parse_dict(step.avp, fd_g_config->cnf_dict, NULL), 0);
    return copy;
}

/* Exactly one result, and the E bit for protocol errors only. */
static void check_answer(struct msg *answer)
{
    struct mcx_result result;
    struct msg *copy = NULL;

    node_sending(answer);
    copy = launder(answer);
    result = core_result(copy);
    ck_assert_int_eq(!!(core_flags(copy) & CMD_FLAG_ERROR),
                     !result.is_experimental && result.code / 1000 == 3);
    fd_msg_free(copy);
}

static struct mar some_mar(struct chance *chance)
{
    static const uint8_t auts[30];
    static char session[64];
    struct mar mar = chance_below(chance, 4) ? mar_cx() : mar_zh();

    snprintf(session, sizeof session, "scscf.ims.partner.example;%" PRIu64 ";%u", now.seed,
             now.round);
    mar.session_id = mcx_span_of(session);
    if (chance_below(chance, 3) == 0) {
        mar.has_item = true;
        mar.authorization = mcx_span(auts, sizeof auts);
    }
    if (chance_below(chance, 3) == 0)
        mar.destination_host = LITERAL(OWN_HOST);
    if (chance_below(chance, 3) == 0)
        mar.route_record = LITERAL("proxy.ims.partner.example");
    return mar;
}

/* Of an agent on the way: Proxy-Host and Proxy-State, and one AVP that nobody knows (RFC 6733
 * 6.7.2). */
static void add_proxy_info(void)
{
    static const uint8_t group[] = "\0\0\1\x18\x40\0\0\x09p\0\0\0\0\0\0\x21\x40\0\0\x09s\0\0\0"
                                   "\0\x12\xd6\x87\0\0\0\x09x\0\0";

    wire_raw(&wire, 284, AVP_FLAG_MANDATORY, 0, mcx_span(group, sizeof group));
    wire_end(&wire);
}

static void fuzz_request(struct chance *chance)
{
    struct mar mar = some_mar(chance);
    struct node_event event;

    mar_write(&mar, &wire);
    if (chance_below(chance, 3) == 0)
        add_proxy_info();
    mutate(&wire, chance);
    kept = wire;
    node_set_outcome(chance_below(chance, 2) ? NODE_SERVE : NODE_REFUSE);
    if (!node_receive_request(wire_span(&wire))) {
        unparsed++;
        return;
    }
    event = node_wait();
    if (event.kind == NODE_ANSWER)
        check_answer(event.msg);
    else if (event.kind != NODE_ERROR)
        ck_abort_msg(event.kind == NODE_SILENCE ? "no answer" : "dropped");
    if (event.kind == NODE_ANSWER)
        served++;
    else
        refused_by_core++;
}

/* A MAA to the request that we sent, sound before it is damaged. */
static void write_maa(struct msg *request, struct chance *chance)
{
    static const uint8_t octets[32];
    struct mcx_avp session = {0};
    uint32_t result = chance_below(chance, 4) ? 2001 : 3006;
    size_t open = 0;

    ck_assert(mcx_avp_find(request, MCX_AVP_SESSION_ID, &session));
    wire_begin(&wire, CMD_FLAG_PROXIABLE | (result == 3006 ? CMD_FLAG_ERROR : 0), MCX_CMD_MAR,
               MCX_APP_CX);
    wire_avp(&wire, MCX_AVP_SESSION_ID, session.octets);
    if (chance_below(chance, 8)) {
        wire_u32(&wire, MCX_AVP_RESULT_CODE, result);
    } else {
        open = wire_open(&wire, MCX_AVP_EXPERIMENTAL_RESULT);
        wire_u32(&wire, MCX_AVP_VENDOR_ID, MCX_VENDOR_3GPP);
        wire_u32(&wire, MCX_AVP_EXPERIMENTAL_RESULT_CODE, 5001);
        wire_close(&wire, open);
    }
    wire_avp(&wire, MCX_AVP_ORIGIN_HOST, LITERAL("hss.primary.example"));
    wire_avp(&wire, MCX_AVP_ORIGIN_REALM, LITERAL("primary.example"));
    wire_avp(&wire, MCX_AVP_USER_NAME, LITERAL("user@primary.example"));
    wire_avp(&wire, MCX_AVP_PUBLIC_IDENTITY, LITERAL("sip:user@primary.example"));
    if (result == 3006)
        wire_avp(&wire, MCX_AVP_REDIRECT_HOST, LITERAL("aaa://hss2.primary.example:3868"));
    wire_u32(&wire, MCX_AVP_SIP_NUMBER_AUTH_ITEMS, 1);
    open = wire_open(&wire, MCX_AVP_SIP_AUTH_DATA_ITEM);
    wire_u32(&wire, MCX_AVP_SIP_ITEM_NUMBER, 1);
    wire_avp(&wire, MCX_AVP_SIP_AUTHENTICATION_SCHEME, LITERAL("Digest-AKAv1-MD5"));
    wire_avp(&wire, MCX_AVP_SIP_AUTHENTICATE, mcx_span(octets, 32));
    wire_avp(&wire, MCX_AVP_SIP_AUTHORIZATION, mcx_span(octets, 8));
    wire_avp(&wire, MCX_AVP_CONFIDENTIALITY_KEY, mcx_span(octets, 16));
    wire_avp(&wire, MCX_AVP_INTEGRITY_KEY, mcx_span(octets, 16));
    wire_close(&wire, open);
    wire_end(&wire);
}

/* A sound MAR is relayed; damaged MAAs come back, after 3006 again, until the SIP core is answered.
 */
static void fuzz_answer(struct chance *chance)
{
    struct mar mar = some_mar(chance);
    struct node_event event;

    mar_write(&mar, &wire);
    node_set_outcome(NODE_RELAY);
    if (!node_receive_request(wire_span(&wire)))
        ck_abort_msg("a sound MAR was dropped");
    for (event = node_wait(); event.kind == NODE_REQUEST; event = node_wait()) {
        write_maa(event.msg, chance);
        mutate(&wire, chance);
        kept = wire;
        if (!node_receive_answer(wire_span(&wire), &event.msg, event.number)) {
            unparsed++;
            mcx_relay_failed(event.number, "test"); /* its connection closes */
        }
    }
    if (event.kind != NODE_ANSWER)
        ck_abort_msg(event.kind == NODE_SILENCE ? "the SIP core waits in vain"
                                                : "an answer was lost");
    check_answer(event.msg);
    served++;
}

START_TEST(test_damaged_messages_end_nobody_and_get_one_answer)
{
    struct chance chance = {now.seed * 0x9e3779b97f4a7c15 | 1};

    atexit(tell);
    signal(SIGABRT, on_abort);
    node_start();
    for (now.round = 0; now.round < rounds; now.round++) {
        if (now.round % 3 == 2)
            fuzz_answer(&chance);
        else
            fuzz_request(&chance);
    }
    is_done = true;
    printf("unparsed %u, answered by us %u, by freeDiameter %u\n", unparsed, served,
           refused_by_core);
    ck_assert_uint_gt(served, rounds / 4); /* else it tests nothing */
}
END_TEST

int main(int argc, char **argv)
{
    const char *is_long = getenv("MCX_LONG");
    TCase *tests = tcase_create("fuzz");

    if (is_long && strcmp(is_long, "1") == 0) {
        rounds *= LONG_FACTOR;
        now.seed = (uint64_t)time(NULL);
    }
    if (argc > 1)
        now.seed = strtoull(argv[1], NULL, 10);
    printf("seed %" PRIu64 ", %u rounds\n", now.seed, rounds);
    fflush(stdout);
    tcase_add_test(tests, test_damaged_messages_end_nobody_and_get_one_answer);
    setenv("CK_FORK", "no", 1); /* so that tell is called */
    return core_run(tests, 0);
}
