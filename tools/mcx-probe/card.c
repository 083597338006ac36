/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and state of the card, and the check of one vector: MAC, freshness by TS 33.102 C.2, then
 * RES, CK and IK. Keys are wiped at the end and never shown. */
#include "card.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "link.h"
#include "report.h"

enum { KEY_AMF = 0x380, KEY_USIM, KEY_SEQ_MS, KEY_RESYNC };

static const struct argp_option options_table[] = {
    {"amf", KEY_AMF, "HEX", 0, "AMF to expect in AUTN", 3},
    {"usim", KEY_USIM, "FILE", 0,
     "keeps the card's array of 32 SEQ_MS between runs; made when absent", 0},
    {"sqn-ms", KEY_SEQ_MS, "SEQ", 0, "set every SEQ_MS of the card before the first request", 0},
    {"resync", KEY_RESYNC, NULL, 0, "on a synchronisation failure ask again with RAND and AUTS", 0},
    {0}};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct card_options *options = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &options->keys;
        return 0;
    case KEY_AMF:
        options->amf = arg;
        return 0;
    case KEY_USIM:
        options->usim_file = arg;
        return 0;
    case KEY_SEQ_MS:
        options->seq_ms = link_number(state, arg, "--sqn-ms", 0, MCX_SEQ_MAX);
        return 0;
    case KEY_RESYNC:
        options->resync = true;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp_child children[] = {{&wire_keys_argp, 0, NULL, 0}, {0}};
const struct argp card_argp = {options_table, parse, NULL, NULL, children, NULL, NULL};

static bool load_state(const struct card_options *options, struct card *card, char *reason,
                       size_t size)
{
    json_error_t error;
    json_t *state = json_load_file(options->usim_file, JSON_REJECT_DUPLICATES, &error);
    if (!state && json_error_code(&error) == json_error_cannot_open_file)
        return true; /* a new card */
    const json_t *seq_ms = json_object_get(state, "seq_ms");
    bool sound = json_array_size(seq_ms) == 32;
    for (size_t i = 0; sound && i < 32; i++) {
        card->usim.seq_ms[i] = json_integer_value(json_array_get(seq_ms, i));
        sound = card->usim.seq_ms[i] >= 0 && card->usim.seq_ms[i] <= MCX_SEQ_MAX;
    }
    json_decref(state);
    if (!sound)
        snprintf(reason, size, "%s: not a card's state", options->usim_file);
    return sound;
}

bool card_load(struct card_options *options, struct card *card, char *reason, size_t size)
{
    struct wire_keys keys;
    memset(card, 0, sizeof(*card));
    if (!wire_keys_load(&options->keys, &keys, reason, size))
        return false;
    card->present = keys.present;
    card->usim.k = keys.k;
    card->usim.opc = keys.opc;
    wire_keys_wipe(&keys);
    if (options->amf && mcx_hex_decode(mcx_span_of(options->amf), card->amf, 2) != MCX_OK) {
        snprintf(reason, size, "--amf: 4 hex digits, please");
        return false;
    }
    card->has_amf = options->amf;
    if (options->usim_file && !load_state(options, card, reason, size))
        return false;
    for (size_t i = 0; options->seq_ms >= 0 && i < 32; i++)
        card->usim.seq_ms[i] = options->seq_ms;
    return true;
}

bool card_save(const struct card_options *options, const struct card *card, char *reason,
               size_t size)
{
    char fresh[4096];
    if (!options->usim_file)
        return true;
    json_t *seq_ms = json_array();
    for (size_t i = 0; i < 32; i++)
        json_array_append_new(seq_ms, json_integer(card->usim.seq_ms[i]));
    json_t *state = json_pack("{s:o}", "seq_ms", seq_ms);
    bool done = snprintf(fresh, sizeof(fresh), "%s.new", options->usim_file) < (int)sizeof(fresh) &&
                json_dump_file(state, fresh, JSON_COMPACT) == 0 &&
                rename(fresh, options->usim_file) == 0;
    json_decref(state);
    if (!done)
        snprintf(reason, size, "%s: %s", options->usim_file, strerror(errno));
    return done;
}

