"""The funnel of a try-out, from lines to dormant customers, with every loss in its place."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from app.dashboard import queries_losses
from app.dashboard.wording import drop_words
from app.tryout.findings import Funnel, Loss
from enrichment.dormancy.criteria import CRITERIA
from enrichment.dormancy.rules import DormancyRules

REPEATED = "repeated"
_CRITERIA = {
    "purchase": "ordered",
    "contact": "been in contact",
    "login": "signed in",
    "reply": "answered",
    "usage": "used the product",
    "communication": "been spoken with",
    "email_open": "opened an e-mail",
    "email_click": "followed a link in an e-mail",
    "event": "come to an event",
    "ticket": "asked for help",
    "engagement": "shown engagement",
}


def funnel(connection: Connection, since: datetime, lines: int) -> Funnel:
    """Return how many of `lines` became what; the workspace holds nothing but them, received since `since`.

    Crawlers are lost as lines, so they are no loss of visits again.
    """
    seen = queries_losses.hits(connection, since)
    by_name = {stage.name: stage for stage in queries_losses.visit_stages(connection, since)}
    as_lines = {loss.code for loss in seen.losses}
    human = by_name["human"]
    visits = human.before - sum(loss.count for loss in human.losses if loss.code in as_lines)
    lines = max(lines, seen.total)
    losses = [_loss("page_views", loss.code, loss.count) for loss in seen.losses]
    if lines > seen.total:
        losses.append(
            Loss(
                step="page_views",
                reason=REPEATED,
                words="lines that stand in two of the files, counted once",
                count=lines - seen.total,
            )
        )
    losses += [_loss("business", loss.code, loss.count) for loss in human.losses if loss.code not in as_lines]
    for name in ("business", "named", "customers", "dormant"):
        losses += [_loss(name, loss.code, loss.count) for loss in by_name[name].losses]
    return Funnel(
        lines=lines,
        page_views=seen.kept,
        visits=visits,
        business=by_name["business"].after,
        named=by_name["named"].after,
        customers=by_name["customers"].after,
        dormant=by_name["dormant"].after,
        losses=tuple(losses),
    )


def _loss(step: str, reason: str, count: int) -> Loss:
    words = "customers who weren't dormant then" if reason == "not_dormant" else drop_words(reason)
    return Loss(step=step, reason=reason, words=words, count=count)


def rule_in_words(rules: DormancyRules) -> str:
    """Return when a customer counts as dormant, as a sentence."""
    limits = [
        f"{_CRITERIA[kind]} for more than {days:,} days"
        for kind in CRITERIA
        if (days := getattr(rules.criteria, kind)) is not None
    ]
    if not limits:
        return "No rule says when a customer is dormant."
    text = (
        f"A customer is dormant when it has not {(' and not ' if rules.combine == 'all' else ' or not ').join(limits)}"
    )
    return f"{text}; some kinds of customers have rules of their own." if rules.override else f"{text}."
