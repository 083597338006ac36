/* SPDX-License-Identifier: Apache-2.0 */
/* Access tokens of UEs (TS 33.180 Annex B, RFC 7519, RFC 6750; design 8): signed by a key of an
 * issuer in cms.token_issuers, alive, meant for us. Nothing but keys is kept; tokens are logged at
 * no level. */
#ifndef MCX_HTTP_TOKEN_H
#define MCX_HTTP_TOKEN_H

#include "base/conf.h"
#include "policy/service.h"

#define MCX_TOKEN_MAX 8192 /* octets */

enum mcx_token_fault {
#define MCX_TOKEN_FAULT(name, label, detail) MCX_TOKEN_##name,
#include "http/token_faults.def"
#undef MCX_TOKEN_FAULT
};
const char *mcx_token_fault_label(enum mcx_token_fault fault);
const char *mcx_token_fault_detail(enum mcx_token_fault fault); /* a sentence for its bearer */

/* What a sound token grants: the MC service ids of its user (the claims) for those services whose
 * configuration management scope it has. May be none. */
struct mcx_token {
    struct mcx_service_ids granted;
};

struct mcx_tokens;

/* Reads the JWKS files of all issuers. CONF: *problem says which and why. conf is borrowed until
 * close. Blocks on the files. */
MCX_MUST_USE enum mcx_err mcx_tokens_open(const struct mcx_conf *conf, struct mcx_tokens **out,
                                          struct mcx_conf_problem *problem);
void mcx_tokens_close(struct mcx_tokens **tokens);

/* Any thread. Looks at the JWKS files first, at most once a second; a new one that is no good is
 * logged and the keys stay. May block on these files, never on anything else. *out only with OK. */
MCX_MUST_USE enum mcx_token_fault mcx_token_check(struct mcx_tokens *tokens,
                                                  struct mcx_span compact, struct mcx_token *out);

#endif
