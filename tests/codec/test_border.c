/* SPDX-License-Identifier: Apache-2.0 */
/* The border's start, which refuses settings that would leave a name or an address to chance, and
 * its memory of connections (design 7). Connections are played: a socket of loopback stands for
 * each. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>

#include "core.h"
#include "diameter/border.h"
#include "diameter/hooks.h"

static struct mcx_conf conf;
static int sock;

/* libfdcore's. */
int fd_peer_cnx_proto_info(struct peer_hdr *peer, char *buf, size_t len)
{
    snprintf(buf, len, "TCP,soc#%d", sock);
    return 0;
}

static int (*choose)(void *, struct msg **, struct fd_list *); /* the border's */

int fd_rt_out_register(int (*callback)(void *, struct msg **, struct fd_list *), void *data,
                       int priority, struct fd_rt_out_hdl **handler)
{
    choose = callback;
    return 0;
}

static void (*hook)(enum fd_hook_type, struct msg *, struct peer_hdr *, void *,
                    struct fd_hook_permsgdata *, void *);

int fd_hook_register(uint32_t mask,
                     void (*callback)(enum fd_hook_type, struct msg *, struct peer_hdr *, void *,
                                      struct fd_hook_permsgdata *, void *),
                     void *data, struct fd_hook_data_hdl *kept, struct fd_hook_hdl **handler)
{
    hook = callback;
    return 0;
}

static void name(struct mcx_str *place, const char *text)
{
    ck_assert_int_eq(mcx_str_set(place, mcx_span_of(text)), MCX_OK);
}

static void add(struct mcx_host_list *list, const char *text)
{
    name(&list->host[list->count++], text);
}

static void set_up(void)
{
    struct sockaddr_in there = {.sin_family = AF_INET, .sin_port = htons(9)};

    there.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    sock = socket(AF_INET, SOCK_DGRAM, 0);
    ck_assert_int_ge(sock, 0);
    ck_assert_int_eq(connect(sock, (struct sockaddr *)&there, sizeof there), 0);
    conf.border_mode = "enforce";
    conf.border_max_avps = 200;
    conf.core_count = 1;
    name(&conf.core[0].domain, ".ims.partner.example");
    name(&conf.core[0].realm, OWN_REALM);
}

static struct mcx_conf_partner *add_partner(const char *system_id, const char *realm)
{
    struct mcx_conf_partner *partner = &conf.partner[conf.partner_count++];

    name(&partner->system_id, system_id);
    add(&partner->realms, realm);
    partner->ca_file = "/nonexistent/ca.pem";
    return partner;
}

/* The first partner is primary.example with hss.primary.example. */
static const struct {
    const char *realm, *host, *cms;
} second[] = {{"primary.example", "hss.other.example", NULL},
              {OWN_REALM, "hss.other.example", NULL},
              {"other.example", "HSS.primary.example", NULL},
              {"other.example", OWN_HOST, NULL},
              {"other.example", "scscf.ims.partner.example", NULL},
              {"other.example", "hss.other.example", "hss.other.example"}};

START_TEST(test_a_name_of_two_parties_or_of_ours_stops_the_start)
{
    struct mcx_conf_partner *other = NULL;

    add(&add_partner("primary", "primary.example")->sip_databases, "hss.primary.example");
    other = add_partner("other", second[_i].realm);
    add(&other->sip_databases, second[_i].host);
    if (second[_i].cms)
        add(&other->cms, second[_i].cms);
    ck_assert_msg(mcx_border_start(&conf) == EINVAL, "%s %s", second[_i].realm, second[_i].host);
    ck_assert(!mcx_border_started());
}
END_TEST

START_TEST(test_a_ca_file_that_cannot_be_read_stops_the_start)
{
    add(&add_partner("primary", "primary.example")->sip_databases, "hss.primary.example");
    ck_assert_int_ne(mcx_border_start(&conf), 0);
    ck_assert(!mcx_border_started());
}
END_TEST

START_TEST(test_addresses_that_are_none_stop_the_start)
{
    static const char *const bad[] = {
        "",           "localhost",   "127.0.0.1/33",
        "127.0.0.1/", "127.0.0/8",   "::1/129",
        "::1/-1",     "10.0.0.0/8x", "1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20"};

    conf.core[0].plain_from.count = 1;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        name(&conf.core[0].plain_from.host[0], bad[i]);
        ck_assert_msg(mcx_border_start(&conf) == EINVAL, "%s", bad[i]);
    }
}
END_TEST

