"""What the buttons do, wherever they are pressed: in the dashboard, the preview, or by a signed link from Slack.

Each is one short transaction of the caller's, may be pressed twice, and leaves a row in the audit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection

import alerts.store
from alerts.deliveries.store import retry_dead
from app import action_queries as queries
from app import audit, corrections
from app.correction_queries import judged
from app.settling import unmark
from core.domain import AccountId, AlertId, DeliveryId, State
from enrichment.account.store import account as find_account
from enrichment.company.store import count_verdict
from enrichment.enrich import Rules

CALLED_UPON = (State.DORMANT, State.AWAKE, State.ASLEEP_AGAIN, State.GOING_QUIET, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of pressing a button."""

    said: str
    """A sentence for the person who pressed it."""
    account: AccountId | None = None
    visit: str = ""
    """The visit that is nobody's now: somebody may know whose it was."""


def claim(connection: Connection, alert: str, by: str, now: datetime, _rules: Rules | None = None) -> Done | None:
    """Note that `by` takes the alert's account; None when there is no such alert."""
    found = queries.account_of_alert(connection, AlertId(alert))
    before = alerts.store.feedback_of(connection, (AlertId(alert),)).get(AlertId(alert), ())
    given = alerts.store.claim(connection, AlertId(alert), by, now)
    if found is None or given is None:
        return None
    if given.id not in {each.id for each in before}:
        _count_claim(connection, alert, 1, now)
    account, name = found
    queries.move(connection, account, CALLED_UPON, State.IN_CONTACT, f"{by} took it", now)
    audit.record(connection, by, "alert.claim", alert, now)
    if given.by != by:
        return Done(said=f"{given.by} had taken {name} already.", account=account)
    return Done(said=f"{name} is yours. Everybody sees that you took it.", account=account)


def wrong_company(
    connection: Connection, alert: str, by: str, now: datetime, rules: Rules | None = None
) -> Done | None:
    """Note that the alert's visit was by somebody else, and correct the network; None: no such alert."""
    found = queries.account_of_alert(connection, AlertId(alert))
    visit = queries.visit_of_alert(connection, AlertId(alert))
    if found is None or visit is None:
        return None
    alerts.store.wrong_company(connection, AlertId(alert), by, now)
    done = wrong_visit(connection, visit, by, now, rules)
    return done or Done(said=f"Removed, sorry: this wasn't {found[1]}.", account=found[0], visit=visit)


def wrong_visit(connection: Connection, visit: str, by: str, now: datetime, rules: Rules | None = None) -> Done | None:
    """Note that a visit was not by the account it was taken for; None when it is nobody's (any more)."""
    seen = queries.seen(connection, visit)
    if seen is None or seen.account is None:
        return None
    spoken = corrections.of_visit(connection, visit, "wrong", seen.account, by, now, rules)
    if spoken is None:
        return None
    audit.record(connection, by, "visit.wrong_company", visit, now)
    return Done(said=spoken.said, account=seen.account, visit=visit)


def right_visit(connection: Connection, visit: str, by: str, now: datetime, rules: Rules | None = None) -> Done | None:
    """Note that a visit was by the account it was taken for; None when it is nobody's."""
    seen = queries.seen(connection, visit)
    if seen is None or seen.account is None:
        return None
    spoken = corrections.of_visit(connection, visit, "right", seen.account, by, now, rules)
    return None if spoken is None else Done(said=spoken.said, account=seen.account)


def undo(connection: Connection, alert: str, by: str, now: datetime, rules: Rules | None = None) -> Done | None:
    """Take back what people said about an alert; None when nothing stands."""
    found = queries.account_of_alert(connection, AlertId(alert))
    given = alerts.store.feedback_of(connection, (AlertId(alert),)).get(AlertId(alert), ())
    standing = [each for each in given if each.undone_at is None]
    if found is None or not standing:
        return None
    account, name = found
    if any(each.kind == "wrong_company" for each in standing):
        others = _undo_wrong(connection, AlertId(alert), account, by, now, rules)
        if others:
            said = f"{others} said that this wasn't {name}: only they or an admin can take that back."
            return Done(said=said, account=account)
        return Done(said=f"Undone: this is {name} again, with all its visits.", account=account)
    for each in standing:
        if alerts.store.undo(connection, each.id, now):
            _count_claim(connection, alert, -1, now)
    awake = queries.is_still_awake(connection, account, now)
    after = State.AWAKE if awake else State.DORMANT
    queries.move(connection, account, (State.IN_CONTACT,), after, f"{by} gave it back", now)
    audit.record(connection, by, "alert.undo", alert, now)
    return Done(said=f"Undone: {name} is free to take again.", account=account)


def undo_correction(
    connection: Connection, correction: str, by: str, now: datetime, rules: Rules | None = None
) -> Done | None:
    """Take a correction back; None when it doesn't stand."""
    spoken = corrections.undo(connection, correction, by, now, rules)
    return None if spoken is None else Done(said=spoken.said, account=spoken.account)


def retry(connection: Connection, delivery: str, by: str, now: datetime, _rules: Rules | None = None) -> Done | None:
    """Send a message again that was given up; None when it isn't given up."""
    if not retry_dead(connection, DeliveryId(delivery), now):
        return None
    audit.record(connection, by, "delivery.retry", delivery, now)
    return Done(said="The message is on its way again.")


def _undo_wrong(
    connection: Connection, alert: AlertId, account: AccountId, by: str, now: datetime, rules: Rules | None
) -> str:
    """Take back every "wrong company" about the alert's visit: an admin's undo anybody's, a rep's own.

    Return who else still says so; empty when nobody does.
    """
    visit = queries.visit_of_alert(connection, alert) or ""
    may_all = corrections.speaks_for_all(connection, by)
    for word in corrections.standing_on(connection, visit, account):
        if may_all or corrections.is_same(word.by, by):
            corrections.undo(connection, word.id, by, now, rules)
    left = corrections.standing_on(connection, visit, account)
    if left:
        return ", ".join(dict.fromkeys(word.by for word in left))
    unmark(connection, account, (visit,), now)
    audit.record(connection, by, "visit.undo", visit, now)
    return ""


def _count_claim(connection: Connection, alert: str, by: int, now: datetime) -> None:
    """Who takes an account on says that the sources behind its alert were right."""
    visit = queries.visit_of_alert(connection, AlertId(alert))
    for seen in judged(connection, (visit,)) if visit else ():
        account = find_account(connection, seen.judged_account) if seen.judged_account else None
        if account is None or account.is_demo:
            continue
        count_verdict(connection, seen.sources, is_right=True, by=by, now=now)


class Act(Protocol):
    """What a button does with the one id that it is given; `rules` judge visits that change hands."""

    def __call__(
        self, connection: Connection, subject: str, by: str, now: datetime, rules: Rules | None = None, /
    ) -> Done | None: ...


ACTS: Mapping[str, Act] = {
    "claim": claim,
    "wrong_company": wrong_company,
    "wrong_visit": wrong_visit,
    "right_visit": right_visit,
    "undo": undo,
    "undo_correction": undo_correction,
    "retry": retry,
}
"""What a button may ask for; each acts on the one id that it is given."""
