/* SPDX-License-Identifier: Apache-2.0 */
/* What tests of mcxctl share: a shell in a folder with mcx.conf, a key and a file of secrets, and
 * an empty database that MCX_DB names. Any failure here fails the test that runs. */
#ifndef MCX_TEST_CTL_SHELL_H
#define MCX_TEST_CTL_SHELL_H

#define CTL MCX_CTL " " /* the program, at the beginning of a command */

extern char ctl_folder[128];
extern char ctl_output[65536]; /* of the last command, both streams */

/* A checked fixture around each test. */
void ctl_setup(void);
void ctl_teardown(void);

/* An empty database; MCX_DB names it from now on. */
void ctl_use_database(const char *name);
/* Exit status. */
int ctl_shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ctl_expect(int status, const char *text, const char *command);
/* Writes a file of three pieces into the folder. */
void ctl_write(const char *name, const char *before, const char *value, const char *after);

#endif