void card_wipe(struct card *card)
{
    mcx_wipe(card, sizeof(*card));
}

static bool matches(struct mcx_span item, enum wire_id id, const void *own, size_t len)
{
    struct wire_avp avp;
    return wire_msg_find(item, id, 0, &avp) && avp.body.len == len &&
           mcx_secret_equal(avp.body.octets, own, len);
}

static void judge(struct card *card, struct mcx_span item, const struct mcx_av *own,
                  struct card_check *check)
{
    check->mac_ok = check->is_fresh = true;
    check->res_matches = matches(item, WIRE_SIP_AUTHORIZATION, own->xres, own->xres_len);
    check->ck_matches = matches(item, WIRE_CONFIDENTIALITY_KEY, own->ck.octets, 16);
    check->ik_matches = matches(item, WIRE_INTEGRITY_KEY, own->ik.octets, 16);
    check->amf_matches = !card->has_amf || memcmp(check->amf, card->amf, 2) == 0;
    bool is_sound =
        check->res_matches && check->ck_matches && check->ik_matches && check->amf_matches;
    check->verdict = is_sound ? CARD_OK : CARD_WRONG;
}

void card_run(struct card *card, struct mcx_span item, struct card_check *check)
{
    struct wire_avp authenticate;
    struct mcx_av own;
    *check = (struct card_check){.verdict = CARD_MALFORMED};
    if (!wire_msg_find(item, WIRE_SIP_AUTHENTICATE, 0, &authenticate) ||
        authenticate.body.len != 32)
        return; /* RAND and AUTN, TS 29.229 6.3.10 */
    check->verdict = CARD_UNCHECKED;
    if (!card->present)
        return;
    const uint8_t *rand = authenticate.body.octets;
    memcpy(check->rand_auts, rand, 16);
    switch (mcx_usim_run(&card->usim, rand, rand + 16, &own, check->rand_auts + 16, check->amf,
                         &check->seq, &check->ind)) {
    case MCX_USIM_RES:
        judge(card, item, &own, check);
        break;
    case MCX_USIM_MAC_FAILURE:
        check->verdict = CARD_MAC_FAILURE;
        break;
    case MCX_USIM_SYNC_FAILURE:
        check->verdict = CARD_SYNC_FAILURE;
        check->mac_ok = true;
        break;
    }
    mcx_av_wipe(&own);
}

json_t *card_report(const struct card_check *check, struct mcx_span item)
{
    static const char *const verdicts[] = {
        [CARD_OK] = "ok",
        [CARD_UNCHECKED] = "unchecked",
        [CARD_MALFORMED] = "malformed",
        [CARD_MAC_FAILURE] = "mac_failure",
        [CARD_SYNC_FAILURE] = "sync_failure",
        [CARD_WRONG] = "wrong",
    };
    char amf[5];
    struct wire_avp scheme;
    uint32_t number;
    json_t *json = json_pack("{s:s}", "check", verdicts[check->verdict]);
    if (wire_msg_find_u32(item, WIRE_SIP_ITEM_NUMBER, &number))
        json_object_set_new(json, "item_number", json_integer(number));
    if (wire_msg_find(item, WIRE_SIP_AUTHENTICATION_SCHEME, 0, &scheme))
        json_object_set_new(json, "scheme", report_text(scheme.body));
    if (check->verdict == CARD_UNCHECKED || check->verdict == CARD_MALFORMED)
        return json;
    json_object_set_new(json, "mac_ok", json_boolean(check->mac_ok));
    if (!check->mac_ok)
        return json;
    mcx_hex_encode(mcx_span(check->amf, 2), amf);
    json_t *more =
        json_pack("{s:b, s:I, s:i, s:s, s:b, s:b, s:b, s:b}", "sqn_fresh", check->is_fresh, "seq",
                  (json_int_t)check->seq, "ind", check->ind, "amf", amf, "amf_ok",
                  check->amf_matches, "res_matches", check->res_matches, "ck_matches",
                  check->ck_matches, "ik_matches", check->ik_matches);
    json_object_update(json, more);
    json_decref(more);
    return json;
}
