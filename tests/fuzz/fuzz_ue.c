/* SPDX-License-Identifier: Apache-2.0 */
/* What a UE may send, from scraps and damaged: request JSON, location XML, access tokens, JWKS
 * files. Whatever comes is understood within the limits of its structure, or refused with a
 * sentence; a damaged token is never taken. Bounded rounds from a fixed seed; MCX_FUZZ_ROUNDS for
 * more. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/ask.h"
#include "http/jwks.h"
#include "http/token.h"
#include "mutate.h"
#include "signer.h"

enum { ROUNDS = 20000, TOKEN_ROUNDS = 4000, SCRAPS = 24, TEXT_MAX = 4096 };

static const char *const json_scraps[] = {
    "{\"mcServiceIds\":{\"mcptt\":\"sip:a@b\"},\"location\":{\"plmn\":\"00101\"}}",
    "{\"mcServiceIds\":{\"mcptt\":\"sip:a@b\"},",
    "\"location\":{\"latitude\":48.1,\"longitude\":11.5}}",
    "\"location\":{\"ecgi\":{\"plmn\":\"310410\",\"eci\":268435455}}}",
    "\"locationInfo\":\"<location-info xmlns='urn:3gpp:ns:mcpttLocationInfo:1.0'/>\"}",
    "\"partner\":\"p\",",
    "\"device\":\"\\ud83d\\ude00\",",
    "\"mcUserId\":\"\\u0000\",",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "null",
    "1e999",
    "-0.0",
    "99999999999999999999",
    "\xff",
    "\xed\xa0\x80",
    " \t\r\n",
    "\"keys\":[{\"kty\":\"RSA\",\"kid\":\"a\",\"n\":\"AQAB\",\"e\":\"AQAB\"}]",
    "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"a\",\"x\":\"AQ\",\"y\":\"AQ\"}]}",
};

static const char *const xml_scraps[] = {
    "<location-info xmlns=\"urn:3gpp:ns:mcpttLocationInfo:1.0\">",
    "<Report ReportType=\"Emergency\">",
    "<CurrentLocation>",
    "<CurrentServingEcgi type=\"Normal\">",
    "<Ecgi>0010100001101000101100111000100001</Ecgi>",
    "</CurrentServingEcgi>",
    "<CurrentCoordinate>",
    "<longitude type=\"Normal\"><threebytes>16777215</threebytes></longitude>",
    "<latitude><threebytes>4483244</threebytes></latitude>",
    "<latitude>-90</latitude>",
    "<PointCoordinate>",
    "</PointCoordinate>",
    "</CurrentCoordinate>",
    "</CurrentLocation>",
    "</Report>",
    "</location-info>",
    "<Request/>",
    "<!DOCTYPE a [<!ENTITY b \"c\">]>",
    "&b;",
    "&#0;",
    "<![CDATA[",
    "]]>",
    "<?xml version=\"1.0\" encoding=\"UTF-16\"?>",
    "<!-- ",
    " -->",
    "\xff\xfe",
    "<a xmlns:a=\"b\"/>",
};

#define COUNT(list) (sizeof(list) / sizeof *(list))

static size_t write_some(char *text, struct chance *chance, const char *const *scraps, size_t count)
{
    uint32_t pieces = chance_below(chance, SCRAPS), ordered = chance_below(chance, 2);
    size_t len = 0;

    for (uint32_t i = 0; i < pieces; i++) {
        const char *scrap = scraps[ordered ? i % count : chance_below(chance, (uint32_t)count)];

        if (ordered && chance_below(chance, 4) == 0)
            continue;
        memcpy(text + len, scrap, strlen(scrap));
        len += strlen(scrap);
    }
    for (uint32_t i = chance_below(chance, 3); len > 0 && i > 0; i--)
        text[chance_below(chance, (uint32_t)len)] = (char)chance_below(chance, 256);
    return len;
}

static int rounds(int usual)
{
    const char *more = getenv("MCX_FUZZ_ROUNDS");

    return more ? atoi(more) : usual;
}

static void check_location(const struct mcx_location *location)
{
    ck_assert(location->has_plmn || location->has_point);
    ck_assert(!location->has_eci || location->has_plmn);
    ck_assert(!location->has_plmn || strlen(location->plmn) == 5 || strlen(location->plmn) == 6);
    ck_assert_uint_lt(location->eci, 1u << 28);
    ck_assert(fabs(location->latitude) <= 90 && fabs(location->longitude) <= 180);
}

/* An exact copy on the heap, so that a sanitizer sees one octet too many. */
static struct mcx_span exact(const char *text, size_t len)
{
    uint8_t *copy = malloc(len ? len : 1);

