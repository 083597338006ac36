# SPDX-License-Identifier: Apache-2.0
"""The rows of dict_cx against tables written down a second time, from TS 29.229 (table 6.3.1 and clause 6.3), TS 29.109
(table 6.1) and the RFCs that they borrow from, not from the code. Argument: the program that dumps the rows."""

import subprocess
import sys

# Codes, or the first and last of a run; names in the order of the codes; format; flags as the dump writes them: V,M both
# set; V: M must not be set; V,any: M as the sender likes. The words of one line are separated by |.
CX = """
600 | Visited-Network-Identifier | OctetString | V,M
601-602 | Public-Identity Server-Name | UTF8String | V,M
603 | Server-Capabilities | Grouped | V,M
604-605 | Mandatory-Capability Optional-Capability | Unsigned32 | V,M
606 | User-Data | OctetString | V,M
607 | SIP-Number-Auth-Items | Unsigned32 | V,M
608 | SIP-Authentication-Scheme | UTF8String | V,M
609-611 | SIP-Authenticate SIP-Authorization SIP-Authentication-Context | OctetString | V,M
612 | SIP-Auth-Data-Item | Grouped | V,M
613 | SIP-Item-Number | Unsigned32 | V,M
614 | Server-Assignment-Type | Enumerated | V,M
615 | Deregistration-Reason | Grouped | V,M
616 | Reason-Code | Enumerated | V,M
617 | Reason-Info | UTF8String | V,M
618 | Charging-Information | Grouped | V,M
619-620 | Primary-Event-Charging-Function-Name Secondary-Event-Charging-Function-Name | DiameterURI | V,M
621-622 | Primary-Charging-Collection-Function-Name Secondary-Charging-Collection-Function-Name | DiameterURI | V,M
623-624 | User-Authorization-Type User-Data-Already-Available | Enumerated | V,M
625-626 | Confidentiality-Key Integrity-Key | OctetString | V,M
628 | Supported-Features | Grouped | V,any
629-630 | Feature-List-ID Feature-List | Unsigned32 | V
631-632 | Supported-Applications Associated-Identities | Grouped | V
633 | Originating-Request | Enumerated | V,M
634 | Wildcarded-Public-Identity | UTF8String | V
635 | SIP-Digest-Authenticate | Grouped | V
636 | Wildcarded-IMPU | UTF8String | V
637 | UAR-Flags | Unsigned32 | V
638 | Loose-Route-Indication | Enumerated | V
639 | SCSCF-Restoration-Info | Grouped | V
640-641 | Path Contact | OctetString | V
642 | Subscription-Info | Grouped | V
643-646 | Call-ID-SIP-Header From-SIP-Header To-SIP-Header Record-Route | OctetString | V
647 | Associated-Registered-Identities | Grouped | V
648 | Multiple-Registration-Indication | Enumerated | V
649 | Restoration-Info | Grouped | V
650 | Session-Priority | Enumerated | V
651 | Identity-with-Emergency-Registration | Grouped | V
652 | Priviledged-Sender-Indication | Enumerated | V
653-655 | LIA-Flags Initial-CSeq-Sequence-Number SAR-Flags | Unsigned32 | V
656 | Allowed-WAF-WWSF-Identities | Grouped | V
657-658 | WebRTC-Authentication-Function-Name WebRTC-Web-Server-Function-Name | UTF8String | V
659 | RTR-Flags | Unsigned32 | V
660 | P-CSCF-Subscription-Info | Grouped | V
661 | Registration-Time-Out | Time | V
662-663 | Alternate-Digest-Algorithm Alternate-Digest-HA1 | UTF8String | V
664 | Failed-PCSCF | Grouped | V
665 | PCSCF-FQDN | DiameterIdentity | V
666 | PCSCF-IP-Address | Address | V
667 | OC-Reg-Timer-Ext | Unsigned32 | V
"""
ZH = """
400-403 | GBA-UserSecSettings Transaction-Identifier NAF-Id GAA-Service-Identifier | OctetString | V,M
404 | Key-ExpiryTime | Time | V,M
405-406 | ME-Key-Material UICC-Key-Material | OctetString | V,M
407 | GBA_U-Awareness-Indicator | Enumerated | V,M
408 | BootstrapInfoCreationTime | Time | V,M
409 | GUSS-Timestamp | Time | V
410 | GBA-Type | Enumerated | V,M
411 | UE-Id | OctetString | V,M
412 | UE-Id-Type | Enumerated | V,M
413 | UICC-App-Label | OctetString | V,M
414 | UICC-ME | Enumerated | V,M
415 | Requested-Key-Lifetime | Time | V,M
416 | Private-Identity-Request | Enumerated | V,M
417-420 | GBA-Push-Info NAF-SA-Identifier Security-Feature-Request Security-Feature-Response | OctetString | V,M
"""
IETF = """
8 | Framed-IP-Address | OctetString | M
96 | Framed-Interface-Id | Unsigned64 | M
97 | Framed-IPv6-Prefix | OctetString | M
104 | Digest-Realm | UTF8String | M
110-111 | Digest-QoP Digest-Algorithm | UTF8String | M
121 | Digest-HA1 | UTF8String | M
301 | DRMP | Enumerated | any
621 | OC-Supported-Features | Grouped | any
622 | OC-Feature-Vector | Unsigned64 | any
623 | OC-OLR | Grouped | any
624 | OC-Sequence-Number | Unsigned64 | any
625 | OC-Validity-Duration | Unsigned32 | any
626 | OC-Report-Type | Enumerated | any
627 | OC-Reduction-Percentage | Unsigned32 | any
649 | SourceID | DiameterIdentity | any
650 | Load | Grouped | any
651 | Load-Type | Enumerated | any
652 | Load-Value | Unsigned64 | any
"""
TABLES = [(10415, CX), (10415, ZH), (0, IETF), (13019, "500 | Line-Identifier | OctetString | V\n")]
COMMANDS = {300: "User-Authorization", 301: "Server-Assignment", 302: "Location-Info", 303: "Multimedia-Auth",
            304: "Registration-Termination", 305: "Push-Profile"}
