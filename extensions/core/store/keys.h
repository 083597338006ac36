/* SPDX-License-Identifier: Apache-2.0 */
/* Key-encryption keys: registered by check value before use, and rotated. Blocks on the database.
 */
#ifndef MCX_STORE_KEYS_H
#define MCX_STORE_KEYS_H

#include "aka/wrap.h"
#include "store/admin.h"

/* Fills the ring from mcx.conf; the first key wraps. Wipe it after use. */
void mcx_keyring_from(const struct mcx_conf *conf, struct mcx_keyring *ring);

/* Stores the check values of all keys of the ring that are not there yet. AUTH: another key has
 * that id. In or outside a transaction. */
MCX_MUST_USE enum mcx_err mcx_store_keys_register(struct mcx_session *session,
                                                  const struct mcx_keyring *ring,
                                                  struct mcx_conf_problem *problem);

/* Inside the transaction that stores what the ring's first key wrapped: it is registered, and not
 * retired before that transaction ends. The ring has one key at least. AUTH as above; NOT_LIVE: it
 * is retired already. */
MCX_MUST_USE enum mcx_err mcx_store_key_hold(struct mcx_session *session,
                                             const struct mcx_keyring *ring,
                                             struct mcx_conf_problem *problem);

struct mcx_rotation {
    uint64_t wrapped, failed; /* rows done; rows that no loaded key opens, left as they are */
};
/* Wraps every credential, PDN access credential and kept document with the ring's first key, a
 * batch a transaction; resumable: run it again. When nothing is left on the other keys, marks them
 * retired. */
MCX_MUST_USE enum mcx_err mcx_store_keys_rotate(struct mcx_session *session,
                                                const struct mcx_keyring *ring,
                                                struct mcx_rotation *rotation,
                                                struct mcx_conf_problem *problem);

#endif
