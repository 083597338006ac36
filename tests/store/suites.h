/* SPDX-License-Identifier: Apache-2.0 */
/* Suites that share a program, and so a cluster. */
#ifndef MCX_TEST_SUITES_H
#define MCX_TEST_SUITES_H

#include <check.h>

Suite *sqn_suite(void);
Suite *crowd_suite(void);
Suite *pool_suite(void);
Suite *backoff_suite(void);
Suite *start_suite(void);
Suite *session_suite(void);
Suite *provision_suite(void);
Suite *subscriber_suite(void);
Suite *migration_crowd_suite(void);
Suite *migration_races_suite(void);
Suite *agreement_ends_suite(void);
Suite *agreement_groups_suite(void);
Suite *agreement_plans_suite(void);
Suite *pool_of_ids_suite(void);
Suite *access_suite(void);
Suite *choice_plans_suite(void);
Suite *recall_suite(void);
Suite *backlog_suite(void);
Suite *more_impus_suite(void);
Suite *upgrade_running_suite(void);

#endif
