# SPDX-License-Identifier: Apache-2.0
"""A throwaway PKI: one CA per realm, certificates whose SAN dNSName is the Diameter identity. EC P-256, by openssl."""

import os
from dataclasses import dataclass

from .processes import run

_DAYS = "30"
_NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", _DAYS]


@dataclass(frozen=True)
class Certificate:
    cert: str
    key: str


class Authority:
    """A realm's CA. Two authorities may carry the same name: that is how a test forges one."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        os.makedirs(folder, mode=0o700, exist_ok=True)
        self.ca = os.path.join(folder, "ca.pem")
        self._key = os.path.join(folder, "ca.key")
        run(["openssl", "req", "-x509", *_NEW_KEY, "-keyout", self._key, "-out", self.ca,
             "-subj", f"/O=MCX lab/CN=CA of {name}", "-addext", "basicConstraints=critical,CA:TRUE",
             "-addext", "keyUsage=critical,keyCertSign,cRLSign"], "making a CA")

    def issue(self, identity, file=None, names=None, common_name=None, addresses=()):
        """A certificate for a Diameter identity, server and client at once. `names` replaces the SAN dNSNames (empty:
        none), `common_name` the CN: with both a test makes the certificates that must be refused. addresses: IP
        addresses in the SAN."""
        names = [identity] if names is None else names
        base = os.path.join(self.folder, file or identity)
        made = Certificate(base + ".pem", base + ".key")
        alternatives = ["DNS:" + name for name in names] + ["IP:" + address for address in addresses]
        extra = ["-addext", "subjectAltName=" + ",".join(alternatives)] if alternatives else []
        run(["openssl", "req", "-x509", "-CA", self.ca, "-CAkey", self._key, *_NEW_KEY, "-keyout", made.key,
             "-out", made.cert, "-subj", f"/O=MCX lab/CN={(common_name or identity)[:64]}", *extra,
             "-addext", "basicConstraints=critical,CA:FALSE", "-addext", "keyUsage=critical,digitalSignature",
             "-addext", "extendedKeyUsage=serverAuth,clientAuth"], f"making the certificate of {identity}")
        return made
