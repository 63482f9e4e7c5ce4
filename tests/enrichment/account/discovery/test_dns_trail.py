"""The DNS of the accounts' domains: weak evidence that waits, providers never count, it seconds other sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network

from sqlalchemy import Engine

from core.database import reading
from core.domain import Account, AccountId, NetworkKind
from enrichment.account.discovery import store
from enrichment.account.discovery.dns_trail import LOOKUPS, Record, discover_dns
from enrichment.account.discovery.judging import Finding
from enrichment.account.discovery.store import DiscoveryStore

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
H = Account(id=AccountId("H"), name="Hartmann Pumpen", domains=("hartmann.example",), country="DE")
F = Account(id=AccountId("F"), name="Falk Logistik", domains=("falk.example",), country="AT")


class Zone:
    """A DNS made of a table; counts what it is asked."""

    def __init__(self, table: Mapping[tuple[str, str], Sequence[str]]) -> None:
        self.table = table
        self.asked: list[tuple[str, str]] = []

    def records(self, name: str, kind: Record) -> Sequence[str]:
        self.asked.append((name, kind))
        return self.table.get((name, kind), ())


def discover(engine: Engine, zone: Zone, *accounts: Account, hosting: Sequence[str] = ()) -> list[Finding]:
    """Follow the accounts' DNS; addresses in `hosting` are a hoster's."""

    def kind_of(ip: str) -> NetworkKind:
        inside = any(ip_address(ip) in ip_network(each) for each in hosting)
        return NetworkKind.HOSTING if inside else NetworkKind.ISP

    return discover_dns(accounts, zone, kind_of, DiscoveryStore(engine).of_accounts, lambda *_: None)


def told(findings: Sequence[Finding]) -> list[tuple[str, str, str]]:
    """Return account, prefix and source of each finding."""
    return sorted((each.account, each.prefix, each.source) for each in findings)


def test_spf_and_own_mail_servers_are_found(engine: Engine) -> None:
    """Ranges of the SPF record and mail servers under the own domain; an include of the own domain is followed."""
    zone = Zone(
        {
            ("hartmann.example", "TXT"): ["v=spf1 ip4:192.0.2.0/28 include:_spf.hartmann.example -ip4:192.0.2.99 ~all"],
            ("_spf.hartmann.example", "TXT"): ["v=spf1 +ip6:2001:db8:7::/48 -all"],
            ("hartmann.example", "MX"): ["mail.hartmann.example"],
            ("mail.hartmann.example", "A"): ["198.51.100.25"],
        }
    )
    assert told(discover(engine, zone, H)) == [
        ("H", "192.0.2.0/28", "dns:spf"),
        ("H", "198.51.100.25/32", "dns:mx"),
        ("H", "2001:db8:7::/48", "dns:spf"),
    ]


def test_providers_never_count(engine: Engine) -> None:
    """Others' includes and mail servers, ranges of two accounts, very wide ranges and hosters' networks."""
    table: dict[tuple[str, str], Sequence[str]] = {
        ("_spf.mailer.example", "TXT"): ["v=spf1 ip4:203.0.113.0/25 -all"],
        ("mx.mailer.example", "A"): ["203.0.113.9"],
        ("hartmann.example", "A"): ["198.51.100.80"],
    }
    for domain in ("hartmann.example", "falk.example"):
        table[domain, "TXT"] = ["v=spf1 ip4:192.0.2.128/29 ip4:198.51.0.0/16 include:_spf.mailer.example -all"]
        table[domain, "MX"] = ["mx.mailer.example"]
    assert told(discover(engine, Zone(table), H, F, hosting=["198.51.100.0/24"])) == []


def test_dns_alone_waits_and_seconds_a_registry(engine: Engine) -> None:
    """By itself it waits; inside a range that waits for the same account it is the second source, and that acts."""
    kept = DiscoveryStore(engine)
    allocation = Finding(
        account=H.id,
        prefix="192.0.2.0/24",
        organisation="Hartmann Pumpen GmbH",
        source="registry:ripencc",
        group="registry",
        text="RIPE registers 192.0.2.0/24 to Hartmann Pumpen GmbH",
        confidence=0.65,
        waits="It is an allocation",
    )
    kept.propose([allocation], NOW)
    zone = Zone(
        {
            ("hartmann.example", "MX"): ["mail.hartmann.example"],
            ("mail.hartmann.example", "A"): ["192.0.2.25"],
            ("falk.example", "MX"): ["mail.falk.example"],
            ("mail.falk.example", "A"): ["198.51.100.7"],
        }
    )
    kept.propose(discover(engine, zone, H, F), NOW)
    with reading(engine) as connection:
        found = {each.prefix: (each.account, each.acts) for each in store.proposals(connection)}
    assert found == {"192.0.2.0/24": ("H", True), "198.51.100.7/32": ("F", False)}


def test_a_runaway_record_ends(engine: Engine) -> None:
    """Includes that go on for ever cost a bounded number of questions."""

    class Endless(Zone):
        def records(self, name: str, kind: Record) -> Sequence[str]:
            super().records(name, kind)
            return [f"v=spf1 include:x.{name}"] if kind == "TXT" and len(name) < 200 else ()

    zone = Endless({})
    discover(engine, zone, H)
    assert len(zone.asked) == LOOKUPS
