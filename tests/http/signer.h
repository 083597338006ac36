/* SPDX-License-Identifier: Apache-2.0 */
/* An identity management server for tests: fresh keys, its JWKS file in a folder of the test's own,
 * and tokens with any header and claims. */
#ifndef MCX_HTTP_SIGNER_H
#define MCX_HTTP_SIGNER_H

#include <cjose/cjose.h>
#include <jansson.h>

#include "http/token.h"
#include "unit.h"

#define ISSUER   "https://idms.primary.example"
#define AUDIENCE "https://cms.primary.example"
#define ALICE    "sip:alice@mc.primary.example"
#define SCOPE    "openid 3gpp:mc:ptt_config_management_service"

enum signer_key { SIGNER_RSA, SIGNER_RSA_OTHER, SIGNER_EC, SIGNER_EC_OTHER, SIGNER_KEYS };

/* Fixtures: keys once, a folder with jwks.json of RSA ("rsa-1") and EC ("ec-1"), and a
 * configuration of one issuer with audience and the client "ue". */
void signer_set_up(void);
void signer_tear_down(void);
struct mcx_conf *signer_conf(void);
const char *signer_path(const char *name); /* static buffer */
void signer_write(const char *name, const char *text);

cjose_jwk_t *signer_jwk(enum signer_key key);
/* {"keys": [...]} of these keys as the format says: "rsa-1" and so on are the kids. Caller frees.
 */
char *signer_jwks(size_t count, const enum signer_key *keys, const char *const *kids);

/* Claims of a good token of alice for MCPTT, with exp in an hour. changes: members to set (null:
 * take away), as JSON; NULL: none. The caller frees. */
char *signer_claims(const char *changes);
/* Compact JWS. header: JSON. The caller frees. */
char *signer_sign(enum signer_key key, const char *header, const char *claims);
/* RS256 with kid rsa-1, and these changes. The caller frees. */
char *signer_token(const char *changes);
/* base64url of a text. The caller frees. */
char *signer_base64url(const char *text);

#endif
