# SPDX-License-Identifier: Apache-2.0
"""A primary takes its user back: RTR ends the binding, PPR changes nothing, and neither touches anybody else's (design 7;
TS 29.228 6.1.3, 6.2.2)."""

from support import raw
from support.hss import Options
from support.raw import GPP, avp
from support.scenario import equal, expect, main

RTR, PPR = 304, 305
GONE, SCSCF_MOVES, REMOVED = 0, 2, 3  # Reason-Code, TS 29.229 6.3.17


def ask(primary, lab, impi, reason=GONE, impus=(), command=RTR):
    more = [avp(293, lab.systems["partner"].host), *(avp(601, impu, GPP) for impu in impus)]
    if command == RTR:
        more.append(avp(615, [avp(616, reason, GPP), avp(617, "test", GPP)], GPP))
    got = primary.ask(primary.mar("partner.example", drop={601, 602, 607, 612}, more=more, command=command, impi=impi))
    equal((got.command, got.flags), (command, raw.PROXIABLE), "header of the answer")
    return got.result


def test_recall(lab):
    lab.connect("primary", "partner")
    users = {name: lab.add_user("primary", name, [f"sip:{name}-{i}@primary.example" for i in (1, 2)])
             for name in ("alice", "bob", "carol", "dave", "expired")}
    bound = {name: lab.bind(user, "primary", "partner", mask=name == "bob") for name, user in users.items()}
    lab.cluster.sql("partner", "UPDATE binding SET expires_at = now() WHERE primary_impi ~ '^expired@'")
    carols, own = users["carol"].impu, lab.add_user("partner", "own")
    with lab.raw_peer("partner", other="primary") as primary, lab.raw_peer("partner") as core:
        for what, impi, options, result, left in [
                ("PPR", "alice@primary.example", {"command": PPR}, 2001, "active"),
                ("PPR of nobody", "nobody@primary.example", {"command": PPR}, -5001, None),
                ("no list", "alice@primary.example", {}, 2001, "ended"), ("again", "alice@primary.example", {}, -5001, "ended"),
                ("by its own name though masked", "bob@primary.example", {}, -5001, "active"),
                ("masked", bound["bob"].asked[0], {"reason": SCSCF_MOVES}, 2001, "ended"),
                ("an S-CSCF moves", "carol@primary.example", {"reason": SCSCF_MOVES, "impus": [carols]}, 2001, "active"),
                ("another's IMPU", "carol@primary.example", {"impus": ["sip:dave-1@primary.example"]}, -5001, "active"),
                ("one IMPU for good", "carol@PRIMARY.example", {"impus": [carols + ";user=phone"]}, 2001, "ended"),
                ("expired", "expired@primary.example", {}, -5001, None), ("ours", own.impi, {}, -5001, None),
                ("inbound", bound["dave"].inbound[0], {}, -5001, None)]:
            equal(ask(primary, lab, impi, **options), result, what)
            name = next((name for name, one in bound.items() if impi.lower() in (users[name].impi, one.asked[0])), None)
            equal(left and lab.ended("partner", bound[name])[0], left, f"{what}: state of the binding")
        equal(lab.ended("partner", bound["bob"]), ("ended", "revoked", "RTR of the primary, Reason-Code 2"), "why it ended")
        impi, impu = bound["alice"].inbound
        equal(core.ask(core.mar("partner.example", impi=impi, impu=impu)).result, -5001, "what the SIP core hears now")
        equal(core.ask(core.mar("partner.example", impi=impi, command=RTR)).result, 3007, "RTR of the own SIP core")
    equal(lab.cluster.sql("partner", "SELECT count(*) FROM audit WHERE kind = 'binding_ended'"), [("3",)], "audit rows")
    lab.mcxctl("partner", "audit", "verify")
    told = lab.mcxctl("partner", "binding", "list", "--all")
    expect("RTR of the primary, Reason-Code 2" in told, f"mcxctl binding list does not say why:\n{told}")


main(__file__, [test_recall], options={"primary": Options(run=False)})
