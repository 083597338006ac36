# SPDX-License-Identifier: Apache-2.0
"""A user at home and at the partner's, masked and not (CR 10.6.1, 10.6.2 steps 3 to 8), and what the wire holds."""

from support.scenario import equal, expect, main

REAL = {}


def sound(answer):
    equal(answer.result, "2001", "result")
    equal([vector["check"] for vector in answer.vectors], ["ok"], "the card's verdict on the vectors")


def test_home_user_gets_a_vector(lab):
    lab.connect("primary", "partner")
    REAL["alice"] = lab.add_user("primary", "alice")
    answer = lab.core("primary").mar(REAL["alice"])
    sound(answer)
    equal(answer.vectors[0]["ind"], 0, "IND of the own SIP core")


def test_migrated_user_gets_a_vector_of_the_partners_ind(lab):
    alice = REAL["alice"]
    binding = lab.bind(alice, "primary", "partner")
    answer = lab.core("partner").mar(alice.named(*binding.inbound))
    sound(answer)
    expect(answer.vectors[0]["ind"] >= 2, f"IND {answer.vectors[0]['ind']} is no partner's")
    equal((answer.answer["user_name"], answer.answer["public_identity"]), binding.inbound, "identities in the MAA")


def test_masked_user_is_known_to_the_partner_by_outbound_identities_only(lab):
    bob = REAL["bob"] = lab.add_user("primary", "bob")
    binding = lab.bind(bob, "primary", "partner", mask=True)
    sound(lab.core("partner").mar(bob.named(*binding.inbound)))
    kept = lab.hss["partner"].text() + lab.cluster.dump("partner")
    expect(binding.asked[0] in kept, "the search finds what must be there")
    expect("bob@" not in kept, "the partner holds bob's real identity")


def test_wire_between_the_realms_shows_what_each_may_see(lab):
    """The decrypted capture: alice's real identities cross the border, bob's never do."""
    if not lab.capture:
        return
    lab.capture.wait_for(lambda: len(lab.capture.user_names(lab.systems["primary"].tls_port)) >= 4)
    seen = lab.capture.user_names(lab.systems["primary"].tls_port)
    expect(("303", REAL["alice"].impi) in seen, f"alice's MAR is not among {seen}")
    expect(not [name for _, name in seen if name.startswith("bob@")], "bob's real identity crossed the border")


main(__file__, [test_home_user_gets_a_vector, test_migrated_user_gets_a_vector_of_the_partners_ind,
                test_masked_user_is_known_to_the_partner_by_outbound_identities_only,
                test_wire_between_the_realms_shows_what_each_may_see])
