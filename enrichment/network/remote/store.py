"""Keeps the queue, the budgets and what was answered; each step is one short transaction, or part of the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any

from sqlalchemy import Connection as Connection
from sqlalchemy import Row, delete, func, or_, select, update

from core.database import chunks, insert_new, upsert
from enrichment.network.addresses import neighbourhood, parse_address
from enrichment.network.remote.answers import RegistryAnswer
from enrichment.network.remote.budget import Budget, Limits, fresh, may_ask_at, taken
from enrichment.network.remote.rdns import HostAnswer
from enrichment.network.remote.tables import ask_budgets, ask_changes, ask_queue, host_answers, registry_answers

CLAIM = timedelta(minutes=2)
"""How long whoever took an address may be at it; then another takes it."""
_NARROW = {4: 8, 6: 1 << 72}
"""Addresses of a /29 and a /56: fewer are nearly a single address."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An address that somebody is to be asked about."""

    source: str
    address: str
    lane: str
    worth: float
    seen_at: datetime
    tries: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRange:
    """What a registry said of a range, with its times."""

    answer: RegistryAnswer
    found: bool
    at: datetime
    fresh_until: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredHost:
    """The host name of an address that is known by its keyed hash."""

    address_hash: str
    host: str | None
    confirmed: bool
    domain: str | None
    at: datetime
    fresh_until: datetime
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Where a table of answers stands: another `seq` means new answers, another `removed` that some are gone."""

    seq: int = 0
    removed: int = 0


# The queue


def want(connection: Connection, items: Sequence[Wanted]) -> int:
    """Put addresses into the queue; one that is there already gets the new worth. Returns how many were new."""
    rows = [
        {
            "source": item.source,
            "address": item.address,
            "lane": item.lane,
            "around": str(neighbourhood(ip_address(item.address))),
            "worth": item.worth,
            "seen_at": item.seen_at,
            "due_at": item.seen_at,
            "tries": item.tries,
        }
        for item in items
    ]
    if not rows:
        return 0
    new: int = connection.execute(insert_new(connection, ask_queue), rows).rowcount
    if new != len(rows):
        connection.execute(upsert(connection, ask_queue, ("source", "address"), ("worth", "seen_at")), rows)
    return max(new, 0)


def reserve(connection: Connection, lane: str, limits: Limits, now: datetime) -> Wanted | datetime | None:
    """Take the address of a lane that is worth most, and one call of its budget.

    Returns None when nothing is due, and a moment when the budget or breaker allows nothing before then.
    """
    q = ask_queue.c
    free = or_(q.claimed_until.is_(None), q.claimed_until < now)
    busy = select(q.around).where(q.lane == lane, q.claimed_until >= now)
    query = (
        select(ask_queue)
        .where(q.lane == lane, q.due_at <= now, free, q.around.not_in(busy))
        .order_by(q.worth.desc(), q.seen_at, q.address)
        .limit(1)
    )
    if connection.execute(query).first() is None:
        return None
    budget = _locked_budget(connection, lane, limits, now)
    when = may_ask_at(budget, limits, now)
    if when > now:
        return when
    row = connection.execute(query).first()  # again: another may have taken it while we waited for the budget
    if row is None:
        return None
    connection.execute(
        update(ask_queue).where(q.source == row.source, q.address == row.address).values(claimed_until=now + CLAIM)
    )
    save_budget(connection, taken(budget, limits, now))
    return Wanted(
        source=row.source, address=row.address, lane=row.lane, worth=row.worth, seen_at=row.seen_at, tries=row.tries
    )


def put_back(
    connection: Connection, item: Wanted, due_at: datetime, *, lane: str | None = None, tries: int | None = None
) -> None:
    """Let go of an address until `due_at`, for another lane perhaps; its `tries` are one more unless given."""
    counted = item.tries + 1 if tries is None else tries
    values: dict[str, object] = {"claimed_until": None, "due_at": due_at, "tries": counted}
    if lane is not None:
        values["lane"] = lane
    q = ask_queue.c
    connection.execute(update(ask_queue).where(q.source == item.source, q.address == item.address).values(**values))


def drop(connection: Connection, source: str, addresses: Sequence[str]) -> None:
    """Take addresses out of the queue."""
    for some in chunks(sorted(set(addresses))):
        connection.execute(delete(ask_queue).where(ask_queue.c.source == source, ask_queue.c.address.in_(some)))


def waiting_in(connection: Connection, answer: RegistryAnswer) -> list[str]:
    """Return the addresses of the queue of registries that lie in an answer's range."""
    first, last = ip_address(answer.first), ip_address(answer.last)
    found = []
    query = select(ask_queue.c.address).where(ask_queue.c.source == "rdap")
    if (around := neighbourhood(first)) == neighbourhood(last):
        query = query.where(ask_queue.c.around == str(around))
    for address in connection.execute(query).scalars():
        parsed = parse_address(address)
        if parsed and parsed.version == first.version and int(first) <= int(parsed) <= int(last):
            found.append(address)
    return found


