"""Alerts and feedback in the database; the caller opens the transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, and_, func, or_, select, update

from alerts.after import with_feedback
from alerts.message import AlertText, from_data
from alerts.tables import alerts, deliveries, feedback
from core.alerting import Alert, Delivery, Feedback, FeedbackKind, Hold
from core.database import chunks, insert_new
from core.domain import AccountId, AlertId, DeliveryId, Reason, SiteId, VisitId
from core.ids import derived

EDIT_AFTER = (timedelta(seconds=60), timedelta(minutes=5))
"""How long after the last change of the sent message the first and the second edit may follow."""
QUIET = timedelta(minutes=30)
"""From the third edit on we wait until the visit is over, so a visit causes at most three and the last one stays."""


_AGAIN: frozenset[FeedbackKind] = frozenset({"no_answer", "snoozed"})
"""What may be said of an alert more than once."""
_TWICE = timedelta(minutes=2)
"""Within this time the same click again is a double click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRow:
    """An alert with all that became of it."""

    alert: Alert
    created_at: datetime
    version: int
    deliveries: tuple[Delivery, ...]
    feedback: tuple[Feedback, ...]

    @property
    def text(self) -> AlertText:
        """The message as it should read now."""
        return with_feedback(from_data(self.alert.message), self.feedback)


def last_alerts(
    connection: Connection, accounts: Collection[AccountId], *, backfill: bool = False
) -> Mapping[AccountId, datetime]:
    """Return when each account last caused an alert (as of its visit), those marked as wrong left out.

    Only alerts that were sent, or with `backfill` only those found in history.
    """
    wrong = select(feedback.c.alert).where(feedback.c.kind == "wrong_company", feedback.c.undone_at.is_(None))
    found: dict[AccountId, datetime] = {}
    for chunk in chunks(sorted(set(accounts))):
        rows = connection.execute(
            select(alerts.c.account, func.max(alerts.c.at, type_=alerts.c.at.type).label("last"))
            .where(alerts.c.account.in_(chunk), alerts.c.backfill.is_(backfill), alerts.c.id.not_in(wrong))
            .group_by(alerts.c.account)
        )
        found.update({AccountId(row.account): row.last for row in rows})
    return found


def save(connection: Connection, new: Iterable[Alert], channels: Collection[str], now: datetime) -> int:
    """Keep alerts with one due delivery for each channel (none for history or while held); return how many were new."""
    count = 0
    for alert in new:
        kept = connection.execute(
            insert_new(connection, alerts).values(
                id=alert.id,
                account=alert.account,
                visit=alert.visit,
                site=alert.site,
                at=alert.at,
                created_at=now,
                received_at=alert.received_at,
                score=alert.score,
                why=_why_to_data(alert.why),
                backfill=alert.backfill,
                to=alert.to,
                message=dict(alert.message),
                version=1,
                kind=alert.kind,
                rule=alert.rule,
                line=alert.line,
                hold=alert.hold or "",
                route=alert.route,
            )
        )
        if kept.rowcount != 1:  # a replay: the first alert and its deliveries stand
            continue
        count += 1
        for channel in () if alert.backfill or alert.hold else channels:
            connection.execute(
                insert_new(connection, deliveries).values(
                    id=derived("delivery", alert.id, channel),
                    alert=alert.id,
                    channel=channel,
                    status="due",
                    due_at=now,
                )
            )
    return count


def save_grown(connection: Connection, alert: Alert, now: datetime) -> bool:
    """Keep the grown message and plan an edit of what was sent; return whether the message changed at all."""
    known = connection.execute(select(alerts.c.message).where(alerts.c.id == alert.id)).scalar_one_or_none()
    if known is None or known == dict(alert.message):
        return False
    connection.execute(
        update(alerts)
        .where(alerts.c.id == alert.id)
        .values(
            message=dict(alert.message),
            score=alert.score,
            why=_why_to_data(alert.why),
            version=alerts.c.version + 1,
        )
    )
    if not is_wrong(connection, alert.id):
        _plan_edits(connection, alert.id, now)
    return True


def alert_by_visit(connection: Connection, visits: Collection[VisitId]) -> Mapping[VisitId, Alert]:
    """Return the alert that each visit caused, the newest where it was judged to be of several accounts in turn."""
    found: dict[VisitId, Alert] = {}
    for chunk in chunks(sorted(set(visits))):
        rows = connection.execute(
            select(alerts).where(alerts.c.visit.in_(chunk)).order_by(alerts.c.created_at)
        ).mappings()
        found.update({VisitId(row["visit"]): alert_of(row) for row in rows})
    return found


