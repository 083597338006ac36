/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl in a folder of its own, on a database of its own. One thread. */
#include "ctl_shell.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cluster.h"
#include "fixture.h"

char ctl_folder[128];
char ctl_output[65536];

int ctl_shell(const char *format, ...)
{
    char command[8192];
    size_t len;
    FILE *pipe;
    int status;
    va_list args;

    len = (size_t)snprintf(command, sizeof command, "exec 2>&1; cd %s; ", ctl_folder);
    va_start(args, format);
    vsnprintf(command + len, sizeof command - len, format, args);
    va_end(args);
    pipe = popen(command, "re");
    ck_assert_ptr_nonnull(pipe);
    len = fread(ctl_output, 1, sizeof ctl_output - 1, pipe);
    ctl_output[len] = '\0';
    status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ctl_expect(int status, const char *text, const char *command)
{
    int got = ctl_shell("%s", command);

    ck_assert_msg(got == status, "%s: exit %d, expected %d: %s", command, got, status, ctl_output);
    ck_assert_msg(strstr(ctl_output, text) != NULL, "%s: no \"%s\" in: %s", command, text,
                  ctl_output);
}

void ctl_write(const char *name, const char *before, const char *value, const char *after)
{
    char path[160];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", ctl_folder, name);
    file = fopen(path, "w");
    ck_assert_ptr_nonnull(file);
    fprintf(file, "%s%s%s", before, value, after);
    fclose(file);
}

void ctl_use_database(const char *name)
{
    PGconn *conn = fixture_connect("postgres");

    fixture_sql(conn, "CREATE DATABASE %s TEMPLATE template0 ENCODING 'UTF8'", name);
    PQfinish(conn);
    setenv("MCX_DB", cluster_conninfo(name, "postgres"), 1);
}

void ctl_setup(void)
{
    char name[32], path[160];

    snprintf(ctl_folder, sizeof ctl_folder, "%s/ctl-XXXXXX", cluster_socket_dir());
    ck_assert_ptr_nonnull(mkdtemp(ctl_folder));
    snprintf(name, sizeof name, "ctl_%d", (int)getpid());
    ctl_use_database(name);
    ctl_write("mcx.conf", "database = { conninfo = \"", cluster_conninfo(name, "mcx_hss"),
              "\"; };\nkeys = ( { id = 1; file = \"kek-1.key\"; } );\n");
    ctl_write("secrets", "# a test user\nk = 465b5ce8b199b49faa5f0a2ee238a6bc\n",
              "op = cdc202d5123e20f62b6d676ac72cb318", "\n");
    snprintf(path, sizeof path, "%s/mcx.conf", ctl_folder);
    setenv("MCX_CONF", path, 1);
    ctl_expect(0, "", CTL "key create kek-1.key");
}

void ctl_teardown(void)
{
    ck_assert_int_eq(ctl_shell("rm -rf %s", ctl_folder), 0);
}
