/* SPDX-License-Identifier: Apache-2.0 */
/* A clean database with systems and people, and the sessions on it. */
#include "site.h"

#include <time.h>

#include "base/clock.h"

struct site site;

void site_open(void)
{
    site.database = fixture_database();
    fixture_conf(&site.conf, site.database);
    site.admin = fixture_admin(site.database);
    site.sql = fixture_connect(site.database);
    fixture_system(site.admin);
}

void site_add_people(void)
{
    site.alice = fixture_subscriber(site.admin, &site.conf, "alice");
    site.bob = fixture_subscriber(site.admin, &site.conf, "bob");
}

void site_open_daemon(void)
{
    site.daemon = fixture_daemon(&site.conf);
}

void site_setup(void)
{
    site_open();
    site_add_people();
    site_open_daemon();
}

void site_teardown(void)
{
    PQfinish(site.sql);
    mcx_session_close(&site.daemon);
    mcx_session_close(&site.admin);
}

void site_await_waiters(int count)
{
    static const struct timespec pause = {.tv_nsec = 2000000};
    int64_t until_ms = mcx_clock_mono_ms() + 10000;

    while (fixture_number(site.sql, "SELECT count(*) FROM pg_locks WHERE NOT granted") < count) {
        ck_assert_int_lt(mcx_clock_mono_ms(), until_ms);
        (void)nanosleep(&pause, NULL);
    }
}

bool site_grant_is_live(const char *partner, const char *impi, const char *impu)
{
    struct mcx_mar_ask ask = fixture_partner_ask(partner, impi, impu);
    struct mcx_mar_facts facts = fixture_facts(site.daemon, &ask);

    return facts.partner_known && facts.grant_live && facts.belongs && facts.has_credential;
}
