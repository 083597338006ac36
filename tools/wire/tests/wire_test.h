/* SPDX-License-Identifier: Apache-2.0 */
/* The suites of wire-test; wire_test.c runs them. */
#ifndef WIRE_TEST_H
#define WIRE_TEST_H

#include <check.h>

Suite *msg_suite(void);
Suite *tree_suite(void);
Suite *conn_suite(void);

#endif
