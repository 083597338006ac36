/* SPDX-License-Identifier: Apache-2.0 */
/* An agreement with "partner", what alice makes under it, and its end. */
#include "agreed.h"
#include "asks.h"
#include "store/choice.h"

int64_t agreed_new(struct mcx_new_agreement agreement)
{
    agreement.partner = "partner";
    return policy_agree(agreement);
}

void agreed_end(int64_t agreement, size_t count)
{
    size_t ended = 0;

    ck_ok(mcx_store_agreement_end(site.admin, agreement, "over", &ended, &site.problem));
    ck_assert_uint_eq(ended, count);
}

long long agreed_live(const char *table)
{
    return fixture_number(site.sql, "SELECT count(*) FROM %s WHERE state <> 'ended'", table);
}

void alice_goes(void)
{
    struct mcx_binding_ask ask = migration_out(NULL, "alice", false);

    ask.mc_user_id = POLICY_ALICE;
    ck_assert_int_eq(migration_make(site.daemon, &ask).verdict, MCX_BINDING_NEW);
}

struct mcx_migration alice_asks(void)
{
    struct mcx_migration_ask ask = {.partner = fixture_str("partner")};
    struct mcx_migration_choice choice;
    struct mcx_migration migration;

    ask.services.has[MCX_SERVICE_MCPTT] = true;
    ask.services.id[MCX_SERVICE_MCPTT] = fixture_str(POLICY_ALICE);
    ck_ok(mcx_store_migration_choose(site.daemon, &ask, &choice));
    ck_assert_int_eq(choice.verdict, MCX_MIGRATE);
    ck_ok(mcx_store_migration_begin(site.daemon, &choice, 15, &migration));
    return migration;
}

struct mcx_migration alice_asks_with_grant(void)
{
    struct mcx_binding_ask mir = migration_out(NULL, "alice", false);
    struct mcx_migration migration = alice_asks();

    mir.mc_user_id = POLICY_ALICE;
    mir.binding_id = migration.binding_id;
    ck_assert_int_eq(migration_make(site.daemon, &mir).verdict, MCX_BINDING_NEW);
    return migration;
}

int64_t alice_is_given(struct mcx_migration *migration, int64_t expires_s)
{
    struct mcx_identities inbound = {.impu_count = 1};

    inbound.impi = fixture_str("in@migration.partner.example");
    inbound.impu[0] = fixture_str("sip:in@migration.partner.example");
    migration->asked = migration->own;
    ck_ok(
        mcx_store_migration_given(site.daemon, migration, &inbound, mcx_span(NULL, 0), &expires_s));
    return expires_s;
}
