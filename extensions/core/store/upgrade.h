/* SPDX-License-Identifier: Apache-2.0 */
/* Brings a database to the newest schema, file by file, one transaction each; rules in
 * schema/README.md. Blocks. */
#ifndef MCX_STORE_UPGRADE_H
#define MCX_STORE_UPGRADE_H

#include "store/session.h"

struct mcx_upgrade {
    const char *schema_dir;
    const char *daemon_role, *read_role;
    int from_version, to_version; /* answers */
};

/* Idempotent, and safe when two run at once. CONF: files missing, out of order, or changed after
 * they were applied, the database is newer than the files, or a role is the owner or the other one;
 * *problem says what to do. A refused file leaves what the files before it did. */
MCX_MUST_USE enum mcx_err mcx_store_upgrade(struct mcx_session *session,
                                            struct mcx_upgrade *upgrade,
                                            struct mcx_conf_problem *problem);

#endif
