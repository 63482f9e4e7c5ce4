"""What the buttons do, wherever they are pressed: in the dashboard, the preview, or by a signed link from Slack.

Each is one short transaction of the caller's, may be pressed twice, and leaves a row in the audit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

import alerts.store
import enrichment.company.store
from alerts.deliveries.store import retry_dead
from app import action_queries as queries
from app import audit
from core.domain import AccountId, AlertId, DeliveryId, State

CARRIERS = frozenset({"isp", "mobile", "hosting", "vpn", "content"})
"""Kinds of network that many share: a wrong guess there says nothing about the network, only about the visit."""

CALLED_UPON = (State.DORMANT, State.AWAKE, State.ASLEEP_AGAIN, State.GOING_QUIET, State.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came of pressing a button."""

    said: str
    """A sentence for the person who pressed it."""
    account: AccountId | None = None


def claim(connection: Connection, alert: str, by: str, now: datetime) -> Done | None:
    """Note that `by` takes the alert's account; None when there is no such alert."""
    found = queries.account_of_alert(connection, AlertId(alert))
    given = alerts.store.claim(connection, AlertId(alert), by, now)
    if found is None or given is None:
        return None
    account, name = found
    queries.move(connection, account, CALLED_UPON, State.IN_CONTACT, f"{by} took it", now)
    audit.record(connection, by, "alert.claim", alert, now)
    if given.by != by:
        return Done(said=f"{given.by} had taken {name} already.", account=account)
    return Done(said=f"{name} is yours. Everybody sees that you took it.", account=account)


def wrong_company(connection: Connection, alert: str, by: str, now: datetime) -> Done | None:
    """Note that the alert's visit was by somebody else, and correct the network; None: no such alert."""
    found = queries.account_of_alert(connection, AlertId(alert))
    visit = queries.visit_of_alert(connection, AlertId(alert))
    if found is None or visit is None:
        return None
    alerts.store.wrong_company(connection, AlertId(alert), by, now)
    done = wrong_visit(connection, visit, by, now)
    return done or Done(said=f"Removed, sorry: this wasn't {found[1]}.", account=found[0])


def wrong_visit(connection: Connection, visit: str, by: str, now: datetime) -> Done | None:
    """Note that a visit was not by the account it was taken for; None when it is nobody's (any more)."""
    seen = queries.seen(connection, visit)
    if seen is None or seen.account is None:
        return None
    account = seen.account
    moved: tuple[str, ...] = (visit,)
    if seen.prefix and seen.kind not in CARRIERS:
        moved = queries.visits_at(connection, account, seen.prefix)
        enrichment.company.store.reject(connection, account, seen.prefix, by, now)
        said = f"Removed, sorry. This network will not mean {seen.name} again."
    else:
        said = f"Removed, sorry: this visit wasn't {seen.name}."
    queries.take_away(connection, account, moved, f"{by} said that this isn't {seen.name}")
    for alert in queries.alerts_of_visits(connection, account, moved):
        alerts.store.wrong_company(connection, alert, by, now)
    if not queries.is_still_awake(connection, account, now):
        queries.move(connection, account, (State.AWAKE,), State.DORMANT, "The visits were by somebody else", now)
    audit.record(connection, by, "visit.wrong_company", visit, now)
    count = f" {len(moved)} visits moved." if len(moved) > 1 else ""
    return Done(said=said + count, account=account)


def undo(connection: Connection, alert: str, by: str, now: datetime) -> Done | None:
    """Take back what people said about an alert; None when nothing stands."""
    found = queries.account_of_alert(connection, AlertId(alert))
    given = alerts.store.feedback_of(connection, (AlertId(alert),)).get(AlertId(alert), ())
    standing = [each for each in given if each.undone_at is None]
    if found is None or not standing:
        return None
    account, name = found
    if any(each.kind == "wrong_company" for each in standing):
        _undo_wrong(connection, AlertId(alert), account, by, now)
        return Done(said=f"Undone: this is {name} again, with all its visits.", account=account)
    for each in standing:
        alerts.store.undo(connection, each.id, now)
    awake = queries.is_still_awake(connection, account, now)
    after = State.AWAKE if awake else State.DORMANT
    queries.move(connection, account, (State.IN_CONTACT,), after, f"{by} gave it back", now)
    audit.record(connection, by, "alert.undo", alert, now)
    return Done(said=f"Undone: {name} is free to take again.", account=account)


def undo_correction(connection: Connection, correction: str, by: str, now: datetime) -> Done | None:
    """Take back "wrong company" for a network; None when it doesn't stand."""
    found = queries.standing_correction(connection, correction)
    if found is None:
        return None
    enrichment.company.store.undo(connection, correction, now)
    restored: tuple[str, ...] = ()
    if not queries.standing_corrections(connection, found.account, found.prefix):
        restored = queries.give_back(connection, found.account, prefix=found.prefix)
    _restored(connection, found.account, restored, now)
    audit.record(connection, by, "correction.undo", correction, now)
    return Done(said=f"Undone. {len(restored)} visits are back.", account=found.account)


def retry(connection: Connection, delivery: str, by: str, now: datetime) -> Done | None:
    """Send a message again that was given up; None when it isn't given up."""
    if not retry_dead(connection, DeliveryId(delivery), now):
        return None
    audit.record(connection, by, "delivery.retry", delivery, now)
    return Done(said="The message is on its way again.")


def _undo_wrong(connection: Connection, alert: AlertId, account: AccountId, by: str, now: datetime) -> None:
    visit = queries.visit_of_alert(connection, alert) or ""
    seen = queries.seen(connection, visit)
    prefix = seen.prefix if seen else ""
    for correction in queries.standing_corrections(connection, account, prefix):
        enrichment.company.store.undo(connection, correction, now)
    by_network = queries.give_back(connection, account, prefix=prefix) if prefix else ()
    restored = by_network or queries.give_back(connection, account, visit=visit)
    _restored(connection, account, (*restored, visit), now)
    audit.record(connection, by, "visit.undo", visit, now)


def _restored(connection: Connection, account: AccountId, visits: tuple[str, ...], now: datetime) -> None:
    for alert in queries.alerts_of_visits(connection, account, visits):
        for each in alerts.store.feedback_of(connection, (alert,)).get(alert, ()):
            if each.kind == "wrong_company" and each.undone_at is None:
                alerts.store.undo(connection, each.id, now)
    if queries.is_still_awake(connection, account, now):
        queries.move(connection, account, (State.DORMANT,), State.AWAKE, "Its visits are back", now)


Act = Callable[[Connection, str, str, datetime], Done | None]

ACTS: Mapping[str, Act] = {
    "claim": claim,
    "wrong_company": wrong_company,
    "wrong_visit": wrong_visit,
    "undo": undo,
    "undo_correction": undo_correction,
    "retry": retry,
}
"""What a button may ask for; each acts on the one id that it is given."""
