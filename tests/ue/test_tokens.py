#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Tokens that the lab makes are what they claim: openssl, given only the JWKS, accepts their signatures."""

import base64
import json
import os
import subprocess
import tempfile
import unittest

from support import tokens


def octets(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def der(tag, *content):
    body = b"".join(content)
    size = bytes([len(body)]) if len(body) < 128 else b"\x82" + len(body).to_bytes(2, "big")
    return bytes([tag]) + size + body


def number(value):
    return der(2, (b"\0" if value[0] & 0x80 else b"") + value)


def public_key(jwk):
    """SubjectPublicKeyInfo from the JWK alone."""
    if jwk["kty"] == "EC":
        head = bytes.fromhex("301306072a8648ce3d020106082a8648ce3d030107")  # id-ecPublicKey, prime256v1
        return der(0x30, head, der(3, b"\0\x04" + octets(jwk["x"]) + octets(jwk["y"])))
    key = der(0x30, number(octets(jwk["n"])), number(octets(jwk["e"])))
    return der(0x30, bytes.fromhex("300d06092a864886f70d0101010500"), der(3, b"\0" + key))  # rsaEncryption


class Tokens(unittest.TestCase):
    def setUp(self):
        self._folder = tempfile.TemporaryDirectory()
        self.addCleanup(self._folder.cleanup)
        self.issuer = tokens.Issuer(self._folder.name, "https://idms.test")

    def _path(self, name):
        return os.path.join(self._folder.name, name)

    def _write(self, name, content):
        with open(self._path(name), "wb") as file:
            file.write(content)
        return self._path(name)

    def test_signatures_verify_by_the_jwks(self):
        with open(self.issuer.jwks_file, encoding="ascii") as text:
            keys = {jwk["kid"]: jwk for jwk in json.load(text)["keys"]}
        self.assertEqual(sorted(jwk["alg"] for jwk in keys.values()), ["ES256", "PS256", "RS256"])
        for key in self.issuer.keys:
            for _ in range(8):  # DER numbers of an EC signature vary in length
                head, claims, signature = self.issuer.token("sip:alice@mc.test", key=key).split(".")
                jwk, raw = keys[json.loads(octets(head))["kid"]], octets(signature)
                if key.alg == "ES256":
                    raw = der(0x30, *(number(part.lstrip(b"\0")) for part in (raw[:32], raw[32:])))
                done = subprocess.run(
                    ["openssl", "dgst", "-sha256", "-keyform", "DER", "-verify", self._write("key", public_key(jwk)),
                     "-signature", self._write("signature", raw), *(tokens._PSS if key.alg == "PS256" else [])],
                    input=f"{head}.{claims}".encode(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
                self.assertEqual(done.returncode, 0, f"{key.alg}: {done.stdout}")

    def test_claims_are_those_of_an_access_token(self):
        claims = json.loads(octets(self.issuer.token("sip:a@mc.test", ("mcptt", "mcdata"), aud="cms").split(".")[1]))
        self.assertEqual((claims["mcptt_id"], claims["mcdata_id"], claims["aud"]), ("sip:a@mc.test",) * 2 + ("cms",))
        self.assertEqual(claims["scope"].split(), ["openid", "3gpp:mc:ptt_config_management_service",
                                                   "3gpp:mc:data_config_management_service"])
        self.assertNotIn("exp", self.issuer.claims("sip:a@mc.test", exp=None))


if __name__ == "__main__":
    unittest.main()
