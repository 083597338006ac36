/* SPDX-License-Identifier: Apache-2.0 */
/* diameter/imports: one library's calls go elsewhere, and nobody else's; what is not there is not
 * counted. The library's table is read-only from its start, as that of Debian's freeDiameter is. */
#include "diameter/imports.h"

#include <unistd.h>

#include "unit.h"

#define LIBRARY "libimports_sample.so"

int imports_sample(void);

static pid_t ours(void)
{
    return -5;
}

START_TEST(test_only_this_library_calls_ours_and_what_is_absent_is_not_counted)
{
    const struct mcx_import imports[] = {{"gnutls_bye", (uintptr_t)ours},
                                         {"getppid", (uintptr_t)ours}};

    ck_assert_uint_eq(mcx_imports_replace(LIBRARY, imports, 1), 0);
    ck_assert_uint_eq(mcx_imports_replace("libnowhere.so", imports, 2), 0);
    ck_assert_int_eq(imports_sample(), getppid());
    ck_assert_uint_eq(mcx_imports_replace(LIBRARY, imports, 2), 1);
    ck_assert_int_eq(imports_sample(), -5);
    ck_assert_int_ne(getppid(), -5);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("imports");

    tcase_add_test(tests, test_only_this_library_calls_ours_and_what_is_absent_is_not_counted);
    return unit_run(tests);
}
