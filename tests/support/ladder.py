# SPDX-License-Identifier: Apache-2.0
"""Prints who told whom what, as the CR's figures do: plain text for 80 columns, colour only for people."""

import os
import sys

_WIDTH = 80


def _has_colour():
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM", "dumb") != "dumb"


def _paint(code, text):
    return f"\x1b[{code}m{text}\x1b[0m" if _has_colour() else text


def bold(text):
    return _paint("1", text)


def good(text):
    return _paint("32", text)


def bad(text):
    return _paint("31;1", text)


def faint(text):
    return _paint("2", text)


def title(text):
    print()
    print(bold(text))


def head():
    print(faint(f"{'step':>5}  {'realm':<15} {'message':<40} {'result':<8} {'ms':>5}"))


def row(step, realm, message, result="", ms=None, identities=()):
    """One message. identities: (name, value) pairs as seen on this hop; the values go on lines of their own."""
    shown_ms = "" if ms is None else f"{ms:.1f}"
    text = f"{result:<8}"
    if result:
        text = good(text) if result == "2001" else bad(text)
    print(f"{step:>5}  {realm:<15} {message:<40} {text} {shown_ms:>5}".rstrip())
    for name, value in identities:
        print(f"{'':7}{name:<5}{value}")


def note(step, realm, text):
    """What one node does by itself."""
    print(f"{step:>5}  {realm:<15} {text}")


def verdict(ok, text):
    print(f"       {good('holds ') if ok else bad('FAILS ')} {text}", flush=True)
