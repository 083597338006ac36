# SPDX-License-Identifier: Apache-2.0
"""An identity management server reduced to what a test needs of it: keys, their JWKS, and tokens (TS 33.180 annex B),
also such as must be refused. Signatures by the openssl program, the rest by hand."""

import base64
import hashlib
import hmac
import json
import os
import shutil
import subprocess
import time

from .processes import LabError, run

SERVICES = {"mcptt": "ptt", "mcvideo": "video", "mcdata": "data"}  # claim <service>_id, scope 3gpp:mc:<short>_...
_PSS = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:32"]
_NEW = {"RS256": ["RSA", "rsa_keygen_bits:2048"], "PS256": ["RSA", "rsa_keygen_bits:2048"],
        "ES256": ["EC", "ec_paramgen_curve:P-256"]}


def scope(service):
    return f"3gpp:mc:{SERVICES[service]}_config_management_service"


def b64(octets):
    """base64url without padding, RFC 7515 2."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def part(value):
    """One part of a JWS: octets as they are, anything else as JSON."""
    return b64(value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode())


class Key:
    """One key pair for one algorithm. kept: where it is kept from run to run; RSA keys are the dearest thing in a lab."""

    def __init__(self, folder, kid, alg="RS256", kept=None):
        self.kid, self.alg = kid, alg
        self.file = os.path.join(folder, kid + ".pem")
        if kept and not os.path.exists(kept):
            os.makedirs(os.path.dirname(kept), mode=0o700, exist_ok=True)
            self._make(f"{kept}.{os.getpid()}")
            os.replace(f"{kept}.{os.getpid()}", kept)
        if kept:
            shutil.copy(kept, self.file)
        else:
            self._make(self.file)
        self.public = _openssl(["pkey", "-in", self.file, "-pubout", "-outform", "DER"])

    def _make(self, file):
        kind, option = _NEW[self.alg]
        run(["openssl", "genpkey", "-algorithm", kind, "-pkeyopt", option, "-out", file], "making a token key")

    def jwk(self):
        """The public key, RFC 7517."""
        head = {"kid": self.kid, "use": "sig", "alg": self.alg}
        if self.alg == "ES256":
            point = self.public[-64:]
            return {"kty": "EC", "crv": "P-256", "x": b64(point[:32]), "y": b64(point[32:]), **head}
        # SubjectPublicKeyInfo: a BIT STRING that holds SEQUENCE {modulus, exponent}
        bits = _der(_der(self.public)[0])[1]
        modulus, exponent = _der(_der(bits[1:])[0])
        return {"kty": "RSA", "n": b64(modulus.lstrip(b"\0")), "e": b64(exponent.lstrip(b"\0")), **head}

    def sign(self, text):
        options = _PSS if self.alg == "PS256" else []
        signature = _openssl(["dgst", "-sha256", "-sign", self.file, *options], text.encode())
        if self.alg == "ES256":  # r and s of 32 octets each instead of DER, RFC 7518 3.4
            signature = b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in _der(_der(signature)[0]))
        return signature


def token(key, claims, header=None):
    """A JWS. header: over {"alg", "kid", "typ"}; a member of value None is left out."""
    head = {"alg": key.alg, "kid": key.kid, "typ": "JWT", **(header or {})}
    text = part({name: value for name, value in head.items() if value is not None}) + "." + part(claims)
    return text + "." + b64(key.sign(text))


def hs256_token(secret, claims, kid):
    """Signed with HMAC, as by someone who takes the public key for a shared one."""
    text = part({"alg": "HS256", "kid": kid, "typ": "JWT"}) + "." + part(claims)
    return text + "." + b64(hmac.new(secret, text.encode(), hashlib.sha256).digest())


class Issuer:
    """issuer: its name in tokens. keys: one per algorithm, so that a JWKS of several is the ordinary case; the first
    signs. jwks_file: in its folder, for cms.token_issuers, with the client `client`."""

    def __init__(self, folder, issuer, client="ue", kept=None):
        """kept: the beginning of the names of files that its keys are kept in from run to run."""
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.folder, self.issuer, self.client = folder, issuer, client
        self.keys = [Key(folder, f"key-{number}", alg, kept and f"{kept}-{number}.pem")
                     for number, alg in enumerate(_NEW, 1)]
        self.jwks_file = os.path.join(folder, "jwks.json")
        self.write_jwks()

    def renew(self, kid):
        """Another key, alone in the JWKS file from now on."""
        self.keys = [Key(self.folder, kid)]
        self.write_jwks()

    def write_jwks(self, keys=None):
        """In place of the old file at once, as an operator should."""
        with open(self.jwks_file + ".new", "w", encoding="ascii") as text:
            json.dump({"keys": [key.jwk() for key in keys or self.keys]}, text, indent=2)
        os.replace(self.jwks_file + ".new", self.jwks_file)

    def claims(self, mc_id, services=("mcptt",), lifetime_s=600, **other):
        """A sound access token's. mc_id: the same for all services, or {service: id}. other: more claims; a value of
        None leaves one out."""
        now = int(time.time())
        ids = mc_id if isinstance(mc_id, dict) else dict.fromkeys(services, mc_id)
        claims = {"iss": self.issuer, "iat": now, "exp": now + lifetime_s, "client_id": self.client,
                  "scope": " ".join(["openid", *map(scope, ids)]),
                  **{f"{service}_id": value for service, value in ids.items()}, **other}
        return {name: value for name, value in claims.items() if value is not None}

    def token(self, mc_id, services=("mcptt",), key=None, header=None, **other):
        return token(key or self.keys[0], self.claims(mc_id, services, **other), header)


def _openssl(arguments, octets=b""):
    done = subprocess.run(["openssl", *arguments], input=octets, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False)
    if done.returncode:
        raise LabError(f"openssl {arguments[0]} failed: {done.stderr.decode(errors='replace').strip()}")
    return done.stdout


def _der(octets):
    """The contents of the DER values that follow each other in `octets`."""
    found = []
    while octets:
        size, at = octets[1], 2
        if size & 0x80:
            at += size & 0x7f
            size = int.from_bytes(octets[2:at], "big")
        found.append(octets[at:at + size])
        octets = octets[at + size:]
    return found
