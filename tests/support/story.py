# SPDX-License-Identifier: Apache-2.0
"""What quickstart shows, scene by scene. Each hop is told from facts: what the UE and the SIP core got, and the lines
that each daemon wrote about this very exchange. Nothing is assumed about what the other side saw."""

from dataclasses import dataclass

from . import migration
from .ladder import Ladder, Node, Row
from .probe import Answer, User, result_text
from .processes import LabError, wait_until
from .thirteen import Exchange
from .ue import PLACE, Ue

PRIMARY, PARTNER = "primary", "partner"
SEQ_AHEAD = 1_000_000  # a card that has seen far more than the primary remembers


@dataclass
class Cast:
    alice: Ue            # migrates with her own identities
    bob: Ue              # migrates with outbound ones
    carol_inbound: User  # bound at the partner, but the primary granted nothing
    inbound: User = None      # alice's card under her inbound identities; known once she has migrated
    outbound: tuple = None    # what the partner knows bob by


def provision(lab):
    """Two systems with an agreement, three users of the primary, as an operator makes them."""
    lab.connect(PRIMARY, PARTNER)
    migration.agree(lab, PRIMARY, PARTNER)
    alice = migration.add_ue(lab, PRIMARY, "alice")
    bob = migration.add_ue(lab, PRIMARY, "bob", mask=True)
    carol = lab.add_user(PRIMARY, "carol")
    one_sided = lab.bind(carol, PRIMARY, PARTNER, grant=False)
    return Cast(alice, bob, carol.named(*one_sided.inbound))


