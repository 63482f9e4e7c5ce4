"""Puts a world's visits through the real line: imports, network database, registries, second pass, alerts."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network, summarize_address_range
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select

from app import wiring
from app.listing_queries import VisitLine, alert_lines, visit_lines
from app.pipeline import Batch
from app.setup import initialise
from bench.alerts.owners import DATA, Owner
from bench.alerts.world import World
from bench.kind_rows import sizes
from core import clock, ids
from core.database import reading, writing
from core.domain import PageView, PageViewId, SiteId, VisitorId
from core.settings import read_settings
from enrichment.account.importer.accounts import import_accounts
from enrichment.account.importer.activities import import_activities
from enrichment.network.addresses import Prefix
from enrichment.network.mmdb_file import write_mmdb
from enrichment.tables import judgements
from tracker.site_store import add_site

SITE = SiteId("shop.example.com")
_AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
_AT_ONCE = 1_000

AskRegistries = Callable[[object, object, World], None]
"""Work off the registries' queue of an installation (settings, engine) as its worker would."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What became of one visit."""

    account: str
    """Whom it was given to, at whatever confidence; empty when nobody."""
    candidates: tuple[str, ...]
    confidence: float
    alerted: bool
    drop: str
    organisation: str
    kind: str
    codes: tuple[str, ...] = ()
    """The codes of the reasons by which the account was found."""


def write_networks(owners: Iterable[Owner], known: Mapping[int, tuple[int, int]], out: Path) -> None:
    """Write what an operator's network database knows of the ranges: the AS, its owner's name, domain and size."""
    records: list[dict[str, str | int | bool]] = []
    entries: list[tuple[Prefix, int]] = []
    number_of: dict[tuple[int | None, str], int] = {}
    for owner in owners:
        key = (owner.asn, owner.as_name)
        if key not in number_of:
            number_of[key] = len(records)
            count, prefixes = known.get(owner.asn or 0, (0, 0))
            values = {
                "autonomous_system_number": owner.asn,
                "autonomous_system_organization": owner.as_name,
                "as_domain": owner.as_domain,
                "as_addresses": count,
                "as_prefixes": prefixes,
            }
            records.append({name: value for name, value in values.items() if value})
        entries += [(prefix, number_of[key]) for prefix in _around(owner)]
    write_mmdb(out, entries, records, database_type="Bench", description="networks", built_at=clock.now())


def _around(owner: Owner) -> list[Prefix]:
    """Return the part of the AS that holds the range: a /20 or /36 around it, or the range itself when it is wider."""
    first, last = ip_address(owner.first), ip_address(owner.last)
    around = ip_network(f"{first}/{20 if first.version == 4 else 36}", strict=False)
    return [around] if last in around else list(summarize_address_range(first, last))  # type: ignore[type-var]


def run_world(world: World, home: Path, env: Mapping[str, str], ask: AskRegistries | None) -> list[Named]:
    """Send every visit of the world through a fresh installation and return what became of each, in order."""
    home.mkdir(parents=True, exist_ok=True)
    networks = home / "world.mmdb"
    write_networks(world.owners, sizes(DATA), networks)
    given = {"DORMOUSE_HOME": str(home), "MMDB_PATHS": str(networks), **env}
    settings, _ = initialise(read_settings(given), lambda _line: None)
    engine = wiring.engine(settings)
    now = clock.now()
    accounts, activities = _customer_files(world, home, now)
    with writing(engine) as connection:
        add_site(connection, SITE, now)
        import_accounts(connection, accounts, now)
        import_activities(connection, activities, now)
    line = wiring.pipeline(settings, engine)
    views = [view for number, visit in enumerate(world.visits) for view in _views(number, visit.ip, now)]
    for start in range(0, len(views), _AT_ONCE):
        line.run(Batch(views=views[start : start + _AT_ONCE], is_live=True))
    if ask is not None:
        ask(settings, engine, world)
    with reading(engine) as connection:
        by_address = {line.ip: line for line in visit_lines(connection, None, None, None)}
        alerted = {line.account for line in alert_lines(connection, None, None)}
        why = {row.visit: row for row in connection.execute(select(judgements))}
    engine.dispose()
    return [_named(by_address.get(visit.ip), why, alerted) for visit in world.visits]


def _named(line: VisitLine | None, why: Mapping[str, Row[Any]], alerted: set[str]) -> Named:
    if line is None:
        return Named(account="", candidates=(), confidence=0.0, alerted=False, drop="lost", organisation="", kind="")
    account, row = line.account or "", why[line.id]
    steps = ("network", "company", "match")
    return Named(
        account=account,
        candidates=tuple(row.candidates or ()),
        confidence=line.confidence or 0.0,
        alerted=account in alerted,
        drop=line.drop or "",
        organisation=line.organisation or "",
        kind=line.kind or "",
        codes=tuple(reason["code"] for step in steps for reason in row.why.get(step, ()) if reason.get("code")),
    )


def _customer_files(world: World, home: Path, now: datetime) -> tuple[Path, Path]:
    accounts, activities = home / "accounts.csv", home / "activities.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account_id", "name", "domain", "country", "owner_email"))
        for each in world.customers:
            writer.writerow((each.id, each.name, each.domain, each.country, "rep@example.com"))
    with activities.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("account_id", "kind", "at", "product", "amount", "currency"))
        for each in world.customers:
            last = now - timedelta(days=500 if each.is_dormant else 20)
            for order in range(4):
                at = last - timedelta(days=60 * order)
                writer.writerow((each.id, "purchase", at.date().isoformat(), "X200", "1000.00", "EUR"))
    return accounts, activities


def _views(number: int, ip: str, now: datetime) -> list[PageView]:
    """Return a buyer's visit: prices read for a minute, then a product."""
    began = now - timedelta(minutes=5)
    return [
        PageView(
            id=PageViewId(ids.derived("bench_view", number, path)),
            site=SITE,
            at=began + timedelta(seconds=70 * step),
            received_at=began + timedelta(seconds=70 * step),
            visitor=VisitorId(f"visitor-{number}"),
            ip=ip,
            path=path,
            title=path.strip("/").title(),
            user_agent=_AGENT,
            engaged_ms=60_000,
        )
        for step, path in enumerate(("/pricing", "/products/x200", "/contact"))
    ]
