/* SPDX-License-Identifier: Apache-2.0 */
/* identity: whatever octets come, the answer is an error or a clean key that is its own canonical
 * form. Inputs lie in exactly sized heap blocks, so that a sanitizer sees one octet too far. */
#include "identity/identity.h"
#include <stdio.h>

#include "unit.h"

typedef enum mcx_err (*canonical_fn)(struct mcx_span in, struct mcx_str *out);

static const canonical_fn functions[] = {mcx_impi_canonical, mcx_impu_canonical,
                                         mcx_host_canonical};

/* Returns whether it was taken. */
static bool assert_sound(canonical_fn canonical, const void *octets, size_t len)
{
    uint8_t *exact = malloc(len ? len : 1);
    struct mcx_str out = {3, "old"}, again;
    enum mcx_err err;

    memcpy(exact, octets, len);
    err = canonical(mcx_span(exact, len), &out);
    free(exact);
    if (err != MCX_OK) {
        ck_assert(err == MCX_INVALID || (err == MCX_TOO_LONG && len > 200));
        ck_assert_str_eq(out.octets, "old");
        return false;
    }
    ck_assert(out.len > 0 && strlen(out.octets) == out.len);
    for (size_t i = 0; i < out.len; i++) {
        uint8_t octet = (uint8_t)out.octets[i];

        ck_assert(octet > 0x20 && octet != 0x7f && octet != '!');
    }
    ck_assert_int_eq(canonical(mcx_span_str(&out), &again), MCX_OK);
    ck_assert(mcx_str_equal(&out, &again));
    return true;
}

START_TEST(test_every_octet_at_every_place)
{
    static const char *const seeds[] = {
        "user@primary.example", "sip:us%41r@a.example:5060;lr?x=y", "sips:u@[2001:db8::1]:5061",
        "tel:+1-555;ext=1",     "tel:70;phone-context=a.b",         "hss.primary.example"};

    for (size_t seed = 0; seed < sizeof seeds / sizeof seeds[0]; seed++)
        for (size_t at = 0; at < strlen(seeds[seed]); at++)
            for (int octet = 0; octet < 256; octet++) {
                char text[64];

                strcpy(text, seeds[seed]);
                text[at] = (char)octet;
                for (size_t f = 0; f < 3; f++)
                    (void)assert_sound(functions[f], text, strlen(seeds[seed]));
            }
}
END_TEST

START_TEST(test_every_prefix)
{
    static const char seed[] = "sip:us%41r%c3%bc@a.example.:5060;lr;a=%41?x=y";

    for (size_t len = 0; len < sizeof seed; len++)
        for (size_t f = 0; f < 3; f++)
            (void)assert_sound(functions[f], seed, len);
}
END_TEST

/* Each octet alone as a user: which are taken is known from the grammars. */
START_TEST(test_every_octet_alone_as_a_user)
{
    static const char alnum[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    for (int octet = 0; octet < 256; octet++) {
        const char impi[] = {(char)octet, '@', 'x'},
                   impu[] = {'s', 'i', 'p', ':', (char)octet, '@', 'x'};
        bool is_alnum = octet && strchr(alnum, octet);

        ck_assert_int_eq(assert_sound(mcx_impi_canonical, impi, sizeof impi),
                         is_alnum || (octet && strchr("#$%&'*+-./=?^_`{|}~", octet)));
        ck_assert_int_eq(assert_sound(mcx_impu_canonical, impu, sizeof impu),
                         is_alnum || (octet && strchr("-_.~*'()&=+$,;?/", octet)));
    }
}
END_TEST

START_TEST(test_every_escape_as_a_user)
{
    for (int octet = 0; octet < 256; octet++) {
        char text[16];
        int len = snprintf(text, sizeof text, "sip:%%%02x@x", (unsigned)octet);

        ck_assert_int_eq(assert_sound(mcx_impu_canonical, text, (size_t)len),
                         octet >= 0x20 && octet < 0x7f && octet != '!');
    }
}
END_TEST

static uint64_t state = 23003;
static uint32_t draw(uint32_t below)
{
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(state >> 33) % below;
}

/* Pieces of URIs strung together, so that many inputs get far into the parsers. */
START_TEST(test_drawn_texts)
{
    static const char *const pieces[] = {
        "sip:",  "SIPS:",    "tel:", "user", "@", "%41", "%2",   "%c3%bc",
        "%00",   "%21",      "!",    ";",    "?", ":",   "5060", "a.example",
        "[::1]", "[",        "]",    ".",    "-", "+1",  "7042", ";phone-context=",
        "=",     "\xc3\xbc", "\xff", " ",    "(", "*",   "#",    "A",
        "z",     "0",        "&",    "/",    "_"};
    size_t taken = 0;

    for (int round = 0; round < 60000; round++) {
        char text[400];
        size_t len = 0, count = draw(10);

        for (size_t i = 0; i < count; i++) {
            const char *piece = pieces[draw(sizeof pieces / sizeof pieces[0])];

            memcpy(text + len, piece, strlen(piece));
            len += strlen(piece);
        }
        for (size_t f = 0; f < 3; f++)
            taken += assert_sound(functions[f], text, len);
    }
    ck_assert(taken > 1000); /* else the pieces no longer reach the parsers' ends */
}
END_TEST

START_TEST(test_drawn_octets)
{
    for (int round = 0; round < 20000; round++) {
        uint8_t octets[300];
        size_t len = draw(sizeof octets), scheme = draw(4);

        for (size_t i = 0; i < len; i++)
            octets[i] = (uint8_t)draw(256);
        if (scheme < 3 && len > 5)
            memcpy(octets, &"sip:xsips:tel:x"[scheme * 5], 5);
        for (size_t f = 0; f < 3; f++)
            (void)assert_sound(functions[f], octets, len);
    }
}
END_TEST

int main(void)
{
    TCase *tests = tcase_create("identity_hostile");

    tcase_add_test(tests, test_every_octet_at_every_place);
    tcase_add_test(tests, test_every_prefix);
    tcase_add_test(tests, test_every_octet_alone_as_a_user);
    tcase_add_test(tests, test_every_escape_as_a_user);
    tcase_add_test(tests, test_drawn_texts);
    tcase_add_test(tests, test_drawn_octets);
    return unit_run(tests);
}
