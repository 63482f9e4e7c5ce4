"""RDAP search: what a registry's help offers is asked, slowly, and a registry that wants rest is left alone."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from urllib.parse import unquote

from core.domain import Account, AccountId
from enrichment.account.discovery.finder import AccountFinder
from enrichment.account.discovery.rdap_search import SearchReport, discover_rdap
from enrichment.network.remote.registries import Registry
from enrichment.network.remote.transport import CallError, NoRecordError, ThrottledError

ACCOUNTS = [
    Account(id=AccountId("H"), name="Hartmann Pumpen", country="DE"),
    Account(id=AccountId("F"), name="Falk Logistik", country="AT"),
]
REGISTRY = Registry(
    name="ripencc", title="RIPE NCC", url="http://127.0.0.1:1", per_minute=30, per_day=400, hosts=("127.0.0.1",)
)
REVERSE = {"searchableResourceType": "ips", "relatedResourceType": "entity", "property": "fn"}


def card(name: str, kind: str = "org") -> list[object]:
    """Return a vCard as registries have it."""
    return ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", name], ["kind", {}, "text", kind]]]


def network(first: str, last: str, owner: str) -> dict[str, object]:
    """Return a network object."""
    return {
        "objectClassName": "ip network",
        "startAddress": first,
        "endAddress": last,
        "name": "EXAMPLE-NET",
        "type": "ASSIGNED PA",
        "country": "DE",
        "entities": [{"handle": "X-1", "roles": ["registrant"], "vcardArray": card(owner)}],
    }


class Web:
    """Registries as a table of answers; keeps the log of calls and the time that passed."""

    def __init__(self, answers: dict[str, object]) -> None:
        self.answers = answers
        self.log: list[str] = []
        self.now = 0.0
        self.at: list[float] = []

    def get(self, url: str, accept: str) -> bytes:
        path = unquote(url.partition(":1/")[2])
        self.log.append(path)
        self.at.append(self.now)
        answer = self.answers.get(path, NoRecordError("no such record"))
        if isinstance(answer, Exception):
            raise answer
        return json.dumps(answer).encode()

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def search(web: Web, registry: Registry = REGISTRY) -> SearchReport:
    """Run the search against the table."""
    finder = AccountFinder(ACCOUNTS)
    return discover_rdap(ACCOUNTS, finder, [registry], web, lambda *_: None, monotonic=lambda: web.now, sleep=web.sleep)


def test_reverse_search_where_help_offers_it() -> None:
    """RFC 9910: networks by the registrant's name; a namesake that the registry returns too is not taken."""
    web = Web(
        {
            "help": {"rdapConformance": ["rdap_level_0", "reverse_search"], "reverse_search_properties": [REVERSE]},
            "ips/reverse_search/entity?fn=Hartmann Pumpen&role=registrant": {
                "ipSearchResults": [
                    network("192.0.2.0", "192.0.2.15", "Hartmann Pumpen GmbH"),
                    network("198.51.100.0", "198.51.100.15", "Hartmann Backwaren GmbH"),
                ]
            },
        }
    )
    report = search(web)
    assert [(each.account, each.prefix, each.source, each.waits) for each in report.findings] == [
        ("H", "192.0.2.0/28", "rdap:ripencc", "")
    ]
    assert web.log[0] == "help"
    assert len(web.log) == 3


def test_entities_by_name_where_it_does_not() -> None:
    """RFC 9082: entities by name, then their networks; persons are never followed."""
    web = Web(
        {
            "help": {"rdapConformance": ["rdap_level_0"]},
            "entities?fn=Falk Logistik": {
                "entitySearchResults": [
                    {"handle": "P-1", "vcardArray": card("Falk Logistik", "individual")},
                    {"handle": "O-1", "vcardArray": card("Falk Logistik AG")},
                ]
            },
            "entity/O-1": {
                "handle": "O-1",
                "vcardArray": card("Falk Logistik AG"),
                "networks": [{"startAddress": "203.0.113.0", "endAddress": "203.0.113.7", "type": "ASSIGNED PI"}],
            },
        }
    )
    report = search(web)
    assert [(each.account, each.prefix) for each in report.findings] == [("F", "203.0.113.0/29")]
    assert "entity/P-1" not in web.log


def test_the_pace_is_half_of_what_a_registry_allows() -> None:
    """30 calls a minute allowed: one each 4 seconds; a quarter of a day's calls at most."""
    web = Web({"help": {"reverse_search_properties": [REVERSE]}})
    search(web)
    assert [later - earlier for earlier, later in zip(web.at, web.at[1:], strict=False)] == [4.0, 4.0]
    few = Web({"help": {"reverse_search_properties": [REVERSE]}})
    report = search(few, replace(REGISTRY, per_day=8))
    assert (len(few.log), report.told) == (
        2,
        ("RIPE NCC: its budget for a search is used up; run it again tomorrow",),
    )


def test_a_registry_that_wants_rest_or_has_no_search_is_left_alone() -> None:
    """A 429 ends the run there at once; so does a search that is refused, or answers of no sense."""
    throttled = Web({"help": {}, "entities?fn=Hartmann Pumpen": ThrottledError("429", timedelta(seconds=60))})
    assert search(throttled).told == ("RIPE NCC: it asked to be left alone; run it again tomorrow",)
    refused = Web({"help": {}, "entities?fn=Hartmann Pumpen": CallError("it answered 501")})
    assert search(refused).told == ("RIPE NCC: it offers no search that works (it answered 501)",)
    assert (len(throttled.log), len(refused.log)) == (2, 2)
    odd = Web({"help": [1], "entities?fn=Hartmann Pumpen": {"entitySearchResults": [1, {"vcardArray": "x"}]}})
    assert search(odd).findings == ()
