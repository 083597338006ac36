/* SPDX-License-Identifier: Apache-2.0 */
/* Service areas: text of PLMN and cell, box, circle and polygon. Longitudes are unrolled along a
 * ring, so that the antimeridian is no edge of the world. Pure; any thread. */
#include "policy/area.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RADIANS (3.14159265358979323846 / 180.0)
#define NEAR    1e-9 /* degrees, a tenth of a millimetre: on the edge */

/* ---- network ---- */

size_t mcx_plmn_forms(const struct mcx_location *location, char forms[3][7])
{
    const char *plmn = location->plmn;
    size_t count = 0;

    if (!location->has_plmn)
        return 0;
    memcpy(forms[count++], plmn, 7);
    if (!location->is_mnc_3 || strlen(plmn) != 6)
        return count;
    if (plmn[5] == '0')
        snprintf(forms[count++], 7, "%.5s", plmn);
    if (plmn[3] == '0')
        snprintf(forms[count++], 7, "%.3s%.2s", plmn, plmn + 4);
    return count;
}

bool mcx_plmn_matches(const struct mcx_location *location, struct mcx_span plmn)
{
    char forms[3][7];
    size_t count = mcx_plmn_forms(location, forms);

    for (size_t i = 0; i < count; i++) {
        if (mcx_span_equal(mcx_span_of(forms[i]), plmn))
            return true;
    }
    return false;
}

bool mcx_eci_matches(uint32_t eci, struct mcx_span prefix)
{
    char hex[16];

    snprintf(hex, sizeof hex, "%07x", (unsigned)(eci & 0x0fffffffU));
    return prefix.len <= MCX_ECI_HEX && memcmp(hex, prefix.octets, prefix.len) == 0;
}

/* ---- box ---- */

static bool longitude_between(double west, double east, double longitude)
{
    /* -180 and 180 are one meridian */
    for (int turn = -1; turn <= 1; turn++) {
        double at = longitude + 360.0 * turn;

        if (at >= west - NEAR && at <= (west > east ? east + 360.0 : east) + NEAR)
            return true;
    }
    return false;
}

bool mcx_box_holds(const struct mcx_box *box, struct mcx_point point)
{
    if (point.latitude < box->south - NEAR || point.latitude > box->north + NEAR)
        return false;
    if (fabs(point.latitude) >= 90.0 - NEAR) /* a pole has every longitude */
        return true;
    return longitude_between(box->west, box->east, point.longitude);
}

/* ---- circle ---- */

/* Haversine: exact also for points that are close to each other. */
double mcx_distance_m(struct mcx_point a, struct mcx_point b)
{
    double north = sin((b.latitude - a.latitude) * RADIANS / 2);
    double east = sin((b.longitude - a.longitude) * RADIANS / 2);
    double h = north * north + cos(a.latitude * RADIANS) * cos(b.latitude * RADIANS) * east * east;

    return 2 * MCX_EARTH_RADIUS_M * asin(sqrt(h > 1 ? 1 : h));
}

bool mcx_circle_holds(struct mcx_point center, double radius_m, struct mcx_point point)
{
    return mcx_distance_m(center, point) <= radius_m;
}

static double turned(double longitude)
{
    if (longitude > 180.0)
        return longitude - 360.0;
    return longitude < -180.0 ? longitude + 360.0 : longitude;
}

struct mcx_box mcx_circle_box(struct mcx_point center, double radius_m)
{
    double angle = radius_m / MCX_EARTH_RADIUS_M / RADIANS + NEAR;
    struct mcx_box box = {center.latitude - angle, center.latitude + angle, -180, 180};
    double reach;

    if (box.south <= -90.0 || box.north >= 90.0) { /* over a pole: every longitude */
        box.south = box.south < -90.0 ? -90.0 : box.south;
        box.north = box.north > 90.0 ? 90.0 : box.north;
        return box;
    }
    reach = asin(fmin(1, sin(angle * RADIANS) / cos(center.latitude * RADIANS))) / RADIANS + NEAR;
    if (reach < 180.0) {
        box.west = turned(center.longitude - reach);
        box.east = turned(center.longitude + reach);
    }
    return box;
}

