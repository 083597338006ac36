/* SPDX-License-Identifier: Apache-2.0 */
/* Reads schema/NNNN_*.sql, compares what was applied with what the files say now, and applies the
 * rest. The caller's thread; blocks on files and database. */
#include "store/upgrade.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/admin.h"

enum { FILES_MAX = 1000, FILE_SIZE_MAX = 1 << 20 };

struct file {
    char name[256];
    char *text;
    int version, readable_from;
};

struct files {
    size_t count;
    struct file file[FILES_MAX];
};

/* ---- files ---- */

static char *read_text(const char *dir, const char *name, struct mcx_conf_problem *problem)
{
    char path[4096];
    char *text = malloc(FILE_SIZE_MAX + 1);
    size_t len = 0;
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", dir, name);
    file = text ? fopen(path, "re") : NULL;
    if (file) {
        len = fread(text, 1, FILE_SIZE_MAX + 1, file);
        fclose(file);
    }
    if (!file || len == 0 || len > FILE_SIZE_MAX || memchr(text, '\0', len)) {
        (void)mcx_admin_refuse(problem, MCX_CONF, "%s: cannot be read as a schema file", path);
        free(text);
        return NULL;
    }
    text[len] = '\0';
    return text;
}

static int is_schema_file(const struct dirent *entry)
{
    const char *name = entry->d_name;
    size_t len = strlen(name);

    return len > 9 && len < sizeof((struct file *)0)->name && strspn(name, "0123456789") == 4 &&
           name[4] == '_' && strcmp(name + len - 4, ".sql") == 0;
}

static enum mcx_err read_file(const char *dir, const char *name, struct files *files,
                              struct mcx_conf_problem *problem)
{
    static const char mark[] = "\n-- readable_from: ";
    struct file *file = &files->file[files->count];
    const char *at;

    snprintf(file->name, sizeof file->name, "%s", name);
    file->version = (int)strtol(name, NULL, 10);
    if (file->version != (int)files->count + 1)
        return mcx_admin_refuse(problem, MCX_CONF,
                                "%s/%s: expected number %04zu here; is a file missing?", dir, name,
                                files->count + 1);
    file->text = read_text(dir, name, problem);
    if (!file->text)
        return MCX_CONF;
    files->count++;
    at = strstr(file->text, mark);
    file->readable_from = at ? (int)strtol(at + sizeof mark - 1, NULL, 10) : 0;
    if (file->readable_from < 1 || file->readable_from > file->version)
        return mcx_admin_refuse(problem, MCX_CONF,
                                "%s/%s: no line \"-- readable_from: N\" with N from 1 to %d", dir,
                                name, file->version);
    return MCX_OK;
}

static enum mcx_err read_files(const char *dir, struct files *files,
                               struct mcx_conf_problem *problem)
{
    struct dirent **names = NULL;
    int count = scandir(dir, &names, is_schema_file, alphasort);
    enum mcx_err err = MCX_OK;

    if (count <= 0 || count > FILES_MAX)
        err = mcx_admin_refuse(
            problem, MCX_CONF,
            "%s: no schema files (NNNN_topic.sql) here; name their folder with --schema-dir", dir);
    for (int i = 0; i < count; i++) {
        if (err == MCX_OK)
            err = read_file(dir, names[i]->d_name, files, problem);
        free(names[i]);
    }
    free(names);
    return err;
}

static void free_files(struct files *files)
{
    for (size_t i = 0; i < files->count; i++)
        free(files->file[i].text);
    free(files);
}

/* ---- database ---- */

/* Compares what was applied with the files; *applied: how many need no more work. */
static enum mcx_err compare(struct mcx_session *session, const struct files *files, int *applied,
                            struct mcx_conf_problem *problem)
{
    MCX_ROWS exists = {0}, rows = {0};
    enum mcx_err err = mcx_admin_one(session, MCX_STMT_SCHEMA_EXISTS, NULL, &exists, problem);

    *applied = 0;
    if (err != MCX_OK || !mcx_cell_bool(&exists, 0, 0))
        return err;
    err = mcx_admin_run(session, MCX_STMT_SCHEMA_APPLIED, NULL, &rows, problem);
    for (size_t row = 0; err == MCX_OK && row < mcx_rows_count(&rows); row++) {
        int64_t version = mcx_cell_i64(&rows, row, 0);
        MCX_PARAMS params = {0};
        MCX_ROWS same = {0};

        if (version != (int64_t)row + 1 || row >= files->count)
            return mcx_admin_refuse(
                problem, MCX_CONF,
                "the database has schema version %lld, the files end at %zu: use the files of the "
                "newer release",
                (long long)version, files->count);
        mcx_params_text(&params, files->file[row].text);
        mcx_params_i32(&params, (int32_t)version);
        err = mcx_admin_one(session, MCX_STMT_SCHEMA_SAME, &params, &same, problem);
        if (err == MCX_OK && !mcx_cell_bool(&same, 0, 0))
            return mcx_admin_refuse(
                problem, MCX_CONF,
                "%s was changed after it was applied to this database: put the released file back; "
                "changes go into a new file",
                files->file[row].name);
        *applied = (int)version;
    }
    return err;
}

static enum mcx_err apply_steps(struct mcx_session *session, void *change,
                                struct mcx_conf_problem *problem)
{
    const struct file *file = change;
    MCX_PARAMS params = {0};
    enum mcx_err err = mcx_session_script(session, file->text);

