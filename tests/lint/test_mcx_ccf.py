# SPDX-License-Identifier: Apache-2.0
"""dictionaries/mcx.ccf says what the code does: names, codes, formats, flags and values are the rows of dict_mcx, order
and multiplicity those of the codec, the numbers the defaults of the settings. Argument: the program that dumps them."""

import os
import re
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
MEMBER = re.compile(r"^\s*(\d*\*\d*)?\s*([<{\[])\s*([\w-]+)\s*[>}\]]$")
COMMAND = re.compile(r"^<([\w-]+)> ::= < Diameter Header: (\d+)(, REQ)?, PXY >$")
GROUP = re.compile(r"^([\w-]+) ::= < AVP Header: (\d+) (\d+) >$")
REQUEST_HEAD = [("<", "Session-Id"), ("{", "Vendor-Specific-Application-Id"), ("{", "Auth-Session-State"),
                ("{", "Origin-Host"), ("{", "Origin-Realm"), ("{", "Destination-Realm")]
REQUEST_TAIL = [("[", "AVP"), ("[", "Proxy-Info"), ("[", "Route-Record")]
ANSWER_HEAD = [*REQUEST_HEAD[:3], ("[", "Result-Code"), ("[", "Experimental-Result"), *REQUEST_HEAD[3:5]]
ANSWER_TAIL = [("[", "Error-Message"), ("[", "Failed-AVP"), ("[", "AVP"), ("[", "Proxy-Info")]
BORROWED = {"User-Name": (1, 0), "Destination-Host": (293, 0), "Public-Identity": (601, 10415)}
SHORT = {"Migration-Identity": "MI", "Partner-Access": "PA", "Migration-Release": "MR"}


def dumped(program):
    """{kind: [the rest of the line as words]}"""
    found = {}
    for line in subprocess.run([program, "mcx"], check=True, capture_output=True, text=True).stdout.splitlines():
        kind, *words = line.split()
        found.setdefault(kind, []).append(words)
    return found


def parsed(text):
    """Definitions as dumped() has them; grammars as (header match, [(multiplicity, bracket, name)])."""
    found, grammars = {}, []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition(";")[0].rstrip()
        word = line.split()[0] if line.strip() else None
        if word in ("vendor", "application", "result", "avp", "value"):
            found.setdefault(word, []).append(line.split()[1:])
        elif header := COMMAND.match(line) or GROUP.match(line):
            grammars.append((header, []))
        elif member := MEMBER.match(line):
            grammars[-1][1].append(member.groups())
        elif word:
            raise ValueError(f"line {number} is not understood: {line}")
    return found, grammars


def bounds(multiplicity, bracket):
    """Least and most of `1*8 { X }`; no number: what the bracket means."""
    least, star, most = (multiplicity or "").partition("*")
    return int(least or bracket == "{"), int(most or 99) if star else 1


def check_grammar(header, members, rows, codes, vendor):
    """What is wrong with one grammar."""
    name, is_group = header[1], header.re is GROUP
    is_request = not is_group and header[3] is not None
    head, tail = (REQUEST_HEAD, REQUEST_TAIL) if is_request else (ANSWER_HEAD, ANSWER_TAIL)
    if is_group:
        head, tail = [], [("[", "AVP")]
    shape = [member[1:] for member in members]
    faults = [] if shape[:len(head)] == head and shape[-len(tail):] == tail else [f"{name}: other head or tail"]
    kind, _, which = name.rpartition("-")
    key = "DATABASE" if is_group else SHORT[kind] + which[0]
    wanted = [tuple(map(int, words[1:])) for words in rows["member"] if words[0] == key]
    found = [(*codes.get(member[2], (None, None)), *bounds(member[0], member[1]))
             for member in members[len(head):-len(tail)]]
    if wanted != found:
        faults.append(f"{name}: {found}, but the codec has {wanted}")
    if is_group and (codes.get(name), int(header[3])) != ((int(header[2]), vendor), vendor):
        faults.append(f"{name}: other code or vendor")
    commands = [(row[0], row[1 if is_request else 2]) for row in rows["command"]]
    if not is_group and (header[2], f"MCX/{name}") not in commands:
        faults.append(f"{name}: no such command in dict_mcx")
    return faults


def faults_of(text, rows):
    found, grammars = parsed(text)
    vendor = int(found["vendor"][0][0])
    faults = [f"{kind}: {found.get(kind)}, but the code has {rows[kind]}"
              for kind in ("vendor", "application", "avp", "value") if found.get(kind) != rows[kind]]
    named = {code: name.replace("_FOR_MIGRATION", "").replace("NO_MIGRATION", "NO") for code, name in found["result"]}
    if named != dict(rows["result"]):
        faults.append(f"result: {found['result']}")
    settings = [int(words[1]) for words in rows["setting"] if words[0].startswith("mcx.")]
    if settings != [vendor, *(int(words[0]) for words in found["application"])]:
        faults.append(f"numbers: the settings have {settings}")
    codes = {words[0]: (int(words[1]), vendor) for words in found["avp"]} | BORROWED
    if len(grammars) != 2 * len(rows["command"]) + 1:
        faults.append(f"{len(grammars)} grammars")
    for header, members in grammars:
        faults += check_grammar(header, members, rows, codes, vendor)
    return faults


def main():
    rows = dumped(sys.argv[1])
    with open(os.path.join(TOP, "dictionaries/mcx.ccf"), encoding="utf-8") as file:
        text = file.read()
    faults = faults_of(text, rows)
    for old, new in (("1*8 { Public", "1*9 { Public"), ("[ Masking ]", "{ Masking }"), ("12  Time", "12  UTF8String"),
                     ("16777181, REQ", "16777183, REQ"), ("3   REPLACED", "4   REPLACED"), ("5003     ", "5005     "),
                     ("        { MC-User-Id }\n", ""), ("AVP Header: 5 ", "AVP Header: 6 "),
                     ("4294967041", "4294967042")):
        if old not in text or not faults_of(text.replace(old, new, 1), rows):
            faults.append(f"this test would not see {new!r} instead of {old!r}")
    for fault in faults:
        print(f"dictionaries/mcx.ccf: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
