"""The events that programs get: a CloudEvents 1.0 envelope around what an alert or a notice says (pure).

Fields are only ever added; what changes its meaning gets another type.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from alerts.channels.protocol import Links
from alerts.deliveries.post import Post
from alerts.message import AlertText
from alerts.notices.notice import NoticeText
from core.clock import iso
from core.ids import derived

_TYPES = {
    "created": "dormouse.alert.created.v1",
    "updated": "dormouse.alert.updated.v1",
    "claimed": "dormouse.alert.claimed.v1",
    "wrong": "dormouse.alert.wrong.v1",
    "undone": "dormouse.alert.undone.v1",
}
_NOTICES = {"created": "dormouse.notice.created.v1", "updated": "dormouse.notice.updated.v1"}


class EventReason(msgspec.Struct, frozen=True):
    """One reason of an alert's score."""

    text: str
    points: float
    code: str


class EventRow(msgspec.Struct, frozen=True):
    """One line of a message."""

    label: str
    text: str


class AlertData(msgspec.Struct, frozen=True):
    """What an event says of an alert."""

    alert: str
    version: int
    account: str
    account_name: str
    visit: str
    site: str
    at: str
    """The moment that the visit was judged as of."""
    kind: str
    """`awake`, `line` or `rescue`."""
    rule: str
    line: str
    score: float
    reasons: list[EventReason]
    to: str
    """The rep's e-mail address; empty when nobody owns the account."""
    by: str
    """Who took it, or said that it was another company."""
    title: str
    push: str
    facts: list[str]
    rows: list[EventRow]
    why_now: str
    note: str
    url: str


class NoticeData(msgspec.Struct, frozen=True):
    """What an event says of a notice."""

    notice: str
    version: int
    kind: str
    to: str
    alert: str
    """The alert that it belongs to, or empty."""
    title: str
    push: str
    rows: list[EventRow]
    foot: str


class Event(msgspec.Struct, frozen=True):
    """The envelope."""

    id: str
    """The same for every try of the same event: a receiver that has seen it leaves it."""
    source: str
    type: str
    subject: str
    time: str
    """When the alert or notice was made."""
    timestamp: str
    """The same, by the name that Standard Webhooks gives it."""
    data: AlertData | NoticeData
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"


def event_of(post: Post, source: str, links: Links) -> Event:
    """Return the event of a post."""
    data: AlertData | NoticeData
    if isinstance(post.words, AlertText):
        kind, data = _TYPES[post.change], _alert(post, post.words, links)
    else:
        kind, data = _NOTICES["created" if post.change == "created" else "updated"], _notice(post, post.words)
    # the first telling has one id however often the visit grows meanwhile; each change has its own
    which = 0 if post.change == "created" else post.version
    at = iso(post.since)
    return Event(
        id=f"msg_{derived('event', post.id, which)}",
        source=source,
        type=kind,
        subject=post.id,
        time=at,
        timestamp=at,
        data=data,
    )


def _alert(post: Post, words: AlertText, links: Links) -> AlertData:
    alert = post.alert
    return AlertData(
        alert=post.id,
        version=post.version,
        account=alert.account if alert else "",
        account_name=words.name,
        visit=alert.visit if alert else "",
        site=alert.site if alert else "",
        at=iso(alert.at) if alert else iso(post.since),
        kind=post.kind,
        rule=alert.rule if alert else "",
        line=alert.line if alert else "",
        score=alert.score if alert else 0.0,
        reasons=[EventReason(one.text, one.points, one.code) for one in (alert.why if alert else ())],
        to=post.to,
        by=post.by,
        title=words.title,
        push=words.push,
        facts=list(words.facts),
        rows=[EventRow(line.label, line.text) for line in words.lines],
        why_now=words.why_now,
        note=words.note,
        url=links(post.subject, "timeline"),
    )


def _notice(post: Post, words: NoticeText) -> NoticeData:
    return NoticeData(
        notice=post.id,
        version=post.version,
        kind=post.kind,
        to=post.to,
        alert=post.about or "",
        title=words.title,
        push=words.push,
        rows=[EventRow(section.label, row.text) for section in words.sections for row in section.rows],
        foot=words.foot,
    )
