/* SPDX-License-Identifier: Apache-2.0 */
/* Runs the suites of the tools' Diameter library. */
#include "wire_test.h"

#include <stdlib.h>

int main(void)
{
    SRunner *runner = srunner_create(msg_suite());
    srunner_add_suite(runner, tree_suite());
    srunner_add_suite(runner, conn_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
