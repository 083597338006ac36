#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""tools/quickstart ends with 0 only if all that it showed held, and keeps nothing else: its own program and keeper, over
a lab without daemons and a story whose verdicts the test chooses.

As `test_status.py --play FOLDER VERDICTS OPTION...` this file is that program: one y or n for each claim, a comma
between scenes, "breaks" for one that comes to no end, "unbuilt" for a build that fails."""

import os
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from support import folders, quickstart, story
from support.processes import LabError


class Stage:
    """A Lab without systems: only the folder, which --keep, --stop and the next start go by."""

    def __init__(self, path, **_options):
        self.folder = folders.Folder(path)
        self.systems, self.hss, self.cms = {}, {}, {}

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.folder.close()

    def daemons(self):
        return []


def story_of(verdicts):
    def play(self, _cast):
        for number, scene in enumerate(verdicts.split(",")):
            if scene == "breaks":
                raise LabError("a daemon ended")
            self.ladder.scene(f"Scene {number}")
            for letter in scene:
                self.ladder.verdict(letter == "y", "a claim")
        return self.ladder
    return play


def perform(folder, verdicts, *options):
    kept = os.path.join(folder, "lab")
    changed = {"SOURCE": folder, "KEPT": kept, "TRIAL": kept + "-trial", "ENV_FILE": os.path.join(kept, "lab.env"),
               "PAGE_FILE": os.path.join(kept, "ladder.html"), "Build": mock.Mock(), "how_to_talk": mock.Mock()}
    if verdicts != "unbuilt":
        changed["build"] = mock.Mock()
    sys.argv = ["tools/quickstart", *options]
    with mock.patch.multiple(quickstart, **changed), mock.patch.object(quickstart.labs, "Lab", Stage), \
            mock.patch.object(story, "provision", mock.MagicMock()), \
            mock.patch.object(story.Story, "play", story_of(verdicts)):
        return quickstart.main()


class Status(unittest.TestCase):
    def setUp(self):
        made = tempfile.TemporaryDirectory(prefix="mcx-status-")
        self.addCleanup(made.cleanup)
        self.folder = made.name
        self.kept = os.path.join(made.name, "lab")
        self.env = os.path.join(self.kept, "lab.env")
        self.addCleanup(self.quickstart, "", "--stop")
        with open(os.open(os.path.join(made.name, "cmake"), os.O_WRONLY | os.O_CREAT, 0o755), "w", encoding="ascii") as stub:
            stub.write("#!/bin/sh\necho 'no such compiler'\nexit 1\n")

    def quickstart(self, verdicts, *options):
        done = subprocess.run([sys.executable, "-B", __file__, "--play", self.folder, verdicts, *options], text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
                              timeout=50, env={**os.environ, "PATH": f"{self.folder}:{os.environ['PATH']}"})
        return done.returncode, done.stdout

    def page(self):
        with open(os.path.join(self.kept, "ladder.html"), encoding="utf-8") as text:
            return text.read()

    def assert_nothing_kept(self):
        self.assertFalse(folders.is_live(self.kept) or os.path.exists(self.env), "a lab, or its lab.env")
        self.assertEqual(self.quickstart("", "--stop"), (0, "No lab is running.\n"))

    def test_all_held_is_status_0(self):
        status, said = self.quickstart("yy,y")
        self.assertEqual(status, 0, said)
        self.assertRegex(said, r"(?m)^Everything held, in \d+ s\.$")
        self.assertIn("All 3 claims held.", self.page())
        self.assert_nothing_kept()

    def test_any_failed_claim_is_status_1(self):
        for verdicts in ("n", "nyy,yyy", "yyy,yny", "yyy,yyn"):
            with self.subTest(verdicts):
                status, said = self.quickstart(verdicts)
                self.assertEqual(status, 1, said)
                self.assertRegex(said, r"(?m)^Not everything held\. The logs are in .*lab-trial$")
                self.assertNotIn("Everything held", said)
                self.assertIn(f"1 of {len(verdicts.replace(',', ''))} claims failed", self.page())

    def test_story_without_end_and_failed_build_are_status_1(self):
        for verdicts, reason in (("yy,breaks", "quickstart: a daemon ended\n"),
                                 ("unbuilt", "no such compiler\n\nquickstart: the build failed; all of it is in ")):
            for options in ([], ["--keep"]):
                with self.subTest(verdicts, options=options):
                    status, said = self.quickstart(verdicts, *options)
                    self.assertEqual(status, 1, said)
                    self.assertIn(reason, said)
                    self.assertNotIn("verything held", said)
                    self.assert_nothing_kept()

    def test_keep_keeps_what_held(self):
        status, said = self.quickstart("yy", "--keep")
        self.assertEqual(status, 0, said)
        self.assertTrue(folders.is_live(self.kept), "no lab runs")
        self.assertEqual(os.stat(self.env).st_mode & 0o777, 0o600, "lab.env")
        self.assertEqual(self.quickstart("", "--stop"), (0, "Stopped.\n"))
        self.assert_nothing_kept()

    def test_keep_keeps_nothing_that_failed(self):
        self.assertEqual(self.quickstart("yy", "--keep")[0], 0)
        status, said = self.quickstart("yy,yn", "--keep")  # takes the place of the good one
        self.assertEqual(status, 1, said)
        self.assertRegex(said, r"(?m)^Not everything held\. The logs are in .*lab$")
        self.assertIn("1 of 4 claims failed", self.page())
        self.assert_nothing_kept()

    def test_lab_env_of_a_dead_lab_goes(self):
        os.makedirs(self.kept)
        with open(self.env, "w", encoding="ascii") as stale:
            stale.write("LAB_DIR=/nowhere\n")
        self.assertEqual(self.quickstart("n", "--keep")[0], 1)
        self.assert_nothing_kept()

    def test_wrong_use_is_status_2(self):
        for options in (["--subscribers", "-1"], ["--subscribers", "many"], ["--what"]):
            self.assertEqual(self.quickstart("y", *options)[0], 2, options)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--play"]:
        sys.exit(perform(*sys.argv[2:]))
    unittest.main()
