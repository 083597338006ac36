/* SPDX-License-Identifier: Apache-2.0 */
/* Files for the tests of mcx.conf. One thread. */
#include "conf_files.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static char folder[64];

void conf_files_set_up(void)
{
    strcpy(folder, "/tmp/mcx-unit-conf-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    conf_files_write("ca.pem", "any text: only read by the guard\n", 0644);
}

void conf_files_tear_down(void)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    ck_assert_ptr_nonnull(dir);
    while ((entry = readdir(dir)))
        if (entry->d_name[0] != '.')
            (void)remove(conf_files_path(entry->d_name));
    (void)closedir(dir);
    ck_assert_int_eq(rmdir(folder), 0);
}

const char *conf_files_path(const char *name)
{
    static char path[512];

    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

void conf_files_write(const char *name, const char *text, mode_t mode)
{
    FILE *file = fopen(conf_files_path(name), "w");

    ck_assert_ptr_nonnull(file);
    ck_assert(fputs(text, file) >= 0);
    ck_assert_int_eq(fclose(file), 0);
    ck_assert_int_eq(chmod(conf_files_path(name), mode), 0);
}

struct mcx_conf *conf_files_load(const char *text)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf;

    conf_files_write("mcx.conf", text, 0644);
    ck_assert_msg(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem) == MCX_OK, "%s",
                  problem.text);
    ck_assert_ptr_nonnull(conf);
    return conf;
}

void conf_files_refuse(const char *text, const char *starts, const char *holds)
{
    struct mcx_conf_problem problem;
    struct mcx_conf *conf = (struct mcx_conf *)&problem; /* must become NULL */
    size_t path_len = strlen(conf_files_path("mcx.conf"));

    conf_files_write("mcx.conf", text, 0644);
    ck_assert_int_eq(mcx_conf_load(conf_files_path("mcx.conf"), &conf, &problem), MCX_CONF);
    ck_assert_ptr_null(conf);
    ck_assert_msg(strncmp(problem.text, conf_files_path("mcx.conf"), path_len) == 0 &&
                      strncmp(problem.text + path_len, starts, strlen(starts)) == 0 &&
                      strstr(problem.text, holds),
                  "expected %s ... %s\ngot %s", starts, holds, problem.text);
    ck_assert_ptr_null(strchr(problem.text, '\n'));
}
