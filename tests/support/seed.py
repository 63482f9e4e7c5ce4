"""Fills the tables with a small fictional world, for tests of the pages and for screenshots."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from seed_customers import CUSTOMERS, Customer
from sqlalchemy import Connection, Engine, Table

from alerts.tables import alerts, deliveries, feedback
from core.database import writing
from core.ids import derived
from enrichment.tables import (
    account_domains,
    account_states,
    accounts,
    activities,
    contacts,
    corrections,
    dormancy_transitions,
    judgements,
    source_reliability,
)
from tracker.tables import hit_counts, page_views, sites, visits

SITE = "www.example.com"


PAGES = (
    ("/pricing", "Pricing", 130_000),
    ("/spare-parts/x200", "Spare parts X200", 45_000),
    ("/contact", "Contact", 21_000),
    ("/docs/maintenance", "Maintenance guide", 64_000),
    ("/", "Example Machines", 6_000),
)

OTHERS = (
    ("isp", "Example Telecom", "network_isp", 41),
    ("mobile", "Example Mobile", "network_mobile", 17),
    ("hosting", "Example Cloud", "network_hosting", 12),
    ("vpn", "Example VPN", "network_vpn", 3),
    ("unknown", None, "network_unknown", 8),
    ("business", None, "company_unknown", 9),
    ("business", "Jan Muster Beratung", "company_person", 4),
    ("business", "Fremde Firma AG", "account_none", 23),
    ("education", "Universität Beispielstadt", "account_none", 6),
    ("business", "Keller Holding", "account_ambiguous", 2),
)

HITS = (
    ("kept", 611),
    ("not_a_page", 8230),
    ("bot_declared", 2410),
    ("bot_no_agent", 312),
    ("error_status", 611),
    ("prefetch", 88),
    ("privacy_signal", 64),
)


def seed(engine: Engine, now: datetime) -> None:
    """Fill an empty database with the world as it stands at `now`."""
    with writing(engine) as connection:
        _put(connection, sites, [_site(now), _site(now) | {"id": "shop.example.com", "snippet_seen_at": None}])
        _put(connection, hit_counts, [_hits(now, outcome, n) for outcome, n in HITS])
        for customer in CUSTOMERS:
            _customer(connection, customer, now)
        _strangers(connection, now)
        _extras(connection, now)


def _put(connection: Connection, table: Table, rows: list[dict[str, object]]) -> None:
    for row in rows:
        connection.execute(table.insert(), row)


def _site(now: datetime) -> dict[str, object]:
    return {
        "id": SITE,
        "created_at": now - timedelta(days=200),
        "secret": "0" * 64,
        "snippet_seen_at": now - timedelta(seconds=12),
        "is_demo": False,
    }


def _hits(now: datetime, outcome: str, n: int) -> dict[str, object]:
    return {"site": SITE, "day": now.date().isoformat(), "source": "beacon", "outcome": outcome, "n": n}


def _customer(connection: Connection, customer: Customer, now: datetime) -> None:
    account = customer.id
    domain = f"{account.lower()}.example.com"
    _put(
        connection,
        accounts,
        [
            {
                "id": account,
                "name": customer.name,
                "industry": customer.industry,
                "location": customer.place,
                "country": "DE",
                "owner_email": customer.owner,
                "lifecycle": "customer",
                "is_demo": False,
                "imported_at": now - timedelta(days=30),
            }
        ],
    )
    _put(connection, account_domains, [{"account": account, "domain": domain}])
    _put(
        connection,
        contacts,
        [
            {
                "id": f"{account}-1",
                "account": account,
                "name": "Maria Keller",
                "role": "Purchasing",
                "phone": "+49 711 555 0101",
                "email": f"maria@{domain}",
                "prefers": "phone",
                "has_left": False,
            },
            {
                "id": f"{account}-2",
                "account": account,
                "name": "R. Boos",
                "role": "Production",
                "phone": "",
                "email": "",
                "prefers": "",
                "has_left": True,
            },
        ],
    )
    _activities(connection, customer, now)
    dormant = customer.silent > max(180, 2 * customer.gap)
    state = (
        "in_contact"
        if customer.taken_by
        else "awake"
        if dormant and customer.visits
        else ("dormant" if dormant else "going_quiet" if customer.silent > customer.gap else "active")
    )
    since = now - timedelta(days=min(customer.visits, default=20), hours=2)
    _put(
        connection,
        account_states,
        [{"account": account, "state": state, "tier": "1_year", "since": since, "judged_at": now}],
    )
    if dormant:
        asleep_at = now - timedelta(days=max(1, customer.silent - 180))
        _put(
            connection,
            dormancy_transitions,
            [
                {
                    "id": derived("t", account, 1),
                    "account": account,
                    "at": asleep_at,
                    "from_state": "active",
                    "to_state": "dormant",
                    "why": f"no order for 180 days, it used to order every {customer.gap} days",
                }
            ],
        )
    for number, days_ago in enumerate(customer.visits):
        at = now - timedelta(days=days_ago, minutes=3 if days_ago == 0 else 140, hours=number if days_ago else 0)
        if days_ago == 0 and number:
            at -= timedelta(hours=2)
        _visit(connection, customer, at, number, dormant)


def _activities(connection: Connection, customer: Customer, now: datetime) -> None:
    dice = random.Random(customer.id)
    days, rows = customer.silent, []
    for number in range(9):
        amount = int(customer.order * dice.uniform(0.6, 1.4)) * 100
        rows.append(
            {
                "kind": "purchase",
                "at": now - timedelta(days=days, hours=3),
                "product": f"X{200 + number % 3 * 50} ×4",
                "amount_hundredths": amount,
                "currency": "JPY" if "株式" in customer.name else "EUR",
                "note": "",
            }
        )
        days += int(customer.gap * dice.uniform(0.8, 1.2))
    rows.append(
        {
            "kind": "contact",
            "at": now - timedelta(days=customer.silent + 20),
            "product": "",
            "amount_hundredths": None,
            "currency": "",
            "note": "Call about the delivery",
        }
    )
    rows.append(
        {
            "kind": "login",
            "at": now - timedelta(days=customer.silent + 5),
            "product": "portal",
            "amount_hundredths": None,
            "currency": "",
            "note": "",
        }
    )
    if customer.left:
        rows.append(
            {
                "kind": "dormancy_reason",
                "at": now - timedelta(days=customer.silent - 30),
                "product": "",
                "amount_hundredths": None,
                "currency": "",
                "note": customer.left,
            }
        )
    _put(
        connection,
        activities,
        [{"id": derived("a", customer.id, n), "account": customer.id, **row} for n, row in enumerate(rows)],
    )


def reason(text: str, points: float = 0.0) -> dict[str, object]:
    """A reason as it is stored."""
    return {"text": text, "points": points, "code": ""}


def _visit(connection: Connection, customer: Customer, at: datetime, number: int, dormant: bool) -> None:
    visit = derived("v", customer.id, number)
    pages = PAGES[: 3 if number == 0 else 2]
    own = 55.0 if number == 0 else 12.0
    silence = (
        None
        if dormant and customer.points >= 60 and number == 0
        else ("not_dormant" if not dormant else "cool_down" if customer.points >= 60 else "below_threshold")
    )
    put_visit(connection, visit, at, pages, prefix=customer.prefix, visitor=f"{customer.id}-{number}")
    _put(
        connection,
        judgements,
        [
            {
                "visit": visit,
                "site": SITE,
                "visitor": f"{customer.id}-{number}",
                "at": at,
                "prefix": customer.prefix,
                "kind": "business",
                "organisation": customer.name,
                "domain": f"{customer.id.lower()}.example.com",
                "account": customer.id,
                "candidates": [],
                "confidence": customer.sure,
                "own_points": own,
                "points": max(5.0, customer.points - 8 * number),
                "qualified": silence is None,
                "dormant": dormant,
                "state": "dormant" if dormant else "active",
                "silent_days": customer.silent,
                "drop": None,
                "silence": silence,
                "why": {
                    "network": [reason(f"{customer.prefix} is registered to {customer.name}")],
                    "match": [reason(f"The registered name is the account's name: {customer.name}")],
                    "dormancy": [
                        reason(f"No order for {customer.silent} days; it used to order every {customer.gap} days")
                    ],
                    "score": [
                        reason("Pricing read for at least 30 s", 30),
                        reason("Contact form opened", 25),
                        reason("First visit in a year", 20),
                    ],
                    "evidence": [
                        {
                            "source": "mmdb:asn.mmdb",
                            "prefix": customer.prefix,
                            "organisation": customer.name,
                            "domain": None,
                            "asn": 64500,
                        }
                    ],
                },
            }
        ],
    )
    if silence is None:
        _alert(connection, customer, visit, at)


def _alert(connection: Connection, customer: Customer, visit: str, at: datetime) -> None:
    alert = derived("alert", customer.id)
    _put(
        connection,
        alerts,
        [
            {
                "id": alert,
                "account": customer.id,
                "visit": visit,
                "site": SITE,
                "at": at,
                "created_at": at,
                "score": customer.points,
                "backfill": False,
                "to": customer.owner,
                "version": 1,
                "why": [
                    reason("Pricing read for at least 30 s", 30),
                    reason("Contact form opened", 25),
                    reason("First visit in a year", 20),
                    reason("2 visitors", 10),
                ],
                "message": MESSAGE | {"name": customer.name, "title": f"{customer.name} is back"},
            }
        ],
    )
    _put(
        connection,
        deliveries,
        [
            {
                "id": derived("d", alert, "preview"),
                "alert": alert,
                "channel": "preview",
                "status": "sent",
                "attempts": 1,
                "due_at": at,
                "sent_at": at + timedelta(seconds=1),
                "sent_version": 1,
            },
            {
                "id": derived("d", alert, "slack"),
                "alert": alert,
                "channel": "slack",
                "status": "dead" if customer.id == "C-1002" else "sent",
                "attempts": 5 if customer.id == "C-1002" else 1,
                "due_at": at,
                "sent_at": None if customer.id == "C-1002" else at + timedelta(seconds=1),
                "sent_version": 1,
                "error": "Slack says channel_not_found: invite the app to #sales, then press Retry"
                if customer.id == "C-1002"
                else "",
            },
        ],
    )
    if customer.taken_by:
        _put(
            connection,
            feedback,
            [
                {
                    "id": derived("f", alert),
                    "alert": alert,
                    "kind": "claimed",
                    "by": customer.taken_by,
                    "at": at + timedelta(minutes=20),
                }
            ],
        )


MESSAGE = {
    "name": "",
    "push": "is back",
    "title": "",
    "facts": ["no order for 412 days", "€84k lifetime"],
    "lines": [
        {"label": "Now", "text": "Pricing 2:10 → Spare parts X200 0:45 → contact form opened, not sent · 2 visitors"},
        {"label": "Was", "text": "last order 8 Oct 2025, X200 ×4, €12.4k · used to order every ~90 days"},
        {"label": "Call", "text": "Maria Keller, Purchasing, +49 711 555 0101, prefers phone"},
        {"label": "Sure?", "text": "Very likely (98 in 100): office network registered to them"},
    ],
    "why_now": "",
    "note": "",
    "actions": ["claim", "wrong_company", "timeline"],
    "zone": "UTC",
    "needed": 60.0,
}


def put_visit(
    connection: Connection,
    visit: str,
    at: datetime,
    pages: tuple[tuple[str, str, int], ...],
    *,
    prefix: str = "",
    visitor: str = "v",
    drop: str | None = None,
    agent: str = "Mozilla/5.0",
    referrer: str = "https://search.example/",
) -> None:
    """Store a visit with its page views, the last one at `at`."""
    first = at - timedelta(minutes=len(pages) - 1)
    _put(
        connection,
        visits,
        [
            {
                "id": visit,
                "site": SITE,
                "visitor": visitor,
                "ip": None,
                "prefix": prefix or None,
                "address_hash": None,
                "user_agent": agent,
                "started_at": first,
                "last_at": at,
                "received_at": at,
                "drop": drop,
            }
        ],
    )
    _put(
        connection,
        page_views,
        [
            {
                "id": derived("p", visit, n),
                "site": SITE,
                "visit": visit,
                "at": first + timedelta(minutes=n),
                "received_at": first + timedelta(minutes=n),
                "path": path,
                "title": title,
                "referrer": referrer,
                "engaged_ms": engaged,
                "source": "beacon",
                "drop": None,
            }
            for n, (path, title, engaged) in enumerate(pages)
        ],
    )


def put_judgement(connection: Connection, visit: str, at: datetime, **values: object) -> None:
    """Store what was judged of a visit; everything not given is empty."""
    row: dict[str, object] = {
        "visit": visit,
        "site": SITE,
        "visitor": "v",
        "at": at,
        "prefix": None,
        "kind": None,
        "organisation": None,
        "domain": None,
        "account": None,
        "candidates": [],
        "confidence": None,
        "own_points": None,
        "points": None,
        "qualified": False,
        "dormant": None,
        "state": None,
        "silent_days": None,
        "drop": None,
        "silence": None,
        "why": {},
    }
    _put(connection, judgements, [row | values])


def _strangers(connection: Connection, now: datetime) -> None:
    dice = random.Random(4)
    for kind, organisation, drop, count in OTHERS:
        for number in range(count):
            visit = derived("s", drop, kind, number)
            at = now - timedelta(minutes=dice.randrange(1, 25) if number < 2 else dice.randrange(40, 40_000))
            at = max(at, now - timedelta(days=28))
            put_visit(connection, visit, at, PAGES[3:], prefix="192.0.2.128/25", visitor=f"{drop}{number}")
            why = {"network": [reason(f"The network is a {kind} network")]}
            may_be = ["C-1001", "C-1004"] if drop == "account_ambiguous" else []
            put_judgement(
                connection,
                visit,
                at,
                kind=kind,
                organisation=organisation,
                drop=drop,
                why=why,
                prefix="192.0.2.128/25",
                candidates=may_be,
            )


def _extras(connection: Connection, now: datetime) -> None:
    """A correction, a crawler's visit, a visit not judged yet, hits that formed no visit, an alert from history."""
    _put(
        connection,
        corrections,
        [
            {
                "id": derived("c", 1),
                "account": "C-1005",
                "prefix": "203.0.113.80/28",
                "by": "kim.lang@example.com",
                "at": now - timedelta(days=6),
            }
        ],
    )
    _put(
        connection,
        source_reliability,
        [
            {"source": "mmdb:asn.mmdb", "right": 41, "wrong": 9, "changed_at": now},
            {"source": "match:name:close", "right": 3, "wrong": 2, "changed_at": now},
        ],
    )
    put_visit(
        connection, derived("s", "bot"), now - timedelta(hours=5), PAGES[4:], drop="bot_automation", visitor="bot"
    )
    put_visit(connection, derived("s", "new"), now - timedelta(seconds=4), PAGES[4:], visitor="new")
    _put(
        connection,
        page_views,
        [
            {
                "id": derived("h", n),
                "site": SITE,
                "visit": None,
                "at": now - timedelta(hours=n),
                "received_at": now - timedelta(hours=n),
                "path": f"/products/{n}",
                "title": "",
                "referrer": "",
                "engaged_ms": 0,
                "source": "beacon",
                "drop": "bot_declared",
            }
            for n in range(60)
        ],
    )
    visit = derived("v", "C-1006", 0)
    _put(
        connection,
        alerts,
        [
            {
                "id": derived("alert", "old"),
                "account": "C-1006",
                "visit": visit,
                "site": SITE,
                "at": now - timedelta(days=5),
                "created_at": now - timedelta(days=1),
                "score": 61.0,
                "backfill": True,
                "to": "kim.lang@example.com",
                "version": 1,
                "why": [reason("Pricing read for at least 30 s", 30)],
                "message": MESSAGE | {"name": "株式会社みどり精工"},
            }
        ],
    )
