/* SPDX-License-Identifier: Apache-2.0 */
/* The location of a UE as JSON. Pure; any thread. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "http/location.h"

enum { ECI_MAX = (1 << 28) - 1 }; /* TS 23.003 19.6 */

enum mcx_err mcx_ask_refuse(struct mcx_ask_fault *fault, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(fault->detail, sizeof fault->detail, format, args);
    va_end(args);
    return MCX_INVALID;
}

static enum mcx_err read_plmn(const json_t *value, char out[7], struct mcx_ask_fault *fault)
{
    const char *text = json_string_value(value);
    size_t len = text ? strlen(text) : 0;

    if ((len != 5 && len != 6) || strspn(text, "0123456789") != len)
        return mcx_ask_refuse(fault, "plmn must be a text of 5 or 6 digits: MCC and MNC.");
    memcpy(out, text, len + 1);
    return MCX_OK;
}

static enum mcx_err read_ecgi(const json_t *ecgi, struct mcx_location *out,
                              struct mcx_ask_fault *fault)
{
    const json_t *eci = json_object_get(ecgi, "eci");
    char plmn[7];

    if (!json_is_object(ecgi) || json_object_size(ecgi) != 2 || !json_is_integer(eci) ||
        json_integer_value(eci) < 0 || json_integer_value(eci) > ECI_MAX)
        return mcx_ask_refuse(fault, "location.ecgi must be an object of plmn, a text of digits, "
                                     "and eci, a whole number from 0 to 268435455.");
    if (read_plmn(json_object_get(ecgi, "plmn"), plmn, fault) != MCX_OK)
        return MCX_INVALID;
    if (out->has_plmn && strcmp(out->plmn, plmn) != 0)
        return mcx_ask_refuse(fault, "location.plmn and location.ecgi.plmn differ: send the PLMN "
                                     "of the serving cell, or the cell alone.");
    memcpy(out->plmn, plmn, sizeof plmn);
    out->has_plmn = out->has_eci = true;
    out->eci = (uint32_t)json_integer_value(eci);
    return MCX_OK;
}

static enum mcx_err read_point(const json_t *latitude, const json_t *longitude,
                               struct mcx_location *out, struct mcx_ask_fault *fault)
{
    double north = json_number_value(latitude), east = json_number_value(longitude);

    if (!json_is_number(latitude) || !json_is_number(longitude) || !(north >= -90 && north <= 90) ||
        !(east >= -180 && east <= 180))
        return mcx_ask_refuse(fault, "location needs both latitude, a number from -90 to 90, and "
                                     "longitude, from -180 to 180.");
    out->has_point = true;
    out->latitude = north;
    out->longitude = east;
    return MCX_OK;
}

enum mcx_err mcx_location_json(const json_t *location, struct mcx_location *out,
                               struct mcx_ask_fault *fault)
{
    const json_t *plmn = json_object_get(location, "plmn");
    const json_t *ecgi = json_object_get(location, "ecgi");
    const json_t *latitude = json_object_get(location, "latitude");
    const json_t *longitude = json_object_get(location, "longitude");
    size_t known = (plmn != NULL) + (ecgi != NULL) + (latitude != NULL) + (longitude != NULL);
    struct mcx_location found = {0};
    enum mcx_err err = MCX_OK;

    if (!json_is_object(location) || known == 0 || known != json_object_size(location))
        return mcx_ask_refuse(fault, "location must be an object of plmn, ecgi, or latitude and "
                                     "longitude, and nothing else.");
    if (plmn) {
        err = read_plmn(plmn, found.plmn, fault);
        found.has_plmn = true;
    }
    if (err == MCX_OK && ecgi)
        err = read_ecgi(ecgi, &found, fault);
    if (err == MCX_OK && (latitude || longitude))
        err = read_point(latitude, longitude, &found, fault);
    if (err == MCX_OK)
        *out = found;
    return err;
}