/* Whether this connection stands at its CEA. */
static bool connects(const char *host, const char *realm)
{
    struct peer_hdr peer = {.info = {.pi_diamid = (char *)host, .pi_diamidlen = strlen(host)}};
    struct msg *cea = NULL;
    bool stands = false;

    peer.info.runtime.pir_realm = (char *)realm;
    peer.info.runtime.pir_realmlen = strlen(realm);
    peer.info.runtime.pir_proto = IPPROTO_TCP;
    ck_assert_int_eq(fd_msg_new(mcx_dict_request(MCX_CMD_MAR), 0, &cea), 0);
    ck_assert_int_eq(mcx_avp_add(cea, MCX_AVP_ORIGIN_HOST, LITERAL(OWN_HOST)), 0);
    ck_assert_int_eq(mcx_avp_add_u32(cea, MCX_AVP_RESULT_CODE, 2001), 0);
    stands = mcx_border_connected(cea, &peer);
    ck_assert_uint_eq(core_result(cea).code, stands ? 2001 : 3010); /* RFC 6733 7.1.3 */
    ck_assert_int_eq(!!(core_flags(cea) & CMD_FLAG_ERROR), !stands);
    fd_msg_free(cea);
    return stands;
}

static void start_with(const char *plain_from)
{
    add(&conf.core[0].plain_from, plain_from);
    ck_assert_int_eq(mcx_border_start(&conf), 0);
    ck_assert(mcx_border_started());
}

START_TEST(test_a_peer_without_tls_only_by_name_realm_and_address)
{
    start_with("127.0.0.0/30");
    ck_assert(connects("scscf.ims.partner.example", OWN_REALM));
    ck_assert(connects("SCSCF.IMS.partner.example", "PARTNER.example"));
    ck_assert(!connects("ims.partner.example", OWN_REALM));
    ck_assert(!connects("scscf.xims.partner.example", OWN_REALM));
    ck_assert(!connects("scscf.ims.partner.example.evil.example", OWN_REALM));
    ck_assert(!connects("scscf.ims.partner.example", "other.example"));
    ck_assert(!connects("scscf.ims.partner.example", ""));
}
END_TEST

static const struct {
    const char *plain_from;
    bool is_inside; /* 127.0.0.1 */
} network[] = {{"127.0.0.1", true},     {"127.0.0.1/32", true}, {"127.0.0.2", false},
               {"127.0.0.2/31", false}, {"127.0.0.0/31", true}, {"126.0.0.0/7", true},
               {"128.0.0.0/1", false},  {"0.0.0.0/0", true},    {"::ffff:127.0.0.1", true},
               {"::1", false},          {"::/0", true},         {"::ffff:0:0/96", true}};

START_TEST(test_networks_by_their_length)
{
    start_with(network[_i].plain_from);
    ck_assert_msg(connects("scscf.ims.partner.example", OWN_REALM) == network[_i].is_inside, "%s",
                  network[_i].plain_from);
}
END_TEST

START_TEST(test_names_that_freediameter_forgot_make_room)
{
    enum { MORE_THAN_THE_TABLE = 5000 };
    char host[64];

    start_with("127.0.0.0/8");
    for (int i = 0; i < MORE_THAN_THE_TABLE; i++) {
        snprintf(host, sizeof host, "scscf-%d.ims.partner.example", i);
        ck_assert_msg(connects(host, OWN_REALM), "%s", host);
    }
}
END_TEST

static struct msg *new_mar(const char *realm)
{
    struct msg *mar = NULL;
    struct msg_hdr *header = NULL;

    ck_assert_int_eq(fd_msg_new(mcx_dict_request(MCX_CMD_MAR), 0, &mar), 0);
    ck_assert_int_eq(fd_msg_hdr(mar, &header), 0);
    header->msg_appl = MCX_APP_CX;
    ck_assert_int_eq(mcx_avp_add(mar, MCX_AVP_DESTINATION_REALM, mcx_span_of(realm)), 0);
    return mar;
}

/* Whether a request of ours for that realm and, as freeDiameter's own scores say, that very host
 * may leave over the connection with it: one that has a score below 0 is not used. */
