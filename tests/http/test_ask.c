/* SPDX-License-Identifier: Apache-2.0 */
/* http/ask and the two forms of a location: what is understood, and what is refused with a sentence
 * that helps. */
#include <math.h>
#include <stdio.h>

#include "http/ask.h"
#include "unit.h"

#define IDS "\"mcServiceIds\":{\"mcptt\":\"sip:alice@x\"}"
#define HEAD                                                                                       \
    "<location-info xmlns=\"urn:3gpp:ns:mcpttLocationInfo:1.0\"><Report "                          \
    "ReportType=\"NonEmergency\">"
#define TAIL "</Report></location-info>"
#define CELL                                                                                       \
    "<CurrentServingEcgi type=\"Normal\"><Ecgi>0010100001101000101100111000100001</Ecgi>"          \
    "</CurrentServingEcgi>"

static struct mcx_migration_ask read_ask(const char *body)
{
    struct mcx_migration_ask ask;
    struct mcx_ask_fault fault = {{0}};

    ck_assert_msg(mcx_ask_read(mcx_span_of(body), &ask, &fault) == MCX_OK, "%s: %s", body,
                  fault.detail);
    return ask;
}

static void refuse_ask(const char *body, const char *holds)
{
    struct mcx_migration_ask ask;
    struct mcx_ask_fault fault = {{0}};

    ck_assert_msg(mcx_ask_read(mcx_span_of(body), &ask, &fault) == MCX_INVALID, "%s", body);
    ck_assert_msg(strstr(fault.detail, holds), "%s: %s", body, fault.detail);
}

static struct mcx_location read_xml(const char *xml)
{
    struct mcx_location location;
    struct mcx_ask_fault fault = {{0}};

    ck_assert_msg(mcx_location_xml(mcx_span_of(xml), &location, &fault) == MCX_OK, "%s: %s", xml,
                  fault.detail);
    return location;
}

static void refuse_xml(const char *xml, const char *holds)
{
    struct mcx_location location;
    struct mcx_ask_fault fault = {{0}};

    ck_assert_msg(mcx_location_xml(mcx_span_of(xml), &location, &fault) == MCX_INVALID, "%s", xml);
    ck_assert_msg(strstr(fault.detail, holds), "%s: %s", xml, fault.detail);
}

START_TEST(test_whole_request)
{
    struct mcx_migration_ask ask = read_ask(
        "{" IDS ",\"mcUserId\":\"sip:u@x\",\"partner\":\"p\",\"device\":\"h\",\"location\":"
        "{\"plmn\":\"00101\",\"ecgi\":{\"plmn\":\"00101\",\"eci\":27447297},\"latitude\":48.1,"
        "\"longitude\":-11}}");

    ck_assert(ask.services.has[MCX_SERVICE_MCPTT] && !ask.services.has[MCX_SERVICE_MCDATA]);
    ck_assert_str_eq(ask.services.id[MCX_SERVICE_MCPTT].octets, "sip:alice@x");
    ck_assert_str_eq(ask.mc_user_id.octets, "sip:u@x");
    ck_assert_str_eq(ask.partner.octets, "p");
    ck_assert_str_eq(ask.device.octets, "h");
    ck_assert(ask.has_location && ask.location.has_plmn && ask.location.has_eci &&
              ask.location.has_point && !ask.location.is_mnc_3);
    ck_assert_str_eq(ask.location.plmn, "00101");
    ck_assert_uint_eq(ask.location.eci, 27447297);
    ck_assert(ask.location.latitude == 48.1 && ask.location.longitude == -11);
}
END_TEST

START_TEST(test_cell_alone_says_the_plmn_too)
{
    struct mcx_migration_ask ask =
        read_ask("{" IDS ",\"location\":{\"ecgi\":{\"plmn\":\"310410\",\"eci\":0}}}");

    ck_assert(ask.location.has_plmn && ask.location.has_eci && !ask.location.has_point);
    ck_assert_str_eq(ask.location.plmn, "310410");
}
END_TEST