def queue_lengths(connection: Connection) -> dict[str, int]:
    """Return how many addresses wait in each lane."""
    query = select(ask_queue.c.lane, func.count()).group_by(ask_queue.c.lane).order_by(ask_queue.c.lane)
    return {row.lane: row[1] for row in connection.execute(query)}


def next_due(connection: Connection) -> datetime | None:
    """Return when the next address of the queue is due."""
    return connection.execute(select(func.min(ask_queue.c.due_at))).scalar()


# Budgets


def budgets(connection: Connection) -> dict[str, Budget]:
    """Return where each source stands that was ever asked."""
    return {row.name: Budget(**row._mapping) for row in connection.execute(select(ask_budgets))}


def budget_of(connection: Connection, name: str, limits: Limits, now: datetime) -> Budget:
    """Return where a source stands, for changing it: others wait until the transaction ends."""
    return _locked_budget(connection, name, limits, now)


def save_budget(connection: Connection, budget: Budget) -> None:
    """Keep where a source stands."""
    values = asdict(budget)
    names = tuple(name for name in values if name != "name")
    connection.execute(upsert(connection, ask_budgets, ("name",), names), values)


def _locked_budget(connection: Connection, name: str, limits: Limits, now: datetime) -> Budget:
    connection.execute(insert_new(connection, ask_budgets).values(**asdict(fresh(name, limits, now))))
    row = connection.execute(select(ask_budgets).where(ask_budgets.c.name == name).with_for_update()).one()
    return Budget(**row._mapping)


# Answers of registries


def save_range(
    connection: Connection, answer: RegistryAnswer, *, found: bool, now: datetime, fresh_until: datetime
) -> None:
    """Keep an answer under its own range; others stay, see `forget_ranges`."""
    first, last = ip_address(answer.first), ip_address(answer.last)
    values = {
        "range": f"{answer.first}-{answer.last}",
        "registry": answer.registry,
        "found": found,
        "organisation": answer.organisation,
        "is_person": answer.is_person,
        "netname": answer.netname,
        "status": answer.status,
        "country": answer.country,
        "domain": answer.domain,
        "text": answer.text,
        "is_narrow": int(last) - int(first) + 1 < _NARROW[first.version],
        "at": now,
        "fresh_until": fresh_until,
        "seq": _next_seq(connection, registry_answers.name),
    }
    names = tuple(name for name in values if name != "range")
    connection.execute(upsert(connection, registry_answers, ("range",), names).values(**values))


def forget_ranges(connection: Connection, ranges: Iterable[str]) -> None:
    """Remove answers that a newer one has shown to be gone."""
    named = sorted(set(ranges))
    gone = 0
    for some in chunks(named):
        gone += connection.execute(delete(registry_answers).where(registry_answers.c.range.in_(some))).rowcount
    if gone:
        _count_removed(connection, registry_answers.name)


