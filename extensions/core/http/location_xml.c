/* SPDX-License-Identifier: Apache-2.0 */
/* The location of a UE as mcptt-location-info (TS 24.379 F.3), by expat: one pass, a small table of
 * elements, no document type and so no entities. Pure; any thread. */
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "http/location.h"

enum { XML_MAX = 32768, DEPTH_MAX = 16, ELEMENTS_MAX = 512, TEXT_MAX = 64 };

#define NAMESPACE "urn:3gpp:ns:mcpttLocationInfo:1.0"
#define SEPARATOR "|"

enum place {
    OUTSIDE,
    ROOT,
    REPORT,
    CURRENT,
    SERVING,
    ECGI,
    COORDINATE,
    LATITUDE,
    LATITUDE_CODED,
    LONGITUDE,
    LONGITUDE_CODED,
    ELSEWHERE /* of no interest, with all below it */
};

static const struct {
    enum place in, is;
    const char *name;
} elements[] = {
    {OUTSIDE, ROOT, "location-info"},
    {ROOT, REPORT, "Report"},
    {REPORT, CURRENT, "CurrentLocation"},
    {CURRENT, SERVING, "CurrentServingEcgi"},
    {SERVING, ECGI, "Ecgi"},
    {CURRENT, COORDINATE, "CurrentCoordinate"},
    {COORDINATE, COORDINATE, "PointCoordinate"},
    {COORDINATE, LATITUDE, "latitude"},
    {COORDINATE, LONGITUDE, "longitude"},
    {LATITUDE, LATITUDE_CODED, "threebytes"},
    {LONGITUDE, LONGITUDE_CODED, "threebytes"},
};

struct reading {
    XML_Parser parser;
    struct mcx_ask_fault *fault;
    bool is_refused;
    enum place stack[DEPTH_MAX]; /* stack[0]: outside */
    size_t depth, element_count;
    char text[TEXT_MAX + 1];
    size_t text_len;
    bool has_report, has_latitude, has_longitude;
    struct mcx_location found;
};

static void refuse(struct reading *reading, const char *detail)
{
    if (reading->is_refused)
        return;
    reading->is_refused = true;
    (void)!mcx_ask_refuse(reading->fault, "%s", detail);
    (void)XML_StopParser(reading->parser, XML_FALSE);
}

static bool is_value_place(enum place place)
{
    return place == ECGI || place == LATITUDE || place == LONGITUDE || place == LATITUDE_CODED ||
           place == LONGITUDE_CODED;
}

static enum place place_of(enum place parent, const char *name)
{
    const char *local = strchr(name, SEPARATOR[0]);

    if (!local || (size_t)(local - name) != strlen(NAMESPACE) ||
        memcmp(name, NAMESPACE, strlen(NAMESPACE)) != 0)
        return ELSEWHERE;
    for (size_t i = 0; i < sizeof elements / sizeof *elements; i++)
        if (elements[i].in == parent && strcmp(elements[i].name, local + 1) == 0)
            return elements[i].is;
    return ELSEWHERE;
}

/* @type of the location elements: Normal or Encrypted (TS 24.379 F.3). */
static bool is_encrypted(const char **attributes)
{
    for (size_t i = 0; attributes[i]; i += 2)
        if (strcmp(attributes[i], "type") == 0 && strcmp(attributes[i + 1], "Normal") != 0)
            return true;
    return false;
}

static void on_start(void *arg, const char *name, const char **attributes)
{
    struct reading *reading = arg;
    enum place parent = reading->stack[reading->depth], place = place_of(parent, name);

    if (parent == OUTSIDE && place != ROOT) {
        refuse(reading, "locationInfo must be a location-info of " NAMESPACE ".");
        return;
    }
    if (reading->depth + 1 == DEPTH_MAX || ++reading->element_count > ELEMENTS_MAX) {
        refuse(reading, "locationInfo is nested too deeply or has too many elements.");
        return;
    }
    if (place == REPORT)
        reading->has_report = true;
    if (place != ELSEWHERE && place >= SERVING && is_encrypted(attributes)) {
        refuse(reading, "locationInfo is encrypted, which this server cannot read: send it with "
                        "type Normal; the connection is protected by TLS.");
        return;
    }
    if (is_value_place(place))
        reading->text_len = 0;
    reading->stack[++reading->depth] = place;
}

static void on_text(void *arg, const char *text, int len)
{
    struct reading *reading = arg;

    if (!is_value_place(reading->stack[reading->depth]))
        return;
    if (reading->text_len + (size_t)len > TEXT_MAX) {
        refuse(reading, "locationInfo has a value that is too long.");
        return;
    }
    memcpy(reading->text + reading->text_len, text, (size_t)len);
    reading->text_len += (size_t)len;
}

/* Without the white space around it. */
static const char *value_of(struct reading *reading)
{
    const char *at = reading->text;

    while (reading->text_len > 0 && strchr(" \t\r\n", reading->text[reading->text_len - 1]))
        reading->text_len--;
    reading->text[reading->text_len] = '\0';
    return at + strspn(at, " \t\r\n");
}

