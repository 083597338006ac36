/* SPDX-License-Identifier: Apache-2.0 */
/* The one way to refuse a start. Configuration thread; writes to the log. */
#define _GNU_SOURCE /* strcasestr */
#include "diameter/refuse.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "diameter/fd.h"

int mcx_refuse(const struct mcx_conf_problem *problem)
{
    mcx_log(MCX_LOG_ERROR, "ev=start_refused reason=\"%s\"", problem->text);
    return EINVAL;
}

int mcx_refuse_setting(const struct mcx_conf *conf, const char *setting, const char *format, ...)
{
    struct mcx_conf_problem problem;
    va_list args;

    va_start(args, format);
    (void)!mcx_conf_vblame(conf, &problem, setting, format, args);
    va_end(args);
    return mcx_refuse(&problem);
}

int mcx_refuse_without_keys(const struct mcx_conf *conf)
{
    if (conf->key_count > 0)
        return 0;
    return mcx_refuse_setting(conf, "keys",
                              "no key-encryption key is named; write keys = ( { id = 1; file = "
                              "\"kek-1.key\"; } ); with the file that mcxctl key create makes");
}

/* A key of freeDiameter.conf begins a line, the name of an extension is in one. */
static bool is_at(const char *line, const char *word)
{
    const char *begin = line + strspn(line, " \t");
    size_t len = strlen(word);

    if (!isupper((unsigned char)word[0]))
        return strcasestr(line, word) != NULL;
    return strncasecmp(begin, word, len) == 0 && strchr(" \t=", begin[len]) != NULL;
}

int mcx_daemon_line(const char *word)
{
    char text[1024];
    int line = 0;
    bool is_found = false, is_begin = true;
    FILE *file = fd_g_config->cnf_file ? fopen(fd_g_config->cnf_file, "re") : NULL;

    if (!file)
        return 0;
    while (!is_found && fgets(text, sizeof text, file)) {
        line += is_begin; /* of a long line the rest comes next */
        is_begin = strchr(text, '\n') != NULL;
        text[strcspn(text, "#")] = '\0';
        is_found = is_at(text, word);
    }
    (void)fclose(file);
    return is_found ? line : 0;
}

int mcx_refuse_daemon(const char *stands, const char *format, ...)
{
    const char *file = fd_g_config->cnf_file ? fd_g_config->cnf_file : "freeDiameter.conf";
    struct mcx_conf_problem problem;
    int line = stands ? mcx_daemon_line(stands) : 0;
    size_t used;
    va_list args;

    if (line > 0)
        snprintf(problem.text, sizeof problem.text, "%s:%d: ", file, line);
    else
        snprintf(problem.text, sizeof problem.text, "%s: ", file);
    used = strlen(problem.text);
    va_start(args, format);
    vsnprintf(problem.text + used, sizeof problem.text - used, format, args);
    va_end(args);
    return mcx_refuse(&problem);
}
