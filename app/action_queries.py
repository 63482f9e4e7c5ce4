"""What the buttons change in the stages' tables: whose visits were whose, and where an account stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, exists, select, update

from alerts.tables import alerts
from core.database import chunks, insert_new
from core.domain import AccountId, AlertId, DropReason, State
from core.ids import derived
from enrichment.tables import account_states, accounts, corrections, dormancy_transitions, judgements

STILL_AWAKE = timedelta(days=30)
_CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A judged visit, as far as the buttons need it."""

    visit: str
    account: AccountId | None
    name: str
    prefix: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A correction that stands."""

    id: str
    account: AccountId
    prefix: str


def visit_of_alert(connection: Connection, alert: AlertId) -> str | None:
    """Return the visit that caused an alert."""
    found: str | None = connection.execute(select(alerts.c.visit).where(alerts.c.id == alert)).scalar()
    return found


def account_of_alert(connection: Connection, alert: AlertId) -> tuple[AccountId, str] | None:
    """Return the id and name of the account that an alert is about."""
    row = connection.execute(
        select(alerts.c.account, accounts.c.name)
        .join_from(alerts, accounts, accounts.c.id == alerts.c.account, isouter=True)
        .where(alerts.c.id == alert)
    ).first()
    return None if row is None else (AccountId(row.account), row.name or row.account)


def alerts_of_visits(connection: Connection, account: AccountId, visits: Collection[str]) -> tuple[AlertId, ...]:
    """Return the alerts about this account that these visits caused."""
    found: list[AlertId] = []
    for some in chunks(sorted(set(visits))):
        query = select(alerts.c.id).where(alerts.c.visit.in_(some), alerts.c.account == account)
        found.extend(AlertId(each) for each in connection.execute(query).scalars())
    return tuple(found)


def seen(connection: Connection, visit: str) -> Seen | None:
    """Return what was judged of a visit."""
    row = connection.execute(
        select(*judgements.c["visit", "account", "prefix", "kind"], accounts.c.name)
        .join_from(judgements, accounts, accounts.c.id == judgements.c.account, isouter=True)
        .where(judgements.c.visit == visit)
    ).first()
    if row is None:
        return None
    return Seen(
        visit=row.visit,
        account=None if row.account is None else AccountId(row.account),
        name=row.name or row.account or "",
        prefix=row.prefix or "",
        kind=row.kind or "",
    )


def standing_correction(connection: Connection, correction: str) -> Correction | None:
    """Return a correction that nobody has undone."""
    row = connection.execute(
        select(corrections).where(corrections.c.id == correction, corrections.c.undone_at.is_(None))
    ).first()
    return None if row is None else Correction(id=row.id, account=AccountId(row.account), prefix=row.prefix)


def standing_corrections(connection: Connection, account: AccountId, prefix: str) -> tuple[str, ...]:
    """Return the corrections in force that say `prefix` isn't `account`."""
    return tuple(
        connection.execute(
            select(corrections.c.id).where(
                corrections.c.account == account, corrections.c.prefix == prefix, corrections.c.undone_at.is_(None)
            )
        ).scalars()
    )


def take_away(connection: Connection, account: AccountId, visits: Collection[str], why: str) -> None:
    """Say of these visits that they were not the account's, and keep beside the reasons whose they were."""
    marker = [{"text": why, "points": 0.0, "code": f"rejected:{account}"}]
    for some in chunks(sorted(set(visits))):
        rows = connection.execute(
            select(judgements.c.visit, judgements.c.why).where(
                judgements.c.visit.in_(some), judgements.c.account == account
            )
        ).all()
        for row in rows:
            connection.execute(
                update(judgements)
                .where(judgements.c.visit == row.visit)
                .values(account=None, drop=DropReason.COMPANY_REJECTED.value, why={**row.why, _CORRECTION: marker})
            )


def visits_at(connection: Connection, account: AccountId, prefix: str) -> tuple[str, ...]:
    """Return the account's visits from one network."""
    return tuple(
        connection.execute(
            select(judgements.c.visit).where(judgements.c.account == account, judgements.c.prefix == prefix)
        ).scalars()
    )


def give_back(connection: Connection, account: AccountId, prefix: str = "", visit: str = "") -> tuple[str, ...]:
    """Give the account back what was taken away from it, of one network or one visit; return the visits' ids."""
    rows = connection.execute(
        select(judgements.c.visit, judgements.c.why).where(
            judgements.c.drop == DropReason.COMPANY_REJECTED.value,
            judgements.c.visit == visit if visit else judgements.c.prefix == prefix,
        )
    ).all()
    restored: list[str] = []
    for row in rows:
        why = dict(row.why)
        marker = why.pop(_CORRECTION, None)
        if marker and marker[0].get("code") == f"rejected:{account}":
            connection.execute(
                update(judgements).where(judgements.c.visit == row.visit).values(account=account, drop=None, why=why)
            )
            restored.append(row.visit)
    return tuple(restored)


def is_still_awake(connection: Connection, account: AccountId, now: datetime) -> bool:
    """Tell whether a visit of the last 30 days keeps a dormant account awake."""
    visit = exists().where(
        judgements.c.account == account, judgements.c.dormant.is_(True), judgements.c.at >= now - STILL_AWAKE
    )
    return bool(connection.execute(select(visit)).scalar_one())


def move(
    connection: Connection, account: AccountId, before: Collection[State], after: State, why: str, now: datetime
) -> None:
    """Let an account that stands at one of `before` go to the state `after`; elsewhere it stays where it is."""
    row = connection.execute(select(account_states).where(account_states.c.account == account)).first()
    if row is None or row.state not in {state.value for state in before} or row.state == after.value:
        return
    connection.execute(
        update(account_states).where(account_states.c.account == account).values(state=after.value, since=now)
    )
    connection.execute(
        insert_new(connection, dormancy_transitions).values(
            id=derived("transition", account, after.value, now),
            account=account,
            at=now,
            from_state=row.state,
            to_state=after.value,
            why=why,
        )
    )
