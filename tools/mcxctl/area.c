/* SPDX-License-Identifier: Apache-2.0 */
/* mcxctl area: where partners serve (CR 10.1.X.1 step 3). */
#include <stdio.h>
#include <string.h>

#include "options.h"
#include "store/agreement.h"

/* "48.1,11.5 48.2,11.6 ..." */
static bool get_polygon(const struct ctl *ctl, const char *text, struct mcx_area *shape)
{
    const char *at = text;

    while (*at) {
        char corner[80];
        double number[2];
        size_t len = strcspn(at, " ");

        if (shape->corner_count == MCX_POLYGON_MAX || len >= sizeof corner) {
            fprintf(stderr, "mcxctl: --polygon: at most %d corners\n", MCX_POLYGON_MAX);
            return false;
        }
        snprintf(corner, sizeof corner, "%.*s", (int)len, at);
        if (!ctl_doubles(ctl, OPT_POLYGON, corner, number, 2))
            return false;
        shape->corner[shape->corner_count++] = (struct mcx_point){number[0], number[1]};
        at += len + strspn(at + len, " ");
    }
    return true;
}

static bool get_shape(const struct ctl *ctl, struct mcx_area *shape)
{
    const char *box = ctl_value(ctl, OPT_BOX, 0), *polygon = ctl_value(ctl, OPT_POLYGON, 0);
    const char *circle = ctl_value(ctl, OPT_CIRCLE, 0);
    double number[4];

    if (box) {
        if (!ctl_doubles(ctl, OPT_BOX, box, number, 4))
            return false;
        shape->has_box = true;
        shape->box = (struct mcx_box){number[0], number[2], number[1], number[3]};
    }
    if (circle) {
        if (!ctl_doubles(ctl, OPT_CIRCLE, circle, number, 3))
            return false;
        shape->has_circle = true;
        shape->center = (struct mcx_point){number[0], number[1]};
        shape->radius_m = number[2];
    }
    return !polygon || get_polygon(ctl, polygon, shape);
}

static int add(struct ctl *ctl)
{
    struct mcx_new_area area = {.partner = ctl->arg[0],
                                .name = ctl_value(ctl, OPT_NAME, 0),
                                .priority = 100,
                                .plmn = ctl_value(ctl, OPT_PLMN, 0),
                                .ecgi_prefix = ctl_value(ctl, OPT_ECGI_PREFIX, 0)};
    struct mcx_conf_problem problem;
    int status;
    enum mcx_err err;

    if (!ctl_number(ctl, OPT_PRIORITY, 0, 1000000, &area.priority) || !get_shape(ctl, &area.shape))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_area_add(ctl->session, &area, &problem);
    if (err != MCX_OK)
        return ctl_refused(err, &problem);
    ctl_say_number(ctl, "id", area.id);
    return CTL_OK;
}

static int list(struct ctl *ctl)
{
    MCX_PARAMS params = {0};

    mcx_params_text(&params, ctl_optional(ctl, OPT_PARTNER));
    return ctl_show(ctl, MCX_STMT_AREA_LIST, &params);
}

static int delete (struct ctl *ctl)
{
    struct mcx_conf_problem problem;
    int64_t id;
    int status;
    enum mcx_err err;

    if (!ctl_id(ctl, &id))
        return CTL_USAGE;
    status = ctl_connect(ctl);
    if (status != CTL_OK)
        return status;
    err = mcx_store_area_delete(ctl->session, id, &problem);
    return err == MCX_OK ? CTL_OK : ctl_refused(err, &problem);
}

static const struct argp_option add_options[] = {
    {"plmn", OPT_PLMN, "PLMN", 0, "MCC and MNC, 5 or 6 digits", 0},
    {"ecgi-prefix", OPT_ECGI_PREFIX, "HEX", 0,
     "with a PLMN: first of the 7 hex digits of the E-UTRAN Cell Identity; 5 are one eNodeB", 0},
    {"box", OPT_BOX, "S,W,N,E", 0, "degrees; W over E: over the antimeridian", 0},
    {"polygon", OPT_POLYGON, "LAT,LON LAT,LON ...", 0,
     "3 to 256 corners; edges straight in degrees (RFC 7946), the shorter way around", 0},
    {"circle", OPT_CIRCLE, "LAT,LON,METRES", 0, "great-circle distance", 0},
    {"priority", OPT_PRIORITY, "N", 0, "lower wins (100)", 0},
    {"name", OPT_NAME, "TEXT", 0, "for people", 0},
    {0}};
static const struct argp_option list_options[] = {
    {"partner", OPT_PARTNER, "SYSTEM-ID", 0, "only of this one", 0}, {0}};

const struct ctl_command ctl_area[] = {
    {"area", "add", "SYSTEM-ID", 1, 1,
     "Adds a service area of a partner.\v"
     "All that one area says must hold; the areas of a partner are alternatives.",
     add_options, add},
    {"area", "list", "", 0, 0, "Lists service areas.", list_options, list},
    {"area", "delete", "ID", 1, 1, "Deletes one.", ctl_no_options, delete},
    {0}};
