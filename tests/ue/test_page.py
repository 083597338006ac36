#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The ladder in print and as a page: what is told stands in both, whatever characters it has."""

import contextlib
import io
import os
import re
import tempfile
import unittest
import xml.dom.minidom

from support import page
from support.ladder import Ladder, Node, Row

UE, CMS, DB, THERE = Node("ue"), Node("cms", "a", "a.test"), Node("db", "a", "a.test"), Node("cms", "b", "b.test")
HOSTILE = "</text><script>alert(1)</script>&\"'"


def tell(ladder, value="x@a.test"):
    ladder.scene("A scene")
    ladder.add(Row("1", UE, CMS, "POST", "a request", "HTTPS", identities=[("MC", value)]))
    ladder.add(Row("2", CMS, text="may migrate"))
    ladder.add(Row("4", CMS, DB, "MIR", identities=[("IMPI", value)]))
    ladder.add(Row("6", DB, CMS, "MIA", is_answer=True, result="2001", ms=1.25,
                   identities=[("IMPI", "out@masked.test"), ("IMPU", "sip:out@masked.test")]))
    ladder.add(Row("7", CMS, THERE, "PAR", link="TLS"))
    ladder.add(Row(text="and then"))
    ladder.add(Row("12", THERE, CMS, "PAA", link="TLS", is_answer=True, result="mcx:5002"))


class Page(unittest.TestCase):
    def _both(self, value, held=True):
        ladder, said = Ladder(), io.StringIO()
        with contextlib.redirect_stdout(said):
            tell(ladder, value)
            ladder.verdict(held, "it held")
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "page.html")
            page.write(path, ladder, ["a", "b"], {"a.test": "own", "masked.test": "outbound"}, [("by", value)])
            with open(path, encoding="utf-8") as text:
                return ladder, said.getvalue(), text.read()

    def test_print_says_who_tells_whom(self):
        _, said, _ = self._both("x@a.test")
        lines = [" ".join(line.split()) for line in said.splitlines()]
        for line in ("1 a.test UE --POST, HTTPS--> config. server", "2 a.test config. server: may migrate",
                     "6 a.test config. server <--MIA-- SIP database 2001 1.2", "7 a.test config. server ==PAR, TLS==> b's",
                     "12 b.test config. server ==PAA, TLS==> a's mcx:5002", "holds it held", "and then"):
            self.assertIn(line, lines)

    def test_each_hop_has_its_identities(self):
        for value in ("x@a.test", HOSTILE):
            _, said, text = self._both(value)
            told = [f"MC   {value}", f"IMPI {value}", "IMPI out@masked.test", "IMPU sip:out@masked.test"]
            lines = said.splitlines()
            printed = [(lines[at - 1].split()[0], line.strip()) for at, line in enumerate(lines)
                       if line.startswith("       ") and line[7:9] in ("MC", "IM")]
            self.assertEqual(printed, list(zip(("1", "4", "6", "IMPI"), told)))  # each below its message
            self.assertEqual(self._drawn(text), told)

    def test_page_tells_kinds_of_identities_apart(self):
        _, _, text = self._both("x@a.test")
        self.assertEqual(self._drawn(text, "own"), ["IMPI x@a.test"])
        self.assertEqual(self._drawn(text, "outbound"), ["IMPI out@masked.test", "IMPU sip:out@masked.test"])

    @staticmethod
    def _drawn(page_text, kind=None):
        """The identities of all drawings, as they are read: those of a kind, or all."""
        texts = [text for drawing in re.findall(r"<svg.*?</svg>", page_text, re.S)
                 for text in xml.dom.minidom.parseString(drawing).getElementsByTagName("text")]
        return [text.firstChild.data for text in texts if re.match("MC |IMP[IU] ", text.firstChild.data)
                and (kind is None or kind in text.getAttribute("class").split())]

    def test_page_is_well_formed_and_needs_nothing(self):
        for value in ("x@a.test", HOSTILE):
            _, _, text = self._both(value)
            for drawing in re.findall(r"<svg.*?</svg>", text, re.S):
                xml.dom.minidom.parseString(drawing)
            self.assertNotRegex(text, r"<script|<link|<img|https?://|url\(")

    def test_failed_claim_is_told(self):
        ladder, said, text = self._both("x", held=False)
        self.assertFalse(ladder.all_held)
        self.assertIn("FAILS", said)
        self.assertIn("1 of 1 claims failed", text)


if __name__ == "__main__":
    unittest.main()