START_TEST(test_bad_requests)
{
    static const char *const rows[][2] = {
        {"", "JSON"},
        {"[]", "JSON"},
        {"{} {}", "JSON"},
        {"{\"a\":1,\"a\":1}", "JSON"},
        {"{\"a\":\"\\u0000\"}", "JSON"},
        {"{\"a\":\"\xff\"}", "JSON"},
        {"{\"a\":[[[[[1]]]]]}", "JSON"},
        {"{}", "mcServiceIds"},
        {"{\"mcServiceIds\":{}}", "mcServiceIds"},
        {"{\"mcServiceIds\":{\"mcx\":\"a\"}}", "mcServiceIds"},
        {"{\"mcServiceIds\":{\"mcptt\":7}}", "mcServiceIds.mcptt"},
        {"{\"mcServiceIds\":{\"mcptt\":\"\"}}", "mcServiceIds.mcptt"},
        {"{" IDS "}", "location is required"},
        {"{" IDS ",\"location\":{\"plmn\":\"00101\"},\"locationInfo\":\"\"}", "either"},
        {"{" IDS ",\"locationinfo\":\"\"}", "locationinfo is not known"},
        {"{" IDS ",\"location\":{}}", "location must be"},
        {"{" IDS ",\"location\":7}", "location must be"},
        {"{" IDS ",\"location\":{\"plmn\":\"00101\",\"x\":1}}", "location must be"},
        {"{" IDS ",\"location\":{\"plmn\":101}}", "plmn"},
        {"{" IDS ",\"location\":{\"plmn\":\"0010a\"}}", "plmn"},
        {"{" IDS ",\"location\":{\"plmn\":\"0010101\"}}", "plmn"},
        {"{" IDS ",\"location\":{\"ecgi\":{\"plmn\":\"00101\",\"eci\":268435456}}}", "ecgi"},
        {"{" IDS ",\"location\":{\"ecgi\":{\"plmn\":\"00101\",\"eci\":-1}}}", "ecgi"},
        {"{" IDS ",\"location\":{\"ecgi\":{\"plmn\":\"00101\",\"eci\":1.5}}}", "ecgi"},
        {"{" IDS ",\"location\":{\"ecgi\":{\"eci\":1}}}", "ecgi"},
        {"{" IDS ",\"location\":{\"plmn\":\"00102\",\"ecgi\":{\"plmn\":\"00101\",\"eci\":1}}}",
         "differ"},
        {"{" IDS ",\"location\":{\"latitude\":1}}", "longitude"},
        {"{" IDS ",\"location\":{\"latitude\":90.1,\"longitude\":0}}", "latitude"},
        {"{" IDS ",\"location\":{\"latitude\":0,\"longitude\":\"0\"}}", "longitude"},
        {"{" IDS ",\"locationInfo\":7}", "locationInfo"},
        {"{" IDS ",\"locationInfo\":\"<a/>\"}", "location-info"},
        {"{" IDS ",\"location\":{\"plmn\":\"00101\"},\"partner\":7}", "partner"},
        {"{" IDS ",\"location\":{\"plmn\":\"00101\"},\"device\":\"\"}", "device"},
        {"{" IDS ",\"location\":{\"plmn\":\"00101\"},\"mcUserId\":[]}", "mcUserId"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refuse_ask(rows[i][0], rows[i][1]);
}
END_TEST

START_TEST(test_serving_cell_of_a_report)
{
    struct mcx_location location =
        read_xml("<?xml version=\"1.0\"?>" HEAD "<TriggerId>1</TriggerId><CurrentLocation>" CELL
                 "<NeighbouringEcgi type=\"Encrypted\"><Ecgi>x</Ecgi></NeighbouringEcgi>"
                 "<CurrentServingNcgi><anyExt><Ncgi>x</Ncgi></anyExt></CurrentServingNcgi>"
                 "</CurrentLocation>" TAIL);

    ck_assert(location.has_plmn && location.is_mnc_3 && location.has_eci && !location.has_point);
    ck_assert_str_eq(location.plmn, "001010");
    ck_assert_uint_eq(location.eci, 0x1a2ce21);
}
END_TEST

START_TEST(test_three_octet_coordinates)
{
    static const struct {
        const char *latitude, *longitude;
        double north, east;
    } rows[] = {
        {"0", "0", 0, 0},
        {"4483244", "524288", 48.1, 11.25},
        {"8388608", "16777215", 0, 0},          /* just south, just west */
        {"12871852", "15728640", -48.1, -22.5}, /* sign bit; two's complement */
        {"8388607", "8388607", 90, 180},
        {"16777215", "8388608", -90, -180},
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char xml[512];
        struct mcx_location location;

        snprintf(xml, sizeof xml,
                 HEAD "<CurrentLocation><CurrentCoordinate><longitude type=\"Normal\"><threebytes>"
                      "%s</threebytes></longitude>\n<latitude type=\"Normal\"> <threebytes> %s "
                      "</threebytes> </latitude></CurrentCoordinate></CurrentLocation>" TAIL,
                 rows[i].longitude, rows[i].latitude);
        location = read_xml(xml);
        ck_assert(location.has_point && !location.has_plmn);
        ck_assert_msg(fabs(location.latitude - rows[i].north) < 0.00003 &&
                          fabs(location.longitude - rows[i].east) < 0.00003 &&
                          fabs(location.latitude) <= 90 && fabs(location.longitude) <= 180,
                      "%s: %f %f", xml, location.latitude, location.longitude);
    }
}
END_TEST

START_TEST(test_decimal_degrees)
{
    struct mcx_location location =
        read_xml(HEAD "<CurrentLocation><CurrentCoordinate><PointCoordinate><longitude>-11.5"
                      "</longitude><latitude>48.25</latitude></PointCoordinate>"
                      "</CurrentCoordinate></CurrentLocation>" TAIL);

    ck_assert(location.latitude == 48.25 && location.longitude == -11.5);
    location = read_xml(HEAD "<CurrentLocation><CurrentCoordinate><longitude><threebytes>11.5"
                             "</threebytes></longitude><latitude><threebytes>-48.25</threebytes>"
                             "</latitude></CurrentCoordinate></CurrentLocation>" TAIL);
    ck_assert(location.latitude == -48.25 && location.longitude == 11.5);
}
END_TEST

#define AT(inside) HEAD "<CurrentLocation>" inside "</CurrentLocation>" TAIL

START_TEST(test_bad_xml)
{
    static const char *const rows[][2] = {
        {"", "well-formed"},
        {"no", "well-formed"},
        {HEAD, "well-formed"},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", "document type"},
        {"<!DOCTYPE location-info SYSTEM \"file:///etc/passwd\">" AT(CELL), "document type"},
        {"<location-info/>", "location-info of"},
        {"<location-info xmlns=\"urn:other\"/>", "location-info of"},
        {"<location-info xmlns=\"urn:3gpp:ns:mcpttLocationInfo:1.0\"><Request/></location-info>",
         "Report"},
        {AT(""), "neither"},
        {AT("&b;"), "well-formed"},
        {AT(CELL CELL), "once"},
        {AT("<CurrentServingEcgi type=\"Encrypted\"><Ecgi>1</Ecgi></CurrentServingEcgi>"),
         "encrypted"},
        {AT("<CurrentServingEcgi><Ecgi>001010</Ecgi></CurrentServingEcgi>"), "Ecgi"},
        {AT("<CurrentServingEcgi><Ecgi>0010100001101000101100111000100002</Ecgi>"
            "</CurrentServingEcgi>"),
         "Ecgi"},
        {AT("<CurrentCoordinate><latitude>1</latitude></CurrentCoordinate>"), "both"},
        {AT("<CurrentCoordinate><latitude>91</latitude></CurrentCoordinate>"), "latitude"},
        {AT("<CurrentCoordinate><latitude>nan</latitude></CurrentCoordinate>"), "latitude"},
        {AT("<CurrentCoordinate><latitude>1e1</latitude></CurrentCoordinate>"), "latitude"},
        {AT("<CurrentCoordinate><latitude></latitude></CurrentCoordinate>"), "latitude"},
        {AT("<CurrentCoordinate><latitude><threebytes>16777216</threebytes></latitude>"
            "</CurrentCoordinate>"),
         "latitude"},
        {AT("<CurrentServingEcgi><Ecgi>"
            "0000000000000000000000000000000000000000000000000000000000000000000000000"
            "</Ecgi></CurrentServingEcgi>"),
         "too long"},
        {AT("<a><a><a><a><a><a><a><a><a><a><a><a><a><a></a></a></a></a></a></a></a></a></a></a>"
            "</a></a></a></a>"),
         "deeply"},
        {"\xff\xfe<", "well-formed"},
    };
    char *huge = malloc(40000);

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        refuse_xml(rows[i][0], rows[i][1]);
    memset(huge, ' ', 39999);
    huge[39999] = '\0';
    refuse_xml(huge, "longer");
    free(huge);
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("ask");

    tcase_add_test(tests, test_whole_request);
    tcase_add_test(tests, test_cell_alone_says_the_plmn_too);
    tcase_add_test(tests, test_bad_requests);
    tcase_add_test(tests, test_serving_cell_of_a_report);
    tcase_add_test(tests, test_three_octet_coordinates);
    tcase_add_test(tests, test_decimal_degrees);
    tcase_add_test(tests, test_bad_xml);
    return unit_run(tests);
}
