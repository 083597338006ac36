/* SPDX-License-Identifier: Apache-2.0 */
/* What store tests start from: a clean database with the newest schema, mcx.conf as a struct, a few
 * people in it. Any failure here fails the test that runs. */
#ifndef MCX_TEST_FIXTURE_H
#define MCX_TEST_FIXTURE_H

#include <check.h>
#include <libpq-fe.h>

#include "policy/mar.h"
#include "store/mar.h"
#include "store/pool.h"
#include "store/provision.h"
#include "store/session.h"
#include "store/statement.h"

/* Runs the suites against one cluster; main of every program here. */
int fixture_main(bool is_durable, Suite *(*const suites[])(void), size_t count);

/* A database with the newest schema and nothing in it, the same for all tests of a program; its
 * name. */
const char *fixture_database(void);

/* Plain SQL as the owner. The last answers the first cell as a number. */
PGconn *fixture_connect(const char *database);
void fixture_sql(PGconn *conn, const char *format, ...) __attribute__((format(printf, 2, 3)));
long long fixture_number(PGconn *conn, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* As the daemons prepare it, under the statement's own name. */
void fixture_prepare(PGconn *conn, const struct mcx_stmt_row *row);

/* Defaults of settings.def, a key with id 1, conninfo as the daemon's role. */
void fixture_conf(struct mcx_conf *conf, const char *database);
struct mcx_session *fixture_daemon(const struct mcx_conf *conf);
struct mcx_session *fixture_admin(const char *database);

/* This system is "primary", realm primary.example; "partner" and "other" are partners. */
void fixture_system(struct mcx_session *admin);
/* NAME@primary.example with sip:NAME@primary.example; answers its subscriber id. */
long long fixture_subscriber(struct mcx_session *admin, const struct mcx_conf *conf,
                             const char *name);
struct mcx_provision fixture_grant(struct mcx_session *admin, const char *partner, const char *name,
                                   bool is_masked);
/* The user NAME@partner.example of "partner" here. */
struct mcx_provision fixture_binding(struct mcx_session *admin, const char *name);

struct mcx_str fixture_str(const char *text);
struct mcx_mar_ask fixture_own_ask(const char *impi, const char *impu);
struct mcx_mar_ask fixture_partner_ask(const char *partner, const char *impi, const char *impu);
/* Facts of one ask; fails unless they were found. */
struct mcx_mar_facts fixture_facts(struct mcx_session *session, const struct mcx_mar_ask *ask);

#define ck_ok(expr) ck_assert_msg((expr) == MCX_OK, "%s", #expr)

#endif