    ck_assert_ptr_nonnull(copy);
    memcpy(copy, text, len);
    return mcx_span(copy, len);
}

static void drop(struct mcx_span span)
{
    free((void *)(uintptr_t)span.octets);
}

START_TEST(test_requests_from_scraps)
{
    struct chance chance = {20260101};
    char text[TEXT_MAX];
    int understood = 0;

    for (int i = 0; i < rounds(ROUNDS); i++) {
        struct mcx_span body =
            exact(text, write_some(text, &chance, json_scraps, COUNT(json_scraps)));
        struct mcx_migration_ask ask;
        struct mcx_ask_fault fault = {{0}};
        struct mcx_jwks *set = NULL;
        const char *why = NULL;

        if (mcx_ask_read(body, &ask, &fault) == MCX_OK) {
            check_location(&ask.location);
            understood++;
        } else
            ck_assert_msg(fault.detail[0], "round %d: no sentence", i);
        ck_assert_msg(mcx_jwks_load(body, &set, &why) == MCX_OK || why, "round %d", i);
        mcx_jwks_free(&set);
        drop(body);
    }
    ck_assert_int_gt(understood, 0);
}
END_TEST

START_TEST(test_locations_from_scraps)
{
    struct chance chance = {20260102};
    char text[TEXT_MAX];
    int understood = 0;

    for (int i = 0; i < rounds(ROUNDS); i++) {
        struct mcx_span xml = exact(text, write_some(text, &chance, xml_scraps, COUNT(xml_scraps)));
        struct mcx_location location;
        struct mcx_ask_fault fault = {{0}};

        if (mcx_location_xml(xml, &location, &fault) == MCX_OK) {
            check_location(&location);
            understood++;
        } else
            ck_assert_msg(fault.detail[0], "round %d: no sentence", i);
        drop(xml);
    }
    ck_assert_int_gt(understood, 0);
}
END_TEST

START_TEST(test_damaged_tokens_are_refused)
{
    struct chance chance = {20260103};
    struct mcx_conf_problem problem;
    struct mcx_tokens *tokens;
    char *token = signer_token(NULL);
    size_t len = strlen(token);

    ck_assert_int_eq(mcx_tokens_open(signer_conf(), &tokens, &problem), MCX_OK);
    for (int i = 0; i < rounds(TOKEN_ROUNDS); i++) {
        struct mcx_span damaged = exact(token, len - (i % 3 == 0 ? chance_below(&chance, 9) : 0));
        uint8_t *octets = (uint8_t *)(uintptr_t)damaged.octets;
        struct mcx_token out;

        for (uint32_t n = 1 + chance_below(&chance, 3); n > 0; n--) {
            uint32_t at = chance_below(&chance, (uint32_t)damaged.len);

            octets[at] = (uint8_t)(chance_below(&chance, 4) ? 'A' + chance_below(&chance, 26)
                                                            : chance_below(&chance, 256));
        }
        ck_assert_msg(mcx_token_check(tokens, damaged, &out) != MCX_TOKEN_OK ||
                          mcx_span_equal(damaged, mcx_span(token, len)),
                      "round %d: %.*s", i, (int)damaged.len, (const char *)damaged.octets);
        drop(damaged);
    }
    mcx_tokens_close(&tokens);
    free(token);
}
END_TEST

int main(void)
{
    TCase *scraps = tcase_create("scraps"), *signed_ones = tcase_create("tokens");
    Suite *suite = suite_create("fuzz");
    SRunner *runner;
    int failed;

    tcase_set_timeout(scraps, 500);
    tcase_set_timeout(signed_ones, 500);
    tcase_add_test(scraps, test_requests_from_scraps);
    tcase_add_test(scraps, test_locations_from_scraps);
    tcase_add_checked_fixture(signed_ones, signer_set_up, signer_tear_down);
    tcase_add_test(signed_ones, test_damaged_tokens_are_refused);
    suite_add_tcase(suite, scraps);
    suite_add_tcase(suite, signed_ones);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
