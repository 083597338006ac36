/* SPDX-License-Identifier: Apache-2.0 */
/* What the two bare extensions share: the MAR's dictionary entries, and AVPs by name. No state
 * beyond what is found at start; called in dispatch threads. Each function answers 0 or an errno.
 */
#ifndef BARE_AVP_H
#define BARE_AVP_H

#include "extension_entry.h"

struct bare_avp {
    struct dict_object *model;
};

/* Finds an AVP by name; it must be in a dictionary that is loaded. */
int bare_avp_find(const char *name, struct bare_avp *out);
int bare_avp_add(msg_or_avp *parent, struct bare_avp avp, const void *octets, size_t len);
int bare_avp_add_u32(msg_or_avp *parent, struct bare_avp avp, uint32_t value);
int bare_avp_add_group(msg_or_avp *parent, struct bare_avp avp, struct avp **out);
/* Copies an AVP with all that it holds to the end of parent. */
int bare_avp_copy(msg_or_avp *parent, struct avp *from);

/* Serves the Cx MAR with callback, declares the application, and lets any peer in without TLS. */
int bare_avp_serve_mar(int (*callback)(struct msg **, struct avp *, struct session *, void *,
                                       enum disp_action *),
                       struct dict_object **command);

#endif
