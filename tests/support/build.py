# SPDX-License-Identifier: Apache-2.0
"""Where the built programs are, and what a daemon needs when they were built with a sanitizer."""

import os
import subprocess

from .processes import LabError

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_LEAKS = os.path.join(SOURCE, "tests", "support", "lsan.supp")
_RACES = os.path.join(SOURCE, "tests", "support", "asan.supp")


class Build:
    """One build folder. Default: the environment's MCX_BUILD (CTest sets it), else build/release."""

    def __init__(self, folder=None):
        self.folder = os.path.abspath(folder or os.environ.get("MCX_BUILD") or os.path.join(SOURCE, "build", "release"))
        if not os.path.exists(self._path("CMakeCache.txt")):
            raise LabError(f"{self.folder} is no build folder; build first, or set MCX_BUILD")
        self._cache = self._read_cache()

    def _path(self, *names):
        return os.path.join(self.folder, *names)

    def _read_cache(self):
        found = {}
        with open(self._path("CMakeCache.txt"), encoding="utf-8") as text:
            for line in text:
                name, _, value = line.rstrip("\n").partition("=")
                found[name.partition(":")[0]] = value
        return found

    def extension(self, name):
        """A .fdx of ours."""
        return self._existing("extensions", name + ".fdx")

    def tool(self, name):
        """mcxctl, mcx-probe or mcx-bench."""
        return self._existing("tools", name)

    def _existing(self, *names):
        path = self._path(*names)
        if not os.path.exists(path):
            raise LabError(f"{path} is not built")
        return path

    @property
    def is_asan(self):
        return "address" in self._cache.get("MCX_SANITIZE", "")

    def tool_env(self):
        """For our own programs: sanitizers end them at the first finding."""
        env = dict(os.environ)
        env.setdefault("ASAN_OPTIONS", "abort_on_error=0:exitcode=99:detect_stack_use_after_return=0")
        env.setdefault("UBSAN_OPTIONS", "print_stacktrace=1:halt_on_error=1:exitcode=99")
        env["LSAN_OPTIONS"] = f"suppressions='{_LEAKS}':print_suppressions=0"
        return env

    def daemon_env(self, folder, is_ours=True, more=()):
        """For stock daemons that run in `folder`: as above, with the sanitizer's runtime and more libraries of tests/support
        preloaded, patience.so for one that does not load libmcx (is_ours). By links there, since LD_PRELOAD has no way to
        say a path with a space."""
        env = self.tool_env()
        env["LC_ALL"] = "C.UTF-8"
        # Every extension must define fd_ext_depends.
        env["ASAN_OPTIONS"] += f":detect_odr_violation=0:suppressions='{_RACES}'"
        libraries = more if is_ours else (*more, "patience.so")
        preload = [self._link(folder, name) for name in libraries]
        if self.is_asan:
            compiler = self._cache.get("CMAKE_C_COMPILER", "gcc")
            runtime = subprocess.run([compiler, "-print-file-name=libasan.so"], stdout=subprocess.PIPE, text=True,
                                     check=True).stdout.strip()
            preload = [os.path.realpath(runtime), self._link(folder, "asan_first.so"), *preload]
        env["LD_PRELOAD"] = ":".join(preload)
        return env

    def _link(self, folder, library):
        link = os.path.join(folder, library)
        if not os.path.lexists(link):
            os.symlink(self._existing("extensions", library), link)
        return "./" + library
