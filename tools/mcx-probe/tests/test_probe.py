#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""mcx-probe against itself: each behaviour of respond gets the verdict that it deserves, and edits arrive as told.
Run by CTest with the program and a folder for certificates."""
import json
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "..", "tests"))
from support import pki  # noqa: E402

PROGRAM = sys.argv.pop(1)
KEYS = "K=465b5ce8b199b49faa5f0a2ee238a6bc\nOP=cdc202d5123e20f62b6d676ac72cb318\n"
OPC = "cd63cb71954a9f4e48a5994e37a02baf"
SECRETS = ("465b5ce8b199b49faa5f0a2ee238a6bc", "cdc202d5123e20f62b6d676ac72cb318", OPC)
REALM, HOST = "partner.example", "scscf.ims.partner.example"


class Responder:
    """mcx-probe respond; dies with its standard input."""

    def __init__(self, *options):
        self.child = subprocess.Popen(
            [PROGRAM, "respond", "--json", "--listen", "127.0.0.1:0", "--origin-host", "hss.primary.example", "--keys",
             LAB.keys, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.connect = "127.0.0.1:%d" % self.event("ready")["port"]

    def event(self, name):
        for line in self.child.stdout:
            event = json.loads(line)
            if event["event"] == name:
                return event
        raise AssertionError("respond ended without " + name)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        out, _ = self.child.communicate(timeout=20)
        for secret in SECRETS:
            assert secret not in out
        assert self.child.returncode == 0, self.child.returncode


class Lab:
    def __init__(self, folder):
        self.folder = folder
        self.keys = os.path.join(folder, "keys")
        with open(self.keys, "w", encoding="ascii") as keys:
            keys.write(KEYS)

    def show(self, command, responder, *options):
        """Exit status and what it prints for people."""
        done = subprocess.run(
            [PROGRAM, command, "--connect", responder.connect, "--origin-host", HOST, "--origin-realm", REALM, *options],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, timeout=30, check=False)
        for secret in SECRETS:
            assert secret not in done.stdout
        return done.returncode, done.stdout

    def probe(self, command, responder, *options):
        status, said = self.show(command, responder, "--json", *options)
        report = json.loads(said) if said else {}
        assert report.get("exit", 2) == status
        return status, report

    def mar(self, responder, *options):
        return self.probe("mar", responder, "--impi", "user@primary.example", "--keys", self.keys, "--timeout", "700",
                          *options)


LAB = None


class Verdicts(unittest.TestCase):
    def check(self, behaviour, status, *options):
        with Responder("--behaviour", behaviour) as responder:
            rc, report = LAB.mar(responder, *options)
            self.assertEqual(rc, status, (behaviour, report.get("error")))
            return report

    def test_sound_vectors_pass(self):
        report = self.check("vectors", 0, "--items", "3")
        self.assertEqual([v["check"] for v in report["answer"]["vectors"]], ["ok"] * 3)
        self.assertEqual([v["seq"] for v in report["answer"]["vectors"]], [1, 2, 3])

    def test_items_that_a_card_refuses_fail(self):
        for behaviour in ("short-rand", "no-authenticate", "long-xres", "short-xres", "no-xres", "no-ck", "no-ik",
                          "short-ck", "short-ik", "no-items"):
            with self.subTest(behaviour):
                self.check(behaviour, 6)

    def test_errors_are_told_from_silence_and_from_a_lost_peer(self):
        report = self.check("result:5012", 3)
        self.assertEqual((report["answer"]["result"], report["answer"]["experimental"]), (5012, False))
        report = self.check("experimental:5001", 3)
        self.assertEqual((report["answer"]["result"], report["answer"]["experimental"]), (5001, True))
        self.assertEqual(report["answer"]["vendor"], 10415)
        report = self.check("redirect:aaa://hss2.primary.example", 3)
        self.assertEqual((report["answer"]["result"], report["answer"]["e_bit"]), (3006, True))
        self.assertEqual(report["answer"]["redirect_hosts"], ["aaa://hss2.primary.example"])
        self.check("silence", 4)
        self.check("late:5000", 4)
        self.check("wrong-hop-by-hop", 4)
        self.check("stop-reading", 4)
        self.check("close", 5)
        self.check("garbage", 5)
        self.check("unparsable", 5)

    def test_identities_are_compared(self):
        for behaviour, key in (("wrong-impi", "user_name"), ("wrong-impu", "public_identity"),
                               ("wrong-session", "session_id")):
            self.assertFalse(self.check(behaviour, 0)["answer"][key + "_matches"], behaviour)
        self.assertIsNone(self.check("no-identities", 0)["answer"]["user_name"])
        self.assertEqual(self.check("wrong-realm", 0)["answer"]["origin_realm"], "elsewhere.example")

    def test_other_behaviours_send_what_they_say(self):
        names = [a["name"] for a in self.check("unknown-mbit", 0)["answer"]["avps"]]
        self.assertLess(names.index("99000"), names.index("Result-Code"))
        self.assertEqual(len(self.check("more-items", 0)["answer"]["vectors"]), 3)
        self.assertEqual(self.check("wrong-number", 0)["answer"]["items"], 2)
        self.assertEqual(self.check("duplicate", 0)["strays"], 0)
        self.assertIn("user@primary.example", self.check("secrets", 3)["answer"]["error_message"])
        self.assertGreater(self.check("huge", 0)["answer"]["length"], 65535)
        self.assertEqual(self.check("wrong-scheme", 0)["answer"]["vectors"][0]["scheme"], "SIP Digest")

    def test_wrong_key_is_a_mac_failure(self):
        with Responder() as responder:
            rc, report = LAB.probe("mar", responder, "--impi", "a@b", "--k", "00" * 16, "--opc", OPC)
        self.assertEqual((rc, report["answer"]["vectors"][0]["check"]), (6, "mac_failure"))


class People(unittest.TestCase):
    """What is printed without --json."""

    def read(self, behaviours, *options):
        """(exit status, lines without their last figure of milliseconds)."""
        with Responder(*(word for behaviour in behaviours for word in ("--behaviour", behaviour))) as responder:
            status, said = LAB.show("mar", responder, "--impi", "user@primary.example", "--impu", "sip:user@primary.example",
                                    "--destination-realm", "primary.example", "--timeout", "700", *options)
        return status, [re.sub(r" in \d+\.\d ms$", " in N ms", line) for line in said.splitlines()]

    def test_result_identities_and_vectors(self):
        status, lines = self.read(["vectors"], "--keys", LAB.keys, "--items", "2")
        self.assertEqual(status, 0)
        self.assertRegex(lines.pop(0), r"^CEA   2001 DIAMETER_SUCCESS from hss\.primary\.example \(.+\), no TLS$")
        self.assertEqual(lines, [
            "MAR   user@primary.example sip:user@primary.example to primary.example ",
            "MAA   2001 DIAMETER_SUCCESS from hss.primary.example in N ms",
            "      User-Name         user@primary.example",
            "      Public-Identity   sip:user@primary.example",
            "      vector 1: ok, SEQ 1 IND 2: MAC right, SQN fresh, RES = XRES, CK and IK agree",
            "      vector 2: ok, SEQ 2 IND 2: MAC right, SQN fresh, RES = XRES, CK and IK agree"])

    def test_identities_are_those_of_the_answer(self):
        _, lines = self.read(["wrong-identities"], "--keys", LAB.keys)
        told = [line.split()[1] for line in lines if line.startswith(("      User-Name ", "      Public-Identity "))]
        self.assertEqual(len(told), 2, lines)
        self.assertNotIn("user@primary.example", " ".join(told))

    def test_vector_that_fails(self):
        bad = "      vector 1: wrong, SEQ 1 IND 2: RES {} XRES, CK {}, IK {}, AMF {}"
        for behaviour, words in (("short-ck", ("=", "differs", "agrees", "as expected")),
                                 ("short-ik", ("=", "agrees", "differs", "as expected")),
                                 ("short-xres", ("is not", "agrees", "agrees", "as expected"))):
            status, lines = self.read([behaviour], "--keys", LAB.keys)
            self.assertEqual((status, lines[-1]), (6, bad.format(*words)), behaviour)
        status, lines = self.read(["vectors"], "--keys", LAB.keys, "--amf", "1234")
        self.assertEqual((status, lines[-1]), (6, bad.format("=", "agrees", "agrees", "differs")))
        status, lines = self.read(["vectors"], "--k", "00" * 16, "--opc", OPC)
        self.assertEqual((status, lines[-1]), (6, "      vector 1: mac_failure"))
        status, lines = self.read(["vectors"])
        self.assertEqual((status, lines[-1]), (0, "      vector 1: unchecked"))

    def test_errors(self):
        for behaviour, status, line in (
                ("result:5012", 3, "MAA   5012 DIAMETER_UNABLE_TO_COMPLY from hss.primary.example in N ms"),
                ("experimental:5001", 3, "MAA   Experimental 5001 DIAMETER_ERROR_USER_UNKNOWN from hss.primary.example in N ms"),
                ("redirect:aaa://hss2.primary.example", 3, "      Redirect-Host     aaa://hss2.primary.example")):
            found, lines = self.read([behaviour], "--keys", LAB.keys)
            self.assertEqual(found, status, behaviour)
            self.assertIn(line, lines)
        status, lines = self.read(["silence"], "--keys", LAB.keys)
        self.assertEqual(status, 4)
        self.assertRegex(lines[-1], "^error .+")

    def test_resynchronisation(self):
        status, lines = self.read(["vectors"], "--keys", LAB.keys, "--sqn-ms", "1000", "--resync")
        self.assertEqual(status, 0)
        self.assertEqual([line.split()[0] for line in lines if not line.startswith(" ")][:5],
                         ["CEA", "MAR", "MAA", "MAR", "MAA"])
        checks = [line for line in lines if line.startswith("      vector")]
        self.assertRegex(checks[0], "^      vector 1: sync_failure")
        self.assertRegex(checks[1], "^      vector 1: ok, SEQ 1001 IND ")


class Card(unittest.TestCase):
    def test_state_file_remembers(self):
        usim = os.path.join(LAB.folder, "usim")
        with Responder("--seq", "40") as first:
            self.assertEqual(LAB.mar(first, "--usim", usim)[0], 0)
        with Responder("--seq", "40") as second:
            rc, report = LAB.mar(second, "--usim", usim)
        self.assertEqual((rc, report["answer"]["vectors"][0]["check"]), (6, "sync_failure"))

    def test_resync_brings_the_database_forward(self):
        with Responder() as responder:
            rc, report = LAB.mar(responder, "--sqn-ms", "1000", "--resync")
            self.assertEqual((rc, report["resynced"], report["answer"]["vectors"][0]["seq"]), (0, True, 1001))
            responder.event("request")
            self.assertEqual(len(responder.event("request")["sip_authorization"]), 60)


class Edits(unittest.TestCase):
    def ask(self, *options):
        with Responder("--behaviour", "result:2001") as responder:
            rc, report = LAB.probe("mar", responder, "--impi", "user@primary.example", "--timeout", "700", *options)
            return rc, report, responder.event("request") if rc == 0 else None

    def names(self, *options):
        rc, _, request = self.ask(*options)
        self.assertEqual(rc, 0)
        return [avp["name"] for avp in request["avps"]]

    def test_edits_arrive(self):
        self.assertNotIn("User-Name", self.names("--omit", "User-Name"))
        self.assertEqual(self.names("--repeat", "Public-Identity").count("Public-Identity"), 2)
        self.assertEqual(self.names("--add-avp", "999:10415:c0=0102")[-1], "999:10415")
        self.assertEqual(self.names("--insert-avp", "998=00")[0], "998")
        self.assertIn("Proxy-Info", self.names("--proxy-info"))
        _, _, request = self.ask("--empty", "Public-Identity", "--route-record", "a.b", "--t-flag", "--set",
                                 "SIP-Number-Auth-Items=9", "--set", "SIP-Number-Auth-Items=7", "--set-hex",
                                 "SIP-Auth-Data-Item.SIP-Authorization=0102", "--session-id-hex", "610062")
        self.assertEqual(request["public_identity"], "")
        self.assertEqual(request["route_records"], ["a.b"])
        self.assertEqual(request["flags"], 0xd0)
        self.assertEqual(request["items_wanted"], 7)
        self.assertEqual(request["sip_authorization"], "0102")
        self.assertEqual(request["session_id"], "a\0b")

    def test_lies_about_lengths_leave(self):
        _, report, _ = self.ask("--avp-length", "User-Name=4000")
        self.assertEqual(report["exchanges"][0]["request"]["avps"][-1]["name"], "broken")

    def test_edit_of_nothing_is_wrong_use(self):
        self.assertEqual(self.ask("--omit", "Route-Record")[0], 2)
        self.assertEqual(self.ask("--omit", "No-Such-AVP")[0], 2)

    def test_raw_octets_are_answered_or_closed(self):
        dwr = "01000014 80000118 00000000 00000001 00000002"
        with Responder() as responder:
            rc, report = LAB.probe("raw", responder, "--hex", dwr, "--timeout", "300")
            self.assertEqual((rc, report["messages"][0]["name"]), (0, "DWA"))
            rc, report = LAB.probe("raw", responder, "--hex", "ff" * 40, "--timeout", "5000")
            self.assertEqual((rc, report["closed"]), (5, True))


class Tls(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.primary = pki.Authority(os.path.join(LAB.folder, "primary"), "primary")
        cls.partner = pki.Authority(os.path.join(LAB.folder, "partner"), "partner")
        cls.server = cls.primary.issue("hss.primary.example")
        cls.client = cls.partner.issue(HOST)

    def run_tls(self, client, server_options=(), client_options=(), server=None):
        server = server or self.server
        with Responder("--ca", self.partner.ca, "--cert", server.cert, "--key", server.key, *server_options) as responder:
            return LAB.mar(responder, "--ca", self.primary.ca, "--cert", client.cert, "--key", client.key,
                           *client_options)

    def test_both_sides_verified(self):
        rc, report = self.run_tls(self.client)
        self.assertEqual((rc, report["cea"]["tls"]), (0, True))

    def test_certificate_of_another_name_is_refused(self):
        other = self.partner.issue("impostor.partner.example")
        self.assertEqual(self.run_tls(other)[0], 5)
        self.assertEqual(self.run_tls(other, ["--no-verify-name"])[0], 0)
        wrong = self.primary.issue("impostor.primary.example")
        self.assertEqual(self.run_tls(self.client, server=wrong)[0], 5)
        self.assertEqual(self.run_tls(self.client, client_options=["--no-verify-name"], server=wrong)[0], 0)

    def test_certificate_of_another_ca_is_refused(self):
        self.assertEqual(self.run_tls(self.primary.issue(HOST, file="foreign"))[0], 5)

    def test_plain_client_of_a_tls_server_gets_nothing(self):
        with Responder("--ca", self.partner.ca, "--cert", self.server.cert, "--key", self.server.key) as responder:
            self.assertEqual(LAB.mar(responder)[0], 5)


class Usage(unittest.TestCase):
    def test_wrong_use_is_status_2(self):
        for line in ([], ["nothing"], ["mar"], ["mar", "--connect", "127.0.0.1:1", "--origin-host", "a.b", "--items", "x"]):
            done = subprocess.run([PROGRAM, *line], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
            self.assertEqual(done.returncode, 2, line)

    def test_nobody_there_is_status_5(self):
        done = subprocess.run([PROGRAM, "cer", "--connect", "127.0.0.1:1", "--origin-host", "a.b"],
                              stdout=subprocess.DEVNULL, check=False)
        self.assertEqual(done.returncode, 5)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as made:
        LAB = Lab(made)
        unittest.main(argv=sys.argv)
