# SPDX-License-Identifier: Apache-2.0
"""What quickstart shows, scene by scene. Each hop is told from facts: the answer that the SIP core got, and the lines
that each SIP database wrote about this very request. Nothing is assumed about what the other side saw."""

from dataclasses import dataclass

from .ladder import Ladder, Node, Row
from .probe import User, result_text
from .processes import LabError, wait_until

PRIMARY, PARTNER = "primary", "partner"
SEQ_AHEAD = 1_000_000  # a card that has seen far more than the primary remembers


@dataclass
class Cast:
    alice: User
    inbound: User        # alice's card under her inbound identities, unmasked
    bob: User
    bob_inbound: User    # bob's card under his inbound identities; the partner knows him by `outbound`
    outbound: tuple
    carol_inbound: User  # bound at the partner, but the primary granted nothing


def provision(lab):
    """Two systems that know each other, three users of the primary, their bindings, as an operator does it."""
    lab.connect(PRIMARY, PARTNER)
    alice, bob, carol = (lab.add_user(PRIMARY, name) for name in ("alice", "bob", "carol"))
    unmasked = lab.bind(alice, PRIMARY, PARTNER)
    masked = lab.bind(bob, PRIMARY, PARTNER, mask=True)
    one_sided = lab.bind(carol, PRIMARY, PARTNER, grant=False)
    return Cast(alice, alice.named(*unmasked.inbound), bob, bob.named(*masked.inbound), masked.asked,
                carol.named(*one_sided.inbound))


class Story:
    """Plays every scene over a lab; the Ladder tells whether all that they claim held."""

    def __init__(self, lab):
        self.lab = lab
        self.ladder = Ladder()
        self._marks = {}
        self.ue = Node("ue")
        self.cores = self._nodes("core")
        self.databases = self._nodes("db")

    def _nodes(self, role):
        return {system.id: Node(role, system.id, system.realm) for system in self.lab.systems.values()}

    def play(self, cast):
        self._home(cast)
        self._migrated("A migrated user, not masked (CR 10.6.2 steps 3 to 8)", cast.inbound,
                       (cast.alice.impi, cast.alice.impu))
        self._migrated("A migrated user with outbound identities: the partner never sees the real ones",
                       cast.bob_inbound, cast.outbound)
        self._never_seen(cast)
        self._ahead(cast)
        self._unknown()
        self._no_grant(cast)
        return self.ladder

    # Scenes.

    def _home(self, cast):
        self.ladder.scene("A user at home (CR 10.6.1)")
        answer = self._ask(PRIMARY, cast.alice)
        self._core_rows(PRIMARY, answer.exchanges[0], "3", "3")
        self._vector(answer, "9-11")
        self._claim(answer.result == "2001" and self._sound(answer), "the SIP core has a vector that the USIM accepts")

    def _migrated(self, heading, user, asked):
        self.ladder.scene(heading)
        answer = self._ask(PARTNER, user)
        self._note("1", self.ue, "MC user authentication: left to SA3, out of scope")
        self._note("2", self.ue, "REGISTER with inbound identities (played by mcx-probe)")
        seen = self._relay_rows(answer.exchanges[0])
        self._vector(answer, "9-11")
        self._note("12", self.ue, "MC service authorisation: left to SA3, out of scope")
        self._claim(answer.result == "2001" and self._sound(answer), "the USIM accepts the vector")
        self._claim(seen == asked, "the primary was asked with exactly the identities that it granted")
        self._claim((answer.answer.get("user_name"), answer.answer.get("public_identity")) == (user.impi, user.impu),
                    "the SIP core sees inbound identities only")

    def _never_seen(self, cast):
        """bob's real identities in nothing that the partner has: neither its log (of every level) nor its database."""
        kept = self.lab.hss[PARTNER].text() + self.lab.cluster.dump(PARTNER)
        real = [name for name in (cast.bob.impi, cast.bob.impu) if name in kept]
        control = cast.alice.impi in kept  # not masked: must be found, or this search proves nothing
        self._claim(not real and control, "bob's real identities: nowhere in the partner's log and database")

    def _ahead(self, cast):
        self.ladder.scene("A USIM that is ahead: AUTS goes through the relay (10.6.2 steps 3 to 11)")
        answer = self._ask(PARTNER, cast.inbound, "--sqn-ms", str(SEQ_AHEAD), "--resync")
        exchanges = answer.exchanges
        for number, exchange in enumerate(exchanges):
            self._relay_rows(exchange, number)
            if number == 0 and len(exchanges) > 1:
                self._note("10", self.ue, "MAC right, SQN not fresh: AUTS, so ask again")
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
        self._claim(not self._events(PARTNER, "relay_sent"), "no request left the partner")

    def _no_grant(self, cast):
        self.ladder.scene("A partner without a grant")
        answer = self._ask(PARTNER, cast.carol_inbound)
        self._relay_rows(answer.exchanges[0])
        self._claim(answer.result == "exp:5001" and bool(self._events(PRIMARY, "mar")),
                    "the primary refused, whatever the partner has on its side")

    # Asking, and what the daemons wrote meanwhile.

    def _ask(self, system, user, *more):
        self._marks = {name: len(hss.text()) for name, hss in self.lab.hss.items()}
        return self.lab.core(system).mar(user, *more)

    def _events(self, system, name):
        return self.lab.hss[system].events(name, self._marks[system])

    def _claim(self, held, text):
        self.ladder.verdict(held, text)

    def _note(self, step, node, text):
        self.ladder.add(Row(step, node, text=text))

    @staticmethod
    def _sound(answer):
        return bool(answer.vectors) and all(vector["check"] == "ok" for vector in answer.vectors)

    # Rows.

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
        """The hops of the number-th relayed request since _ask; the identities that the primary says it was asked."""
        partner, primary = self.databases[PARTNER], self.databases[PRIMARY]
        self._request_row("3", PARTNER, exchange["request"])
        sent, asked = self._nth(PARTNER, "relay_sent", number), self._nth(PRIMARY, "mar", number)
        if sent:
            self._note("4", partner, f"binding {sent['binding']} leads to {sent['host']}")
            self.ladder.add(Row("5", partner, primary, "MAR", "get SIP authentication information request", "TLS",
                                identities=[("IMPI", sent["impi"]), ("IMPU", sent["impu"])]))
        if asked:
            self.ladder.add(Row("6", primary, partner, "MAA", "get SIP authentication information response", "TLS",
                                True, asked["result"], int(asked["us"]) / 1000,
                                [("IMPI", asked["impi"]), ("IMPU", asked["impu"])]))
        if sent and asked:
            self._note("7", partner, "back to the inbound identities")
        self._answer_row("8", PARTNER, exchange.get("answer") or {})
        return (asked["impi"], asked["impu"]) if asked else None

    def _nth(self, system, name, number):
        """The daemon may write its line a moment after the answer is out; None if it does not come at all."""
        def look():
            found = self._events(system, name)
            return found[number] if number < len(found) else None
        try:
            return wait_until(look, 2, name)
        except LabError:
            return None

    def _vector(self, answer, step):
        for vector in answer.vectors:
            said = {True: "yes", False: "NO", None: "-"}
            self._note(step, self.ue,
                       f"USIM: MAC {said[vector.get('mac_ok')]}, SQN fresh {said[vector.get('sqn_fresh')]}, RES=XRES "
                       f"{said[vector.get('res_matches')]} (SEQ {vector.get('seq')} IND {vector.get('ind')})")