/* MCC and MNC of 3 digits each, then the cell in 28 binary digits. */
static void take_ecgi(struct reading *reading)
{
    enum { PLMN_DIGITS = 6, ECI_BITS = 28 };
    const char *text = value_of(reading);
    struct mcx_location *found = &reading->found;

    if (strlen(text) != PLMN_DIGITS + ECI_BITS || strspn(text, "0123456789") < PLMN_DIGITS ||
        strspn(text + PLMN_DIGITS, "01") != ECI_BITS || found->has_eci) {
        refuse(reading, "Ecgi of locationInfo must be 3 digits of MCC, 3 of MNC and 28 binary "
                        "digits, once.");
        return;
    }
    memcpy(found->plmn, text, PLMN_DIGITS);
    found->has_plmn = found->has_eci = found->is_mnc_3 = true;
    for (int i = 0; i < ECI_BITS; i++)
        found->eci = found->eci << 1 | (text[PLMN_DIGITS + i] == '1');
}

/* false: no number within +-limit. */
static bool read_degrees(const char *text, double limit, double *out)
{
    char *end;

    if (*text == '\0' || strspn(text, "+-.0123456789") != strlen(text))
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out) && *out >= -limit && *out <= limit;
}

/* TS 23.032 6.1: the middle of the interval that the code stands for. */
static double degrees_of(long code, bool is_latitude)
{
    const double steps = 8388608; /* 2^23 */
    long magnitude = code & 0x7fffff;

    if (is_latitude)
        return (code & 0x800000 ? -1 : 1) * ((double)magnitude + 0.5) * 90 / steps;
    return ((double)(code & 0x800000 ? magnitude - 0x800000 : magnitude) + 0.5) * 180 / steps;
}

static void take_coordinate(struct reading *reading, bool is_latitude, bool is_coded)
{
    const char *text = value_of(reading);
    double *out = is_latitude ? &reading->found.latitude : &reading->found.longitude;
    bool *has = is_latitude ? &reading->has_latitude : &reading->has_longitude;
    bool is_number;

    if (is_coded && *text && strspn(text, "0123456789") == strlen(text) && strlen(text) <= 8) {
        long code = strtol(text, NULL, 10);

        is_number = code <= 0xffffff;
        *out = degrees_of(code, is_latitude);
    } else
        is_number = read_degrees(text, is_latitude ? 90 : 180, out);
    if (!is_number || *has) {
        refuse(reading, "CurrentCoordinate of locationInfo must have latitude and longitude, each "
                        "once, as threebytes (TS 23.032 6.1) or as decimal degrees.");
        return;
    }
    *has = true;
}

static void on_end(void *arg, const char *name)
{
    struct reading *reading = arg;
    enum place place = reading->stack[reading->depth];

    if (reading->is_refused)
        return;
    reading->depth--;
    if (place == ECGI)
        take_ecgi(reading);
    else if (place == LATITUDE_CODED || place == LONGITUDE_CODED) {
        take_coordinate(reading, place == LATITUDE_CODED, true);
        reading->stack[reading->depth] = ELSEWHERE; /* white space after it is no value */
    } else if (place == LATITUDE || place == LONGITUDE)
        take_coordinate(reading, place == LATITUDE, false);
}

static void on_doctype(void *arg, const char *name, const char *system_id, const char *public_id,
                       int has_subset)
{
    refuse(arg, "locationInfo must not have a document type.");
}

static enum mcx_err conclude(struct reading *reading, struct mcx_location *out)
{
    struct mcx_location *found = &reading->found;

    if (!reading->has_report)
        return mcx_ask_refuse(reading->fault, "locationInfo must be a Report.");
    if (reading->has_latitude != reading->has_longitude)
        return mcx_ask_refuse(reading->fault, "CurrentCoordinate of locationInfo must have both "
                                              "latitude and longitude.");
    found->has_point = reading->has_latitude;
    if (!found->has_point && !found->has_plmn)
        return mcx_ask_refuse(reading->fault, "locationInfo says neither a serving cell "
                                              "(CurrentServingEcgi) nor a CurrentCoordinate.");
    *out = *found;
    return MCX_OK;
}

enum mcx_err mcx_location_xml(struct mcx_span xml, struct mcx_location *out,
                              struct mcx_ask_fault *fault)
{
    struct reading reading = {.fault = fault};
    enum mcx_err err = MCX_INVALID;

    if (xml.len > XML_MAX)
        return mcx_ask_refuse(fault, "locationInfo is longer than %d octets.", XML_MAX);
    reading.parser = XML_ParserCreateNS("UTF-8", SEPARATOR[0]);
    if (!reading.parser)
        return MCX_NO_MEMORY;
    XML_SetUserData(reading.parser, &reading);
    XML_SetElementHandler(reading.parser, on_start, on_end);
    XML_SetCharacterDataHandler(reading.parser, on_text);
    XML_SetStartDoctypeDeclHandler(reading.parser, on_doctype);
    if (XML_Parse(reading.parser, (const char *)xml.octets, (int)xml.len, XML_TRUE) ==
        XML_STATUS_OK)
        err = conclude(&reading, out);
    else if (!reading.is_refused)
        err = mcx_ask_refuse(fault, "locationInfo is not well-formed XML, line %lu: %s.",
                             (unsigned long)XML_GetCurrentLineNumber(reading.parser),
                             XML_ErrorString(XML_GetErrorCode(reading.parser)));
    XML_ParserFree(reading.parser);
    return err;
}
