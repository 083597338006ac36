/* SPDX-License-Identifier: Apache-2.0 */
/* Binding id, partner, identities that are this user's only, an expiry that is not past, and the
 * document's root. */
#include "connection_check.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static bool is_text(const json_t *value)
{
    return json_is_string(value) && json_string_length(value) > 0;
}

static struct mcx_span span_of(const json_t *value)
{
    return mcx_span(json_string_value(value), json_string_length(value));
}

static const char *check_identities(const json_t *sip, struct seen *seen, uint64_t user)
{
    const json_t *impi = json_object_get(sip, "privateIdentity");
    const json_t *impus = json_object_get(sip, "publicIdentities"), *impu;
    size_t i;
    if (!is_text(impi))
        return "no private identity";
    if (json_array_size(impus) == 0)
        return "no public identity";
    if (!seen_private(seen, span_of(impi), user))
        return "a private identity that is not this user's";
    json_array_foreach(impus, i, impu)
    {
        if (!is_text(impu))
            return "a public identity that is none";
        if (!seen_identity(seen, span_of(impu), user))
            return "a public identity that is not this user's";
    }
    return NULL;
}

static const char *check_expiry(const json_t *expires)
{
    struct tm tm = {0};
    if (json_is_null(expires))
        return NULL;
    if (!json_is_string(expires))
        return "no expiry";
    int end = 0;
    if (sscanf(json_string_value(expires), "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &tm.tm_year, &tm.tm_mon,
               &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &end) != 6 ||
        (size_t)end != json_string_length(expires))
        return "an expiry that is no time";
    tm.tm_year -= 1900;
    tm.tm_mon--;
    return timegm(&tm) > time(NULL) ? NULL : "an expiry that is past";
}

static const char *check_partner(const json_t *partner, const char *wanted)
{
    const json_t *id = json_object_get(partner, "id");
    if (!is_text(id))
        return "no partner";
    if (wanted && strcmp(json_string_value(id), wanted) != 0)
        return "another partner than asked for";
    if (wanted && !json_is_true(json_object_get(partner, "isRequested")))
        return "the partner asked for, and it does not say so";
    return NULL;
}

/* Local name of the first element; declarations and comments go before it. */
static bool has_root(const char *xml, const char *name)
{
    while ((xml = strchr(xml, '<')) && (xml[1] == '?' || xml[1] == '!'))
        xml++;
    if (!xml)
        return false;
    const char *end = xml + 1 + strcspn(xml + 1, " \t\r\n/>");
    const char *colon = memchr(xml, ':', (size_t)(end - xml));
    const char *local = colon ? colon + 1 : xml + 1;
    return *end && (size_t)(end - local) == strlen(name) && memcmp(local, name, strlen(name)) == 0;
}

static const char *check_document(const json_t *configuration, const char *root)
{
    const json_t *document = json_object_get(configuration, "document");
    if (!root)
        return NULL;
    if (!is_text(document))
        return "no document";
    return has_root(json_string_value(document), root) ? NULL : "another document than expected";
}

const char *connection_check(struct mcx_span body, const struct migrate_options *options,
                             struct seen *seen, uint64_t user)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)body.octets, body.len, JSON_REJECT_DUPLICATES, &error);
    const char *wrong = json ? NULL : "what came is not JSON";
    if (!wrong && !is_text(json_object_get(json, "bindingId")))
        wrong = "no binding id";
    if (!wrong)
        wrong = check_partner(json_object_get(json, "partner"), options->partner);
    if (!wrong)
        wrong = check_identities(json_object_get(json, "sip"), seen, user);
    if (!wrong)
        wrong = check_expiry(json_object_get(json, "expires"));
    if (!wrong)
        wrong = check_document(json_object_get(json, "ueInitialConfiguration"), options->root);
    json_decref(json);
    return wrong;
}
