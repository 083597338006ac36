/* SPDX-License-Identifier: Apache-2.0 */
/* What stands in the database when a test begins, and the sessions on it. Any failure here fails
 * the test that runs. */
#ifndef MCX_TEST_SITE_H
#define MCX_TEST_SITE_H

#include "fixture.h"

/* Of the running test. */
extern struct site {
    const char *database;
    struct mcx_conf conf;
    struct mcx_session *admin, *daemon;
    PGconn *sql;                     /* as the owner */
    struct mcx_conf_problem problem; /* for calls that want one */
    long long alice, bob;            /* subscriber ids */
} site;

/* The database with the systems of fixture_system, site.conf, the owner's session and connection.
 */
void site_open(void);
/* The own subscribers alice and bob. */
void site_add_people(void);
/* site.daemon, by site.conf as it is now. */
void site_open_daemon(void);

/* All three; and the end of whatever was opened. */
void site_setup(void);
void site_teardown(void);

/* Returns when so many sessions wait for locks of others. */
void site_await_waiters(int count);

/* Would a MAR of that partner for these identities be served? */
bool site_grant_is_live(const char *partner, const char *impi, const char *impu);

#endif
