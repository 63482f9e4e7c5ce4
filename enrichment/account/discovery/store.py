"""Keeps proposed networks, what people decided about them, and how far which dump was read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from sqlalchemy import Connection, Engine, Row, Select, delete, func, or_, select, tuple_, update

from core import ids
from core.database import chunks, insert_new, reading, upsert, writing
from core.domain import AccountId
from enrichment.account.discovery.judging import Finding
from enrichment.account.discovery.proposals import Proposal, Said, Status, as_row, merged, said_from, said_in, weigh
from enrichment.account.discovery.records import Owner
from enrichment.account.discovery.tables import discovered_owners, discovery_progress, network_proposals
from enrichment.network.resolvers.discovered import DiscoveredNetwork

ACCEPTED = 0.95
"""How sure a network is that a person accepted."""

_P = network_proposals.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """How far one pass through one file has come."""

    position: int = 0
    objects: int = 0
    done: bool = False


class DiscoveryStore:
    """The database as the search sees it: each call is one short transaction."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def place(self, work: str, pass_number: int) -> Place:
        """Return where the pass stopped; the beginning when it never ran."""
        table = discovery_progress.c
        with reading(self._engine) as connection:
            row = connection.execute(
                select(table.position, table.objects, table.done).where(
                    table.work == work, table.pass_number == pass_number
                )
            ).one_or_none()
        return Place(position=row.position, objects=row.objects, done=row.done) if row else Place()

    def keep_owners(self, work: str, file: str, place: Place, owners: Sequence[Owner], now: datetime) -> None:
        """Keep organisations that are accounts, and the place behind them, at once or not at all."""
        with writing(self._engine) as connection:
            for part in chunks(owners, 200):
                connection.execute(
                    insert_new(connection, discovered_owners).values(
                        [
                            {
                                "work": work,
                                "handle": owner.handle[:100],
                                "name": owner.name[:300],
                                "country": owner.country[:2],
                                "domain": owner.domain[:253],
                            }
                            for owner in {owner.handle: owner for owner in part}.values()
                        ]
                    )
                )
            _keep_place(connection, work, 1, file, place, now)

    def owners(self, works: Sequence[str]) -> dict[str, Owner]:
        """Return the organisations kept by these passes, by handle."""
        found: dict[str, Owner] = {}
        with reading(self._engine) as connection:
            for part in chunks(list(works)):
                for row in connection.execute(select(discovered_owners).where(discovered_owners.c.work.in_(part))):
                    found[row.handle] = Owner(handle=row.handle, name=row.name, country=row.country, domain=row.domain)
        return found

    def keep_findings(
        self, work: str, file: str, place: Place, findings: Sequence[Finding], now: datetime
    ) -> tuple[int, int]:
        """Keep findings and the place behind them at once; return how many proposals are new and how many changed."""
        with writing(self._engine) as connection:
            counts = propose(connection, findings, now)
            _keep_place(connection, work, 2, file, place, now)
        return counts

    def propose(self, findings: Sequence[Finding], now: datetime) -> tuple[int, int]:
        """Keep findings that come from no file; return how many proposals are new and how many changed."""
        with writing(self._engine) as connection:
            return propose(connection, findings, now)

    def of_accounts(self, accounts: Sequence[AccountId]) -> dict[AccountId, list[Proposal]]:
        """Return all proposals of these accounts."""
        found: dict[AccountId, list[Proposal]] = {}
        with reading(self._engine) as connection:
            for part in chunks(list(accounts)):
                for row in connection.execute(select(network_proposals).where(_P.account.in_(part))):
                    found.setdefault(AccountId(row.account), []).append(_proposal(row))
        return found


def _keep_place(connection: Connection, work: str, pass_number: int, file: str, place: Place, now: datetime) -> None:
    connection.execute(
        upsert(connection, discovery_progress, ("work", "pass_number"), ("position", "objects", "done", "at")).values(
            work=work,
            pass_number=pass_number,
            file=file[:300],
            position=place.position,
            objects=place.objects,
            done=place.done,
            at=now,
        )
    )


def proposal_id(account: str, prefix: str) -> str:
    """Return the id of the proposal that this prefix is this account's."""
    return ids.derived("network_proposal", account, prefix)


