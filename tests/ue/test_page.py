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
    ladder.add(Row("6", DB, CMS, "MIA", is_answer=True, result="2001", ms=1.25))
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
            page.write(path, ladder, ["a", "b"], {"a.test": "own"}, [("by", value)])
            with open(path, encoding="utf-8") as text:
                return ladder, said.getvalue(), text.read()

    def test_print_says_who_tells_whom(self):
        _, said, _ = self._both("x@a.test")
        lines = [" ".join(line.split()) for line in said.splitlines()]
        for line in ("1 a.test UE --POST, HTTPS--> config. server", "2 a.test config. server: may migrate",
                     "6 a.test config. server <--MIA-- SIP database 2001 1.2", "7 a.test config. server ==PAR, TLS==> b's",
                     "12 b.test config. server ==PAA, TLS==> a's mcx:5002", "holds it held", "and then"):
            self.assertIn(line, lines)

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