/* ---- polygon ---- */

/* A ring with its longitudes unrolled: each next corner the shorter way from the last. */
struct ring {
    size_t count; /* corners, closed: the last repeats the first, or closes over a pole */
    struct mcx_point corner[MCX_POLYGON_MAX + 4];
    double turn; /* degrees after one round: 0, or 360 and -360 around a pole */
    bool has_pole;
    double pole;        /* its latitude */
    struct mcx_box box; /* unrolled: west and east may pass 180 */
};

static double shorter(double degrees)
{
    while (degrees > 180.0)
        degrees -= 360.0;
    while (degrees <= -180.0)
        degrees += 360.0;
    return degrees;
}

static void add_corner(struct ring *ring, double latitude, double longitude)
{
    struct mcx_box *box = &ring->box;

    if (ring->count == 0)
        *box = (struct mcx_box){latitude, latitude, longitude, longitude};
    box->south = fmin(box->south, latitude);
    box->north = fmax(box->north, latitude);
    box->west = fmin(box->west, longitude);
    box->east = fmax(box->east, longitude);
    ring->corner[ring->count++] = (struct mcx_point){latitude, longitude};
}

static void unroll(const struct mcx_point *corner, size_t count, struct ring *ring)
{
    double longitude = corner[0].longitude, sum = 0;

    ring->count = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            longitude += shorter(corner[i].longitude - corner[i - 1].longitude);
        sum += corner[i].latitude;
        add_corner(ring, corner[i].latitude, longitude);
    }
    longitude += shorter(corner[0].longitude - corner[count - 1].longitude);
    ring->turn = longitude - corner[0].longitude;
    ring->has_pole = fabs(ring->turn) > 180.0;
    add_corner(ring, corner[0].latitude, longitude);
    if (!ring->has_pole)
        return;
    ring->pole = sum >= 0 ? 90.0 : -90.0;
    add_corner(ring, ring->pole, longitude);
    add_corner(ring, ring->pole, corner[0].longitude);
    add_corner(ring, corner[0].latitude, corner[0].longitude);
}

static bool on_edge(struct mcx_point a, struct mcx_point b, double latitude, double longitude)
{
    double along = b.longitude - a.longitude, up = b.latitude - a.latitude;
    double square = along * along + up * up;
    double at = square > 0
                    ? ((longitude - a.longitude) * along + (latitude - a.latitude) * up) / square
                    : 0;

    at = fmax(0, fmin(1, at));
    return fabs(a.longitude + at * along - longitude) <= NEAR &&
           fabs(a.latitude + at * up - latitude) <= NEAR;
}

/* Even-odd rule for a ray to the east; the edge counts as inside. */
static bool ring_holds(const struct ring *ring, double latitude, double longitude)
{
    bool is_in = false;

    for (size_t i = 1; i < ring->count; i++) {
        struct mcx_point a = ring->corner[i - 1], b = ring->corner[i];

        if (on_edge(a, b, latitude, longitude))
            return true;
        if ((a.latitude > latitude) != (b.latitude > latitude) &&
            longitude < a.longitude + (latitude - a.latitude) * (b.longitude - a.longitude) /
                                          (b.latitude - a.latitude))
            is_in = !is_in;
    }
    return is_in;
}

