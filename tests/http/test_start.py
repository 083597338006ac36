#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What stops the start of the UE interface is one sentence that says what to do; keys are replaced without a restart;
TLS is 1.2 or 1.3 only."""

import os
import re
import socket
import ssl
import time
import warnings

from support.processes import wait_until
from support.tokens import Key
from support.ue_server import ALICE, Server, equal, expect


def refused(server, setting, *texts):
    """The line of mcx.conf on which the setting stands, and what is said of it, with a remedy."""
    problem = server.problem()
    expect(re.search(rf"/mcx\.conf:\d+: {re.escape(setting)}.*; ", problem), f"{setting} in {problem}")
    expect(all(text in problem for text in texts), f"{texts} in {problem}")


def test_problems(server):
    with socket.create_server(("127.0.0.1", server.port)):
        refused(server, "cms.https_port", str(server.port), "in use")
    with socket.create_server(("127.0.0.1", server.metrics_port)):
        refused(server, "metrics.port", "in use")
    key, jwks = server.certificate.key, server.issuer.jwks_file
    os.chmod(key, 0o644)
    refused(server, "cms.https_key", key, "others")
    os.chmod(key, 0o600)
    for path, setting in ((key, "cms.https_key"), (server.certificate.cert, "cms.https_cert"),
                          (jwks, "cms.token_issuers[0].jwks_file")):
        os.rename(path, path + ".away")
        refused(server, setting, path, "No such file")
        os.rename(path + ".away", path)
    for path, text, setting, wanted in ((jwks, "{}", "cms.token_issuers[0].jwks_file", "keys"),
                                        (key, "no PEM", "cms.https_key", "belong"),
                                        (server.certificate.cert, "", "cms.https_cert", "certificate")):
        os.rename(path, path + ".away")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="ascii") as out:
            out.write(text)
        refused(server, setting, wanted)
        os.rename(path + ".away", path)
    server.settings["https_address"] = "cms.primary.example"
    refused(server, "cms.https_address", "numeric")
    server.settings["https_address"] = "192.0.2.1"
    refused(server, "cms.https_address", "assign")
    del server.settings["https_address"]


def test_versions_of_tls(server):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        context = server.context()
        context.minimum_version = context.maximum_version = version
        with socket.create_connection(("127.0.0.1", server.port)) as plain:
            context.wrap_socket(plain, server_hostname="localhost").close()
    warnings.simplefilter("ignore")
    context = server.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", server.port)) as plain:
        try:
            context.wrap_socket(plain, server_hostname="localhost")
            expect(False, "TLS 1.1 is refused")
        except (ssl.SSLError, ConnectionError):
            pass


def test_keys_are_replaced(server):
    old, kept = server.token, server.connection()
    equal(server.ask(connection=kept).status, 200, "the old key")
    fresh = Key(server.folder, "another", "ES256")
    server.issuer.write_jwks([fresh])
    server.token = server.issuer.token({"mcptt": ALICE}, key=fresh)
    begun = time.monotonic()
    wait_until(lambda: server.ask(connection=kept).status == 200, 5, "the new key", period_ms=100)
    print(f"the new key was taken after {time.monotonic() - begun:.1f} s")
    server.token = old
    equal(server.ask(connection=kept).status, 401, "the old one is gone")


def certificate(server):
    """What a new connection is shown."""
    with server.raw() as shown:
        return shown.getpeercert(binary_form=True)


def replace(old, new):
    os.replace(new.cert, old.cert)
    os.replace(new.key, old.key)


def test_certificate_is_replaced(server):
    kept, first = server.connection(), certificate(server)
    replace(server.certificate, server.authority.issue("fresh", names=["localhost"]))
    wait_until(lambda: certificate(server) != first, 5, "the new certificate", period_ms=100)
    second, other = certificate(server), server.authority.issue("other", names=["localhost"])
    os.replace(other.cert, server.certificate.cert)  # its key stays away
    wait_until(lambda: server.metric("mcx_https_certificate_refused_total") > 0 or not certificate(server), 5,
               "the unsound pair to be refused", period_ms=100)
    equal(certificate(server), second, "the certificate while the files are no good")
    equal(server.child.text().count("ev=https_certificate_refused"), 1, "lines of the log")
    os.replace(other.key, server.certificate.key)
    wait_until(lambda: certificate(server) != second, 5, "the completed pair", period_ms=100)
    equal(server.ask(connection=kept).status, 200, "a connection from before")


def main():
    server = Server("start")
    test_problems(server)
    with server:
        test_versions_of_tls(server)
        test_certificate_is_replaced(server)
        test_keys_are_replaced(server)


main()
