/* SPDX-License-Identifier: Apache-2.0 */
/* Who may send what, by the party that a peer belongs to and the part that it plays there: the
 * whole table of peers and commands, and where requests of ours may go (design 7). */
#include "core.h"
#include "diameter/border_party.h"
#include "diameter/border_screen.h"

static struct mcx_conf conf;

static void name(struct mcx_str *place, const char *text)
{
    ck_assert_int_eq(mcx_str_set(place, mcx_span_of(text)), MCX_OK);
}

static void add(struct mcx_host_list *list, const char *text)
{
    name(&list->host[list->count++], text);
}

static int load(void)
{
    return mcx_party_load(&conf, LITERAL(OWN_HOST), LITERAL(OWN_REALM));
}

static void set_up(void)
{
    conf.core_count = conf.own_count = conf.partner_count = 1;
    name(&conf.core[0].domain, ".ims.partner.example");
    name(&conf.core[0].realm, OWN_REALM);
    add(&conf.own[0].sip_databases, OWN_HOST); /* this host: ignored */
    add(&conf.own[0].sip_databases, "hss2.partner.example");
    add(&conf.own[0].cms, "cms.partner.example");
    name(&conf.partner[0].system_id, "primary");
    add(&conf.partner[0].realms, "primary.example");
    add(&conf.partner[0].sip_databases, "hss.primary.example");
    add(&conf.partner[0].cms, "cms.primary.example");
    add(&conf.partner[0].agents, "dra.primary.example");
    ck_assert_int_eq(load(), 0);
}

enum { CORE, OWN_HSS, OWN_CMS, HSS, CMS, AGENT, STRANGER, OURSELVES, PEERS };
static const struct {
    const char *host, *realm;
} peer[PEERS] = {
    [CORE] = {"scscf.ims.partner.example", OWN_REALM},
    [OWN_HSS] = {"hss2.partner.example", OWN_REALM},
    [OWN_CMS] = {"CMS.partner.example", OWN_REALM},
    [HSS] = {"hss.primary.example", "primary.example"},
    [CMS] = {"cms.primary.example", "primary.example"},
    [AGENT] = {"dra.primary.example", "primary.example"},
    [STRANGER] = {"cms.third.example", "third.example"},
    [OURSELVES] = {OWN_HOST, OWN_REALM},
};

#define OF(who) (1U << (who))
static const struct {
    uint32_t application, command, allowed; /* bits of peers */
} rights[] = {
    {MCX_APP_CX, 300, OF(CORE)},
    {MCX_APP_CX, 301, OF(CORE)},
    {MCX_APP_CX, 302, OF(CORE)},
    {MCX_APP_CX, 303, OF(CORE) | OF(HSS)},
    {MCX_APP_CX, 304, OF(HSS)},
    {MCX_APP_CX, 305, OF(HSS)},
    {MCX_APP_CX, MCX_CMD_MIR, 0},
    {MCX_APP_ZH, 303, OF(CORE) | OF(HSS)},
    {MCX_APP_ZH, MCX_CMD_PAR, 0},
    {OWN_SDB, MCX_CMD_MIR, OF(OWN_CMS)},
    {OWN_SDB, MCX_CMD_PAR, 0},
    {OWN_SDB, MCX_CMD_MRR, OF(OWN_CMS) | OF(OWN_HSS)},
    {OWN_SDB, 303, 0},
    {OWN_SS, MCX_CMD_MIR, 0},
    {OWN_SS, MCX_CMD_PAR, OF(CMS)},
    {OWN_SS, MCX_CMD_MRR, OF(CMS)},
    {OWN_SS, 303, 0},
    {4294967040, MCX_CMD_MIR, 0}, /* the default is not the number that was configured */
};

static struct mcx_heard heard_of(int who, uint32_t application, uint32_t command)
{
    return (struct mcx_heard){.application = application,
                              .command = command,
                              .is_request = true,
                              .origin_host = mcx_span_of(peer[who].host),
                              .origin_realm = mcx_span_of(peer[who].realm),
                              .destination_host = mcx_span_of(OWN_HOST),
                              .destination_realm = mcx_span_of(OWN_REALM)};
}

static enum mcx_rule screened(const struct mcx_heard *heard, int by)
{
    const struct mcx_screening screening = {.own_host = LITERAL(OWN_HOST),
                                            .own_realm = LITERAL(OWN_REALM)};

    return mcx_screen(heard, mcx_span_of(peer[by].host), &screening);
}

START_TEST(test_the_table_of_rights)
{
    for (size_t i = 0; i < sizeof rights / sizeof *rights; i++) {
        for (int who = 0; who < PEERS; who++) {
            struct mcx_heard heard = heard_of(who, rights[i].application, rights[i].command);
            enum mcx_rule rule = screened(&heard, who);

            ck_assert_msg(rule == (rights[i].allowed & OF(who) ? MCX_RULE_NONE : MCX_RULE_RIGHT),
                          "%s, application %u, command %u: %s", peer[who].host,
                          rights[i].application, rights[i].command, mcx_rule_label(rule));
        }
    }
}
END_TEST

