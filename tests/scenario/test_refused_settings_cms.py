# SPDX-License-Identifier: Apache-2.0
"""As test_refused_settings, of a configuration management server; where the setting is missing, the line of its section
is named."""

import os
import socket

from support.hss import Options
from support.scenario import equal, main, refused_at

# Old and new text of mcx.conf, the line, the setting, what is said.
FAULTS = (("  https_cert", "  # https_cert", "cms = {", "https_cert", ("is required", "PEM file")),
          ("  https_key = ", "  https_key = \"\"; # ", "https_key = ", "https_key", ("is required", "PEM file")),
          ("https_address = ", "https_address = \"cms.primary.example\"; # ", "https_address = ", "https_address",
           ("numeric", "of this host")),
          ("https_address = ", "https_address = \"192.0.2.1\"; # ", "https_address = ", "https_address", ("of this host",)),
          ("jwks_file = \"", "jwks_file = \"/nowhere", "jwks_file = ", "token_issuers[0].jwks_file",
           ("No such file", "RFC 7517")),
          ("token_issuers = (\n", "token_issuers = ( ); #", "token_issuers = ", "token_issuers", ("is empty", "name at least")),
          ("token_issuers = (\n", "#", "cms = {", "token_issuers", ("is empty", "name at least")))


def test_settings(lab):
    cms = lab.cms["primary"]
    for old, new, stands, setting, wanted in FAULTS:
        cms.options.edits = [(old, new)]
        refused_at(cms, stands, "cms." + setting, *wanted)
    cms.options.edits = []


def test_files_and_port(lab):
    cms, node = lab.cms["primary"], lab.cms["primary"].node
    os.chmod(node.https_key, 0o644)
    refused_at(cms, "https_key = ", "cms.https_key", node.https_key, "mode 0644", "chmod 0640")
    os.chmod(node.https_key, 0o600)
    cms.options.settings = {"cms": {"https_key": node.key}}
    refused_at(cms, "https_key = ", "cms.https_key", "does not belong", "put the key")
    cms.options.settings = {"cms": {"https_cert": node.key}}
    refused_at(cms, "https_cert = ", "cms.https_cert", "no certificate", "its chain")
    cms.options.settings = {}
    with socket.create_server((node.address, node.https_port)):
        refused_at(cms, "https_port = ", "cms.https_port", f"{node.https_port} on {node.address}", "in use", "own port")


def test_keys_of_a_database_in_use(lab):
    cms = lab.cms["primary"]
    cms.options.edits = [("id = 1", "id = 7")]
    refused_at(cms, "keys = ", "keys", "key 1,", "not loaded", "add { id = 1;")
    cms.options.edits = [("keys = ", "#")]
    refused_at(cms, None, "keys", "no key-encryption key", "keys = (", "mcxctl key create")
    cms.options.edits = []
    cms.start()
    equal(cms.stop(), 0, "exit status without faults")


main(__file__, [test_settings, test_files_and_port, test_keys_of_a_database_in_use], cms=True, names=("primary",),
     silent="nobody talks to its daemons",
     options={"primary": Options(run=False)}, cms_options={"primary": Options(run=False)})
