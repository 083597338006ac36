/* SPDX-License-Identifier: Apache-2.0 */
/* JSON of a migration request to plain values. Pure; any thread. */
#include "http/ask.h"

#include <string.h>

#include "base/log.h"

enum { DEPTH_MAX = 4 };

static enum mcx_err check_members(const json_t *object, struct mcx_ask_fault *fault)
{
    static const char *const known[] = {"mcServiceIds", "mcUserId", "location",
                                        "locationInfo", "partner",  "device"};
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)object, name, value)
    {
        bool is_known = false;

        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            is_known |= strcmp(known[i], name) == 0;
        if (!is_known)
            return mcx_ask_refuse(fault, "The member %s is not known.",
                                  MCX_SAFE(mcx_span_of(name)));
    }
    return MCX_OK;
}

static enum mcx_err read_services(const json_t *ids, struct mcx_service_ids *out,
                                  struct mcx_ask_fault *fault)
{
    const char *name;
    json_t *value;

    if (!json_is_object(ids) || json_object_size(ids) == 0)
        return mcx_ask_refuse(fault, "mcServiceIds is required: an object with at least one MC "
                                     "service id, as {\"mcptt\": \"sip:...\"}.");
    json_object_foreach((json_t *)(uintptr_t)ids, name, value)
    {
        enum mcx_service service = mcx_service_named(mcx_span_of(name));

        if (service == MCX_SERVICES)
            return mcx_ask_refuse(fault, "mcServiceIds knows mcptt, mcvideo and mcdata only.");
        if (mcx_json_str(ids, name, &out->id[service]) != MCX_OK)
            return mcx_ask_refuse(fault, "mcServiceIds.%s must be a text of 1 to 255 octets.",
                                  mcx_service_rows[service].name);
        out->has[service] = true;
    }
    return MCX_OK;
}

static enum mcx_err read_optional(const json_t *object, const char *name, struct mcx_str *out,
                                  struct mcx_ask_fault *fault)
{
    if (mcx_json_str(object, name, out) == MCX_INVALID)
        return mcx_ask_refuse(fault, "%s must be a text of 1 to 255 octets, or left out.", name);
    return MCX_OK;
}

static enum mcx_err read_location(const json_t *object, struct mcx_migration_ask *out,
                                  struct mcx_ask_fault *fault)
{
    const json_t *plain = json_object_get(object, "location");
    const json_t *info = json_object_get(object, "locationInfo");

    if ((plain != NULL) == (info != NULL))
        return mcx_ask_refuse(fault, "The location is required: either location or locationInfo.");
    out->has_location = true;
    if (plain)
        return mcx_location_json(plain, &out->location, fault);
    if (!json_is_string(info))
        return mcx_ask_refuse(fault, "locationInfo must be a text: the XML of TS 24.379 F.3.");
    return mcx_location_xml(mcx_span(json_string_value(info), json_string_length(info)),
                            &out->location, fault);
}

static enum mcx_err read_object(const json_t *object, struct mcx_migration_ask *out,
                                struct mcx_ask_fault *fault)
{
    enum mcx_err err = check_members(object, fault);

    if (err == MCX_OK)
        err = read_services(json_object_get(object, "mcServiceIds"), &out->services, fault);
    if (err == MCX_OK)
        err = read_optional(object, "mcUserId", &out->mc_user_id, fault);
    if (err == MCX_OK)
        err = read_optional(object, "partner", &out->partner, fault);
    if (err == MCX_OK)
        err = read_optional(object, "device", &out->device, fault);
    if (err == MCX_OK)
        err = read_location(object, out, fault);
    return err;
}

enum mcx_err mcx_ask_read(struct mcx_span body, struct mcx_migration_ask *out,
                          struct mcx_ask_fault *fault)
{
    __attribute__((cleanup(mcx_json_drop))) json_t *object = mcx_json_load(body, DEPTH_MAX);
    struct mcx_migration_ask read = {0};
    enum mcx_err err;

    if (!json_is_object(object))
        return mcx_ask_refuse(fault, "The body is not one JSON object in which each member stands "
                                     "once.");
    err = read_object(object, &read, fault);
    if (err == MCX_OK)
        *out = read;
    return err;
}
