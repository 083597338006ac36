/* SPDX-License-Identifier: Apache-2.0 */
/* Documents are checked when they are loaded, so that no UE gets what it cannot read. Entities
 * other than the five of XML need a DTD, and a DTD is refused at its first letter. Pure. */
#include "document_check.h"

#include <expat.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ROOT "urn:3gpp:mcptt:mcpttUEinitConfig:1.0 mcptt-UE-initial-configuration"
enum { DEPTH_MAX = 64 };

struct check {
    XML_Parser parser;
    int depth;
    char *why;
    size_t size;
};

static void refuse(struct check *check, const char *why)
{
    if (check->why[0] == '\0')
        snprintf(check->why, check->size, "%s", why);
    XML_StopParser(check->parser, XML_FALSE);
}

static void XMLCALL on_declaration(void *arg, const char *version, const char *encoding,
                                   int standalone)
{
    if (encoding && strcasecmp(encoding, "UTF-8") != 0)
        refuse(arg, "its encoding must be UTF-8");
}

static void XMLCALL on_doctype(void *arg, const char *name, const char *system, const char *public,
                               int has_subset)
{
    refuse(arg, "it has a DTD, which no such document needs");
}

static void XMLCALL on_start(void *arg, const char *name, const char **attributes)
{
    struct check *check = arg;

    if (check->depth == 0 && strcmp(name, ROOT) != 0)
        refuse(check, "its root must be mcptt-UE-initial-configuration of the namespace "
                      "urn:3gpp:mcptt:mcpttUEinitConfig:1.0");
    if (++check->depth > DEPTH_MAX)
        refuse(check, "its elements are nested too deeply");
}

static void XMLCALL on_end(void *arg, const char *name)
{
    ((struct check *)arg)->depth--;
}

bool document_check(struct mcx_span document, char *why, size_t size)
{
    struct check check = {.parser = XML_ParserCreateNS("UTF-8", ' '), .why = why, .size = size};
    enum XML_Status status;

    why[0] = '\0';
    if (!check.parser) {
        snprintf(why, size, "out of memory");
        return false;
    }
    XML_SetUserData(check.parser, &check);
    XML_SetXmlDeclHandler(check.parser, on_declaration);
    XML_SetStartDoctypeDeclHandler(check.parser, on_doctype);
    XML_SetElementHandler(check.parser, on_start, on_end);
    status = XML_Parse(check.parser, (const char *)document.octets, (int)document.len, XML_TRUE);
    if (status != XML_STATUS_OK && why[0] == '\0')
        snprintf(why, size, "line %lu: %s", (unsigned long)XML_GetCurrentLineNumber(check.parser),
                 XML_ErrorString(XML_GetErrorCode(check.parser)));
    XML_ParserFree(check.parser);
    return why[0] == '\0';
}
