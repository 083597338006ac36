/* SPDX-License-Identifier: Apache-2.0 */
/* A report for people, printed from the same JSON that --json prints. */
#include <stdio.h>
#include <string.h>

#include "report.h"

static const char *text(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));
    return value ? value : "";
}

static bool truth(const json_t *json, const char *key)
{
    return json_is_true(json_object_get(json, key));
}

static long number(const json_t *json, const char *key)
{
    return (long)json_integer_value(json_object_get(json, key));
}

static void show_cea(const json_t *cea)
{
    if (!number(cea, "result"))
        return;
    printf("CEA   %ld %s from %s (%s), %s%s\n", number(cea, "result"), text(cea, "name"),
           text(cea, "origin_host"), text(cea, "product"), truth(cea, "tls") ? "TLS" : "no TLS",
           *text(cea, "error_message") ? ":" : "");
    if (*text(cea, "error_message"))
        printf("      %s\n", text(cea, "error_message"));
}

static void show_vector(const json_t *vector)
{
    const char *check = text(vector, "check");
    printf("      vector %ld: %s", number(vector, "item_number"), check);
    if (json_object_get(vector, "seq"))
        printf(", SEQ %ld IND %ld", number(vector, "seq"), number(vector, "ind"));
    if (strcmp(check, "ok") == 0)
        printf(": MAC right, SQN fresh, RES = XRES, CK and IK agree");
    if (strcmp(check, "wrong") == 0)
        printf(": RES %s XRES, CK %s, IK %s, AMF %s", truth(vector, "res_matches") ? "=" : "is not",
               truth(vector, "ck_matches") ? "agrees" : "differs",
               truth(vector, "ik_matches") ? "agrees" : "differs",
               truth(vector, "amf_ok") ? "as expected" : "differs");
    printf("\n");
}

static void show_failed(const json_t *failed)
{
    size_t i;
    json_t *entry;
    json_array_foreach(failed, i, entry)
        printf("      Failed-AVP  %s (%ld, vendor %ld) %ld octets %s\n", text(entry, "path"),
               number(entry, "code"), number(entry, "vendor"), number(entry, "length"),
               text(entry, "hex"));
}

static void show_line(const json_t *answer, const char *key, const char *label)
{
    const char *value = text(answer, key);
    if (*value)
        printf("      %-17s %s\n", label, value);
}

static void show_answer(const json_t *answer)
{
    size_t i;
    json_t *entry;
    printf("%-5s %s%ld %s%s from %s in %.1f ms\n", text(answer, "name"),
           truth(answer, "experimental") ? "Experimental " : "", number(answer, "result"),
           text(answer, "result_name"), truth(answer, "e_bit") ? " (E)" : "",
           text(answer, "origin_host"), json_real_value(json_object_get(answer, "elapsed_ms")));
    show_line(answer, "user_name", "User-Name");
    show_line(answer, "public_identity", "Public-Identity");
    show_line(answer, "error_message", "Error-Message");
    show_line(answer, "fault", "broken:");
    if (!truth(answer, "session_id_matches"))
        printf("      Session-Id is not the one asked with\n");
    show_failed(json_object_get(answer, "failed_avp"));
    json_array_foreach(json_object_get(answer, "redirect_hosts"), i, entry)
        printf("      Redirect-Host     %s\n", json_string_value(entry));
    json_array_foreach(json_object_get(answer, "vectors"), i, entry) show_vector(entry);
}

static void show_request(const json_t *request)
{
    printf("%-5s %s %s to %s %s\n", text(request, "name"), text(request, "user_name"),
           text(request, "public_identity"), text(request, "destination_realm"),
           text(request, "destination_host"));
}

void report_print(const json_t *report, bool as_json)
{
    size_t i;
    json_t *entry;
    if (as_json) {
        json_dumpf(report, stdout, JSON_COMPACT);
        printf("\n");
        fflush(stdout);
        return;
    }
    show_cea(json_object_get(report, "cea"));
    json_array_foreach(json_object_get(report, "exchanges"), i, entry)
    {
        show_request(json_object_get(entry, "request"));
        if (json_object_get(entry, "answer"))
            show_answer(json_object_get(entry, "answer"));
    }
    json_array_foreach(json_object_get(report, "notes"), i, entry)
        printf("%s\n", json_string_value(entry));
    if (*text(report, "error"))
        printf("error %s\n", text(report, "error"));
    fflush(stdout);
}