static bool may_leave(const char *host, const char *realm)
{
    struct fd_list candidates = FD_LIST_INITIALIZER(candidates);
    enum { BEFORE = FD_SCORE_INI + FD_SCORE_REALM + FD_SCORE_FINALDEST };
    struct rtd_candidate candidate = {
        .diamid = (char *)host, .diamidlen = strlen(host), .score = BEFORE};
    struct msg *mar = new_mar(realm);

    fd_list_init(&candidate.chain, &candidate);
    fd_list_insert_before(&candidates, &candidate.chain);
    ck_assert_int_eq(choose(NULL, &mar, &candidates), 0);
    ck_assert(candidate.score == BEFORE || candidate.score < 0);
    fd_msg_free(mar);
    return candidate.score == BEFORE;
}

START_TEST(test_requests_leave_only_over_verified_connections)
{
    const char *host = "scscf.ims.partner.example";

    start_with("127.0.0.0/8");
    ck_assert(!may_leave(host, OWN_REALM)); /* never seen */
    ck_assert(connects(host, OWN_REALM));
    ck_assert(may_leave(host, OWN_REALM));
    ck_assert(!may_leave(host, "other.example"));
    ck_assert(!connects(host, "other.example")); /* an impostor: another realm */
    ck_assert(!may_leave(host, OWN_REALM));
    ck_assert(connects(host, OWN_REALM));
    ck_assert(may_leave(host, OWN_REALM));
}
END_TEST

/* A MAR as this host's connection brings it. */
static struct msg *received_mar(const char *host)
{
    struct peer_hdr peer = {.info = {.pi_diamid = (char *)host, .pi_diamidlen = strlen(host)}};
    struct msg *mar = new_mar(OWN_REALM);

    ck_assert_int_eq(fd_msg_source_set(mar, (char *)host, strlen(host)), 0);
    mcx_border_received(mar, &peer);
    return mar;
}

START_TEST(test_answers_leave_only_by_the_connection_of_their_request)
{
    const char *host = "scscf.ims.partner.example", *other = "scscf-2.ims.partner.example";
    struct msg *old = NULL, *new = NULL;

    start_with("127.0.0.0/8");
    ck_assert(connects(host, OWN_REALM));
    old = received_mar(host);
    ck_assert(!mcx_border_is_past(old));
    ck_assert(connects(other, OWN_REALM));
    ck_assert(!mcx_border_is_past(old));
    ck_assert(connects(host, OWN_REALM));
    ck_assert(mcx_border_is_past(old));
    new = received_mar(host);
    ck_assert(!mcx_border_is_past(new));
    ck_assert(!connects(host, "other.example")); /* an impostor */
    ck_assert(mcx_border_is_past(old) && mcx_border_is_past(new));
    fd_msg_free(old);
    old = received_mar(host);
    ck_assert(mcx_border_is_past(old)); /* what an impostor asked */
    fd_msg_free(old);
    fd_msg_free(new);
}
END_TEST

/* What is left of a MAA with 2001 that comes from this host. */
static uint32_t heard_from(const char *host, bool *has_name)
{
    struct peer_hdr peer = {.info = {.pi_diamid = (char *)host, .pi_diamidlen = strlen(host)}};
    struct msg *mar = new_mar(OWN_REALM), *maa = mar;
    struct mcx_avp found = {0};
    uint32_t result = 0;

    ck_assert_int_eq(fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &maa, 0), 0);
    ck_assert_int_eq(mcx_avp_add_u32(maa, MCX_AVP_RESULT_CODE, 2001), 0);
    ck_assert_int_eq(mcx_avp_add(maa, MCX_AVP_USER_NAME, LITERAL("forged")), 0);
    maa = core_launder(&maa);
    mcx_border_received(maa, &peer);
    maa = core_launder(&maa);
    result = core_result(maa).code;
    *has_name = mcx_avp_find(maa, MCX_AVP_USER_NAME, &found);
    fd_msg_free(maa);
    return result;
}

START_TEST(test_answers_of_an_impostor_say_nothing)
{
    const char *host = "scscf.ims.partner.example";
    bool has_name = false;

    start_with("127.0.0.0/8");
    ck_assert(!connects(host, "other.example"));
    ck_assert_uint_eq(heard_from(host, &has_name), 5012);
    ck_assert(!has_name);
    ck_assert(connects(host, OWN_REALM));
    ck_assert_uint_eq(heard_from(host, &has_name), 2001);
    ck_assert(has_name);
}
END_TEST

