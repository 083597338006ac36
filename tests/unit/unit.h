/* SPDX-License-Identifier: Apache-2.0 */
/* What the unit tests share: running a suite, and spans of literals. */
#ifndef MCX_UNIT_H
#define MCX_UNIT_H

#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/span.h"

/* A span over a string literal, NULs inside included. */
#define LITERAL(text) mcx_span(text, sizeof(text) - 1)

static inline int unit_run(TCase *tests)
{
    Suite *suite = suite_create("unit");
    SRunner *runner;
    int failed;

    tcase_set_timeout(tests, 60); /* of each test: sanitizers are slow */
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

#endif