VALUES = {  # in order, from 0
    "Server-Assignment-Type": "NO_ASSIGNMENT REGISTRATION RE_REGISTRATION UNREGISTERED_USER TIMEOUT_DEREGISTRATION "
                              "USER_DEREGISTRATION TIMEOUT_DEREGISTRATION_STORE_SERVER_NAME "
                              "USER_DEREGISTRATION_STORE_SERVER_NAME ADMINISTRATIVE_DEREGISTRATION "
                              "AUTHENTICATION_FAILURE AUTHENTICATION_TIMEOUT DEREGISTRATION_TOO_MUCH_DATA "
                              "AAA_USER_DATA_REQUEST PGW_UPDATE RESTORATION",
    "Reason-Code": "PERMANENT_TERMINATION NEW_SERVER_ASSIGNED SERVER_CHANGE REMOVE_S-CSCF",
    "User-Authorization-Type": "REGISTRATION DE_REGISTRATION REGISTRATION_AND_CAPABILITIES",
    "User-Data-Already-Available": "USER_DATA_NOT_AVAILABLE USER_DATA_ALREADY_AVAILABLE",
    "Originating-Request": "ORIGINATING",
    "Loose-Route-Indication": "LOOSE_ROUTE_NOT_REQUIRED LOOSE_ROUTE_REQUIRED",
    "Multiple-Registration-Indication": "NOT_MULTIPLE_REGISTRATION MULTIPLE_REGISTRATION",
    "Session-Priority": "PRIORITY-0 PRIORITY-1 PRIORITY-2 PRIORITY-3 PRIORITY-4",
    "Priviledged-Sender-Indication": "NOT_PRIVILEDGED_SENDER PRIVILEDGED_SENDER",
    "DRMP": " ".join(f"PRIORITY_{number}" for number in range(16)),
}


def wanted():
    """{(kind, ...)} of everything above, in the dump's words."""
    rows = {("vendor", "10415", "3GPP"), ("vendor", "13019", "ETSI"), ("application", "16777216", "3GPP", "Cx/Dx"),
            ("application", "16777221", "3GPP", "Zh/Dz")}
    for vendor, table in TABLES:
        for line in table.strip().splitlines():
            codes, names, form, flags = (word.strip() for word in line.split("|"))
            first, _, last = codes.partition("-")
            run = range(int(first), int(last or first) + 1)
            for code, name in zip(run, names.split(), strict=True):
                rows |= {("avp", name, str(code), form, flags), ("vendor_of", name, str(vendor))}
    for code, name in COMMANDS.items():
        rows.add(("command", str(code), f"3GPP/{name}-Request", f"3GPP/{name}-Answer"))
    for avp, names in VALUES.items():
        rows |= {("value", avp, str(number), name) for number, name in enumerate(names.split())}
    return rows


def main():
    said = subprocess.run([sys.argv[1], "cx"], check=True, capture_output=True, text=True).stdout
    dumped = [tuple(line.split()) for line in said.splitlines()]
    faults = [f"dict_cx has {' '.join(row)}, the specifications do not" for row in sorted(set(dumped) - wanted())]
    faults += [f"the specifications have {' '.join(row)}, dict_cx does not" for row in sorted(wanted() - set(dumped))]
    faults += [f"twice: {' '.join(row)}" for row in sorted(set(dumped)) if dumped.count(row) > 1]
    for fault in faults:
        print(fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