bool mcx_polygon_holds(const struct mcx_point *corner, size_t count, struct mcx_point point)
{
    struct ring ring;

    if (count < 3 || count > MCX_POLYGON_MAX)
        return false;
    unroll(corner, count, &ring);
    if (fabs(point.latitude) >= 90.0 - NEAR && ring.has_pole)
        return point.latitude * ring.pole > 0;
    if (fabs(point.latitude) >= 90.0 - NEAR) /* a corner there has every longitude */
        return point.latitude > 0 ? ring.box.north >= 90.0 - NEAR : ring.box.south <= -90.0 + NEAR;
    for (int turn = -2; turn <= 2; turn++) {
        double longitude = point.longitude + 360.0 * turn;

        if (longitude >= ring.box.west - NEAR && longitude <= ring.box.east + NEAR &&
            ring_holds(&ring, point.latitude, longitude))
            return true;
    }
    return false;
}

struct mcx_box mcx_polygon_box(const struct mcx_point *corner, size_t count)
{
    struct ring ring;
    struct mcx_box box;

    unroll(corner, count, &ring);
    box = ring.box;
    if (ring.has_pole || box.east - box.west >= 360.0)
        box.west = -180.0, box.east = 180.0;
    while (box.west < -180.0)
        box.west += 360.0, box.east += 360.0;
    while (box.west > 180.0)
        box.west -= 360.0, box.east -= 360.0;
    box.east = turned(box.east);
    return box;
}

enum mcx_err mcx_polygon_check(const struct mcx_point *corner, size_t count)
{
    struct ring ring;
    double twice_area = 0;

    if (count < 3 || count > MCX_POLYGON_MAX)
        return MCX_INVALID;
    for (size_t i = 0; i < count; i++) {
        if (!(fabs(corner[i].latitude) <= 90.0) || !(fabs(corner[i].longitude) <= 180.0))
            return MCX_INVALID;
    }
    unroll(corner, count, &ring);
    if (fabs(ring.turn) > 361.0)
        return MCX_INVALID;
    for (size_t i = 1; i < ring.count; i++)
        twice_area += ring.corner[i - 1].longitude * ring.corner[i].latitude -
                      ring.corner[i].longitude * ring.corner[i - 1].latitude;
    return fabs(twice_area) > NEAR ? MCX_OK : MCX_INVALID;
}

/* ---- all of it ---- */

static enum mcx_area_verdict judge_network(const struct mcx_area *area,
                                           const struct mcx_location *location)
{
    if (area->plmn.len == 0)
        return MCX_AREA_IN;
    if (!location->has_plmn)
        return MCX_AREA_UNKNOWN;
    if (!mcx_plmn_matches(location, area->plmn))
        return MCX_AREA_OUT;
    if (area->eci_prefix.len == 0)
        return MCX_AREA_IN;
    if (!location->has_eci)
        return MCX_AREA_UNKNOWN;
    return mcx_eci_matches(location->eci, area->eci_prefix) ? MCX_AREA_IN : MCX_AREA_OUT;
}

static enum mcx_area_verdict judge_shape(const struct mcx_area *area,
                                         const struct mcx_location *location)
{
    struct mcx_point point = {location->latitude, location->longitude};
    bool is_in = true;

    if (!area->has_box && area->corner_count == 0 && !area->has_circle)
        return MCX_AREA_IN;
    if (!location->has_point)
        return MCX_AREA_UNKNOWN;
    if (area->corner_count > 0)
        is_in = mcx_polygon_holds(area->corner, area->corner_count, point);
    else if (area->has_circle)
        is_in = mcx_circle_holds(area->center, area->radius_m, point);
    else
        is_in = mcx_box_holds(&area->box, point);
    return is_in ? MCX_AREA_IN : MCX_AREA_OUT;
}

enum mcx_area_verdict mcx_area_judge(const struct mcx_area *area,
                                     const struct mcx_location *location)
{
    enum mcx_area_verdict network = judge_network(area, location);
    enum mcx_area_verdict shape = judge_shape(area, location);

    if (network == MCX_AREA_OUT || shape == MCX_AREA_OUT)
        return MCX_AREA_OUT;
    return network == MCX_AREA_UNKNOWN || shape == MCX_AREA_UNKNOWN ? MCX_AREA_UNKNOWN
                                                                    : MCX_AREA_IN;
}
