/* SPDX-License-Identifier: Apache-2.0 */
/* MIR and MRR at the SIP database (CR 10.1.X.1 steps 5, 6, 10 and 11): from the message's values to
 * what the answer says. Knows neither Diameter messages nor SQL. Worker thread; one transaction
 * each, except for rare cases. */
#ifndef MCX_HSS_MIGRATION_H
#define MCX_HSS_MIGRATION_H

#include "policy/mcx.h"
#include "store/session.h"

/* Which AVP the answer's Failed-AVP quotes. */
enum mcx_culprit { MCX_CULPRIT_NONE, MCX_CULPRIT_MC_USER_ID, MCX_CULPRIT_EXPIRY, MCX_CULPRIT_IMPU };

/* For the log, and for the answer. */
struct mcx_migration_said {
    const char *reason; /* one static word */
    char detail[300];   /* the name that is in the way; never for the other side */
    enum mcx_culprit culprit;
};

/* OK: given->result says it: 2001 with identities and expiry; MCX 5004 unknown user, or an identity
 * that is a migration identity here; 5001 barred; 5002 partner, realm, host or domain not agreed;
 * 4001 no identity to be had; 5003 the id was released before, or is another's; base 5007 live with
 * another MC-User-Id; 5004 expiry in the past; 5009 more than eight IMPUs together; 5012 a fault.
 * DB_AWAY: unknown whether it was done, run it again. */
MCX_MUST_USE enum mcx_err mcx_hss_mir(struct mcx_session *session, const struct mcx_mir *mir,
                                      struct mcx_given *given, struct mcx_migration_said *said);

/* 2001: ended, now or before. MCX 5003: no such binding of that primary. 5012: a fault. DB_AWAY as
 * above. by: the host that asked. */
MCX_MUST_USE enum mcx_err mcx_hss_mrr(struct mcx_session *session, const struct mcx_mrr *mrr,
                                      const char *by, struct mcx_result *result,
                                      struct mcx_migration_said *said);

#endif
