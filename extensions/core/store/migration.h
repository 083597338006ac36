/* SPDX-License-Identifier: Apache-2.0 */
/* Table migration: what the configuration management server of the primary has asked of partners
 * and got (CR 10.1.X.1 steps 4 to 13). One statement a step where nothing unusual was found before.
 * Worker thread; blocks on the database. All answer DB_AWAY and DB_ERROR. */
#ifndef MCX_STORE_MIGRATION_ROW_H
#define MCX_STORE_MIGRATION_ROW_H

#include "policy/migration.h"
#include "store/session.h"

/* One migration on its way: all that MIR and PAR say. */
struct mcx_migration {
    char binding_id[MCX_UUID_TEXT];
    struct mcx_str own_system; /* MC-System-Id of this system */
    struct mcx_str mc_user_id, device;
    struct mcx_identities own;
    bool is_masked, is_requested, is_ordered;
    int64_t partner_id;
    int64_t agreement_id; /* that step 3 found; 0: not known */
    struct mcx_str partner, partner_realm;
    struct mcx_service_ids services;
    struct mcx_str device_realm, device_host; /* of the user's SIP database; len 0: the own one's */
    struct mcx_str database_realm, database_host; /* Primary-SIP-Database; host len 0: none */
    int64_t asked_expires_s;                      /* MCX_NEVER: unlimited */
    struct mcx_identities asked;                  /* what step 6 gave; count 0: not yet */
    /* live ones only */
    bool is_active;
    struct mcx_identities inbound;
    int64_t expires_s;
};

/* Why a migration ends. */
struct mcx_migration_end {
    const char *binding_id;
    const char *cause;             /* released, revoked, expired, replaced, refused */
    const char *reason;            /* a sentence for the operator */
    const char *mc_user_id;        /* of this user only; NULL: of any */
    const struct mcx_str *from;    /* of this partner only; NULL: of any */
    const struct mcx_str *primary; /* only if this system has that id; NULL: whatever */
    bool tells_partner;            /* MRR through the outbox */
};

/* Steps 3 to 4: makes the row, or finds the live one of the same own IMPI and partner, and the task
 * that goes on after a crash, due in resume_s. An expired one, one of another masking or of another
 * user ends first (REPLACED), all in one transaction. Fills *out from *choice and the row;
 * is_active says whether it was given before. Waits for whoever ends an agreement with that
 * partner. NOT_FOUND: own_system is not set. */
MCX_MUST_USE enum mcx_err mcx_store_migration_begin(struct mcx_session *session,
                                                    const struct mcx_migration_choice *choice,
                                                    uint32_t resume_s, struct mcx_migration *out);
/* The same from the row, for the outbox, whether or not it would be allowed now. NOT_LIVE: it has
 * ended. */
MCX_MUST_USE enum mcx_err mcx_store_migration_resume(struct mcx_session *session,
                                                     const char *binding_id,
                                                     struct mcx_migration *out);

/* Steps 2 and 3 again, for one that was begun before: *is_allowed, or choice->reason why not; with
 * a shorter time, if that is what is agreed now. */
MCX_MUST_USE enum mcx_err mcx_store_migration_allowed(struct mcx_session *session,
                                                      struct mcx_migration *migration,
                                                      struct mcx_migration_choice *choice,
                                                      bool *is_allowed);

/* Step 12: active, with the identities of step 6 (asked, of *migration) and 12, and its task is
 * done. document: wrapped octets, empty: none came. *expires_s is what is kept: never earlier than
 * before, nor later than the grant here, or what is agreed now, allows. NOT_LIVE: it has ended in
 * the meantime; the partner is told once more, and the grant taken back, through the outbox. */
MCX_MUST_USE enum mcx_err mcx_store_migration_given(struct mcx_session *session,
                                                    const struct mcx_migration *migration,
                                                    const struct mcx_identities *inbound,
                                                    struct mcx_span document, int64_t *expires_s);

/* Somebody was asked and has not answered, or not to the point. If it has ended in the meantime,
 * that one may have acted after he was told of the end: both are told once more, in after_s. A live
 * one has its task. */
MCX_MUST_USE enum mcx_err mcx_store_migration_unsure(struct mcx_session *session,
                                                     const char *binding_id, uint32_t after_s);

/* Ends it, its task and, in this database, its grant (refuse vectors from that moment on); a grant
 * in another SIP database of this system is ended through the outbox. NOT_FOUND: no live one that
 * fits. */
MCX_MUST_USE enum mcx_err mcx_store_migration_end(struct mcx_session *session,
                                                  const struct mcx_migration_end *end);

/* What the end of that binding still means to the partner. is_removed: it is no partner any more,
 * as an operator wished. is_over: the time that the binding had is over by an hour. */
MCX_MUST_USE enum mcx_err mcx_store_release_state(struct mcx_session *session,
                                                  const char *binding_id, const char *partner,
                                                  bool *is_removed, bool *is_over);

/* The same for a SIP database of this system, host "": any of that realm. is_removed: no device has
 * its subscription there, nor is it the system's main one; looked at only if is_patience_over,
 * since it takes a look at all devices. */
MCX_MUST_USE enum mcx_err mcx_store_release_home_state(
    struct mcx_session *session, const char *binding_id, const struct mcx_str *realm,
    const struct mcx_str *host, bool is_patience_over, bool *is_removed, bool *is_over);

/* For the UE: the active ones of the user who has these service ids, each with what step 12 gave.
 * binding_id NULL: all. At most max rows; *count of them. NOT_FOUND: no such user. */
MCX_MUST_USE enum mcx_err mcx_store_migration_list(struct mcx_session *session,
                                                   const struct mcx_service_ids *services,
                                                   const char *binding_id,
                                                   struct mcx_migration *out, size_t max,
                                                   size_t *count);
/* May the user who has these service ids end it? Live ones of his, also those that nothing was
 * given for yet; and *is_released: he has, so that a repeat is told the same. *mc_user_id: his.
 * NOT_FOUND: no such. */
MCX_MUST_USE enum mcx_err mcx_store_migration_of(struct mcx_session *session,
                                                 const struct mcx_service_ids *services,
                                                 const char *binding_id, struct mcx_str *mc_user_id,
                                                 bool *is_released);
/* Its wrapped document, malloc; NULL: none. */
MCX_MUST_USE enum mcx_err mcx_store_migration_document(struct mcx_session *session,
                                                       const char *binding_id, uint8_t **wrapped,
                                                       size_t *len);

/* Ends what has expired, by the database's clock; their grants have a minute left. *ended: how
 * many. */
MCX_MUST_USE enum mcx_err mcx_store_migration_expire(struct mcx_session *session, size_t *ended);

#endif
