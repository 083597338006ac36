# SPDX-License-Identifier: Apache-2.0
"""Teaches tshark the MCX applications: a copy of its data folder in which Custom.xml is made from the rows of
dictionaries/mcx_rows.c. Wireshark takes such a folder (WIRESHARK_DATA_DIR) from ordinary users only, so that root's
tshark runs as nobody: the capture comes by a pipe, with the TLS keys inside."""

import os
import re
from xml.sax.saxutils import quoteattr

from .build import SOURCE
from .processes import LabError

USER = "nobody"
_THEIRS = "/usr/share/wireshark"
_ROWS = os.path.join(SOURCE, "dictionaries", "mcx_rows.c")
_TYPES = {"MCX_UTF8": "UTF8String", "MCX_ENUMERATED": "Enumerated", "MCX_IDENTITY": "DiameterIdentity",
          "MCX_OCTETS": "OctetString", "MCX_TIME": "Time", "MCX_UNSIGNED32": "Unsigned32", "MCX_GROUPED": None}


def data_folder(path):
    """Makes such a folder, readable by everybody; its path."""
    diameter = os.path.join(path, "diameter")
    os.makedirs(diameter)
    for name in os.listdir(_THEIRS):
        if name != "diameter":
            os.symlink(os.path.join(_THEIRS, name), os.path.join(path, name))
    for name in os.listdir(os.path.join(_THEIRS, "diameter")):
        if name != "Custom.xml":
            os.symlink(os.path.join(_THEIRS, "diameter", name), os.path.join(diameter, name))
    with open(os.path.join(diameter, "Custom.xml"), "w", encoding="utf-8") as custom:
        custom.write(dictionary())
    for folder in (path, diameter):
        os.chmod(folder, 0o755)
    os.chmod(os.path.join(diameter, "Custom.xml"), 0o644)
    return path


def dictionary():
    """Wireshark's XML of our rows."""
    with open(_ROWS, encoding="utf-8") as text:
        rows = text.read()
    numbers = dict(re.findall(r"\.(vendor|sdb|ss) = (\d+)", rows))
    applications = re.findall(r"\{(S_DB|S_S), VENDOR, \"([^\"]+)\"", rows)
    commands = re.findall(r"\{(\d+), S_\w+, \"MCX/([\w-]+)-Request\"", rows)
    avps = re.findall(r"\{(\d+), VENDOR, \"([\w-]+)\", (MCX_\w+),", rows)
    values = re.findall(r"\{VENDOR, \"([\w-]+)\", (\d+), \"(\w+)\"", rows)
    if not (len(numbers) == 3 and len(applications) == 2 and commands and avps and values):
        raise LabError(f"{_ROWS} has another form than expected")
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    lines += [f'<application id="{numbers["sdb" if which == "S_DB" else "ss"]}" name={quoteattr(name)} uri="none">'
              "</application>" for which, name in applications]
    lines.append(f'<vendor vendor-id="MCX" code="{numbers["vendor"]}" name="MCX">')
    lines += [f'<command name="{name}" code="{code}" vendor-id="None"/>' for code, name in commands]
    for code, name, kind in avps:
        inner = "<grouped/>" if _TYPES[kind] is None else f'<type type-name="{_TYPES[kind]}"/>'
        inner += "".join(f'<enum name="{word}" code="{number}"/>' for avp, number, word in values if avp == name)
        lines.append(f'<avp name="{name}" code="{code}" vendor-id="MCX" mandatory="must" may-encrypt="no" '
                     f'protected="may" vendor-bit="must">{inner}</avp>')
    return "\n".join([*lines, "</vendor>"]) + "\n"
