"""What templates may call: times in the operator's zone, money, reasons in words, safe links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from urllib.parse import urlsplit

from flask import Flask
from jinja2 import StrictUndefined
from markupsafe import Markup

from alerts import wording as said
from app.dashboard import wording
from app.dashboard.queries_facts import Money
from app.dashboard.queries_timeline import Answer
from app.shell import now, shell
from core.alerting import BY_ITSELF
from core.clock import iso


def install(app: Flask) -> None:
    """Give `app`'s templates their filters; a name that a view forgot is an error, never an empty place."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        moment=moment,
        clock=clock,
        day=day,
        weekday=weekday,
        ago=lambda at: wording.ago(at, now()),
        since=lambda at: wording.span(now() - at),
        money=money,
        moneys=moneys,
        amount_of=lambda amount, currency: said.money(amount, currency),
        reading=said.minutes,
        kind=lambda code: wording.KINDS.get(code, ""),
        lost=wording.drop_words,
        clue=lambda code: wording.CLUES.get(code, code),
        state=lambda code: wording.STATES.get(code, code),
        step=lambda code: wording.STEPS.get(code, code),
        activity=lambda code: wording.ACTIVITIES.get(code, code),
        delivery=lambda code: wording.DELIVERIES.get(code, code),
        counted=wording.count_of,
        sure=lambda confidence: "" if confidence is None else said.sureness(confidence),
        percent=lambda share: "" if share is None else f"{share * 100:.0f}",
        number=lambda n: f"{n:,}",
        points=points,
        web_link=web_link,
        when=when,
        person=said.person,
        held=lambda code: wording.HOLDS.get(code, code),
        length_of=wording.span,
        outcome=lambda code: wording.OUTCOMES.get(code, code),
        answered=answered,
    )


def answered(answer: Answer) -> str:
    """What somebody did with an alert, in words: `took it`, `said: not interested (price)`."""
    words = wording.ANSWERS.get(answer.kind, answer.kind)
    chosen = wording.CHOSEN.get(answer.detail, "")
    if answer.kind == "wrong_company" and answer.by == BY_ITSELF:
        words = "withdrew it: what is known now says that it was somebody else"
    return f"{words} ({chosen.lower()})" if chosen else words


def _local(at: datetime) -> datetime:
    return at.astimezone(shell().settings.time_zone)


def moment(at: datetime) -> str:
    """`25 Nov 2026 10:42`."""
    return f"{_local(at):%-d %b %Y %H:%M}"


def clock(at: datetime) -> str:
    """`10:42`."""
    return f"{_local(at):%H:%M}"


def day(at: datetime | date) -> str:
    """`25 Nov 2026`."""
    return f"{_local(at) if isinstance(at, datetime) else at:%-d %b %Y}"


def weekday(at: datetime) -> str:
    """`Wed 25 Nov 2026`."""
    return f"{_local(at):%a %-d %b %Y}"


def when(at: datetime | None) -> Markup:
    """A moment as a `<time>` that machines read too."""
    if at is None:
        return Markup("never")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(iso(at), moment(at), wording.ago(at, now()))


def money(amount: Money | None) -> str:
    """`€84k`; empty when unknown."""
    return "" if amount is None else said.money(amount.amount, amount.currency, digits=2)


def moneys(amounts: Sequence[Money], most: int = 2) -> str:
    """`€84k + $12k + 3 more currencies`; amounts of different currencies are never added."""
    shown = [money(amount) for amount in amounts[:most]]
    if len(amounts) > most:
        shown.append(wording.count_of(len(amounts) - most, "more currency", "more currencies"))
    return " + ".join(shown)


def points(value: float) -> str:
    """`+30`, `−5`; empty for nothing."""
    if not value:
        return ""
    return f"{'+' if value > 0 else '−'}{f'{abs(value):.1f}'.removesuffix('.0')}"


def web_link(text: str) -> str:
    """Return `text` if it is an address on the web that may be linked, else nothing."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    return text if parts.scheme in ("http", "https") and parts.netloc else ""
