/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl explain-migration: what CR 10.1.X.1 steps 2 and 3 would decide now, and why; changes
 * nothing. */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "http/location.h"
#include "options.h"
#include "store/choice.h"

enum { LOCATION_MAX = 32768 };

static const char *const verdicts[] = {
    [MCX_MIGRATE] = "migrate",
    [MCX_MIGRATE_NO_USER] = "no_user",
    [MCX_MIGRATE_NOT_AUTHORIZED] = "not_authorized",
    [MCX_MIGRATE_NO_DEVICE] = "no_device",
    [MCX_MIGRATE_SEVERAL_DEVICES] = "several_devices",
    [MCX_MIGRATE_NO_PARTNER] = "no_partner",
};

/* ---- the place ---- */

static bool get_network(const struct ctl *ctl, struct mcx_location *out)
{
    const char *plmn = ctl_value(ctl, OPT_PLMN, 0), *ecgi = ctl_value(ctl, OPT_ECGI, 0);
    char *end = NULL;

    if (plmn) {
        size_t len = strlen(plmn);

        if (len < 5 || len > 6 || strspn(plmn, "0123456789") != len) {
            fprintf(stderr, "mcxctl: --plmn %s: must be MCC and MNC, 5 or 6 digits\n", plmn);
            return false;
        }
        out->has_plmn = true;
        memcpy(out->plmn, plmn, len + 1);
    }
    if (!ecgi)
        return true;
    out->eci = (uint32_t)strtoul(ecgi, &end, 16);
    out->has_eci = true;
    if (plmn && strlen(ecgi) == MCX_ECI_HEX && *end == '\0')
        return true;
    fprintf(stderr, "mcxctl: --ecgi %s: must be the 7 hex digits of the cell, beside --plmn\n",
            ecgi);
    return false;
}

static bool get_location(const struct ctl *ctl, struct mcx_location *out)
{
    const char *path = ctl_value(ctl, OPT_LOCATION_FILE, 0);
    const char *latitude = ctl_value(ctl, OPT_LATITUDE, 0);
    const char *longitude = ctl_value(ctl, OPT_LONGITUDE, 0);
    struct mcx_ask_fault fault = {""};
    CTL_FILE file = {0};

    if (path) {
        if (!ctl_read_file(path, LOCATION_MAX, &file))
            return false;
        if (mcx_location_xml(mcx_span(file.octets, file.len), out, &fault) == MCX_OK)
            return true;
        fprintf(stderr, "mcxctl: %s: %s\n", path, fault.detail);
        return false;
    }
    if (!latitude != !longitude) {
        fprintf(stderr, "mcxctl: --lat and --lon belong together\n");
        return false;
    }
    if (latitude) {
        out->has_point = true;
        if (!ctl_doubles(ctl, OPT_LATITUDE, latitude, &out->latitude, 1) ||
            !ctl_doubles(ctl, OPT_LONGITUDE, longitude, &out->longitude, 1))
            return false;
        if (!(out->latitude >= -90 && out->latitude <= 90) ||
            !(out->longitude >= -180 && out->longitude <= 180)) {
            fprintf(stderr, "mcxctl: --lat is -90 to 90, --lon -180 to 180 degrees\n");
            return false;
        }
    }
    return get_network(ctl, out);
}

/* ---- what is said ---- */

