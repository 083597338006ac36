#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""conf/openapi.json against the running interface: every path, method and status that it names is brought about, every
answer has the media type, header fields and members that it says, and every member that it names occurs."""

import json
import os
import re

from support.build import SOURCE
from support.ue_server import ALICE, KNOWN, REQUEST, Server, equal, expect

ONE = "/mcx/v1/partner-connections/{bindingId}"
XML = ('<location-info xmlns="urn:3gpp:ns:mcpttLocationInfo:1.0"><Report ReportType="NonEmergency"><CurrentLocation>'
       "<CurrentServingEcgi><Ecgi>" + "001010" + "01" * 14 + "</Ecgi></CurrentServingEcgi></CurrentLocation></Report>"
       "</location-info>")
IDS = {"mcptt": ALICE, "mcvideo": "sip:alice@video", "mcdata": "sip:alice@data"}
FULL = [{"mcServiceIds": IDS, "mcUserId": ALICE, "partner": "partner", "device": "handset",
         "location": {"plmn": "00101", "ecgi": {"plmn": "00101", "eci": 7}, "latitude": 48.1, "longitude": 11.5}},
        {"mcServiceIds": IDS, "locationInfo": XML, "partner": "unlimited"}]
# What brings a status about, for all operations or for one; a function of the server makes the arguments of ask.
CAUSES = {
    "400": lambda server: {"Authorization": "Digest x"}, "401": lambda server: {"Authorization": None},
    "403": lambda server: {"Authorization": f"Bearer {server.issuer.token(IDS, scope='openid')}"},
    "404": lambda server: {"path": ONE.replace("{bindingId}", KNOWN.replace("1", "2"))},
    "406": lambda server: {"Accept": "text/html"},
    "500": lambda server: as_user(server, "fault"), "503": lambda server: as_user(server, "away"),
    ("post", "404"): lambda server: {"body": {**REQUEST, "partner": "nowhere"}},
    ("post", "409"): lambda server: {"body": {**REQUEST, "partner": "devices"}},
    ("post", "411"): lambda server: {"Transfer_Encoding": "chunked", "body": b"0\r\n\r\n"},
    ("post", "413"): lambda server: {"body": b" " * 65537}, ("post", "415"): lambda server: {"Content_Type": "text/plain"},
}


def as_user(server, name):
    user = f"sip:{name}@mc.primary.example"
    return {"Authorization": f"Bearer {server.issuer.token({'mcptt': user})}",
            "body": {**REQUEST, "mcServiceIds": {"mcptt": user}}}


class Document:
    def __init__(self):
        with open(os.path.join(SOURCE, "conf", "openapi.json"), encoding="utf-8") as text:
            self.all = json.load(text)
        self.seen = set()  # (schema's name or place, member)

    def resolve(self, value):
        while "$ref" in value:
            found = self.all
            for name in value["$ref"].removeprefix("#/").split("/"):
                found = found[name]
            value = found
        return value

    def operations(self):
        for path, item in self.all["paths"].items():
            for method, operation in item.items():
                if method != "parameters":
                    yield path, method, operation

    def check(self, value, schema, place):
        """The part of JSON Schema that the document uses."""
        schema = self.resolve(schema)
        kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        kind = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer", float: "number",
                type(None): "null"}[type(value)]
        expect(kind in kinds or (kind == "integer" and "number" in kinds), f"{place}: {kind} instead of {kinds}")
        if kind == "object":
            expect(not set(schema.get("required", ())) - value.keys(), f"{place}: members are missing: {value}")
            for name, member in value.items():
                expect(name in schema["properties"], f"{place}.{name} is not in the document")
                self.seen.add((id(schema), name))
                self.check(member, schema["properties"][name], f"{place}.{name}")
        if kind == "array":
            for member in value:
                self.check(member, schema["items"], place + "[]")
        expect(kind != "string" or re.search(schema.get("pattern", ""), value), f"{place}: {value}")
        if schema.get("format") == "date-time" and value is not None:
            expect(re.fullmatch(r"\d{4}(-\d\d){2}T\d\d(:\d\d){2}Z", value), f"{place}: {value}")

    def unseen(self, schema, place):
        """Members that never occurred."""
        schema = self.resolve(schema)
        missing = []
        for name, member in schema.get("properties", {}).items():
            missing += [] if (id(schema), name) in self.seen else [f"{place}.{name}"]
            missing += self.unseen(member, f"{place}.{name}")
        return missing + (self.unseen(schema["items"], place + "[]") if "items" in schema else [])


def check_answer(document, answer, response, place):
    response = document.resolve(response)
    expect(bool(answer.body) == ("content" in response), f"{place}: body {answer.body[:80]}")
    for name in response.get("headers", {}):
        expect(name in answer.headers or place.endswith("403"), f"{place}: no {name}")
    for media, content in response.get("content", {}).items():
        equal(answer.headers["Content-Type"], media, place)
        document.check(answer.json, content["schema"], place)
    equal(answer.headers["Cache-Control"], "no-store", place)


def run_operation(document, server, path, method, operation):
    target = path.replace("{bindingId}", KNOWN)
    for status, response in operation["responses"].items():
        cause = CAUSES.get((method, status)) or CAUSES.get(status) or (lambda _server: {})
        answer = server.ask(**{"method": method.upper(), "path": target, **cause(server)})
        place = f"{method} {path} {status}"
        equal(answer.status, int(status), place)
        check_answer(document, answer, response, place)
    if method == "options":
        allowed = {name.upper() for name in document.all["paths"][path] if name != "parameters"}
        equal(set(answer.headers["Allow"].split(", ")), allowed, f"Allow of {path}")


def main():
    document = Document()
    with Server("openapi") as server:
        for path, method, operation in document.operations():
            run_operation(document, server, path, method, operation)
        post = document.all["paths"]["/mcx/v1/partner-connections"]["post"]
        for request in FULL:
            document.check(request, post["requestBody"]["content"]["application/json"]["schema"], "request")
            answer = server.ask(Authorization=f"Bearer {server.issuer.token(IDS)}", body=request)
            equal(answer.status, 200, f"{request}: {answer.body}")
            check_answer(document, answer, post["responses"]["200"], "post 200")
        equal(answer.json["expires"], None, "an unlimited migration")
        for name, schema in document.all["components"]["schemas"].items():
            equal(document.unseen(schema, name), [], "members that never occurred")
        equal(server.ask("OPTIONS", "*", Authorization=None).status, 204, "OPTIONS *")
        equal(server.ask("PATCH").status, 405, "another method")


main()
