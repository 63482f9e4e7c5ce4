"""What the buttons change in the stages' tables: whose visits were whose, and where an account stands."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, delete, exists, select, update

from alerts.notices.notice import Notice
from alerts.notices.notice import from_data as text_of
from alerts.tables import alerts, notices
from core.database import chunks, insert_new
from core.domain import AccountId, AlertId, State
from core.ids import derived
from enrichment.dormancy.store import crossing_id
from enrichment.tables import account_states, accounts, activities, dormancy_transitions, judgements

STILL_AWAKE = timedelta(days=30)

_BY_WORD = frozenset({State.IN_CONTACT, State.ASLEEP_AGAIN})
"""Where people put an account; its visits alone make it awake or dormant."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A judged visit, as far as the buttons need it."""

    visit: str
    account: AccountId | None
    name: str
    prefix: str
    kind: str


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


def is_still_awake(connection: Connection, account: AccountId, now: datetime) -> bool:
    """Tell whether a visit of the last 30 days keeps a dormant account awake."""
    visit = exists().where(
        judgements.c.account == account, judgements.c.dormant.is_(True), judgements.c.at >= now - STILL_AWAKE
    )
    return bool(connection.execute(select(visit)).scalar_one())


def move(
    connection: Connection,
    account: AccountId,
    before: Collection[State],
    after: State,
    why: str,
    now: datetime,
    *,
    is_undo: bool = False,
) -> None:
    """Let an account that stands at one of `before` go to the state `after`; elsewhere it stays where it is.

    Where a person's word puts it, what was judged as of earlier than `now` moves it no more. With `is_undo` it stands
    there again since it last came there, not since now.
    """
    # held until the caller commits: nobody else moves it between our looking and our writing
    query = select(account_states).where(account_states.c.account == account).with_for_update()
    row = connection.execute(query).first()
    if row is None or row.state not in {state.value for state in before} or row.state == after.value:
        return
    since = (_came_to(connection, account, after) if is_undo else None) or now
    judged_at = max(now, row.judged_at) if after in _BY_WORD else row.judged_at
    moved = connection.execute(
        update(account_states)
        .where(account_states.c.account == account, account_states.c.state == row.state)
        .values(state=after.value, since=since, judged_at=judged_at)
    )
    if moved.rowcount == 1:
        _note_crossing(connection, account, State(row.state), after, why, now)


def _note_crossing(
    connection: Connection, account: AccountId, before: State, after: State, why: str, now: datetime
) -> None:
    """Keep a crossing under the id that the judges' crossings have, so that the same one is never told twice.

    Who takes an account, hands it back and takes it again within a day crosses twice: the second one has an id of its
    own.
    """
    for key in (crossing_id(account, after, now), derived("dormancy_transition", account, after.value, now)):
        kept = connection.execute(
            insert_new(connection, dormancy_transitions).values(
                id=key, account=account, at=now, from_state=before.value, to_state=after.value, why=why
            )
        )
        if kept.rowcount == 1:
            return


def _came_to(connection: Connection, account: AccountId, state: State) -> datetime | None:
    """When an account last came to a state, before it was moved on by mistake."""
    moment: datetime | None = connection.execute(
        select(dormancy_transitions.c.at)
        .where(dormancy_transitions.c.account == account, dormancy_transitions.c.to_state == state.value)
        .order_by(dormancy_transitions.c.at.desc())
        .limit(1)
    ).scalar()
    return moment


def recipient_of(connection: Connection, alert: AlertId) -> str:
    """Return whom an alert was for; empty when it had no owner."""
    found: str | None = connection.execute(select(alerts.c.to).where(alerts.c.id == alert)).scalar()
    return found or ""


def account_of(connection: Connection, subject: str) -> tuple[AccountId, str] | None:
    """Return the id and name of an account, given by its own id or by that of one of its alerts."""
    if found := account_of_alert(connection, AlertId(subject)):
        return found
    row = connection.execute(select(*accounts.c["id", "name"]).where(accounts.c.id == subject)).first()
    return None if row is None else (AccountId(row.id), row.name)


def owner_of(connection: Connection, account: AccountId) -> str:
    """Return who looks after an account; empty when nobody does."""
    found: str | None = connection.execute(select(accounts.c.owner_email).where(accounts.c.id == account)).scalar()
    return (found or "").strip().lower()


def is_visit_of(connection: Connection, visit: str, account: AccountId) -> bool:
    """Tell whether a visit counts as this account's now."""
    mine = exists().where(judgements.c.visit == visit, judgements.c.account == account)
    return bool(connection.execute(select(mine)).scalar_one())


def say_reason(connection: Connection, key: str, account: AccountId, why: str, at: datetime) -> None:
    """Keep why an account went silent, under a derived id."""
    connection.execute(
        insert_new(connection, activities).values(id=key, account=account, kind="dormancy_reason", at=at, note=why)
    )


def unsay_reason(connection: Connection, key: str) -> None:
    """Take back a reason that somebody gave by a button."""
    connection.execute(delete(activities).where(activities.c.id == key, activities.c.kind == "dormancy_reason"))


def candidates_of(connection: Connection, visit: str) -> tuple[tuple[AccountId, str], ...]:
    """Return id and name of the accounts that a visit may have been by: all that were ever judged to be, by name."""
    row = connection.execute(
        select(*judgements.c["account", "candidates", "judged"]).where(judgements.c.visit == visit)
    ).first()
    if row is None:
        return ()
    before = row.judged or {}
    ids = {row.account, before.get("account"), *(row.candidates or ()), *(before.get("candidates") or ())} - {None}
    found = connection.execute(select(*accounts.c["id", "name"]).where(accounts.c.id.in_(sorted(ids)[:20])))
    return tuple(sorted(((AccountId(each.id), each.name) for each in found), key=lambda pair: (pair[1], pair[0])))


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """An alert, and whether the visit that caused it counts as its account's now."""

    alert: AlertId
    account: AccountId
    is_theirs: bool


def told_of(connection: Connection, visits: Collection[str]) -> tuple[Told, ...]:
    """Return the alerts about these visits, with whose the visits are now."""
    found: list[Told] = []
    for some in chunks(sorted(set(visits))):
        query = (
            select(*alerts.c["id", "account"], judgements.c.account.label("now"))
            .join_from(alerts, judgements, judgements.c.visit == alerts.c.visit)
            .where(alerts.c.visit.in_(some))
            .order_by(alerts.c.id)
        )
        found.extend(
            Told(alert=AlertId(row.id), account=AccountId(row.account), is_theirs=row.account == row.now)
            for row in connection.execute(query)
        )
    return tuple(found)


def zone_of_alert(connection: Connection, alert: AlertId) -> ZoneInfo:
    """Return the zone of the times in an alert's message."""
    message = connection.execute(select(alerts.c.message).where(alerts.c.id == alert)).scalar()
    return ZoneInfo(str((message or {}).get("zone") or "UTC"))


def digests_to(connection: Connection, to: str, since: datetime) -> tuple[Notice, ...]:
    """Return the digests to this person from `since` on."""
    rows = connection.execute(
        select(notices).where(notices.c.kind == "digest", notices.c.to == to.strip().lower(), notices.c.at >= since)
    )
    return tuple(Notice(id=row.id, kind=row.kind, to=row.to, at=row.at, text=text_of(row.text)) for row in rows)
