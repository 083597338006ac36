# SPDX-License-Identifier: Apache-2.0
"""What of ours is loaded without the border, without mcx.conf, with a second one, or from another build stops the start,
and says what to do."""

from support.bare import main
from support.loading import build_id, changed, line, refused

SHELLS = ("app_hss", "app_cms")


def test_nothing_without_the_border(site):
    # freeDiameter asks for that name, we ask for what it should be.
    by_name = line(changed(site, "lab_listen", "lab_listen", "acl_border"), site.address)
    for shell in SHELLS:
        own = line(site.build.extension(shell), site.folder.join("mcx.conf"))
        refused(site, [own], f"extension [{shell}] depends on [acl_border] which was not loaded first. Please fix your")
        refused(site, [by_name, own], f"LoadExtension {shell}.fdx: needs acl_border.fdx, ", "; load that before it",
                stands=shell + ".fdx")


def test_one_mcx_conf(site):
    conf, other = site.folder.join("mcx.conf"), site.folder.join("other.conf")
    border = site.build.extension("acl_border")
    refused(site, [line(border)], "LoadExtension acl_border.fdx: names no mcx.conf; write LoadExtension = ",
            stands="acl_border.fdx")
    for shell in SHELLS:
        for second, named in ((None, "nothing"), (other, other)):
            refused(site, [line(border, conf), line(site.build.extension(shell), second)],
                    f"LoadExtension {shell}.fdx: names {named} as mcx.conf, and an extension before it {conf}; name the same",
                    stands=shell + ".fdx")


def test_one_build(site):
    built = build_id(site.build)
    border = changed(site, "acl_border", built, "x" * len(built))
    refused(site, [line(border, site.folder.join("mcx.conf"))], "LoadExtension acl_border.fdx: it and libmcx.so are of "
            "different builds; install both again", stands="acl_border.fdx")


if __name__ == "__main__":
    main(__file__, [test_nothing_without_the_border, test_one_mcx_conf, test_one_build])
