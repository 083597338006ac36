/* SPDX-License-Identifier: Apache-2.0 */
/* What a Diameter answer says: a Result-Code or an Experimental-Result of 3GPP, never both (RFC
 * 6733 7.6). */
#ifndef MCX_POLICY_RESULT_H
#define MCX_POLICY_RESULT_H

#include <stdbool.h>
#include <stdint.h>

struct mcx_result {
    uint32_t code;
    bool is_experimental; /* Vendor-Id 10415, or of the MCX applications if is_mcx */
    bool is_mcx;
};

enum {
    MCX_RC_SUCCESS = 2001,             /* RFC 6733 7.1.2 */
    MCX_RC_COMMAND_UNSUPPORTED = 3001, /* RFC 6733 7.1.3, E bit */
    MCX_RC_UNABLE_TO_DELIVER = 3002,
    MCX_RC_TOO_BUSY = 3004,
    MCX_RC_LOOP_DETECTED = 3005,
    MCX_RC_REDIRECT_INDICATION = 3006,
    MCX_RC_APPLICATION_UNSUPPORTED = 3007,
    MCX_RC_INVALID_AVP_VALUE = 5004, /* RFC 6733 7.1.5 */
    MCX_RC_MISSING_AVP = 5005,
    MCX_RC_CONTRADICTING_AVPS = 5007,
    MCX_RC_AVP_NOT_ALLOWED = 5008,
    MCX_RC_AVP_OCCURS_TOO_MANY_TIMES = 5009,
    MCX_RC_UNABLE_TO_COMPLY = 5012,
    MCX_RC_INVALID_AVP_LENGTH = 5014,
    MCX_EXP_USER_UNKNOWN = 5001, /* TS 29.229 6.2.2 */
    MCX_EXP_IDENTITIES_DONT_MATCH = 5002,
    MCX_EXP_AUTH_SCHEME_NOT_SUPPORTED = 5006,
    MCX_EXP_FEATURE_UNSUPPORTED = 5011,
    MCX_EXP_ZH_IDENTITY_UNKNOWN = 5401, /* TS 29.109 6.2 */
    /* Experimental results of the MCX applications, design 3. */
    MCX_MCX_IDENTITIES_EXHAUSTED = 4001,
    MCX_MCX_SYSTEM_UNAVAILABLE = 4002,
    MCX_MCX_USER_NOT_AUTHORIZED = 5001,
    MCX_MCX_NO_AGREEMENT = 5002,
    MCX_MCX_UNKNOWN_BINDING = 5003,
    MCX_MCX_UNKNOWN_USER = 5004
};

static inline struct mcx_result mcx_result_code(uint32_t code)
{
    return (struct mcx_result){.code = code};
}
static inline struct mcx_result mcx_result_experimental(uint32_t code)
{
    return (struct mcx_result){.code = code, .is_experimental = true};
}
static inline struct mcx_result mcx_result_mcx(uint32_t code)
{
    return (struct mcx_result){.code = code, .is_experimental = true, .is_mcx = true};
}
/* An Experimental-Result of 2001 is nobody's success. */
static inline bool mcx_result_is_success(struct mcx_result result)
{
    return !result.is_experimental && result.code == MCX_RC_SUCCESS;
}
/* For logs, before the code: 2001, exp:5001, mcx:5004. */
static inline const char *mcx_result_prefix(struct mcx_result result)
{
    if (!result.is_experimental)
        return "";
    return result.is_mcx ? "mcx:" : "exp:";
}

#endif
