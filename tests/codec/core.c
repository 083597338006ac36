/* SPDX-License-Identifier: Apache-2.0 */
/* Starts freeDiameter's libraries as freeDiameterd does, without its configuration file. */
#include "core.h"

#include "base/log.h"
#include "cx_rows.h"
#include "mcx_rows.h"

/* Exported by libfdcore 1.2.1 but in no header: freeDiameterd calls it after its configuration. */
int fd_msg_init(void);

void core_start(void)
{
    static const struct mcx_numbers numbers = {.vendor = OWN_VENDOR, .sdb = OWN_SDB, .ss = OWN_SS};
    static const struct mcx_conf conf = {
        .mcx_vendor_id = OWN_VENDOR, .mcx_sdb_application = OWN_SDB, .mcx_ss_application = OWN_SS};

    fd_g_debug_lvl = FD_LOG_FATAL + 1;
    ck_assert_int_eq(fd_core_initialize(), 0);
    ck_assert_int_eq(fd_msg_init(), 0);
    mcx_log_set_level(MCX_LOG_ERROR);
    fd_g_config->cnf_diamid = OWN_HOST;
    fd_g_config->cnf_diamid_len = strlen(OWN_HOST);
    fd_g_config->cnf_diamrlm = OWN_REALM;
    fd_g_config->cnf_diamrlm_len = strlen(OWN_REALM);
    ck_assert_int_eq(mcx_dictionary_load(&mcx_cx_rows), 0);
    ck_assert_int_eq(mcx_dictionary_load(mcx_rows_numbered(&numbers)), 0);
    ck_assert_int_eq(mcx_dict_start(&conf), 0);
    ck_assert_int_eq(mcx_dict_start(&conf), 0);
}

struct msg *core_parse(struct mcx_span octets)
{
    uint8_t *copy = malloc(octets.len);
    struct msg *msg = NULL;

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, octets.octets, octets.len);
    if (fd_msg_parse_buffer(&copy, octets.len, &msg) != 0)
        msg = NULL;
    free(copy); /* NULL when freeDiameter has taken it */
    return msg;
}

struct msg *core_receive(struct mcx_span octets)
{
    struct msg *msg = core_parse(octets);

    ck_assert_ptr_nonnull(msg);
    ck_assert_int_eq(fd_msg_parse_dict(msg, fd_g_config->cnf_dict, NULL), 0);
    return msg;
}

struct msg *core_launder(struct msg **msg)
{
    uint8_t *octets = NULL;
    size_t len = 0;
    struct msg *copy = NULL;

    ck_assert_ptr_nonnull(*msg);
    ck_assert_int_eq(fd_msg_bufferize(*msg, &octets, &len), 0);
    ck_assert_uint_lt(len, 65536); /* trap C11 */
    copy = core_receive(mcx_span(octets, len));
    free(octets);
    fd_msg_free(*msg);
    *msg = NULL;
    return copy;
}

struct mcx_result core_result(struct msg *answer)
{
    struct mcx_avp code = {0}, group = {0}, vendor = {0};

    if (mcx_avp_find(answer, MCX_AVP_RESULT_CODE, &code)) {
        ck_assert(!mcx_avp_find(answer, MCX_AVP_EXPERIMENTAL_RESULT, &group));
        return mcx_result_code(code.u32);
    }
    ck_assert(mcx_avp_find(answer, MCX_AVP_EXPERIMENTAL_RESULT, &group));
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_VENDOR_ID, &vendor));
    ck_assert(vendor.u32 == MCX_VENDOR_3GPP || vendor.u32 == OWN_VENDOR);
    ck_assert(mcx_avp_find(group.avp, MCX_AVP_EXPERIMENTAL_RESULT_CODE, &code));
    if (vendor.u32 == OWN_VENDOR)
        return mcx_result_mcx(code.u32);
    return mcx_result_experimental(code.u32);
}

uint8_t core_flags(struct msg *msg)
{
    struct msg_hdr *header = NULL;

    ck_assert_int_eq(fd_msg_hdr(msg, &header), 0);
    return header->msg_flags;
}

size_t core_names(msg_or_avp *parent, enum mcx_avp_name *out, size_t room)
{
    struct mcx_avp step = {0};
    size_t count = 0;

    while (mcx_avp_next(parent, &step)) {
        ck_assert_uint_lt(count, room);
        out[count++] = step.name;
    }
    return count;
}

int core_run(TCase *tests, double timeout_s)
{
    Suite *suite = suite_create("codec");
    SRunner *runner = NULL;
    int failed = 0;

    tcase_set_timeout(tests, timeout_s);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
