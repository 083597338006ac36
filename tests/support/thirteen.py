# SPDX-License-Identifier: Apache-2.0
"""CR 10.1.X.1, steps 1 to 13, as rows of a Ladder: from what the UE sent and got, and from the lines that each daemon
wrote about this very binding. Nothing is assumed about what another node saw."""

from .ladder import Row
from .processes import LabError, wait_until

TITLES = {
    "1": "get partner MC system connection details request", "4": "get outbound migration SIP identities request",
    "6": "get outbound migration SIP identities response", "7": "partner MC system access request",
    "9": "get inbound migration SIP identities request", "11": "get inbound migration SIP identities response",
    "12": "partner MC system access response", "13": "get partner MC system connection details response"}


def place_text(place):
    """For people: "PLMN 00101, 48.1 N 11.5 E"."""
    words = [f"PLMN {place['plmn']}"] if "plmn" in place else []
    if "latitude" in place:
        north, east = place["latitude"], place["longitude"]
        words.append(f"{abs(north)} {'N' if north >= 0 else 'S'} {abs(east)} {'E' if east >= 0 else 'W'}")
    return ", ".join(words)


class Exchange:
    """One request of a UE and what came of it. story: has ladder, nodes and events of the daemons."""

    def __init__(self, story, reply, place, partner_asked=None):
        self._story, self._reply, self._place, self._asked = story, reply, place, partner_asked
        self._binding = reply.json.get("bindingId")
        self.seen = {}  # step: (IMPI, IMPU) as seen on that hop

    def _event(self, daemon, name, **wanted):
        """A daemon may write its line a moment after its message is out; None if it does not come at all."""
        def look():
            return next((event for event in self._story.events(daemon, name)
                         if all(event.get(key) == value for key, value in wanted.items())), None)
        try:
            return wait_until(look, 2, name)
        except LabError:
            return None

    def _add(self, step, sender, receiver, text, event=None, given="", **more):
        identities = []
        if event and event.get(given + "impi", "-") != "-":
            self.seen[step] = event[given + "impi"], event[given + "impu"]
            identities = list(zip(("IMPI", "IMPU"), self.seen[step]))
        if event and "us" in event and more.get("is_answer"):
            more["ms"] = int(event["us"]) / 1000
        if event and more.get("is_answer"):
            more["result"] = event.get("result", "")
        self._story.ladder.add(Row(step, sender, receiver, text, TITLES[step],
                                   identities=identities + more.pop("extra", []), **more))

    def tell(self, ue, primary, partner):
        """primary, partner: system ids."""
        story = self._story
        cms, home = story.servers[primary], story.databases[primary]
        there, database = story.servers[partner], story.databases[partner]
        told = [("MC", ue.mc_id), ("at", place_text(self._place))] + ([("to", self._asked)] if self._asked else [])
        self._add("1", story.ue, cms, "POST", link="HTTPS", extra=told)
        self._decided(cms)
        self._identities(("4", "5", "6"), cms, home, "outbound")
        sent = self._event(cms, "par_sent", binding=self._binding)
        if sent:
            self._add("7", cms, there, "PAR", sent, link="TLS")
        access = self._event(there, "access_decided", binding=self._binding)
        if access:
            word = "admitted" if access["verdict"] == "agreement" else "refused"
            story.note("8", there, f"{access['system']} and its user {word}: {access['verdict'].replace('_', ' ')}")
        self._identities(("9", "10", "11"), there, database, "inbound")
        answered = self._event(cms, "par_answered", binding=self._binding)
        if answered:
            self._add("12", there, cms, "PAA", answered, link="TLS", is_answer=True,
                      extra=[("doc", f"{answered['document']} octets")] if answered["document"] != "0" else [])
        self._reply_row(cms)

    def _decided(self, cms):
        decided = self._event(cms, "migration_decided", binding=self._binding or "-")
        if decided and decided["partner"] != "-":
            self._story.note("2", cms, f"{decided['mc_user']} may migrate")
            how = "as asked" if decided["requested"] == "1" else "by location"
            mask = ", masked" if decided["mask"] == "1" else ""
            self._story.note("3", cms, f"partner {decided['partner']}, {how}{mask}")
        elif decided:
            self._story.note("2-3", cms, decided["reason"].replace("_", " "))

    def _identities(self, steps, cms, database, direction):
        """What the server asks of its SIP database, what that does, and what it answers."""
        sent = self._event(cms, "mir_sent", binding=self._binding)
        if sent:
            self._add(steps[0], cms, database, "MIR", sent)
        done = self._event(database, "mir", binding=self._binding, direction=direction)
        if done:
            said = {"inbound": "inbound identities, bound to the primary's"}.get(
                direction, "outbound identities, bound to his own" if done.get("masked") == "1"
                else "a grant for the user's own identities")
            if done["result"] == "2001":
                self._story.note(steps[1], database, said)
            self._add(steps[2], database, cms, "MIA", done, "given_", is_answer=True)

    def _reply_row(self, cms):
        reply, extra = self._reply, []
        if reply.exit == 0:
            self.seen["13"] = reply.inbound
            extra = list(zip(("IMPI", "IMPU"), reply.inbound))
            extra += [("doc", f"{len(reply.document.encode())} octets")] if reply.document else []
        status, done = str(reply.http_status or 200), self._event(cms, "ue_reply", binding=self._binding or "-")
        self._story.ladder.add(Row("13", cms, self._story.ue, status, TITLES["13"], "HTTPS", True, status,
                                   int(done["us"]) / 1000 if done else None, extra))
