/* SPDX-License-Identifier: Apache-2.0 */
/* Table service_area: shapes are checked, and given the box that the database searches by. The
 * caller's thread; blocks on the database. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "store/agreement.h"

enum { SHAPE_TEXT = 2 * MCX_POLYGON_MAX * 26 + 1 };

static bool is_point(struct mcx_point point)
{
    return fabs(point.latitude) <= 90.0 && fabs(point.longitude) <= 180.0;
}

static bool has_only(const char *text, const char *letters, size_t least, size_t most)
{
    size_t len = strlen(text);

    return strspn(text, letters) == len && len >= least && len <= most;
}

static enum mcx_err check_network(const struct mcx_new_area *area, struct mcx_conf_problem *problem)
{
    if (area->plmn && !has_only(area->plmn, "0123456789", 5, 6))
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "PLMN %s: must be MCC and MNC, 5 or 6 digits (TS 23.003 12.1)",
                                MCX_SAFE(mcx_span_of(area->plmn)));
    if (area->ecgi_prefix && !area->plmn)
        return mcx_admin_refuse(problem, MCX_INVALID, "a cell prefix needs a PLMN");
    if (area->ecgi_prefix && !has_only(area->ecgi_prefix, "0123456789abcdef", 1, MCX_ECI_HEX))
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "cell prefix %s: must be 1 to 7 lower-case hex digits, the first "
                                "ones of the E-UTRAN Cell Identity (TS 23.003 19.6)",
                                MCX_SAFE(mcx_span_of(area->ecgi_prefix)));
    return MCX_OK;
}

static enum mcx_err check_shape(struct mcx_area *shape, struct mcx_conf_problem *problem)
{
    int shapes = shape->has_box + (shape->corner_count > 0) + shape->has_circle;
    const struct mcx_box *box = &shape->box;

    if (shapes > 1)
        return mcx_admin_refuse(problem, MCX_INVALID, "one shape at a time; add another area");
    if (shape->has_box &&
        (!is_point((struct mcx_point){box->south, box->west}) ||
         !is_point((struct mcx_point){box->north, box->east}) || box->south > box->north))
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "the box must be SOUTH,WEST,NORTH,EAST in degrees; WEST over EAST "
                                "goes over the antimeridian");
    if (shape->corner_count > 0 && mcx_polygon_check(shape->corner, shape->corner_count) != MCX_OK)
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "the polygon must have 3 to %d corners LATITUDE,LONGITUDE in "
                                "degrees that enclose an area, at most once around the globe",
                                MCX_POLYGON_MAX);
    if (shape->has_circle && (!is_point(shape->center) || !(shape->radius_m > 0) ||
                              shape->radius_m > MCX_CIRCLE_RADIUS_M))
        return mcx_admin_refuse(problem, MCX_INVALID,
                                "the circle must be LATITUDE,LONGITUDE,METRES, at most %.0f m",
                                MCX_CIRCLE_RADIUS_M);
    if (shape->corner_count > 0)
        shape->box = mcx_polygon_box(shape->corner, shape->corner_count);
    else if (shape->has_circle)
        shape->box = mcx_circle_box(shape->center, shape->radius_m);
    shape->has_box = shapes > 0;
    return MCX_OK;
}

static void shape_texts(const struct mcx_area *shape, char box[128], char polygon[SHAPE_TEXT],
                        char circle[128])
{
    size_t len = 0;

    box[0] = polygon[0] = circle[0] = '\0';
    if (shape->has_box)
        snprintf(box, 128, "%.17g %.17g %.17g %.17g", shape->box.south, shape->box.north,
                 shape->box.west, shape->box.east);
    if (shape->has_circle)
        snprintf(circle, 128, "%.17g %.17g %.17g", shape->center.latitude, shape->center.longitude,
                 shape->radius_m);
    for (size_t i = 0; i < shape->corner_count; i++)
        len += (size_t)snprintf(polygon + len, SHAPE_TEXT - len, "%s%.17g %.17g", i > 0 ? " " : "",
                                shape->corner[i].latitude, shape->corner[i].longitude);
}

static enum mcx_err add_steps(struct mcx_session *session, void *arg,
                              struct mcx_conf_problem *problem)
{
    struct mcx_new_area *area = arg;
    char box[128], polygon[SHAPE_TEXT], circle[128], id[24];
    MCX_PARAMS params = {0};
    MCX_ROWS rows = {0};
    enum mcx_err err;

    shape_texts(&area->shape, box, polygon, circle);
    mcx_params_text(&params, area->partner);
    mcx_params_i64(&params, area->priority);
    mcx_params_text(&params, area->name ? area->name : "");
    mcx_params_text(&params, area->plmn);
    mcx_params_text(&params, area->ecgi_prefix);
    mcx_params_text(&params, box);
    mcx_params_text(&params, polygon);
    mcx_params_text(&params, circle);
    err = mcx_admin_one(session, MCX_STMT_AREA_ADD, &params, &rows, problem);
    if (err == MCX_NOT_FOUND)
        return mcx_admin_refuse(problem, err,
                                "%s is no partner of this system: see mcxctl partner add",
                                MCX_SAFE(mcx_span_of(area->partner)));
    if (err != MCX_OK)
        return err;
    area->id = mcx_cell_i64(&rows, 0, 0);
    snprintf(id, sizeof id, "%lld", (long long)area->id);
    return mcx_admin_audit(session, "area_added", problem, "id", id, "partner", area->partner,
                           "plmn", area->plmn, "ecgi_prefix", area->ecgi_prefix, NULL);
}

enum mcx_err mcx_store_area_add(struct mcx_session *session, struct mcx_new_area *area,
                                struct mcx_conf_problem *problem)
{
    enum mcx_err err = check_network(area, problem);

    if (err == MCX_OK)
        err = check_shape(&area->shape, problem);
    if (err == MCX_OK && !area->plmn && !area->shape.has_box)
        return mcx_admin_refuse(problem, MCX_INVALID, "an area needs a PLMN or a shape");
    return err == MCX_OK ? mcx_admin_change(session, add_steps, area, problem) : err;
}

enum mcx_err mcx_store_area_delete(struct mcx_session *session, int64_t id,
                                   struct mcx_conf_problem *problem)
{
    const struct mcx_row_end end = {MCX_STMT_AREA_DELETE, id, "area", "area_deleted"};

    return mcx_admin_end_row(session, &end, problem);
}
