# SPDX-License-Identifier: Apache-2.0
"""Who told whom what, as the CR's figures do: printed as plain text for 80 columns (colour only for people), and kept
for page.py, which draws the same."""

import os
import sys
from dataclasses import dataclass, field

ROLES = {"ue": "UE", "core": "SIP core", "cms": "config. server", "db": "SIP database"}


@dataclass(frozen=True)
class Node:
    """role: a key of ROLES. system: id and realm of its MC system; empty for the UE."""
    role: str
    system: str = ""
    realm: str = ""

    @property
    def name(self):
        return ROLES[self.role]


@dataclass
class Row:
    """A message, or (receiver None) what one node does by itself, or (no sender either) a heading. title: the CR's name
    of it. link: how it travels, "TLS". identities: (name, value) pairs as seen on this hop."""
    step: str = ""
    sender: Node = None
    receiver: Node = None
    text: str = ""
    title: str = ""
    link: str = ""
    is_answer: bool = False
    result: str = ""
    ms: float = None
    identities: list = field(default_factory=list)

    @property
    def is_good(self):
        return self.result.startswith("2")


@dataclass
class Scene:
    title: str
    rows: list = field(default_factory=list)
    verdicts: list = field(default_factory=list)  # (held, text)


class Ladder:
    """Prints what it is told and keeps it: scenes."""

    def __init__(self):
        self.scenes = []
        self._has_head = False

    @property
    def all_held(self):
        return all(held for scene in self.scenes for held, _text in scene.verdicts)

    def scene(self, title):
        self.scenes.append(Scene(title))
        self._has_head = False
        print()
        print(bold(title))

    def add(self, row):
        self.scenes[-1].rows.append(row)
        if not self._has_head:
            print(faint(f"{'step':>5}  {'realm':<15} {'message':<40} {'result':<8} {'ms':>5}"))
            self._has_head = True
        if not row.sender:
            print(f"{'':7}{faint(row.text)}")
        elif row.receiver:
            _print_message(row)
        else:
            print(f"{row.step:>5}  {row.sender.realm or row.sender.name:<15} {_told_by(row)}")
        for name, value in row.identities:
            print(f"{'':7}{name:<5}{value}")

    def verdict(self, held, text):
        self.scenes[-1].verdicts.append((bool(held), text))
        print(f"       {good('holds ') if held else bad('FAILS ')} {text}", flush=True)


def _told_by(row):
    return f"{row.sender.name}: {row.text}" if row.sender.realm else row.text


def _print_message(row):
    one, other = (row.receiver, row.sender) if row.is_answer else (row.sender, row.receiver)
    what = f"{row.text}, {row.link}" if row.link else row.text
    if row.sender.system and row.receiver.system and row.sender.system != row.receiver.system:
        message = f"{row.sender.name} =={what}==> {row.receiver.system}'s"
    elif row.is_answer:
        message = f"{one.name} <--{what}-- {other.name}"
    else:
        message = f"{one.name} --{what}--> {other.name}"
    result = f"{row.result:<8}"
    if row.result:
        result = good(result) if row.is_good else bad(result)
    realm = row.sender.realm or row.receiver.realm
    shown_ms = "" if row.ms is None else f"{row.ms:.1f}"
    print(f"{row.step:>5}  {realm:<15} {message:<40} {result} {shown_ms:>5}".rstrip())


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
