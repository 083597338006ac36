# SPDX-License-Identifier: Apache-2.0
"""Provisions what the configuration management servers of a lab need for migrations, the way an operator does it."""

import os

from .ue import Ue

LABEL = "handset"  # of each user's device
_DOCUMENT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ue-init-config.xml")


def document(realm):
    """An initial UE configuration of a system, TS 24.484 7.2."""
    with open(_DOCUMENT, encoding="utf-8") as text:
        return text.read().replace("@REALM@", realm)


def mc_id(lab, name, user):
    """MC user id and MC service id in one."""
    return f"sip:{user}@mc.{lab.systems[name].realm}"


def agree(lab, primary, partner, place=("--plmn", "00101"), here=(), there=()):
    """An agreement for all users of the primary, a service area of the partner, and its document. here, there: more
    for `mcxctl agreement add` at the primary and at the partner."""
    lab.mcxctl(primary, "agreement", "add", partner, "--outbound", *here)
    lab.mcxctl(primary, "area", "add", partner, *place)
    lab.mcxctl(partner, "agreement", "add", primary, "--inbound", *there)
    load_document(lab, partner, document(lab.systems[partner].realm))


def load_document(lab, name, text, *options):
    """At the partner for users of all systems; with ("--partner", id, "--outbound") the primary's copy (NOTE 3)."""
    path = lab.folder.join(f"document-{name}.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return lab.mcxctl(name, "document", "load", path, *options)


def add_ue(lab, name, user, mask=None, may_migrate=True, services=("mcptt",), options=(), impus=None):
    """A subscriber, the MC user that he is, and his UE. options: more for `mcxctl user add`."""
    card, who = lab.add_user(name, user, impus), mc_id(lab, name, user)
    words = ["--may-migrate" if may_migrate else "--may-not-migrate"]
    words += [] if mask is None else ["--mask" if mask else "--no-mask"]
    lab.mcxctl(name, "user", "add", who, *(f"--{service}-id={who}" for service in services), *words, *options)
    lab.mcxctl(name, "device", "add", who, LABEL, "--impi", card.impi)
    return Ue(lab, name, card, who, services)