def propose(connection: Connection, findings: Iterable[Finding], now: datetime) -> tuple[int, int]:
    """Add findings to what is proposed; the same again changes nothing, and what a person decided stays decided.

    Returns how many proposals are new and how many changed.
    """
    by_id: dict[str, list[Finding]] = {}
    for finding in findings:
        by_id.setdefault(proposal_id(finding.account, finding.prefix), []).append(finding)
    known: dict[str, Proposal] = {}
    pairs = [(said[0].account, said[0].prefix) for said in by_id.values()]
    for part in chunks(pairs, 200):
        # by what it says, not by id: a row that came from a merged account keeps its old id
        for row in connection.execute(select(network_proposals).where(tuple_(_P.account, _P.prefix).in_(part))):
            known[proposal_id(row.account, row.prefix)] = _proposal(row)
    new: list[dict[str, object]] = []
    changed = 0
    for key, said in by_id.items():
        before = known.get(key)
        evidence: tuple[Said, ...] = before.evidence if before else ()
        for finding in sorted(said, key=lambda finding: finding.confidence):
            evidence = merged(evidence, said_in(finding))
        if before and before.evidence == evidence:
            continue
        confidence, waits = weigh(evidence)
        values: dict[str, object] = {
            "confidence": confidence,
            "waits": waits[:300],
            "evidence": [as_row(each) for each in evidence],
            "changed_at": now,
        }
        if before:
            connection.execute(update(network_proposals).where(_P.id == before.id).values(values))
            changed += 1
            continue
        strongest = max(said, key=lambda finding: finding.confidence)
        new.append(
            {
                "id": key,
                "account": strongest.account,
                "prefix": strongest.prefix,
                "organisation": strongest.organisation[:300],
                "status": "proposed",
                "first_at": now,
                "by": "",
                **values,
            }
        )
    for rows_ in chunks(new, 50):
        connection.execute(insert_new(connection, network_proposals).values(list(rows_)))
    return len(new), changed


def _proposal(row: Row[tuple[object, ...]]) -> Proposal:
    return Proposal(
        id=row.id,
        account=AccountId(row.account),
        prefix=row.prefix,
        organisation=row.organisation,
        confidence=row.confidence,
        waits=row.waits,
        evidence=tuple(said_from(said) for said in row.evidence),
        status=cast(Status, row.status),
        first_at=row.first_at,
        by=row.by,
        at=row.at,
    )


SHOWS: tuple[str, ...] = ("waiting", "acting", "accepted", "rejected", "all")
"""Which proposals a list may show."""


def _shown(show: str) -> Select[tuple[object, ...]]:
    statement = select(network_proposals)
    if show == "waiting":
        return statement.where(_P.status == "proposed", _P.waits != "")
    if show == "acting":
        return statement.where(or_(_P.status == "accepted", (_P.status == "proposed") & (_P.waits == "")))
    if show in ("accepted", "rejected"):
        return statement.where(_P.status == show)
    return statement


def proposals(connection: Connection, show: str = "all", limit: int = 1000, offset: int = 0) -> list[Proposal]:
    """Return proposals of one sort (see `SHOWS`), the surest first."""
    rows = connection.execute(
        _shown(show).order_by(_P.confidence.desc(), _P.account, _P.prefix).limit(limit).offset(offset)
    )
    return [_proposal(row) for row in rows]


def counts(connection: Connection) -> Mapping[str, int]:
    """Return how many proposals there are of each sort."""
    return {
        show: connection.execute(select(func.count()).select_from(_shown(show).subquery())).scalar_one()
        for show in SHOWS
    }


def proposal(connection: Connection, key: str) -> Proposal | None:
    """Return one proposal by its id, or None."""
    row = connection.execute(select(network_proposals).where(_P.id == key)).one_or_none()
    return _proposal(row) if row else None


def find(connection: Connection, prefix: str, account: str | None) -> list[Proposal]:
    """Return the proposals of a prefix, of one account or of all."""
    statement = select(network_proposals).where(_P.prefix == prefix).order_by(_P.account)
    if account is not None:
        statement = statement.where(_P.account == account)
    return [_proposal(row) for row in connection.execute(statement)]


def decide(connection: Connection, key: str, status: Status, by: str, now: datetime) -> Proposal | None:
    """Keep a person's decision (`proposed` takes one back); None when there is no such proposal."""
    done = connection.execute(
        update(network_proposals)
        .where(_P.id == key)
        .values(status=status, by=by[:254] if status != "proposed" else "", at=now, changed_at=now)
    )
    return proposal(connection, key) if done.rowcount else None


def acting(connection: Connection) -> tuple[DiscoveredNetwork, ...]:
    """Return the networks that count, for the resolver."""
    return tuple(
        DiscoveredNetwork(
            prefix=found.prefix,
            account=found.account,
            organisation=found.organisation,
            strength=ACCEPTED if found.status == "accepted" else found.confidence,
            text=_sentence(found),
            at=found.first_at,
        )
        for found in map(_proposal, connection.execute(_shown("acting").order_by(_P.prefix, _P.account)))
    )


def _sentence(found: Proposal) -> str:
    said = "; ".join(said.text for said in sorted(found.evidence, key=lambda said: -said.confidence)[:2])
    return said if found.status == "proposed" else f"{said}; {found.by or 'somebody'} accepted it"


def remove_accounts(connection: Connection, accounts: Sequence[str]) -> int:
    """Forget everything proposed for accounts that go; return how many rows."""
    return sum(
        connection.execute(delete(network_proposals).where(_P.account.in_(part))).rowcount for part in chunks(accounts)
    )


def version(connection: Connection) -> str:
    """Return a stamp of all proposals; another stamp than before means that what was loaded is out of date."""
    count, newest = connection.execute(select(func.count(), func.max(_P.changed_at))).one()
    return f"{count}:{newest}"
