/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of the guard share: reading as freeDiameter does, and the way of a refusal. */
#include "guarded.h"

#include "fake_sender.h"

struct wire wire;
struct mcx_heard heard;
struct mcx_verdict verdict;

void guard_set_up(void)
{
    ck_assert_int_eq(mcx_guard_start(200), 0);
    ck_assert_int_eq(
        fd_disp_app_support(mcx_dict_app(MCX_APP_CX), mcx_dict_vendor_object(MCX_APP_CX), 1, 0), 0);
}

struct msg *guarded(void)
{
    struct msg *msg = NULL;

    wire_end(&wire);
    msg = core_parse(wire_span(&wire));
    ck_assert_ptr_nonnull(msg);
    mcx_guard_read(msg, &heard, &verdict);
    return msg;
}

void read_as_freediameter(struct msg *msg)
{
    struct session *session = NULL;
    struct avp *avp = NULL;
    int ret = fd_msg_browse_internal(msg, MSG_BRW_FIRST_CHILD, (void *)&avp, NULL);

    ck_assert_int_eq(fd_msg_sess_get(fd_g_config->cnf_dict, msg, &session, NULL), 0);
    while (ret == 0 && avp) {
        struct avp_hdr *header = NULL;

        ck_assert_int_eq(fd_msg_avp_hdr(avp, &header), 0);
        if (header->avp_vendor == 0 && header->avp_code != 298)
            ck_assert_int_eq(fd_msg_parse_dict(avp, fd_g_config->cnf_dict, NULL), 0);
        ret = fd_msg_browse_internal(avp, MSG_BRW_NEXT, (void *)&avp, NULL);
    }
}

struct msg *refused(struct msg *msg)
{
    struct mcx_verdict found;
    struct msg *answer = NULL;

    ck_assert_int_ne(verdict.rule, MCX_RULE_NONE);
    ck_assert(mcx_guard_attach(msg, &heard, &verdict));
    read_as_freediameter(msg);
    ck_assert(mcx_guard_attached(msg, &found));
    ck_assert_int_eq(found.rule, verdict.rule);
    mcx_guard_refuse(&msg, &found);
    ck_assert_ptr_null(msg);
    answer = fake_sender_answer();
    return core_launder(&answer);
}

void expect_refusal(struct msg *answer, uint32_t code, uint32_t failed_code,
                    struct mcx_span failed_octets)
{
    struct mcx_avp failed = {0}, inside = {0};

    ck_assert_uint_eq(core_result(answer).code, code);
    ck_assert(mcx_avp_find(answer, MCX_AVP_FAILED_AVP, &failed));
    ck_assert(mcx_avp_next(failed.avp, &inside));
    ck_assert_uint_eq(inside.code, failed_code);
    ck_assert(mcx_span_equal(inside.octets, failed_octets));
}

static bool holds(struct mcx_span all, struct mcx_span part)
{
    for (size_t i = 0; i + part.len <= all.len; i++)
        if (memcmp(all.octets + i, part.octets, part.len) == 0)
            return true;
    return false;
}

void expect_refused_octets(struct msg *msg, uint32_t code, struct mcx_span failed)
{
    struct mcx_verdict found;
    struct msg *answer = NULL;
    uint8_t *octets = NULL;
    size_t len = 0;

    ck_assert(mcx_guard_attach(msg, &heard, &verdict));
    ck_assert_int_eq(fd_msg_parse_rules(msg, fd_g_config->cnf_dict, NULL), 0);
    ck_assert(mcx_guard_attached(msg, &found));
    mcx_guard_refuse(&msg, &found);
    answer = fake_sender_answer();
    ck_assert_uint_eq(core_result(answer).code, code);
    ck_assert_int_eq(!!(core_flags(answer) & CMD_FLAG_ERROR), code / 1000 == 3);
    ck_assert_int_eq(mcx_answer_mend(answer), 0);
    ck_assert_int_eq(fd_msg_bufferize(answer, &octets, &len), 0);
    ck_assert(holds(mcx_span(octets, len), failed));
    free(octets);
    fd_msg_free(answer);
}
