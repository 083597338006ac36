/* SPDX-License-Identifier: Apache-2.0 */
/* Does a place lie in a service area (CR 10.1.X.1 step 3)? PLMN and cell prefix as text, shapes on
 * the globe in degrees of WGS 84. Pure; any thread. */
#ifndef MCX_POLICY_AREA_H
#define MCX_POLICY_AREA_H

#include "policy/location.h"

#define MCX_POLYGON_MAX     256        /* corners */
#define MCX_EARTH_RADIUS_M  6371008.8  /* mean radius, IUGG */
#define MCX_ECI_HEX         7          /* 28 bits, TS 23.003 19.6 */
#define MCX_CIRCLE_RADIUS_M 20037509.0 /* half the equator: the whole earth */

struct mcx_point {
    double latitude, longitude;
};
struct mcx_box { /* west > east: over the antimeridian. Its edges belong to it */
    double south, north, west, east;
};

/* The area's PLMN, 5 or 6 digits, against the UE's. TS 24.379 F.3 always has three digits of MNC:
 * one of two digits is then filled with a 0, before it or after it (implementations differ). */
bool mcx_plmn_matches(const struct mcx_location *location, struct mcx_span plmn);
/* All forms of the UE's PLMN that an area may have: at most 3; answers how many. */
size_t mcx_plmn_forms(const struct mcx_location *location, char forms[3][7]);

/* prefix: first hex digits of the 7 of the E-UTRAN Cell Identity, lower case; empty fits all. */
bool mcx_eci_matches(uint32_t eci, struct mcx_span prefix);

bool mcx_box_holds(const struct mcx_box *box, struct mcx_point point);

/* Great-circle distance in metres. */
double mcx_distance_m(struct mcx_point a, struct mcx_point b);
bool mcx_circle_holds(struct mcx_point center, double radius_m, struct mcx_point point);
struct mcx_box mcx_circle_box(struct mcx_point center, double radius_m);

/* Edges are straight in latitude and longitude (RFC 7946 3.1.1) and go the shorter way around, so
 * that they may cross the antimeridian; one of exactly half a turn goes east. A ring that goes once
 * around the globe encloses the pole that is nearer to its mean latitude. The edge belongs to the
 * area. count: 3..MCX_POLYGON_MAX; the last corner may repeat the first. */
bool mcx_polygon_holds(const struct mcx_point *corner, size_t count, struct mcx_point point);
struct mcx_box mcx_polygon_box(const struct mcx_point *corner, size_t count);
/* INVALID: fewer than three different corners, one out of range, no area, or twice around. */
MCX_MUST_USE enum mcx_err mcx_polygon_check(const struct mcx_point *corner, size_t count);

/* One row of a partner's service areas; everything that it says must hold. */
struct mcx_area {
    struct mcx_span plmn; /* len 0: any */
    struct mcx_span eci_prefix;
    bool has_box;
    struct mcx_box box;
    size_t corner_count; /* 0: no polygon */
    struct mcx_point corner[MCX_POLYGON_MAX];
    bool has_circle;
    struct mcx_point center;
    double radius_m;
};

enum mcx_area_verdict {
    MCX_AREA_IN,
    MCX_AREA_OUT,
    MCX_AREA_UNKNOWN /* the UE did not tell what this area is judged by */
};
enum mcx_area_verdict mcx_area_judge(const struct mcx_area *area,
                                     const struct mcx_location *location);

#endif