static const char *time_text(int64_t seconds, char out[32])
{
    time_t at = (time_t)seconds;
    struct tm parts;

    if (seconds == MCX_NEVER || !gmtime_r(&at, &parts))
        return NULL;
    strftime(out, 32, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return out;
}

static json_t *text_or_null(const char *text)
{
    return text && *text ? json_string(text) : json_null();
}

static void say_json(const struct mcx_migration_choice *choice, const struct mcx_explanation *why)
{
    bool is_yes = choice->verdict == MCX_MIGRATE;
    json_t *object = json_object(), *candidates = json_array(), *devices = json_array();
    char expires[32];

    json_object_set_new(object, "decision", json_string(verdicts[choice->verdict]));
    json_object_set_new(object, "reason", json_string(choice->reason));
    json_object_set_new(object, "detail", text_or_null(choice->detail));
    json_object_set_new(object, "mc_user_id", text_or_null(choice->mc_user_id.octets));
    json_object_set_new(object, "device", text_or_null(choice->device.octets));
    for (size_t i = 0; i < choice->label_count; i++)
        json_array_append_new(devices, json_string(choice->label[i].octets));
    json_object_set_new(object, "devices", devices);
    json_object_set_new(object, "partner",
                        is_yes ? json_string(choice->partner.octets) : json_null());
    json_object_set_new(object, "is_requested", json_boolean(is_yes && choice->is_requested));
    json_object_set_new(object, "is_masked", json_boolean(is_yes && choice->mask));
    json_object_set_new(object, "expires",
                        text_or_null(is_yes ? time_text(choice->expires_s, expires) : NULL));
    for (size_t i = 0; i < why->count; i++) {
        const struct mcx_explained *row = &why->partner[i];
        json_t *candidate = json_object();

        json_object_set_new(candidate, "partner", json_string(row->partner.octets));
        json_object_set_new(candidate, "is_chosen", json_boolean(row->is_chosen));
        json_object_set_new(candidate, "why", json_string(row->why));
        json_object_set_new(candidate, "agreement",
                            row->agreement_id ? json_integer(row->agreement_id) : json_null());
        json_object_set_new(candidate, "priority",
                            row->agreement_id ? json_integer(row->priority) : json_null());
        json_object_set_new(candidate, "area_priority",
                            row->is_covered ? json_integer(row->area_priority) : json_null());
        json_array_append_new(candidates, candidate);
    }
    json_object_set_new(object, "candidates", candidates);
    json_dumpf(object, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(object);
}

static void say_line(const char *name, const char *text)
{
    if (text && *text)
        printf("%-16s %s\n", name, text);
}

static void say_lines(const struct mcx_migration_choice *choice, const struct mcx_explanation *why)
{
    char expires[32];

    say_line("decision", verdicts[choice->verdict]);
    say_line("reason", choice->reason);
    say_line("the user is told", choice->detail);
    say_line("mc_user_id", choice->mc_user_id.octets);
    say_line("device", choice->device.octets);
    for (size_t i = 0; i < choice->label_count; i++)
        say_line("device", choice->label[i].octets);
    if (choice->verdict == MCX_MIGRATE) {
        say_line("impi", choice->own.impi.octets);
        say_line("partner", choice->partner.octets);
        say_line("requested", choice->is_requested ? "yes" : "no");
        say_line("masked", choice->mask ? "yes" : "no");
        say_line("expires", time_text(choice->expires_s, expires));
    }
    for (size_t i = 0; i < why->count; i++) {
        const struct mcx_explained *row = &why->partner[i];

        printf("%s%s %-14s %s", i == 0 ? "\n" : "", row->is_chosen ? "=>" : "  ",
               row->partner.octets, row->why);
        if (row->agreement_id)
            printf(" (agreement %lld, priority %lld)", (long long)row->agreement_id,
                   (long long)row->priority);
        if (row->is_covered)
            printf(" (area priority %lld)", (long long)row->area_priority);
        putchar('\n');
    }
}

/* ---- the command ---- */

/* The argument is an MC user id; else a service id. */
static enum mcx_err decide(struct ctl *ctl, struct mcx_migration_ask *ask,
                           struct mcx_migration_choice *choice, struct mcx_explanation *why)
{
    enum mcx_err err = mcx_store_migration_explain(ctl->session, ask, choice, why);

    for (int i = 0; err == MCX_OK && choice->verdict == MCX_MIGRATE_NO_USER && i < MCX_SERVICES;
         i++) {
        struct mcx_migration_ask other = *ask;

        other.mc_user_id.len = 0;
        other.services.has[i] = true;
        other.services.id[i] = ask->mc_user_id;
        err = mcx_store_migration_explain(ctl->session, &other, choice, why);
    }
    return err;
}

static int explain(struct ctl *ctl)
{
    static struct mcx_explanation why;
    struct mcx_migration_ask ask = {.has_location = true};
    struct mcx_migration_choice choice;
    int status;
    enum mcx_err err;

    if (!ctl_text(ctl->arg[0], &ask.mc_user_id) ||
        !ctl_text_option(ctl, OPT_PARTNER, &ask.partner) ||
        !ctl_text_option(ctl, OPT_DEVICE, &ask.device) || !get_location(ctl, &ask.location))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = decide(ctl, &ask, &choice, &why);
    if (err != MCX_OK) {
        fprintf(stderr, "mcxctl: %s\n", mcx_err_text(err));
        return err == MCX_DB_AWAY ? CTL_DB_AWAY : CTL_REFUSED;
    }
    if (ctl_has(ctl, OPT_JSON))
        say_json(&choice, &why);
    else
        say_lines(&choice, &why);
    return choice.verdict == MCX_MIGRATE_NO_USER ? CTL_REFUSED : CTL_OK;
}

static const struct argp_option options[] = {
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "as if the user had asked for this one", 0},
    {"device", OPT_DEVICE, "LABEL", 0, "with this device", 0},
    {"plmn", OPT_PLMN, "PLMN", 0, "where the user is: MCC and MNC", 0},
    {"ecgi", OPT_ECGI, "HEX", 0, "7 hex digits of the serving cell, beside --plmn", 0},
    {"lat", OPT_LATITUDE, "DEGREES", 0, "latitude, north positive", 0},
    {"lon", OPT_LONGITUDE, "DEGREES", 0, "longitude, east positive", 0},
    {"location-file", OPT_LOCATION_FILE, "XML", 0,
     "instead: mcptt-location-info as a UE sends it (TS 24.379 F.3)", 0},
    {0}};

const struct ctl_command ctl_explain[] = {
    {"explain-migration", "", "USER", 1, 1,
     "Shows where a user would migrate now, and why, for every partner; changes nothing.\v"
     "USER is an MC user id or one of its MC service ids.",
     options, explain},
    {0}};
