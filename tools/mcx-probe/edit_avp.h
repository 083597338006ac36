/* SPDX-License-Identifier: Apache-2.0 */
/* What each edit does to the tree. All answer false when the AVP is not there or the value makes no
 * sense. */
#ifndef PROBE_EDIT_AVP_H
#define PROBE_EDIT_AVP_H

#include "wire/tree.h"

typedef bool edit_fn(struct wire_tree *tree, const char *name, const char *value);

edit_fn edit_avp_omit, edit_avp_repeat, edit_avp_empty, edit_avp_set, edit_avp_set_hex,
    edit_avp_length, edit_avp_flags, edit_avp_add, edit_avp_insert, edit_avp_route_record,
    edit_avp_proxy_info, edit_avp_session_id_hex;
edit_fn edit_header_flags, edit_header_length, edit_header_version, edit_header_command,
    edit_header_application, edit_header_t_flag;

#endif
