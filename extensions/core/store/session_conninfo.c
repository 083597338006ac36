/* SPDX-License-Identifier: Apache-2.0 */
/* What is wrong with a libpq connection string. libpq's own sentences quote it, and so may show a
 * password: they are told apart here and said anew, without a word of the string. Never blocks. */
#include <string.h>

#include "store/session_private.h"

/* How libpq 13 to 17 begins its sentence, and ours. */
static const struct {
    const char *begins, *says;
} faults[] = {
    {"missing \"=\" after", "a word without = after it; put values with spaces in single quotes"},
    {"unterminated quoted string", "a single quote is not closed; close it, or write \\' for one"},
    {"invalid connection option", "has an option that libpq does not know; see the names in "
                                  "PostgreSQL's manual, Connection Strings"},
    {"invalid URI query parameter", "has a query parameter that libpq does not know; see the names "
                                    "in PostgreSQL's manual, Connection Strings"},
    {"invalid port number",
     "port is not a number from 1 to 65535; write port=5432 or leave it out"},
    {"invalid sslmode", "sslmode is none of disable, allow, prefer, require, verify-ca, "
                        "verify-full; write one of them"},
    {"invalid target_session_attrs", "target_session_attrs is unknown; write read-write"},
    {"invalid channel_binding", "channel_binding is none of disable, prefer, require; write one"},
    {"invalid gssencmode", "gssencmode is none of disable, prefer, require; write one of them"},
    {"invalid integer value", "an option that takes a number, such as port, has another text; "
                              "write digits only"},
    {"could not match", "host, hostaddr and port are lists of different lengths; name as many of "
                        "each"},
    {"invalid ", "has an option with a value that libpq does not take; see its values in "
                 "PostgreSQL's manual, Connection Strings"},
    {"definition of service",
     "names a service that pg_service.conf does not have; see PGSERVICEFILE, "
     "or leave service out"},
    {"Unix-domain socket path",
     "host is a folder with too long a path; name one of some 90 octets"},
};

static const char *said_anew(const char *text)
{
    for (size_t i = 0; i < sizeof faults / sizeof *faults; i++)
        if (strncmp(text, faults[i].begins, strlen(faults[i].begins)) == 0)
            return faults[i].says;
    return NULL;
}

static bool is_uri(const char *conninfo)
{
    return strncmp(conninfo, "postgresql://", 13) == 0 || strncmp(conninfo, "postgres://", 11) == 0;
}

/* libpq ends user and password at the first @. With one that nobody wrote as %40 the rest of a
 * password is part of the host or the database, which libpq and the server name in plain. */
static bool has_stray_at(const char *uri)
{
    const char *at = strstr(uri, "://") + 3;

    at += strcspn(at, "@/");
    if (*at == '@')
        at++;
    return memchr(at, '@', strcspn(at, "?")) != NULL;
}

static enum mcx_err blame(const struct mcx_conf *conf, const char *says,
                          struct mcx_conf_problem *problem)
{
    return mcx_conf_blame(conf, problem, "database.conninfo", "%s", says);
}

/* Each host named may use up one connect timeout. */
static int count_hosts(const PQconninfoOption *options)
{
    int hosts = 1;

    for (const PQconninfoOption *option = options; option->keyword; option++) {
        if (option->val && strcmp(option->keyword, "host") == 0) {
            for (const char *at = option->val; *at; at++)
                hosts += *at == ',';
        }
    }
    return hosts;
}

enum mcx_err mcx_conninfo_check(const struct mcx_conf *conf, const char *conninfo, int *hosts,
                                struct mcx_conf_problem *problem)
{
    char *text = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &text);
    const char *says = NULL;

    if (options) {
        *hosts = count_hosts(options);
        PQconninfoFree(options);
        if (!is_uri(conninfo) || !has_stray_at(conninfo))
            return MCX_OK;
        return blame(conf, "has an @ that is not the one before the host; write %40 for it",
                     problem);
    }
    if (!text || strncmp(text, "out of memory", 13) == 0) {
        PQfreemem(text);
        (void)!blame(conf, mcx_err_text(MCX_NO_MEMORY), problem);
        return MCX_NO_MEMORY;
    }
    says = said_anew(text);
    PQfreemem(text);
    if (!says && is_uri(conninfo))
        says = "is not a URI that libpq can read; write postgresql://user@host:port/database, with "
               "%XX for special characters";
    if (!says)
        says = "is not a connection string that libpq can read; write name=value pairs: "
               "host=... dbname=... user=...";
    return blame(conf, says, problem);
}

bool mcx_conninfo_refused(const struct mcx_conf *conf, const char *text,
                          struct mcx_conf_problem *problem)
{
    const char *says = said_anew(text);

    if (says)
        (void)!blame(conf, says, problem);
    return says != NULL;
}
