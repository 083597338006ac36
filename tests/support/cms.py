# SPDX-License-Identifier: Apache-2.0
"""One MC system's configuration management server: a second stock freeDiameterd over the system's database, with the
UE interface over HTTPS."""

from dataclasses import dataclass

from .daemon import Daemon


@dataclass
class Node:
    """Its names, addresses and files. https_*: what UEs see, under a CA of its own."""
    host: str
    address: str
    port: int
    tls_port: int
    cert: str
    key: str
    https_port: int
    https_ca: str
    https_cert: str
    https_key: str

    @property
    def url(self):
        """For clients that resolve `host` to `address` themselves."""
        return f"https://{self.host}:{self.https_port}"


class Cms(Daemon):
    """issuer: tokens.Issuer whose tokens it takes."""

    def __init__(self, lab, system, issuer, options=None):
        super().__init__(lab, system, system.cms, system.id + "-cms", options)
        self.issuer = issuer

    def _extensions(self):
        return ("acl_border", "app_cms")

    def peers(self):
        return [(self.system, self.system.realm)] + [(other.cms, other.realm) for other in self.others()]

    def _settings(self):
        node = self.node
        return {"cms": {"https_address": node.address, "https_port": node.https_port, "https_cert": node.https_cert,
                        "https_key": node.https_key}}

    def _lists(self):
        return {"cms": f'  token_issuers = (\n    {{ issuer = "{self.issuer.issuer}"; jwks_file = "{self.issuer.jwks_file}"; '
                       f'clients = ("{self.issuer.client}"); }} );\n'}