def last_told(connection: Connection, account: AccountId) -> Alert | None:
    """Return the account's newest alert if it was sent at once; None when there is none, or it was wrong.

    One that was held has no message of its own, not even after a digest told of it: nothing can stand in its thread.
    """
    newest = (
        select(alerts)
        .where(alerts.c.account == account, alerts.c.backfill.is_(False))
        .order_by(alerts.c.at.desc(), alerts.c.id)
        .limit(1)
    )
    row = connection.execute(newest).mappings().first()
    if row is None or row["hold"] or is_wrong(connection, AlertId(row["id"])):
        return None
    return alert_of(row)


def alert_rows(
    connection: Connection, since: datetime, account: AccountId | None = None, limit: int = 10_000
) -> tuple[AlertRow, ...]:
    """Return the alerts from `since` on (by when the visit was), newest first, with deliveries and feedback."""
    query = select(alerts).where(alerts.c.at >= since).order_by(alerts.c.at.desc(), alerts.c.id).limit(limit)
    if account is not None:
        query = query.where(alerts.c.account == account)
    return _rows(connection, connection.execute(query).mappings().all())


def alert_row(connection: Connection, alert: AlertId) -> AlertRow | None:
    """Return one alert with deliveries and feedback, or None."""
    rows = _rows(connection, connection.execute(select(alerts).where(alerts.c.id == alert)).mappings().all())
    return rows[0] if rows else None


def claim(connection: Connection, alert: AlertId, by: str, now: datetime) -> Feedback | None:
    """Note that `by` takes care of the account; the first one stands. None when there is no such alert."""
    return give(connection, alert, "claimed", by, now)


def wrong_company(connection: Connection, alert: AlertId, by: str, now: datetime) -> Feedback | None:
    """Note that the visit was by somebody else; correcting the network is the caller's. None: no such alert."""
    return give(connection, alert, "wrong_company", by, now)


def give(
    connection: Connection,
    alert: AlertId,
    kind: FeedbackKind,
    by: str,
    now: datetime,
    *,
    detail: str = "",
    until: datetime | None = None,
) -> Feedback | None:
    """Note what `by` did with an alert, and return what stands: the same said twice is said once. None: no such alert.

    Another `detail` replaces what was said before; calls without an answer, and snoozing, may be said again later.
    """
    if connection.execute(select(alerts.c.id).where(alerts.c.id == alert)).first() is None:
        return None
    given = [one for one in feedback_of(connection, (alert,)).get(alert, ()) if one.kind == kind]
    standing = next((one for one in reversed(given) if one.undone_at is None), None)
    if standing is not None and standing.detail == detail:
        if kind not in _AGAIN or now - standing.at <= _TWICE:
            return standing
    elif standing is not None and kind not in _AGAIN:
        connection.execute(update(feedback).where(feedback.c.id == standing.id).values(undone_at=now))
    # numbered, so that two clicks at the same moment name the same row and the database keeps one
    key = derived("feedback", alert, kind, len(given))
    kept = connection.execute(
        insert_new(connection, feedback).values(
            id=key, alert=alert, kind=kind, by=by[:254], at=now, detail=detail[:200], until=until
        )
    )
    if kept.rowcount == 1:
        _show(connection, alert, now)
    return _feedback(connection.execute(select(feedback).where(feedback.c.id == key)).mappings().one())


def undo(connection: Connection, feedback_id: str, now: datetime) -> bool:
    """Take feedback back; False when there is none of this id or it was taken back before."""
    done = connection.execute(
        update(feedback).where(feedback.c.id == feedback_id, feedback.c.undone_at.is_(None)).values(undone_at=now)
    )
    if done.rowcount != 1:
        return False
    _show(
        connection,
        AlertId(connection.execute(select(feedback.c.alert).where(feedback.c.id == feedback_id)).scalar_one()),
        now,
    )
    return True


def feedback_of(connection: Connection, of: Collection[AlertId]) -> Mapping[AlertId, tuple[Feedback, ...]]:
    """Return all feedback on these alerts, oldest first, what was undone included."""
    found: dict[AlertId, list[Feedback]] = defaultdict(list)
    for chunk in chunks(sorted(set(of))):
        rows = connection.execute(
            select(feedback).where(feedback.c.alert.in_(chunk)).order_by(feedback.c.at, feedback.c.id)
        )
        for row in rows.mappings():
            found[AlertId(row["alert"])].append(_feedback(row))
    return {alert: tuple(given) for alert, given in found.items()}


