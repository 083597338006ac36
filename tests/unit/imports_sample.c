/* SPDX-License-Identifier: Apache-2.0 */
/* A library whose imports test_imports.c replaces. */
#include <unistd.h>

int imports_sample(void);

__attribute__((visibility("default"))) int imports_sample(void)
{
    return (int)getppid();
}
