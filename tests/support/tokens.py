# SPDX-License-Identifier: Apache-2.0
"""A throwaway identity management server: an RSA key, its JWKS file, and access tokens (TS 33.180 Annex B), by openssl."""

import base64
import json
import os
import subprocess
import time

from .processes import run

SCOPES = {"mcptt": "3gpp:mc:ptt_config_management_service", "mcvideo": "3gpp:mc:video_config_management_service",
          "mcdata": "3gpp:mc:data_config_management_service"}


def _encode(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


class Issuer:
    """Keys in `folder`; jwks_file is for cms.token_issuers, with this issuer and the client "ue"."""

    def __init__(self, folder, issuer, kid="rsa-1", client="ue"):
        self.issuer, self.client = issuer, client
        self.jwks_file = os.path.join(folder, "jwks.json")
        self._folder = folder
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.renew(kid)

    def renew(self, kid):
        """Another key, alone in the JWKS file from now on."""
        self.kid = kid
        self._key = os.path.join(self._folder, f"idms-{kid}.key")
        run(["openssl", "genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048", "-out", self._key],
            "making a token key")
        self.write_jwks()

    def write_jwks(self):
        modulus = run(["openssl", "rsa", "-in", self._key, "-noout", "-modulus"]).strip().partition("=")[2]
        keys = {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.kid, "e": "AQAB",
                          "n": _encode(bytes.fromhex(modulus))}]}
        with open(self.jwks_file + ".new", "w", encoding="ascii") as text:
            json.dump(keys, text)
        os.replace(self.jwks_file + ".new", self.jwks_file)

    def token(self, ids, lifetime=3600, **changes):
        """An access token for {"mcptt": "sip:..."} and so on, with the scope of each. changes: claims to set, None to
        leave out."""
        now = int(time.time())
        claims = {"iss": self.issuer, "client_id": self.client, "iat": now, "exp": now + lifetime,
                  "scope": " ".join(["openid"] + [SCOPES[service] for service in ids]),
                  **{f"{service}_id": value for service, value in ids.items()}}
        claims.update(changes)
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "typ": "JWT", "kid": self.kid}
        signed = ".".join(_encode(json.dumps(part).encode()) for part in (header, claims))
        signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", self._key], input=signed.encode("ascii"),
                                   stdout=subprocess.PIPE, check=True).stdout
        return f"{signed}.{_encode(signature)}"
