#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""conf/mcx.conf.example names every row of settings.def once, in its section, with the row's default, and no other."""

import os
import re
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ROW = re.compile(r'^MCX_(INT|UINT|TEXT|WORD|FLAG)\((\w+), (\w+), ("[^"]*"|[^,]+),', re.M)
EXEMPT = {("border", "sip_cores"), ("border", "own_nodes"), ("border", "partners")}  # lists, not rows


def rows():
    with open(os.path.join(TOP, "extensions/core/base/settings.def"), encoding="utf-8") as text:
        return {(section, name): default for _, section, name, default in ROW.findall(text.read())}


def examples():
    """(section, name) to the text of the value; a name that occurs twice gets a list of both."""
    found, section = {}, None
    with open(os.path.join(TOP, "conf/mcx.conf.example"), encoding="utf-8") as text:
        for line in text:
            opened = re.match(r"^(\w+) = \{$", line)
            if opened:
                section = opened[1]
            setting = re.match(r"^  (?:# )?(\w+) = ([^;(]+);", line)
            if setting and section:
                key = (section, setting[1])
                found[key] = setting[2] if key not in found else [found[key], setting[2]]
    return found


def main():
    wanted, found = rows(), examples()
    faults = [f"{'.'.join(key)} is missing" for key in wanted.keys() - found.keys()]
    faults += [f"{'.'.join(key)} is no setting" for key in found.keys() - wanted.keys() - EXEMPT]
    for key in wanted.keys() & found.keys():
        if wanted[key] != "NULL" and found[key] != wanted[key]:
            faults.append(f"{'.'.join(key)} = {found[key]}, but the default is {wanted[key]}")
    if len(wanted) < 10:
        faults.append("settings.def: too few rows understood")
    for fault in sorted(faults):
        print(f"conf/mcx.conf.example: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
