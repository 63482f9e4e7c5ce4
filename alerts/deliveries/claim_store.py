"""Reads what a claimed delivery says now: the newest words, in whose thread they stand, and what is new in them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select

from alerts.after import with_feedback
from alerts.deliveries.post import Change, Post
from alerts.message import from_data
from alerts.notices import notice
from alerts.store import alert_of, feedback_of, is_wrong
from alerts.tables import alerts, deliveries, notices
from core.alerting import Feedback, FeedbackKind
from core.domain import AlertId

_NEWS: tuple[tuple[FeedbackKind, Change], ...] = (("wrong_company", "wrong"), ("claimed", "claimed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The notice's alert isn't on the channel yet: its thread is still to come."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Needless:
    """The notice says nothing without its alert: this channel never got that, or it was another company's."""

    why: str


def post_of(connection: Connection, delivery: RowMapping, now: datetime) -> Post | Wait | Needless | None:
    """Return what a row of `deliveries` says as of `now`, why it must wait or is needless; None: its text is gone."""
    if delivery["is_notice"]:
        return _notice_post(connection, delivery, now)
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
        said=tuple(one.id for one in feedback if one.undone_at is None),
        alert=alert_of(row),
        about=AlertId(row["id"]),
        kind=row["kind"],
    )


def _change(feedback: Sequence[Feedback], delivery: RowMapping) -> tuple[Change, str]:
    """Return what happened since the channel last heard; a mistake counts before a claim, a claim before growth."""
    if not delivery["sent_version"]:
        return "created", ""
    heard = _heard(feedback, delivery)
    for kind, change in _NEWS:
        for one in feedback:
            if one.kind == kind and one.undone_at is None and one.id not in heard:
                return change, one.by
    undone = [one for one in feedback if one.undone_at is not None and one.id in heard]
    return ("undone", undone[-1].by) if undone else ("updated", "")


def _heard(feedback: Sequence[Feedback], delivery: RowMapping) -> Collection[str]:
    """Return the feedback that the channel knows of: not by the clock, since people click while a message is sent."""
    if delivery["heard"] is not None:
        return frozenset(delivery["heard"])
    at = delivery["sent_at"]  # sent before it was written down
    return {one.id for one in feedback if one.at <= at and (one.undone_at is None or one.undone_at > at)}


def _notice_post(connection: Connection, delivery: RowMapping, now: datetime) -> Post | Wait | Needless | None:
    found = select(notices).where(notices.c.id == delivery["alert"])
    row = connection.execute(found).mappings().one_or_none()
    if row is None:
        return None
    thread: str | Wait | Needless = ""
    if row["alert"] and not delivery["remote"]:
        if is_wrong(connection, AlertId(row["alert"])):
            return Needless(why="the alert that it belongs to was another company's")
        thread = _thread(connection, row, delivery, now)
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


def _thread(connection: Connection, row: RowMapping, delivery: RowMapping, now: datetime) -> str | Wait | Needless:
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
    if sent is not None and sent.status == "sending":
        return Wait(until=now)  # it is there in a moment; its `due_at` is the earliest edit
    if sent is not None and sent.status in ("due", "failed"):
        return Wait(until=sent.due_at)
    if row["kind"] == "milestone":  # "a second visitor" says nothing to whom the first was never told
        return Needless(why="the alert that it belongs to didn't go out on this channel")
    return ""
