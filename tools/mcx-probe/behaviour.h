/* SPDX-License-Identifier: Apache-2.0 */
/* How respond answers: a table of names, each a plan that differs from the sound answer in one
 * thing. */
#ifndef PROBE_BEHAVIOUR_H
#define PROBE_BEHAVIOUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum behaviour_act { ACT_ANSWER, ACT_SILENCE, ACT_CLOSE, ACT_STOP_READING, ACT_GARBAGE };
enum behaviour_identity { IDENTITY_ASKED, IDENTITY_OTHER, IDENTITY_ABSENT };
#define LEN_ABSENT (-1)

struct behaviour_plan {
    enum behaviour_act act;
    uint32_t result; /* 0: 2001 */
    bool is_experimental, both_results, no_result;
    int authenticate_len, xres_len, ck_len, ik_len; /* 0: as it should be; LEN_ABSENT */
    const char *scheme;                             /* NULL: as asked; "": absent */
    bool no_items, no_item_number, no_number;
    unsigned more_items; /* than asked */
    int number_shift;    /* SIP-Number-Auth-Items differs from the items by that */
    enum behaviour_identity impi, impu;
    const char *realm, *host; /* Origin-*; NULL: ours */
    const char *redirect;     /* Redirect-Host */
    bool unparsable, unknown_mbit, extras, secrets, duplicate, wrong_session, wrong_hop_by_hop,
        huge;
    uint32_t late_ms;
};

struct behaviour {
    const char *name; /* static */
    struct behaviour_plan plan;
};

/* "name" or "name:argument"; the argument is borrowed. false: no such behaviour, or a bad argument.
 */
bool behaviour_parse(const char *text, struct behaviour *out);
/* One line per behaviour, for --help; static. */
const char *behaviour_help(void);

#endif
