"""The demo's network database: documentation ranges (RFC 5737, 3849) given to fictional owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from ipaddress import ip_network
from pathlib import Path

from app.demo.data import Story
from enrichment.network.mmdb_file import write_mmdb

FILE = "demo.mmdb"

CARRIER = "192.0.2.0/26"
HOSTER = "192.0.2.64/26"
MOBILE = "192.0.2.128/27"
CRAWLER = "192.0.2.160/27"
NO_CUSTOMERS: Mapping[str, str] = {
    "192.0.2.192/28": "Fabrikam Messtechnik GmbH",
    "192.0.2.208/28": "Tailspin Aviation Ltd",
    "192.0.2.224/28": "Wingtip Packaging Inc",
}
"""Companies that visit but are no customers."""

ANNOUNCED_BY: Mapping[str, str | int | bool] = {
    "asn": 64500,
    "as_name": "Example Broadband AG",
    "as_domain": "example-broadband.example",
}
"""Company networks are announced by their carrier, as most are; the number is of RFC 5398."""

_TRADE = (
    (CARRIER, "Example Broadband AG", "example-broadband.example", "isp"),
    (HOSTER, "Example Cloud Hosting Ltd", "example-cloud.example", "hosting"),
    (MOBILE, "Example Mobile SA", "example-mobile.example", "cellular"),
    (CRAWLER, "Example Search Inc", "example-search.example", "hosting"),
)


def write(stories: Sequence[Story], path: Path, now: datetime) -> None:
    """Write the database to `path`, replacing it in one step."""
    rows: list[tuple[str, Mapping[str, str | int | bool]]] = [
        (prefix, {"organization": name, "domain": domain, "type": kind}) for prefix, name, domain, kind in _TRADE
    ]
    rows += [(prefix, {"organization": name, "type": "business"}) for prefix, name in NO_CUSTOMERS.items()]
    for story in stories:
        if not story.is_declared:
            account = story.account
            record = {"organization": account.name, "domain": account.domains[0], "country": account.country}
            rows.append((story.network, {**ANNOUNCED_BY, **record, "type": "business"}))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_mmdb(
        path,
        ((ip_network(prefix), number) for number, (prefix, _) in enumerate(rows)),
        [record for _, record in rows],
        database_type="Dormouse-Demo",
        description="Dormouse demo: documentation ranges with fictional owners",
        built_at=now,
    )