def _show(connection: Connection, alert: AlertId, now: datetime) -> None:
    """Let the sent message tell at once what has changed."""
    connection.execute(update(alerts).where(alerts.c.id == alert).values(version=alerts.c.version + 1))
    edit_now(connection, alert, now)


def edit_now(connection: Connection, message: str, now: datetime) -> None:
    """Let what was sent of an alert or a notice be edited at once; the caller has counted its version up."""
    planned = and_(deliveries.c.status == "due", deliveries.c.sent_version > 0, deliveries.c.due_at > now)
    of_alert = deliveries.c.alert == message
    connection.execute(
        update(deliveries).where(of_alert, or_(deliveries.c.status == "sent", planned)).values(status="due", due_at=now)
    )
    connection.execute(update(deliveries).where(of_alert, deliveries.c.status == "sending").values(due_at=now))


def _plan_edits(connection: Connection, alert: AlertId, now: datetime) -> None:
    """Plan the edit of what was sent; for one under way `due_at` says when the next may follow."""
    rows = connection.execute(select(deliveries).where(deliveries.c.alert == alert)).mappings()
    for row in rows.all():
        status, edits = row["status"], row["edits"]
        if status == "sending":
            edits += 1 if row["remote"] else 0
            due_at = now + (EDIT_AFTER[edits] if edits < len(EDIT_AFTER) else QUIET)
        elif edits >= len(EDIT_AFTER) and (status == "sent" or (status == "due" and row["due_at"] > now)):
            due_at = now + QUIET
        elif status == "sent":
            due_at = max(now, row["sent_at"] + EDIT_AFTER[edits])
        else:
            continue  # not sent yet, or an edit is planned: it will take the newest words
        connection.execute(
            update(deliveries)
            .where(deliveries.c.id == row["id"], deliveries.c.status == status)
            .values(status="due" if status == "sent" else status, due_at=due_at)
        )


def is_wrong(connection: Connection, alert: AlertId) -> bool:
    """Return whether it stands that the alert's visit was by somebody else."""
    given = feedback_of(connection, (alert,)).get(alert, ())
    return any(one.kind == "wrong_company" and one.undone_at is None for one in given)


def _rows(connection: Connection, found: Sequence[RowMapping]) -> tuple[AlertRow, ...]:
    ids = [AlertId(row["id"]) for row in found]
    sent: dict[str, list[Delivery]] = defaultdict(list)
    for chunk in chunks(ids):
        rows = connection.execute(
            select(deliveries).where(deliveries.c.alert.in_(chunk)).order_by(deliveries.c.channel)
        )
        for row in rows.mappings():
            sent[row["alert"]].append(delivery_of(row))
    given = feedback_of(connection, ids)
    return tuple(
        AlertRow(
            alert=alert_of(row),
            created_at=row["created_at"],
            version=row["version"],
            deliveries=tuple(sent[row["id"]]),
            feedback=given.get(AlertId(row["id"]), ()),
        )
        for row in found
    )


def delivery_of(row: RowMapping) -> Delivery:
    """Return a row of `deliveries` as the domain knows it."""
    return Delivery(
        id=DeliveryId(row["id"]),
        alert=AlertId(row["alert"]),
        channel=row["channel"],
        status=row["status"],
        attempts=row["attempts"],
        due_at=row["due_at"],
        sent_at=row["sent_at"],
        remote=row["remote"],
        error=row["error"],
    )


def alert_of(row: RowMapping) -> Alert:
    """Return a row of `alerts` as the domain knows it."""
    return Alert(
        id=AlertId(row["id"]),
        account=AccountId(row["account"]),
        visit=VisitId(row["visit"]),
        site=SiteId(row["site"]),
        at=row["at"],
        score=row["score"],
        why=tuple(Reason(**reason) for reason in row["why"]),
        backfill=row["backfill"],
        to=row["to"],
        message=row["message"],
        received_at=row["received_at"],
        kind=row["kind"],
        rule=row["rule"],
        line=row["line"],
        hold=Hold(row["hold"]) if row["hold"] else None,
        route=row["route"],
    )


def _feedback(row: RowMapping) -> Feedback:
    return Feedback(
        id=row["id"],
        alert=AlertId(row["alert"]),
        kind=row["kind"],
        by=row["by"],
        at=row["at"],
        undone_at=row["undone_at"],
        detail=row["detail"],
        until=row["until"],
    )


def _why_to_data(why: Sequence[Reason]) -> list[dict[str, object]]:
    return [{"text": one.text, "points": one.points, "code": one.code, "ref": one.ref} for one in why]