    if (err == MCX_DB_ERROR)
        return mcx_admin_refuse(problem, err, "%s: %s (SQLSTATE %s)", file->name,
                                mcx_session_server_text(session), mcx_session_sqlstate(session));
    if (err != MCX_OK)
        return mcx_admin_refuse(problem, err, "%s: %s", file->name, mcx_err_text(err));
    mcx_params_i32(&params, file->version);
    mcx_params_i32(&params, file->readable_from);
    mcx_params_text(&params, file->name);
    mcx_params_text(&params, file->text);
    return mcx_admin_run(session, MCX_STMT_SCHEMA_RECORD, &params, NULL, problem);
}

/* Did another upgrade make what we could not make a second time? */
static bool was_faster(struct mcx_session *session, const struct files *files, int applied,
                       int *now)
{
    struct mcx_conf_problem problem;

    return !mcx_session_is_broken(session) && compare(session, files, now, &problem) == MCX_OK &&
           *now > applied;
}

static enum mcx_err apply_all(struct mcx_session *session, struct files *files,
                              struct mcx_upgrade *upgrade, struct mcx_conf_problem *problem)
{
    int applied;
    enum mcx_err err = compare(session, files, &applied, problem);

    upgrade->from_version = applied;
    while (err == MCX_OK && applied < (int)files->count) {
        int now;

        err = mcx_admin_change(session, apply_steps, &files->file[applied], problem);
        if (err == MCX_OK)
            applied++;
        else if (was_faster(session, files, applied, &now)) {
            applied = now;
            err = MCX_OK;
        }
    }
    upgrade->to_version = applied;
    return err;
}

/* Their rights are taken back and said again: whoever owns the tables would lose them. */
static enum mcx_err check_roles(struct mcx_session *session, const struct mcx_upgrade *upgrade,
                                struct mcx_conf_problem *problem)
{
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    mcx_params_text(&params, upgrade->daemon_role);
    mcx_params_text(&params, upgrade->read_role);
    err = mcx_admin_one(session, MCX_STMT_ROLES_UNFIT, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return MCX_OK;
    if (err == MCX_OK && mcx_cell_bool(&rows, 0, 1))
        return mcx_admin_refuse(problem, MCX_CONF,
                                "--read-role must be another role than --daemon-role");
    if (err == MCX_OK)
        return mcx_admin_refuse(problem, MCX_CONF,
                                "%s owns the tables or runs this: name a role of its own with "
                                "--daemon-role, and one with --read-role",
                                mcx_cell_text(&rows, 0, 0));
    return err;
}

static enum mcx_err roles_steps(struct mcx_session *session, void *change,
                                struct mcx_conf_problem *problem)
{
    struct mcx_upgrade *upgrade = change;
    MCX_PARAMS params = {0};
    char *text = read_text(upgrade->schema_dir, "roles.sql", problem);
    enum mcx_err err;

    if (!text)
        return MCX_CONF;
    mcx_params_text(&params, upgrade->daemon_role);
    mcx_params_text(&params, upgrade->read_role);
    err = mcx_admin_run(session, MCX_STMT_SCHEMA_HOLD, NULL, NULL, problem);
    if (err == MCX_OK)
        err = mcx_admin_run(session, MCX_STMT_ROLE_NAMES, &params, NULL, problem);
    if (err == MCX_OK)
        err = mcx_session_script(session, text);
    if (err != MCX_OK)
        (void)mcx_admin_refuse(
            problem, err,
            "roles.sql: %s (SQLSTATE %s); if roles may not be made, let a superuser make %s and %s "
            "with LOGIN first",
            mcx_session_server_text(session), mcx_session_sqlstate(session), upgrade->daemon_role,
            upgrade->read_role);
    free(text);
    return err;
}

static enum mcx_err check_server(struct mcx_session *session, struct mcx_conf_problem *problem)
{
    MCX_ROWS rows = {0};
    enum mcx_err err = mcx_admin_one(session, MCX_STMT_SERVER, NULL, &rows, problem);

    if (err == MCX_OK && mcx_cell_i64(&rows, 0, 0) < 150000)
        return mcx_admin_refuse(problem, MCX_CONF,
                                "the server is older than PostgreSQL 15: upgrade it");
    if (err == MCX_OK && strcmp(mcx_cell_text(&rows, 0, 1), "UTF8") != 0)
        return mcx_admin_refuse(
            problem, MCX_CONF,
            "the database has encoding %s: create it with ENCODING 'UTF8' TEMPLATE template0",
            mcx_cell_text(&rows, 0, 1));
    return err;
}

enum mcx_err mcx_store_upgrade(struct mcx_session *session, struct mcx_upgrade *upgrade,
                               struct mcx_conf_problem *problem)
{
    struct files *files = calloc(1, sizeof *files);
    enum mcx_err err;

    if (!files)
        return mcx_admin_refuse(problem, MCX_NO_MEMORY, "out of memory");
    err = read_files(upgrade->schema_dir, files, problem);
    if (err == MCX_OK)
        err = check_server(session, problem);
    if (err == MCX_OK)
        err = check_roles(session, upgrade, problem);
    if (err == MCX_OK)
        err = apply_all(session, files, upgrade, problem);
    if (err == MCX_OK)
        err = mcx_admin_change(session, roles_steps, upgrade, problem);
    free_files(files);
    return err;
}