/* The sender has looked too early, and freeDiameter asks nobody any more. */
START_TEST(test_an_answer_on_its_way_to_another_connection_is_emptied)
{
    const char *host = "scscf.ims.partner.example";
    struct peer_hdr peer = {.info = {.pi_diamid = (char *)host, .pi_diamidlen = strlen(host)}};
    struct msg *maa = NULL;
    struct msg_hdr *header = NULL;
    struct mcx_avp found = {0};

    start_with("127.0.0.0/8");
    ck_assert_int_eq(mcx_hooks_start(), 0);
    ck_assert(connects(host, OWN_REALM));
    maa = received_mar(host);
    ck_assert_int_eq(fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &maa, 0), 0);
    ck_assert_int_eq(mcx_avp_add_u32(maa, MCX_AVP_RESULT_CODE, 2001), 0);
    ck_assert_int_eq(mcx_avp_add(maa, MCX_AVP_USER_NAME, LITERAL("bob")), 0);
    ck_assert_int_eq(fd_msg_hdr(maa, &header), 0);
    header->msg_code = 300;
    header->msg_hbhid = 5;
    hook(HOOK_MESSAGE_SENDING, maa, &peer, NULL, NULL, NULL);
    ck_assert(mcx_avp_find(maa, MCX_AVP_USER_NAME, &found));
    ck_assert_uint_eq(header->msg_hbhid, 5);
    ck_assert_uint_eq(core_result(maa).code, 2001);
    ck_assert(connects(host, OWN_REALM));
    hook(HOOK_MESSAGE_SENDING, maa, &peer, NULL, NULL, NULL);
    ck_assert(!mcx_avp_find(maa, MCX_AVP_USER_NAME, &found));
    ck_assert_uint_eq(core_result(maa).code, 5012);
    ck_assert_uint_eq(header->msg_code, 300);
    ck_assert_uint_ne(header->msg_hbhid, 5); /* there it may be another request's */
    fd_msg_free(maa);
}
END_TEST

START_TEST(test_answers_to_something_else_say_nothing)
{
    static const struct {
        uint32_t command, application, result;
    } said[] = {
        {MCX_CMD_MAR, MCX_APP_CX, 2001}, {300, MCX_APP_CX, 5012}, {MCX_CMD_MAR, MCX_APP_ZH, 5012}};
    const char *host = "scscf.ims.partner.example";
    struct peer_hdr peer = {.info = {.pi_diamid = (char *)host, .pi_diamidlen = strlen(host)}};

    start_with("127.0.0.0/8");
    ck_assert(connects(host, OWN_REALM));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct msg *maa = new_mar(OWN_REALM);
        struct msg_hdr *header = NULL;

        ck_assert_int_eq(fd_msg_new_answer_from_req(fd_g_config->cnf_dict, &maa, 0), 0);
        ck_assert_int_eq(mcx_avp_add_u32(maa, MCX_AVP_RESULT_CODE, 2001), 0);
        ck_assert_int_eq(fd_msg_hdr(maa, &header), 0);
        header->msg_code = said[i].command;
        header->msg_appl = said[i].application;
        mcx_border_received(maa, &peer);
        ck_assert_uint_eq(core_result(maa).code, said[i].result);
        fd_msg_free(maa);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("border");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_loop_test(tests, test_a_name_of_two_parties_or_of_ours_stops_the_start, 0,
                        sizeof second / sizeof *second);
    tcase_add_test(tests, test_a_ca_file_that_cannot_be_read_stops_the_start);
    tcase_add_test(tests, test_addresses_that_are_none_stop_the_start);
    tcase_add_test(tests, test_a_peer_without_tls_only_by_name_realm_and_address);
    tcase_add_loop_test(tests, test_networks_by_their_length, 0, sizeof network / sizeof *network);
    tcase_add_test(tests, test_names_that_freediameter_forgot_make_room);
    tcase_add_test(tests, test_requests_leave_only_over_verified_connections);
    tcase_add_test(tests, test_answers_leave_only_by_the_connection_of_their_request);
    tcase_add_test(tests, test_answers_of_an_impostor_say_nothing);
    tcase_add_test(tests, test_an_answer_on_its_way_to_another_connection_is_emptied);
    tcase_add_test(tests, test_answers_to_something_else_say_nothing);
    return core_run(tests, 60);
}
