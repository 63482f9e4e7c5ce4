"""Says how long each class of data is kept, and removes what is older."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Engine

from app import expiry_queries, upload_queries
from app.api import store as api_store
from app.slack import store as clicks_store
from core.database import empty_journal, writing
from enrichment.network.learned import store as learned_store
from enrichment.network.remote import store as remote_store
from tracker import expiry
from tracker.site_store import expire_salts


@dataclass(frozen=True, slots=True, kw_only=True)
class DataClass:
    """One class of data with its clock. Every table names the class of its rows."""

    name: str
    what: str
    keep: timedelta | None
    """How long rows are kept; None: until the operator removes them."""


DATA_CLASSES: tuple[DataClass, ...] = (
    DataClass(name="addresses", what="raw visitor addresses (a column of visits)", keep=timedelta(hours=24)),
    DataClass(name="ask_queue", what="addresses to ask registries or the DNS about", keep=timedelta(hours=24)),
    DataClass(name="registry_answers", what="what registries said of networks", keep=timedelta(days=180)),
    DataClass(name="host_answers", what="host names by keyed hash of the address", keep=timedelta(days=30)),
    DataClass(name="page_views", what="pages seen, with titles and referrers", keep=timedelta(days=90)),
    DataClass(name="visits", what="visits, and what was judged of them", keep=timedelta(days=395)),
    DataClass(name="counts", what="daily counts of hits and drops, without any person", keep=timedelta(days=730)),
    DataClass(name="salts", what="random daily salts of visitor ids", keep=timedelta(hours=24)),
    DataClass(name="alerts", what="alerts, notices, deliveries, what people did with them", keep=timedelta(days=730)),
    DataClass(
        name="learned",
        what="where people of which account were seen: the learned map's evidence",
        keep=timedelta(days=90),
    ),
    DataClass(
        name="corrections",
        what="networks that people said are, or are not, an account's; how often sources were right",
        keep=None,
    ),
    DataClass(name="accounts", what="accounts, activities, states: imported or derived", keep=None),
    DataClass(name="contacts", what="people at accounts: imported", keep=None),
    DataClass(name="users", what="people who log in to Dormouse or get its alerts", keep=None),
    DataClass(name="api_keys", what="keys of programs that use the API (hashes only)", keep=None),
    DataClass(name="api_answers", what="answers to repeated API requests", keep=timedelta(hours=24)),
    DataClass(name="clicks", what="clicks in Slack, until they are worked off", keep=timedelta(hours=24)),
    DataClass(name="sessions", what="logins and one-time links", keep=timedelta(days=7)),
    DataClass(name="uploads", what="files uploaded to be imported, their columns' samples", keep=timedelta(hours=1)),
    DataClass(name="audit", what="who did what in Dormouse", keep=timedelta(days=730)),
    DataClass(name="configuration", what="sites, rules, how columns of imported files were named", keep=None),
    DataClass(name="technical", what="read offsets, when chores ran", keep=None),
)


def keep(name: str) -> timedelta:
    """Return how long the class `name` is kept; only for classes that have a clock."""
    for data_class in DATA_CLASSES:
        if data_class.name == name and data_class.keep is not None:
            return data_class.keep
    raise KeyError(name)


_EXPIRE: tuple[tuple[str, Callable[[Connection, datetime], int]], ...] = (
    ("page_views", expiry.expire_views),
    ("visits", expiry.expire_visits),
    ("visits", expiry_queries.expire_judgements),
    ("counts", lambda connection, before: expiry.expire_counts(connection, before.date())),
    ("learned", learned_store.expire),
    ("registry_answers", remote_store.expire_ranges),
    ("host_answers", remote_store.expire_hosts),
    ("counts", api_store.expire_counts),
    ("api_answers", api_store.expire_answers),
    ("alerts", expiry_queries.expire_alerts),
    ("alerts", expiry_queries.expire_notices),
    ("alerts", expiry_queries.expire_verdicts),
    ("clicks", clicks_store.expire),
    ("sessions", expiry_queries.expire_sessions),
    ("uploads", upload_queries.expire),
    ("audit", expiry_queries.expire_audit),
)


def expire(engine: Engine, now: datetime, keep_addresses: timedelta) -> int:
    """Remove all that is older than its class may be kept, in short transactions; return the number of rows.

    `keep_addresses` is the operator's clock for raw addresses (`DORMOUSE_RAW_IP_HOURS`).
    """
    rows = _until_none(engine, expiry.expire_addresses, now - keep_addresses)
    rows += _until_none(engine, remote_store.expire_queue, now - keep_addresses)
    rows += _until_none(engine, remote_store.expire_narrow_ranges, now - keep_addresses)
    with writing(engine) as connection:
        rows += expire_salts(connection, now)
    for name, remove in _EXPIRE:
        rows += _until_none(engine, remove, now - keep(name))
    if rows:
        empty_journal(engine)
    return rows


def _until_none(engine: Engine, remove: Callable[[Connection, datetime], int], before: datetime) -> int:
    total = 0
    while True:
        with writing(engine) as connection:
            rows = remove(connection, before)
        total += rows
        if not rows:
            return total