class Story:
    """Plays every scene over a lab; its ladder tells whether all that they claim held."""

    def __init__(self, lab):
        self.lab = lab
        self.ladder = Ladder()
        self._marks = {}
        self.ue = Node("ue")
        self.cores, self.databases, self.servers = (
            {system.id: Node(role, system.id, system.realm) for system in lab.systems.values()}
            for role in ("core", "db", "cms"))

    def play(self, cast):
        received, _ = self._migrates("A user migrates (CR 10.1.X.1, then 10.6.2)", cast.alice, None)
        cast.inbound = cast.alice.card.named(*received)
        _, cast.outbound = self._migrates("Another one, with outbound identities: the partner never sees the real ones",
                                          cast.bob, PARTNER)
        self._never_seen(cast)
        self._home(cast)
        self._ahead(cast)
        self._unknown()
        self._no_grant(cast)
        return self.ladder

    # Scenes.

    def _migrates(self, heading, ue, partner_asked):
        """The thirteen steps, then registration with what they brought: (inbound identities, what the primary is asked
        with)."""
        self.ladder.scene(heading)
        self._mark()
        before = ue.primary_digest()
        reply = ue.connect(partner_asked)
        exchange = Exchange(self, reply, PLACE, partner_asked)
        exchange.tell(ue, PRIMARY, PARTNER)
        if reply.exit:
            self._claim(False, f"the UE was refused: {reply.json['error']}")
            return None, None
        seen, inbound = exchange.seen, reply.inbound
        self._claim(seen.get("13") == seen.get("12") == seen.get("11") == inbound and inbound != seen.get("4"),
                    "the UE has the inbound identities of the partner's SIP database")
        self._claim(bool(reply.document), "and the partner's initial UE configuration")
        self._claim(ue.primary_digest() == before, "its primary configuration is untouched, octet for octet (NOTE 4)")
        self.ladder.add(Row(text="with these identities at the partner, 10.6.2"))
        self._mark()
        answer = Answer(0, ue.register(PARTNER).json.get("probe") or {})
        asked = self._authenticated(answer, inbound, seen.get("7"))
        return inbound, asked

    def _authenticated(self, answer, inbound, granted):
        """Rows and claims of a registration at the partner; what the primary was asked with."""
        self.note("1", self.ue, "MC user authentication: left to SA3, out of scope")
        self.note("2", self.ue, "REGISTER with inbound identities (played by mcx-probe)")
        asked = self._relay_rows(answer.exchanges[0]) if answer.exchanges else None
        self._vector(answer, "9-11")
        self.note("12", self.ue, "MC service authorisation: left to SA3, out of scope")
        self._claim(answer.result == "2001" and self._sound(answer), "the USIM accepts the vector")
        self._claim(asked is not None and asked == granted, "the primary was asked with exactly what it granted")
        self._claim((answer.answer.get("user_name"), answer.answer.get("public_identity")) == inbound,
                    "the SIP core sees inbound identities only")
        return asked

    def _never_seen(self, cast):
        """bob's real identities in nothing that the partner has: neither a log (of every level) nor its database. His
        MC user id is what step 7 tells."""
        daemons = self.lab.hss[PARTNER], self.lab.cms[PARTNER]
        kept = "".join(daemon.text() for daemon in daemons) + self.lab.cluster.dump(PARTNER)
        real = [name for name in (cast.bob.card.impi, cast.bob.card.impu) if name in kept]
        control = cast.alice.card.impi in kept  # not masked: must be found, or this search proves nothing
        self._claim(not real and control, "bob's real identities: nowhere in the partner's logs and database")

    def _home(self, cast):
        self.ladder.scene("A user back at home (CR 10.6.1)")
        self._mark()
        answer = Answer(0, cast.alice.go_home().json.get("probe") or {})
        if answer.exchanges:
            self._core_rows(PRIMARY, answer.exchanges[0], "3", "3")
        self._vector(answer, "3")
        self._claim(answer.result == "2001" and self._sound(answer), "the SIP core has a vector that the USIM accepts")
        self._claim(answer.request.get("user_name") == cast.alice.card.impi, "asked with the user's own identities")

    def _ahead(self, cast):
        self.ladder.scene("A USIM that is ahead: AUTS goes through the relay (10.6.2 steps 3 to 11)")
        answer = self._ask(PARTNER, cast.inbound, "--sqn-ms", str(SEQ_AHEAD), "--resync")
        exchanges = answer.exchanges
        for number, exchange in enumerate(exchanges):
            self._relay_rows(exchange, number)
            if number == 0 and len(exchanges) > 1:
                self.note("10", self.ue, "USIM: MAC right, SQN not fresh: AUTS, so ask again")
        self._vector(answer, "10-11")
        first = (exchanges[0].get("answer") or {}).get("vectors") or [{}]
        self._claim(len(exchanges) == 2 and first[0].get("check") == "sync_failure",
                    "the card refused the first vector as not fresh")
        self._claim(answer.result == "2001" and self._sound(answer) and answer.vectors[0]["seq"] > SEQ_AHEAD,
                    "the vector after AUTS is fresh for the card")

    def _unknown(self):
        self.ladder.scene("An unknown identity")
        domain = self.lab.systems[PARTNER].inbound_domain
        stranger = self.lab.card("stranger", f"nobody@{domain}", f"sip:nobody@{domain}")
        answer = self._ask(PARTNER, stranger)
        self._core_rows(PARTNER, answer.exchanges[0], "3", "8")
        self._claim(answer.result == "exp:5001", "refused: user unknown; nothing went to any primary")
        self._claim(not self.events(self.databases[PARTNER], "relay_sent"), "no request left the partner")

    def _no_grant(self, cast):
        self.ladder.scene("A partner without a grant")
        answer = self._ask(PARTNER, cast.carol_inbound)
        self._relay_rows(answer.exchanges[0])
        self._claim(answer.result == "exp:5001" and bool(self.events(self.databases[PRIMARY], "mar")),
                    "the primary refused, whatever the partner has on its side")

    # Asking, and what the daemons wrote meanwhile.

    def _mark(self):
        self._marks = {daemon.host: len(daemon.text()) for daemon in self.lab.daemons()}

    def _ask(self, system, user, *more):
        self._mark()
        return self.lab.core(system).mar(user, *more)

    def events(self, node, name):
        """What the daemon of a Node wrote since _mark."""
        daemon = (self.lab.cms if node.role == "cms" else self.lab.hss)[node.system]
        return daemon.events(name, self._marks[daemon.host])

    def _nth(self, node, name, number):
        """The daemon may write its line a moment after the answer is out; None if it does not come at all."""
        def look():
            found = self.events(node, name)
            return found[number] if number < len(found) else None
        try:
            return wait_until(look, 2, name)
        except LabError:
            return None

    # Rows.

    def _claim(self, held, text):
        self.ladder.verdict(held, text)

    def note(self, step, node, text):
        self.ladder.add(Row(step, node, text=text))

    @staticmethod
    def _sound(answer):
        return bool(answer.vectors) and all(vector["check"] == "ok" for vector in answer.vectors)

    def _core_rows(self, system, exchange, ask_step, answer_step):
        self._request_row(ask_step, system, exchange["request"])
        self._answer_row(answer_step, system, exchange.get("answer") or {})

    def _request_row(self, step, system, request):
        what = "MAR, RAND+AUTS" if request.get("sip_authorization") else "MAR"
        self.ladder.add(Row(step, self.cores[system], self.databases[system], what,
                            "get SIP authentication information request",
                            identities=[("IMPI", request["user_name"]), ("IMPU", request["public_identity"])]))

    def _answer_row(self, step, system, answer):
        self.ladder.add(Row(
            step, self.databases[system], self.cores[system], "MAA", "get SIP authentication information response",
            is_answer=True, result=result_text(answer) or "none", ms=answer.get("elapsed_ms"),
            identities=[("IMPI", answer.get("user_name")), ("IMPU", answer.get("public_identity"))]))

    def _relay_rows(self, exchange, number=0):
        """The hops of the number-th relayed request since _mark; the identities that the primary says it was asked."""
        partner, primary = self.databases[PARTNER], self.databases[PRIMARY]
        self._request_row("3", PARTNER, exchange["request"])
        sent, asked = self._nth(partner, "relay_sent", number), self._nth(primary, "mar", number)
        if sent:
            self.note("4", partner, f"binding {sent['binding']} leads to {sent['host']}")
            self.ladder.add(Row("5", partner, primary, "MAR", "get SIP authentication information request", "TLS",
                                identities=[("IMPI", sent["impi"]), ("IMPU", sent["impu"])]))
        if asked:
            self.ladder.add(Row("6", primary, partner, "MAA", "get SIP authentication information response", "TLS",
                                True, asked["result"], int(asked["us"]) / 1000,
                                [("IMPI", asked["impi"]), ("IMPU", asked["impu"])]))
        if sent and asked:
            self.note("7", partner, "back to the inbound identities")
        self._answer_row("8", PARTNER, exchange.get("answer") or {})
        return (asked["impi"], asked["impu"]) if asked else None

    def _vector(self, answer, step):
        for vector in answer.vectors:
            said = {True: "yes", False: "NO", None: "-"}
            self.note(step, self.ue,
                      f"USIM: MAC {said[vector.get('mac_ok')]}, fresh {said[vector.get('sqn_fresh')]}, RES=XRES "
                      f"{said[vector.get('res_matches')]}, SEQ {vector.get('seq')} IND {vector.get('ind')}")
