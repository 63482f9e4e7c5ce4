"""A small fictional world for tests of the line: networks, customers, and page views that come in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from ipaddress import ip_network
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine, func, select

from alerts.policy import AlertPolicy
from app.known import Known
from app.parts import Parts
from app.pipeline import Pipeline
from app.schema import metadata
from core.clock import Clock
from core.database import reading, writing
from core.domain import Account, AccountId, Activity, PageView, PageViewId, SiteId, VisitorId
from core.ids import derived
from core.signing import keyed_hash
from enrichment.account import store as account_store
from enrichment.account.importer.store import write_accounts, write_activities
from enrichment.account.match import AccountIndex
from enrichment.company import store as correction_store
from enrichment.company.corrections import Corrections
from enrichment.dormancy.rules import load_rules
from enrichment.enrich import Rules
from enrichment.intent.rules import load_scoring
from enrichment.network import store as network_store
from enrichment.network.lookup import NetworkLookup
from enrichment.network.mmdb_file import write_mmdb
from enrichment.network.resolvers.declared import DeclaredResolver
from enrichment.network.resolvers.mmdb import MmdbResolver
from tracker.site_store import add_site

SITE = SiteId("shop.example.com")
SECRET = "the secret of the tests"
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
"""A Friday."""

PUMPS, FREIGHT, TWIN_A, TWIN_B = (AccountId(name) for name in ("C-1", "C-2", "C-3", "C-4"))
PUMPS_IP, PUMPS_IP_TOO = "203.0.113.5", "203.0.113.9"
FREIGHT_IP, TWINS_IP = "198.51.100.70", "203.0.113.40"
ISP_IP, HOSTER_IP, STRANGER_IP, SILENT_IP = "192.0.2.10", "192.0.2.70", "192.0.2.130", "198.51.100.250"

ACCOUNTS = (
    Account(id=PUMPS, name="Hartmann Pumpen GmbH", domains=("hartmann.example",), owner_email="anna@example.com"),
    Account(id=FREIGHT, name="Nordwind Maschinenbau GmbH", domains=("nordwind.example",), owner_email="jo@example.com"),
    Account(id=TWIN_A, name="Alpen Foods Nord eG", domains=("alpen-nord.example",)),
    Account(id=TWIN_B, name="Alpen Foods Süd eG", domains=("alpen-sued.example",)),
)

_NETWORKS = {
    "192.0.2.0/26": {"organization": "Example Broadband AG", "domain": "broadband.example", "type": "isp"},
    "192.0.2.64/26": {"organization": "Example Cloud Hosting Ltd", "domain": "cloud.example", "type": "hosting"},
    "192.0.2.128/27": {"organization": "Fabrikam Messtechnik GmbH", "domain": "fabrikam.example", "type": "business"},
    "198.51.100.64/27": {
        "organization": "Nordwind Maschinenbau GmbH",
        "domain": "nordwind.example",
        "type": "business",
    },
}


def purchases(account: AccountId, last: datetime, every_days: int = 60, orders: int = 6) -> list[Activity]:
    """Orders in a steady rhythm, the last one at `last`."""
    return [
        Activity(
            account=account,
            kind="purchase",
            at=last - timedelta(days=every_days * number),
            product="X200",
            amount=Decimal(1000),
            currency="EUR",
        )
        for number in range(orders)
    ]


def networks_file(folder: Path) -> Path:
    """Write the fictional network database and return its path."""
    path = folder / "fictional.mmdb"
    write_mmdb(
        path,
        ((ip_network(prefix), number) for number, prefix in enumerate(_NETWORKS)),
        list(_NETWORKS.values()),
        database_type="Tests",
        description="documentation ranges with fictional owners",
        built_at=NOON,
    )
    return path


def fill(engine: Engine, silent_days: int = 400) -> None:
    """Add the site, the customers, the networks that they declared and what they bought until `silent_days` ago."""
    last = NOON - timedelta(days=silent_days)
    bought = [*purchases(PUMPS, last), *purchases(FREIGHT, last), *purchases(TWIN_A, last), *purchases(TWIN_B, last)]
    with writing(engine) as connection:
        add_site(connection, SITE, NOON)
        write_accounts(connection, ACCOUNTS, NOON)
        write_activities(connection, {derived("test", number): item for number, item in enumerate(bought)})
        network_store.declare(connection, "203.0.113.0/28", PUMPS, ACCOUNTS[0].name, now=NOON)
        for account in ACCOUNTS[2:]:
            network_store.declare(connection, "203.0.113.32/28", account.id, account.name, now=NOON)


def address_hash(ip: str) -> str:
    """What stands for an address in the database of the tests."""
    return keyed_hash(SECRET, "address", ip)


def read_known(engine: Engine, folder: Path) -> Callable[[], Known]:
    """Return what loads everything anew each time that it is asked."""
    mmdb = MmdbResolver([networks_file(folder)])

    def known() -> Known:
        with reading(engine) as connection:
            return Known(
                networks=NetworkLookup((DeclaredResolver(network_store.declared(connection)), mmdb), monotonic=float),
                accounts=AccountIndex(account_store.accounts(connection)),
                corrections=Corrections(
                    correction_store.words(connection), lambda ip: keyed_hash(SECRET, "address", ip)
                ),
                verdicts=correction_store.verdicts(connection),
            )

    return known


def rules() -> Rules:
    """The built-in rules."""
    return Rules(dormancy=load_rules(None), scoring=load_scoring(None))


def line(
    engine: Engine,
    folder: Path,
    clock: Clock,
    *,
    keep_address: bool = True,
    channels: Sequence[str] = ("preview",),
    cool_down: timedelta = timedelta(hours=24),
    policy: AlertPolicy | None = None,
) -> Pipeline:
    """Return the line over a filled database."""
    return Pipeline(
        Parts(
            engine=engine,
            known=read_known(engine, folder),
            rules=rules,
            channels=lambda _site: tuple(channels),
            cool_down=cool_down,
            zone=ZoneInfo("UTC"),
            secret=SECRET,
            keep_address=keep_address,
            clock=clock,
            policy=lambda: policy or AlertPolicy(),
        )
    )


def page(
    path: str = "/pricing",
    *,
    ip: str | None = PUMPS_IP,
    at: datetime = NOON,
    late: timedelta = timedelta(),
    seconds: int = 0,
    visitor: str = "visitor-1",
    name: str = "",
    **more: object,
) -> PageView:
    """A page view that came in `late` after it happened, read for `seconds`; `name` tells views of one page apart."""
    fields: dict[str, object] = {
        "id": PageViewId(derived("test_view", visitor, path, name)),
        "site": SITE,
        "at": at,
        "received_at": at + late,
        "visitor": VisitorId(visitor),
        "ip": ip,
        "path": path,
        "title": path.strip("/").title(),
        "user_agent": "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        "engaged_ms": seconds * 1000,
    }
    return PageView(**{**fields, **more})  # type: ignore[arg-type]


def counts(connection: Connection) -> dict[str, int]:
    """How many rows each table has."""
    return {
        name: connection.execute(select(func.count()).select_from(table)).scalar_one()
        for name, table in metadata.tables.items()
    }


def content(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table, in an order that doesn't depend on how they were written."""
    with reading(engine) as connection:
        return {
            name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for name, table in metadata.tables.items()
        }
