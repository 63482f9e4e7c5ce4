"""Reads what a claimed delivery says now: the newest words, in whose thread they stand, and what is new in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from alerts.after import with_feedback
from alerts.deliveries.post import Change, Post
from alerts.message import from_data
from alerts.notices import notice
from alerts.store import alert_of, feedback_of
from alerts.tables import alerts, deliveries, notices
from core.alerting import Feedback
from core.domain import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The notice's alert isn't on the channel yet: its thread is still to come."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Needless:
    """The notice says something only in the thread of an alert that this channel never got."""

    why: str


def post_of(connection: Connection, delivery: RowMapping, now: datetime) -> Post | Wait | Needless | None:
    """Return what a row of `deliveries` says as of `now`, why it must wait or is needless; None: its text is gone."""
    if delivery["is_notice"]:
        return _notice_post(connection, delivery)
    found = select(alerts).where(alerts.c.id == delivery["alert"])
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        return None
    feedback = feedback_of(connection, (AlertId(row["id"]),)).get(AlertId(row["id"]), ())
    change, by = _change(feedback, delivery)
    return Post(
        id=row["id"],
        words=with_feedback(from_data(row["message"]), feedback),
        since=row["created_at"],
        to=row["to"],
        version=row["version"],
        change=change,
        by=by,
        alert=alert_of(row),
        about=AlertId(row["id"]),
        kind=row["kind"],
    )


def _change(feedback: Sequence[Feedback], delivery: RowMapping) -> tuple[Change, str]:
    """Return what happened since the channel last heard; a mistake counts before a claim, a claim before growth."""
    if not delivery["sent_version"]:
        return "created", ""
    heard = delivery["sent_at"]
    for kind, change in (("wrong_company", "wrong"), ("claimed", "claimed")):
        for one in feedback:
            if one.kind == kind and one.undone_at is None and one.at > heard:
                return change, one.by  # type: ignore[return-value]
    undone = [one for one in feedback if one.undone_at is not None and one.undone_at > heard >= one.at]
    return ("undone", undone[-1].by) if undone else ("updated", "")


def _notice_post(connection: Connection, delivery: RowMapping) -> Post | Wait | Needless | None:
    found = select(notices).where(notices.c.id == delivery["alert"])
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        return None
    thread = _thread(connection, row, delivery) if row["alert"] and not delivery["remote"] else ""
    if not isinstance(thread, str):
        return thread
    return Post(
        id=row["id"],
        words=notice.from_data(row["text"]),
        since=row["at"],
        to=row["to"],
        version=row["version"],
        change="updated" if delivery["sent_version"] else "created",
        thread=thread,
        about=AlertId(row["alert"]) if row["alert"] else None,
        kind=row["kind"],
    )


def _thread(connection: Connection, row: RowMapping, delivery: RowMapping) -> str | Wait | Needless:
    """Return where the alert's message is, if the notice goes to the same people; "" when it stands alone."""
    sent = connection.execute(
        select(deliveries.c.status, deliveries.c.remote, deliveries.c.due_at, alerts.c.to)
        .join(alerts, alerts.c.id == deliveries.c.alert)
        .where(deliveries.c.alert == row["alert"], deliveries.c.channel == delivery["channel"])
    ).one_or_none()
    if sent is not None and row["to"] != sent.to:
        return ""  # a manager doesn't see the thread in the rep's own messages
    if sent is not None and sent.remote:
        return str(sent.remote)
    if sent is not None and sent.status in ("due", "failed", "sending"):
        return Wait(until=sent.due_at)
    if row["kind"] == "milestone":  # "a second visitor" says nothing to whom the first was never told
        return Needless(why="the alert that it belongs to didn't go out on this channel")
    return ""