def ranges_since(connection: Connection, seq: int) -> list[StoredRange]:
    """Return the answers of registries after a point, in order."""
    query = select(registry_answers).where(registry_answers.c.seq > seq).order_by(registry_answers.c.seq)
    return [_range(row) for row in connection.execute(query)]


def _range(row: Row[Any]) -> StoredRange:
    first, _, last = row.range.partition("-")
    answer = RegistryAnswer(
        registry=row.registry,
        first=first,
        last=last,
        organisation=row.organisation,
        is_person=row.is_person,
        netname=row.netname,
        status=row.status,
        country=row.country,
        domain=row.domain,
        text=row.text,
    )
    return StoredRange(answer=answer, found=row.found, at=row.at, fresh_until=row.fresh_until, seq=row.seq)


# Answers of the DNS


def save_host(
    connection: Connection, address_hash: str, answer: HostAnswer | None, *, now: datetime, fresh_until: datetime
) -> None:
    """Keep the host name of an address under the address's keyed hash; None: it has none."""
    values = {
        "address_hash": address_hash,
        "host": answer.host[:253] if answer else None,
        "confirmed": bool(answer and answer.confirmed),
        "domain": answer.domain if answer else None,
        "at": now,
        "fresh_until": fresh_until,
        "seq": _next_seq(connection, host_answers.name),
    }
    names = tuple(name for name in values if name != "address_hash")
    connection.execute(upsert(connection, host_answers, ("address_hash",), names).values(**values))


def hosts_since(connection: Connection, seq: int) -> list[StoredHost]:
    """Return the host names after a point, in order."""
    query = select(host_answers).where(host_answers.c.seq > seq).order_by(host_answers.c.seq)
    return [StoredHost(**row._mapping) for row in connection.execute(query)]


# What changed


def changes(connection: Connection) -> Mapping[str, Changes]:
    """Return where each table of answers stands."""
    return {row.name: Changes(seq=row.seq, removed=row.removed) for row in connection.execute(select(ask_changes))}


def _next_seq(connection: Connection, name: str) -> int:
    """Return the next number; whoever writes the same table waits, so that readers see no gap that fills later."""
    connection.execute(insert_new(connection, ask_changes).values(name=name, seq=0, removed=0))
    table = ask_changes.c
    bump = update(ask_changes).where(table.name == name).values(seq=table.seq + 1).returning(table.seq)
    return int(connection.execute(bump).scalar_one())


def _count_removed(connection: Connection, name: str) -> None:
    connection.execute(insert_new(connection, ask_changes).values(name=name, seq=0, removed=0))
    table = ask_changes.c
    connection.execute(update(ask_changes).where(table.name == name).values(removed=table.removed + 1))


# Clocks


def expire_queue(connection: Connection, before: datetime) -> int:
    """Remove addresses that were last seen before a moment, asked about or not."""
    return connection.execute(delete(ask_queue).where(ask_queue.c.seen_at < before)).rowcount


def expire_narrow_ranges(connection: Connection, before: datetime) -> int:
    """Remove answers about a few addresses, which live only as long as an address may."""
    table = registry_answers.c
    done = connection.execute(delete(registry_answers).where(table.is_narrow, table.at < before)).rowcount
    return _expired(connection, done, registry_answers.name)


def expire_ranges(connection: Connection, before: datetime) -> int:
    """Remove answers of registries from before a moment."""
    done = connection.execute(delete(registry_answers).where(registry_answers.c.at < before)).rowcount
    return _expired(connection, done, registry_answers.name)


def expire_hosts(connection: Connection, before: datetime) -> int:
    """Remove host names from before a moment."""
    done = connection.execute(delete(host_answers).where(host_answers.c.at < before)).rowcount
    return _expired(connection, done, host_answers.name)


def _expired(connection: Connection, rows: int, name: str) -> int:
    if rows:
        _count_removed(connection, name)
    return rows