START_TEST(test_an_agent_delivers_what_its_partner_may_send)
{
    struct mcx_heard par = heard_of(CMS, OWN_SS, MCX_CMD_PAR);
    struct mcx_heard mir = heard_of(OWN_CMS, OWN_SDB, MCX_CMD_MIR);

    ck_assert_int_eq(screened(&par, AGENT), MCX_RULE_NONE);
    ck_assert_int_eq(screened(&par, HSS), MCX_RULE_ORIGIN_HOST);
    ck_assert_int_eq(screened(&mir, AGENT), MCX_RULE_ORIGIN_HOST);
    ck_assert_int_eq(screened(&mir, CORE), MCX_RULE_ORIGIN_HOST);
    ck_assert_int_eq(screened(&mir, OWN_HSS), MCX_RULE_ORIGIN_HOST); /* one does not speak for the
                                                                       other */
}
END_TEST

START_TEST(test_realms_of_own_nodes_and_of_a_partners_server)
{
    struct mcx_heard mir = heard_of(OWN_CMS, OWN_SDB, MCX_CMD_MIR);
    struct mcx_heard par = heard_of(CMS, OWN_SS, MCX_CMD_PAR);

    mir.origin_realm = LITERAL("primary.example");
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_ORIGIN_REALM);
    par.origin_realm = LITERAL(OWN_REALM);
    ck_assert_int_eq(screened(&par, CMS), MCX_RULE_OWN_REALM);
    par.origin_realm = LITERAL("third.example");
    ck_assert_int_eq(screened(&par, CMS), MCX_RULE_ORIGIN_REALM);
    mir = heard_of(OWN_CMS, OWN_SDB, MCX_CMD_MIR);
    mir.route_count = 1;
    mir.route[0] = mcx_span_of("hss2.partner.example");
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_NONE);
    mir.route[0] = mcx_span_of("dra.primary.example");
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_ROUTE);
    mir = heard_of(OWN_CMS, OWN_SDB, MCX_CMD_MIR);
    mir.destination_host = mcx_span_of("hss2.partner.example");
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_FORWARD);
    mir.destination_realm = mcx_span_of("nobody.example"); /* whatever the host */
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_REALM);
    mir.destination_host = mcx_span_of(OWN_HOST);
    ck_assert_int_eq(screened(&mir, OWN_CMS), MCX_RULE_REALM);
}
END_TEST

START_TEST(test_what_a_name_is)
{
    struct mcx_named cms = mcx_party_named(LITERAL("cms.PARTNER.example"));

    ck_assert_int_eq(cms.party.kind, MCX_PARTY_OWN);
    ck_assert_int_eq(cms.role, MCX_ROLE_CMS);
    ck_assert_ptr_eq(cms.party.own, &conf.own[0]);
    ck_assert_str_eq(mcx_party_label(&cms.party), "own");
    ck_assert(mcx_party_has_realm(&cms.party, LITERAL("PARTNER.example")));
    ck_assert(!mcx_party_has_realm(&cms.party, LITERAL("primary.example")));
    ck_assert_int_eq(mcx_party_named(LITERAL("hss2.partner.example")).role, MCX_ROLE_SIP_DATABASE);
    ck_assert_int_eq(mcx_border_party(LITERAL(OWN_HOST)).kind, MCX_PARTY_NONE);
    ck_assert_int_eq(mcx_party_named(LITERAL("cms.primary.example")).party.kind, MCX_PARTY_PARTNER);
}
END_TEST

START_TEST(test_where_requests_of_ours_may_go)
{
    static const struct {
        uint32_t application, allowed;
        const char *destination;
    } row[] = {
        {OWN_SDB, OF(OWN_CMS), "cms.partner.example"},
        {OWN_SDB, OF(OWN_HSS), "HSS2.partner.example"},
        {OWN_SDB, 0, "cms.primary.example"},
        {OWN_SDB, 0, NULL},
        {OWN_SS, OF(CMS) | OF(HSS) | OF(AGENT), "cms.primary.example"},
        {MCX_APP_CX, OF(CORE) | OF(CMS) | OF(HSS) | OF(AGENT), NULL},
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct mcx_span asked =
            row[i].destination ? mcx_span_of(row[i].destination) : mcx_span(NULL, 0);

        for (int who = 0; who < PEERS; who++) {
            struct mcx_span host = mcx_span_of(peer[who].host);
            struct mcx_party party = mcx_border_party(host);

            ck_assert_msg(mcx_may_get(&party, host, row[i].application, asked) ==
                              !!(row[i].allowed & OF(who)),
                          "%s, application %u, to %s", peer[who].host, row[i].application,
                          row[i].destination);
        }
    }
}
END_TEST

START_TEST(test_a_name_in_two_lists_stops_the_start)
{
    add(&conf.partner[0].cms, "CMS.partner.example");
    ck_assert_int_ne(load(), 0);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("border_screen");

    tcase_add_checked_fixture(tests, core_start, NULL);
    tcase_add_checked_fixture(tests, set_up, NULL);
    tcase_add_test(tests, test_the_table_of_rights);
    tcase_add_test(tests, test_an_agent_delivers_what_its_partner_may_send);
    tcase_add_test(tests, test_realms_of_own_nodes_and_of_a_partners_server);
    tcase_add_test(tests, test_what_a_name_is);
    tcase_add_test(tests, test_where_requests_of_ours_may_go);
    tcase_add_test(tests, test_a_name_in_two_lists_stops_the_start);
    return core_run(tests, 60);
}
