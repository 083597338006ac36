/* SPDX-License-Identifier: Apache-2.0 */
/* Reads mcx.conf: the file as a whole. What stands in it is read by conf_scalars.c, conf_lists.c,
 * conf_issuers.c and conf_keys.c. Start-up only; may block on the file. */
#include "base/conf.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/conf_private.h"
#include "base/secret.h"

#define FILE_MAX_OCTETS (1 << 20) /* of mcx.conf: 64 partners need a tenth of it */

static enum mcx_err read_settings(struct mcx_conf_reader *reader, const config_setting_t *root)
{
    enum mcx_err err = mcx_conf_check_names(reader, root);

    if (err == MCX_OK)
        err = mcx_conf_read_scalars(reader, root);
    if (err == MCX_OK)
        err = mcx_conf_read_border(reader, root);
    if (err == MCX_OK)
        err = mcx_conf_read_issuers(reader, root);
    if (err == MCX_OK)
        err = mcx_conf_read_keys(reader, root);
    if (err == MCX_OK)
        err = mcx_conf_record_places(reader, root);
    return err;
}

static void close_file(FILE **file)
{
    if (*file)
        (void)fclose(*file);
}

/* The whole file, NUL-terminated; the caller frees with mcx_conf_free_text. libconfig's own reader
 * ends the process when the path is a folder, so it is given text. */
static enum mcx_err read_file(struct mcx_conf_reader *reader, char **out)
{
    __attribute__((cleanup(close_file))) FILE *file = fopen(reader->path, "re");
    struct stat status;
    size_t len;

    if (!file)
        return mcx_conf_say(reader, NULL, "cannot be opened: %s; name a readable mcx.conf",
                            strerror(errno));
    if (fstat(fileno(file), &status) != 0 || S_ISDIR(status.st_mode))
        return mcx_conf_say(reader, NULL, "is a folder; name the file mcx.conf in it");
    *out = calloc(1, FILE_MAX_OCTETS + 1);
    if (!*out)
        return mcx_conf_no_memory(reader);
    len = fread(*out, 1, FILE_MAX_OCTETS + 1, file);
    if (ferror(file))
        return mcx_conf_say(reader, NULL, "cannot be read: %s; name a readable mcx.conf",
                            strerror(errno));
    if (len > FILE_MAX_OCTETS || memchr(*out, '\0', len))
        return mcx_conf_say(reader, NULL, "is not a text file of at most 1 MiB; name mcx.conf");
    return MCX_OK;
}

/* libconfig's copy of the connection string may hold a password. */
static void wipe_conninfo(const config_t *config)
{
    const char *conninfo = NULL;

    if (config_lookup_string(config, "database.conninfo", &conninfo) == CONFIG_TRUE && conninfo)
        mcx_wipe((void *)(uintptr_t)conninfo, strlen(conninfo));
}

static enum mcx_err parse_file(struct mcx_conf_reader *reader, const char *text)
{
    config_t config;
    enum mcx_err err;

    config_init(&config);
    config_set_include_dir(&config, reader->dir);
    if (config_read_string(&config, text) == CONFIG_TRUE)
        err = read_settings(reader, config_root_setting(&config));
    else {
        const char *file = config_error_file(&config);

        snprintf(reader->problem->text, sizeof reader->problem->text,
                 "%s:%d: %s; settings look like name = value; and texts stand in double quotes",
                 file ? file : reader->path, config_error_line(&config),
                 config_error_text(&config));
        err = MCX_CONF;
    }
    wipe_conninfo(&config);
    config_destroy(&config);
    return err;
}

static enum mcx_err set_folder(struct mcx_conf_reader *reader)
{
    char copy[PATH_MAX];

    if (reader->path[0] == '\0')
        return mcx_conf_say(reader, NULL, "no file was named; name a readable mcx.conf");
    if (strlen(reader->path) >= sizeof copy)
        return mcx_conf_say(reader, NULL, "the path is too long; name a shorter one");
    memcpy(copy, reader->path, strlen(reader->path) + 1);
    snprintf(reader->dir, sizeof reader->dir, "%s", dirname(copy));
    return MCX_OK;
}

enum mcx_err mcx_conf_load(const char *path, struct mcx_conf **out,
                           struct mcx_conf_problem *problem)
{
    struct mcx_conf_reader reader = {.path = path ? path : "", .problem = problem};
    __attribute__((cleanup(mcx_conf_free_text))) char *text = NULL;
    enum mcx_err err;

    *out = NULL;
    problem->text[0] = '\0';
    reader.conf = calloc(1, sizeof *reader.conf);
    if (!reader.conf)
        return mcx_conf_no_memory(&reader);
    err = set_folder(&reader);
    if (err == MCX_OK)
        err = read_file(&reader, &text);
    if (err == MCX_OK)
        err = parse_file(&reader, text);
    if (err != MCX_OK) {
        mcx_conf_free(&reader.conf);
        return err;
    }
    *out = reader.conf;
    return MCX_OK;
}

void mcx_conf_free(struct mcx_conf **conf)
{
    if (!*conf)
        return;
    mcx_conf_free_scalars(*conf);
    for (size_t i = 0; i < (*conf)->core_count; i++)
        mcx_conf_free_text(&(*conf)->core[i].ca_file);
    for (size_t i = 0; i < (*conf)->own_count; i++)
        mcx_conf_free_text(&(*conf)->own[i].ca_file);
    for (size_t i = 0; i < (*conf)->partner_count; i++)
        mcx_conf_free_text(&(*conf)->partner[i].ca_file);
    for (size_t i = 0; i < (*conf)->issuer_count; i++)
        mcx_conf_free_text(&(*conf)->issuer[i].jwks_file);
    mcx_conf_free_places(&(*conf)->places);
    mcx_wipe(*conf, sizeof **conf);
    free(*conf);
    *conf = NULL;
}
