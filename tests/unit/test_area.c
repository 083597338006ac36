/* SPDX-License-Identifier: Apache-2.0 */
/* policy/area: PLMN with and without filler, cell prefixes, boxes, circles and polygons, with the
 * antimeridian and the poles. */
#include "policy/area.h"

#include <math.h>
#include <stdlib.h>

#include "unit.h"

static struct mcx_location network(const char *plmn, bool is_mnc_3)
{
    struct mcx_location location = {.has_plmn = true, .is_mnc_3 = is_mnc_3};

    memcpy(location.plmn, plmn, strlen(plmn) + 1);
    return location;
}

START_TEST(test_plmn_digits_and_filler)
{
    static const struct {
        const char *said;
        bool is_mnc_3;
        const char *area;
        bool fits;
    } rows[] = {
        {"00101", false, "00101", true},   {"00101", false, "001010", false},
        {"001010", false, "00101", false}, {"001010", false, "001010", true},
        {"001010", true, "00101", true},   {"001010", true, "001010", true},
        {"001001", true, "00101", true},   {"001001", true, "001001", true},
        {"001123", true, "00112", false},  {"001123", true, "001123", true},
        {"001100", true, "00110", true},   {"001100", true, "00100", false},
        {"00101", true, "00101", true},    {"310410", true, "31041", true},
        {"310410", true, "310410", true},  {"26201", false, "26202", false},
        {"001000", true, "00100", true},   {"00101", false, "0010", false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mcx_location location = network(rows[i].said, rows[i].is_mnc_3);

        ck_assert_msg(mcx_plmn_matches(&location, mcx_span_of(rows[i].area)) == rows[i].fits,
                      "row %zu: %s", i, rows[i].said);
    }
}
END_TEST

START_TEST(test_no_plmn_fits_none)
{
    struct mcx_location location = {0};
    char forms[3][7];

    ck_assert(!mcx_plmn_matches(&location, mcx_span_of("00101")));
    ck_assert_uint_eq(mcx_plmn_forms(&location, forms), 0);
}
END_TEST

START_TEST(test_cell_prefix)
{
    ck_assert(mcx_eci_matches(0x1a2d001, mcx_span_of("1a2d001")));
    ck_assert(mcx_eci_matches(0x1a2d001, mcx_span_of("1a2d0")));
    ck_assert(mcx_eci_matches(0x1a2d001, mcx_span_of("")));
    ck_assert(!mcx_eci_matches(0x1a2d001, mcx_span_of("1a2d1")));
    ck_assert(mcx_eci_matches(1, mcx_span_of("000000"))); /* always seven digits */
    ck_assert(!mcx_eci_matches(1, mcx_span_of("1")));
    ck_assert(mcx_eci_matches(0xfffffff, mcx_span_of("fffffff")));
    ck_assert(!mcx_eci_matches(0xfffffff, mcx_span_of("fffffff0")));
}
END_TEST

static bool in_box(double south, double north, double west, double east, double latitude,
                   double longitude)
{
    struct mcx_box box = {south, north, west, east};

    return mcx_box_holds(&box, (struct mcx_point){latitude, longitude});
}

START_TEST(test_box)
{
    ck_assert(in_box(47, 49, 11, 12, 48.1, 11.5));
    ck_assert(in_box(47, 49, 11, 12, 47, 12)); /* its edge */
    ck_assert(!in_box(47, 49, 11, 12, 46.999, 11.5));
    ck_assert(!in_box(47, 49, 11, 12, 48, 12.001));
    ck_assert(in_box(-20, -10, 170, -170, -15, 179)); /* over the antimeridian */
    ck_assert(in_box(-20, -10, 170, -170, -15, -179));
    ck_assert(in_box(-20, -10, 170, -170, -15, 180));
    ck_assert(!in_box(-20, -10, 170, -170, -15, 0));
    ck_assert(in_box(-20, -10, -180, -170, -15, 180)); /* one meridian, two names */
    ck_assert(in_box(-20, -10, 170, 180, -15, -180));
    ck_assert(in_box(80, 90, 10, 20, 90, 150)); /* a pole has every longitude */
    ck_assert(!in_box(80, 90, 10, 20, 89, 150));
}
END_TEST

static double distance(double a, double b, double c, double d)
{
    return mcx_distance_m((struct mcx_point){a, b}, (struct mcx_point){c, d});
}

START_TEST(test_great_circle_distance)
{
    /* a degree of a great circle is 111,195.08 m */
    ck_assert_double_eq_tol(distance(0, 0, 0, 1), 111195.08, 0.1);
    ck_assert_double_eq_tol(distance(0, 179.5, 0, -179.5), 111195.08, 0.1);
    ck_assert_double_eq_tol(distance(89.5, 0, 89.5, 180), 111195.08, 0.1);
    ck_assert_double_eq_tol(distance(60, 0, 60, 1), 55597.0, 5);
    ck_assert_double_eq_tol(distance(0, 0, 0, 180), 20015114.4, 1);
    ck_assert_double_eq_tol(distance(90, 5, -90, 77), 20015114.4, 1);
    ck_assert_double_eq_tol(distance(48.1, 11.5, 48.1, 11.5), 0, 1e-6);
    /* Munich to Berlin, some 504 km */
    ck_assert_double_eq_tol(distance(48.137, 11.575, 52.52, 13.405), 504200, 600);
}
END_TEST

START_TEST(test_circle_lies_in_its_box)
{
    static const double radii[] = {1, 1000, 500000, 5000000, 12000000, MCX_CIRCLE_RADIUS_M};
    static const struct mcx_point centers[] = {{0, 0},    {48, 11}, {48, 179.9}, {-48, -179.9},
                                               {89.9, 5}, {-90, 0}, {90, 180},   {0, 180}};

    srandom(1);
    for (size_t c = 0; c < sizeof centers / sizeof centers[0]; c++) {
        for (size_t r = 0; r < sizeof radii / sizeof radii[0]; r++) {
            struct mcx_box box = mcx_circle_box(centers[c], radii[r]);

            ck_assert(box.south >= -90 && box.north <= 90 && box.west >= -180 && box.east <= 180);
            ck_assert(mcx_circle_holds(centers[c], radii[r], centers[c]));
            ck_assert(mcx_box_holds(&box, centers[c]));
            for (int i = 0; i < 2000; i++) {
                struct mcx_point point = {(double)(random() % 1800001) / 10000 - 90,
                                          (double)(random() % 3600001) / 10000 - 180};

                if (mcx_circle_holds(centers[c], radii[r], point))
                    ck_assert_msg(mcx_box_holds(&box, point), "center %zu radius %zu: %f %f", c, r,
                                  point.latitude, point.longitude);
            }
        }
    }
}
END_TEST

START_TEST(test_circle_over_antimeridian_and_pole)
{
    ck_assert(mcx_circle_holds((struct mcx_point){0, 179.9}, 30000, (struct mcx_point){0, -179.9}));
    ck_assert(mcx_circle_holds((struct mcx_point){89.9, 0}, 30000, (struct mcx_point){89.9, 180}));
    ck_assert(!mcx_circle_holds((struct mcx_point){89.9, 0}, 20000, (struct mcx_point){89.9, 180}));
}
END_TEST

#define HOLDS(ring, latitude, longitude)                                                           \
    mcx_polygon_holds(ring, sizeof ring / sizeof ring[0], (struct mcx_point){latitude, longitude})
#define CHECK_RING(ring) mcx_polygon_check(ring, sizeof ring / sizeof ring[0])

START_TEST(test_polygon_with_a_bay)
{
    /* a U, open to the north */
    static const struct mcx_point u[] = {{0, 0}, {0, 9}, {9, 9}, {9, 6},
                                         {3, 6}, {3, 3}, {9, 3}, {9, 0}};

    ck_assert_int_eq(CHECK_RING(u), MCX_OK);
    ck_assert(HOLDS(u, 1, 4.5));
    ck_assert(HOLDS(u, 8, 1) && HOLDS(u, 8, 8));
    ck_assert(!HOLDS(u, 8, 4.5));
    ck_assert(HOLDS(u, 3, 4.5) && HOLDS(u, 0, 0) && HOLDS(u, 9, 3) && HOLDS(u, 5, 9)); /* edges */
    ck_assert(!HOLDS(u, -0.001, 4) && !HOLDS(u, 9.001, 1) && !HOLDS(u, 5, 9.001));
    ck_assert(!HOLDS(u, 3, -1) && !HOLDS(u, 9, 10)); /* on the line of an edge, outside */
}
END_TEST

START_TEST(test_polygon_either_way_round_and_closed_or_not)
{
    static const struct mcx_point there[] = {{47, 11}, {47, 12}, {49, 12}, {49, 11}};
    static const struct mcx_point back[] = {{49, 11}, {49, 12}, {47, 12}, {47, 11}};
    static const struct mcx_point closed[] = {{47, 11}, {47, 12}, {49, 12}, {49, 11}, {47, 11}};

    for (double latitude = 46.5; latitude < 50; latitude += 0.37) {
        for (double longitude = 10.5; longitude < 13; longitude += 0.29) {
            bool is_in = latitude > 47 && latitude < 49 && longitude > 11 && longitude < 12;

            ck_assert_int_eq(HOLDS(there, latitude, longitude), is_in);
            ck_assert_int_eq(HOLDS(back, latitude, longitude), is_in);
            ck_assert_int_eq(HOLDS(closed, latitude, longitude), is_in);
        }
    }
    ck_assert_int_eq(CHECK_RING(there), MCX_OK);
    ck_assert_int_eq(CHECK_RING(back), MCX_OK);
    ck_assert_int_eq(CHECK_RING(closed), MCX_OK);
}
END_TEST

START_TEST(test_polygon_over_the_antimeridian)
{
    static const struct mcx_point fiji[] = {{-20, 176}, {-20, -178}, {-15, -178}, {-15, 176}};
    static const struct mcx_point west_first[] = {{-15, -178}, {-15, 176}, {-20, 176}, {-20, -178}};

    ck_assert(HOLDS(fiji, -17, 179) && HOLDS(fiji, -17, -179));
    ck_assert(HOLDS(fiji, -17, 180) && HOLDS(fiji, -17, -180));
    ck_assert(HOLDS(west_first, -17, 179) && HOLDS(west_first, -17, -179));
    ck_assert(!HOLDS(fiji, -17, 175) && !HOLDS(fiji, -17, -177) && !HOLDS(fiji, -17, 0));
    ck_assert(!HOLDS(fiji, -21, 180));
    ck_assert(!HOLDS(fiji, 90, 180) && !HOLDS(fiji, -90, 180));
}
END_TEST

START_TEST(test_polygon_around_a_pole)
{
    static const struct mcx_point arctic[] = {{66, 0}, {66, 90}, {66, 180}, {66, -90}};
    static const struct mcx_point antarctic[] = {{-60, -90}, {-70, 180}, {-60, 90}, {-70, 0}};

    ck_assert_int_eq(CHECK_RING(arctic), MCX_OK);
    ck_assert(HOLDS(arctic, 90, 0) && HOLDS(arctic, 90, 123) && HOLDS(arctic, 67, 45));
    ck_assert(HOLDS(arctic, 89, -179) && HOLDS(arctic, 67, 179) && HOLDS(arctic, 66, -45));
    ck_assert(!HOLDS(arctic, 65, 45) && !HOLDS(arctic, -90, 0) && !HOLDS(arctic, -80, 10));
    ck_assert_int_eq(CHECK_RING(antarctic), MCX_OK);
    ck_assert(HOLDS(antarctic, -90, 5) && HOLDS(antarctic, -71, 0) && HOLDS(antarctic, -61, 90));
    ck_assert(HOLDS(antarctic, -71, 180) && HOLDS(antarctic, -71, -180));
    ck_assert(!HOLDS(antarctic, -61, 0) && !HOLDS(antarctic, 90, 5) && !HOLDS(antarctic, 0, 0));
}
END_TEST

START_TEST(test_polygon_with_a_corner_at_a_pole)
{
    static const struct mcx_point slice[] = {{90, 10}, {60, 0}, {60, 20}};

    ck_assert(HOLDS(slice, 90, 0) && HOLDS(slice, 90, -170) && HOLDS(slice, 61, 10));
    ck_assert(!HOLDS(slice, 61, 30) && !HOLDS(slice, -90, 10));
}
END_TEST

/* What the database looks for by index must not lose a place. */
START_TEST(test_polygon_lies_in_its_box)
{
    srandom(2);
    for (int round = 0; round < 3000; round++) {
        struct mcx_point ring[5];
        struct mcx_box box;

        for (int i = 0; i < 5; i++)
            ring[i] = (struct mcx_point){(double)(random() % 1801) / 10 - 90,
                                         (double)(random() % 3601) / 10 - 180};
        box = mcx_polygon_box(ring, 5);
        ck_assert(box.west >= -180 && box.west <= 180 && box.east >= -180 && box.east <= 180);
        for (int i = 0; i < 50; i++) {
            struct mcx_point point = {(double)(random() % 1801) / 10 - 90,
                                      (double)(random() % 3601) / 10 - 180};

            if (mcx_polygon_holds(ring, 5, point))
                ck_assert_msg(mcx_box_holds(&box, point), "round %d: %f %f", round, point.latitude,
                              point.longitude);
        }
    }
}
END_TEST

START_TEST(test_polygons_that_are_none)
{
    static const struct mcx_point two[] = {{0, 0}, {1, 1}};
    static const struct mcx_point line[] = {{0, 0}, {1, 1}, {2, 2}};
    static const struct mcx_point same[] = {{5, 5}, {5, 5}, {5, 5}};
    static const struct mcx_point north[] = {{0, 0}, {91, 0}, {0, 1}};
    static const struct mcx_point east[] = {{0, 0}, {1, 181}, {0, 1}};
    const struct mcx_point nan_corner[] = {{0, 0}, {(double)NAN, 0}, {0, 1}};
    static const struct mcx_point twice[] = {{60, 0}, {60, 120}, {60, -120},
                                             {61, 0}, {61, 120}, {61, -120}};
    static struct mcx_point many[MCX_POLYGON_MAX + 1];

    ck_assert_int_eq(CHECK_RING(two), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(line), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(same), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(north), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(east), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(nan_corner), MCX_INVALID);
    ck_assert_int_eq(CHECK_RING(twice), MCX_INVALID);
    for (size_t i = 0; i <= MCX_POLYGON_MAX; i++)
        many[i] = (struct mcx_point){10 * sin((double)i / 42), 10 * cos((double)i / 42)};
    ck_assert_int_eq(CHECK_RING(many), MCX_INVALID);
    ck_assert_int_eq(mcx_polygon_check(many, MCX_POLYGON_MAX), MCX_OK);
    ck_assert(mcx_polygon_holds(many, MCX_POLYGON_MAX, (struct mcx_point){0, 0}));
    ck_assert(!HOLDS(two, 0, 0));
}
END_TEST

START_TEST(test_all_that_a_row_says_must_hold)
{
    struct mcx_area area = {.plmn = mcx_span_of("00101")};
    struct mcx_location location = network("00101", false);

    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_IN);
    area.eci_prefix = mcx_span_of("1a");
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_UNKNOWN);
    location.has_eci = true;
    location.eci = 0x1a00000;
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_IN);
    area.has_box = true;
    area.box = (struct mcx_box){47, 49, 11, 12};
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_UNKNOWN);
    location.has_point = true;
    location.latitude = 48;
    location.longitude = 11.5;
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_IN);
    area.has_circle = true; /* the box is only the circle's now */
    area.center = (struct mcx_point){48, 11.5};
    area.radius_m = 1000;
    location.latitude = 48.02;
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_OUT);
    area.has_circle = false;
    area.corner_count = 3;
    area.corner[0] = (struct mcx_point){47, 11};
    area.corner[1] = (struct mcx_point){47, 12};
    area.corner[2] = (struct mcx_point){49, 11.5};
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_IN);
    location.longitude = 11.1;
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_OUT);
    location = (struct mcx_location){.has_point = true, .latitude = 0};
    ck_assert_int_eq(mcx_area_judge(&area, &location), MCX_AREA_OUT); /* out, PLMN unknown */
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("area");

    tcase_add_test(tests, test_plmn_digits_and_filler);
    tcase_add_test(tests, test_no_plmn_fits_none);
    tcase_add_test(tests, test_cell_prefix);
    tcase_add_test(tests, test_box);
    tcase_add_test(tests, test_great_circle_distance);
    tcase_add_test(tests, test_circle_lies_in_its_box);
    tcase_add_test(tests, test_circle_over_antimeridian_and_pole);
    tcase_add_test(tests, test_polygon_with_a_bay);
    tcase_add_test(tests, test_polygon_either_way_round_and_closed_or_not);
    tcase_add_test(tests, test_polygon_over_the_antimeridian);
    tcase_add_test(tests, test_polygon_around_a_pole);
    tcase_add_test(tests, test_polygon_with_a_corner_at_a_pole);
    tcase_add_test(tests, test_polygon_lies_in_its_box);
    tcase_add_test(tests, test_polygons_that_are_none);
    tcase_add_test(tests, test_all_that_a_row_says_must_hold);
    return unit_run(tests);
}
