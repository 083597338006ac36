# SPDX-License-Identifier: Apache-2.0
"""Provisions what the configuration management servers of a lab need for migrations, the way an operator does it."""

import os

from .processes import LabError, wait_until
from .scenario import equal, expect
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
    lab.mcxctl(primary, "agreement", "add", partner, "--direction", "outbound", *here)
    lab.mcxctl(primary, "area", "add", partner, *place)
    lab.mcxctl(partner, "agreement", "add", primary, "--direction", "inbound", *there)
    load_document(lab, partner, document(lab.systems[partner].realm))


def load_document(lab, name, text, *options):
    """At the partner for users of all systems; with ("--partner", id, "--outbound") the primary's copy (NOTE 3)."""
    path = lab.folder.join(f"document-{name}.xml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return lab.mcxctl(name, "document", "load", path, *options)


def _yes_no(value):
    return "yes" if value else "no"


def add_ue(lab, name, user, mask=None, may_migrate=True, services=("mcptt",), options=(), impus=None):
    """A subscriber, the MC user that he is, and his UE. options: more for `mcxctl user add`."""
    card, who = lab.add_user(name, user, impus), mc_id(lab, name, user)
    words = ["--may-migrate", _yes_no(may_migrate)] + ([] if mask is None else ["--mask", _yes_no(mask)])
    lab.mcxctl(name, "user", "add", who, *(f"--{service}={who}" for service in services), *words, *options)
    lab.mcxctl(name, "device", "add", who, LABEL, "--impi", card.impi)
    return Ue(lab, name, card, who, services)


# What both databases hold.


def live(lab, name, table):
    """Live rows of grant_, binding or migration: dictionaries."""
    columns = {"grant_": ("binding_uuid", "own_impi", "asked_impi", "is_masked"),
               "binding": ("binding_uuid", "primary_impi", "inbound_impi", "mc_user_id"),
               "migration": ("binding_uuid", "own_impi", "asked_impi", "inbound_impi", "state")}[table]
    states = "('asking', 'active')" if table == "migration" else "('reserved', 'active', 'ending')"
    rows = lab.cluster.sql(name, f"SELECT {', '.join(columns)} FROM {table} WHERE state IN {states} ORDER BY 1")
    return [dict(zip(columns, row)) for row in rows]


def agreed(lab, reply, primary="primary", partner="partner"):
    """Failed unless exactly one binding is live on each side, the same, and the UE has it. The UE's Reply is of connect
    or show."""
    equal(reply.exit, 0, f"mcx-ue's status ({reply.json})")
    rows = live(lab, primary, "grant_") + live(lab, primary, "migration") + live(lab, partner, "binding")
    equal([row["binding_uuid"] for row in rows], [reply.binding] * 3, "bindings of grant, migration and partner")
    grant, migration, binding = rows
    equal(migration["state"], "active", "state of the migration")
    equal({migration["inbound_impi"], binding["inbound_impi"]}, {reply.inbound[0]}, "inbound IMPI on both sides, in the UE")
    equal({grant["asked_impi"], migration["asked_impi"]}, {binding["primary_impi"]}, "what the partner asks with")


def wait_nothing_left(lab, names=("primary", "partner"), timeout=30):
    """Until no side holds anything live."""
    def is_empty():
        return not any(live(lab, name, table) for name in names for table in ("grant_", "binding", "migration"))
    try:
        wait_until(is_empty, timeout, "all that was allocated to be given back", period_ms=50)
    except LabError as late:
        left = {name: [live(lab, name, table) for table in ("grant_", "binding", "migration")] for name in names}
        raise LabError(f"{late}; left: {left}") from None


def is_served(lab, ue, reply, partner="partner"):
    """Does the partner's SIP core still get vectors for the identities of that Reply?"""
    return lab.core(partner).mar(ue.card.named(*reply.inbound)).result == "2001"


def ends_everywhere(lab, ue, what, end):
    """Migrates, ends the binding by end(Reply): nothing may be left anywhere. The cause at the partner."""
    reply = ue.connect()
    agreed(lab, reply)
    end(reply)
    wait_nothing_left(lab)
    equal(ue.migrations(), [], f"{what}: what the user sees")
    equal(is_served(lab, ue, reply), False, f"{what}: registration at the partner")
    return lab.cluster.sql("partner", f"SELECT cause FROM binding WHERE binding_uuid = '{reply.binding}'")[0][0]


def is_to_wait(reply, what, problem=None):
    """Failed unless the UE was told to try again later; problem: and why."""
    equal((reply.exit, reply.http_status), (3, 503), what)
    equal(reply.problem, problem or reply.problem, what)
    expect(reply.json["retry_after"], f"{what}: no Retry-After")


def admit(lab, partner, names):
    """The partner is connected to these primaries, admits all their users and has a document for them."""
    for name in names:
        lab.connect(partner, name)
        lab.mcxctl(partner, "agreement", "add", name, "--direction", "inbound")
    load_document(lab, partner, document(lab.systems[partner].realm))


# Documents and PDN access credentials.


def is_accepted(lab, name, text):
    """Does `mcxctl document load` take it?"""
    try:
        load_document(lab, name, text)
    except LabError:
        return False
    return True


def load_credentials(lab, name, pdn, passwords):
    """passwords: {user name: password}."""
    lab.mcxctl(name, "credential", "load", "-", "--pdn", pdn,
               input="".join(f"{user}:{password}\n" for user, password in passwords.items()))


def with_credentials(text, pdn):
    """A document that has places for them."""
    return text.replace("</service>", f"<anyExt><user>{{{{pdn:{pdn}:username}}}}</user><password>"
                        f"{{{{pdn:{pdn}:password}}}}</password></anyExt></service>")


def wait_until_free(lab, name, count):
    """Until so many credentials are free. Those of ended bindings are swept when they are a minute old: make them so."""
    lab.cluster.sql(name, "UPDATE pdn_credential SET allocated_at = allocated_at - interval '1 minute'")
    wait_until(lambda: lab.cluster.sql(name, "SELECT count(*) FROM pdn_credential WHERE binding_uuid IS NULL")
               == [(str(count),)], 30, f"{count} credentials to be free", period_ms=50)
