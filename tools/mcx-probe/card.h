/* SPDX-License-Identifier: Apache-2.0 */
/* The USIM that checks vectors: keys from options, file or environment, the array of SEQ_MS in a
 * state file. */
#ifndef PROBE_CARD_H
#define PROBE_CARD_H

#include <argp.h>
#include <jansson.h>

#include "aka/aka.h"
#include "wire/keys.h"
#include "wire/msg.h"

struct card_options {
    struct wire_keys_options keys;
    const char *amf, *usim_file;
    int64_t seq_ms; /* -1: as the state file says */
    bool resync;
};
#define CARD_OPTIONS_INIT                                                                          \
    {                                                                                              \
        .seq_ms = -1                                                                               \
    }

struct card {
    bool present; /* K and OP or OPc were given */
    bool has_amf;
    uint8_t amf[2];
    struct mcx_usim usim;
};

/* A card's view of one SIP-Auth-Data-Item. */
enum card_verdict {
    CARD_OK,
    CARD_UNCHECKED,
    CARD_MALFORMED,
    CARD_MAC_FAILURE,
    CARD_SYNC_FAILURE,
    CARD_WRONG
};
struct card_check {
    enum card_verdict verdict;
    bool mac_ok, is_fresh, res_matches, ck_matches, ik_matches, amf_matches;
    int64_t seq;
    uint8_t ind, amf[2];
    uint8_t rand_auts[30]; /* SYNC_FAILURE: what SIP-Authorization of the next MAR holds,
                              TS 29.228 6.3 */
};

extern const struct argp card_argp; /* input: struct card_options */

/* false: reason. */
bool card_load(struct card_options *options, struct card *card, char *reason, size_t size);
/* Writes the state file, if one was named. false: reason. */
bool card_save(const struct card_options *options, const struct card *card, char *reason,
               size_t size);
void card_wipe(struct card *card);

/* Runs one item through the card; the card learns the SQN of a sound one. */
void card_run(struct card *card, struct mcx_span item, struct card_check *check);
json_t *card_report(const struct card_check *check, struct mcx_span item);

#endif
