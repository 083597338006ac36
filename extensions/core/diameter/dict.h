/* SPDX-License-Identifier: Apache-2.0 */
/* The dictionary objects that our code uses, found once at start by code and vendor. After
 * mcx_dict_start read-only; any thread; never blocks. */
#ifndef MCX_DIAMETER_DICT_H
#define MCX_DIAMETER_DICT_H

#include "base/conf.h"
#include "diameter/fd.h"

enum mcx_avp_name {
#define MCX_AVP(name, code, vendor, type) MCX_AVP_##name,
#include "diameter/dict.def"
#undef MCX_AVP
    MCX_AVP_NAMES
};

enum {
    MCX_VENDOR_3GPP = 10415,
    MCX_APP_CX = 16777216, /* TS 29.229 */
    MCX_APP_ZH = 16777221, /* TS 29.109 */
    MCX_CMD_MAR = 303,
    MCX_CMD_RTR = 304,      /* TS 29.229 6.1.9 */
    MCX_CMD_PPR = 305,      /* 6.1.11 */
    MCX_CMD_MIR = 16777180, /* of the MCX applications, dictionaries/mcx.ccf */
    MCX_CMD_PAR = 16777181,
    MCX_CMD_MRR = 16777182
};

/* 0, or errno after a logged sentence naming what dict_cx or dict_mcx did not bring under the
 * numbers of the section mcx. Idempotent. */
int mcx_dict_start(const struct mcx_conf *conf);

/* The configured numbers; 0 before mcx_dict_start. */
uint32_t mcx_dict_mcx_vendor(void);
uint32_t mcx_dict_sdb(void);
uint32_t mcx_dict_ss(void);
/* The Vendor-Id that goes with an application of ours; 0: none of ours. */
uint32_t mcx_dict_vendor_of(uint32_t application);

enum mcx_avp_type { MCX_TYPE_OCTETS, MCX_TYPE_U32, MCX_TYPE_I32, MCX_TYPE_GROUP };

/* MCX_AVP_NAMES: none of ours. */
enum mcx_avp_name mcx_dict_name(uint32_t code, uint32_t vendor);
enum mcx_avp_type mcx_dict_type(enum mcx_avp_name name);
uint32_t mcx_dict_code(enum mcx_avp_name name);
uint32_t mcx_dict_vendor(enum mcx_avp_name name);
struct dict_object *mcx_dict_avp(enum mcx_avp_name name);
/* NULL: none of ours. A request's answer is found by freeDiameter. */
struct dict_object *mcx_dict_vendor_object(uint32_t application);
struct dict_object *mcx_dict_app(uint32_t application);
struct dict_object *mcx_dict_request(uint32_t command);

#endif
