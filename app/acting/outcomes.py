"""What came of an alert: reached, no answer, meeting, won, not interested; and what people say instead of calling."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

import alerts.reps.store
import alerts.store
from alerts.buttons import CHOICES, Action
from alerts.reps.rep import Hours, Rep, Roster
from alerts.wording import date
from app import action_queries as queries
from app import audit
from app.acting.dates import days_of, until, working_day
from app.acting.done import By, Done
from app.corrections import voice_of
from core.alerting import Feedback, FeedbackKind
from core.domain import AccountId, AlertId, State
from core.ids import derived
from enrichment.dormancy.slipping_queries import say_not_slipping
from enrichment.enrich import Rules

BEFORE_CONTACT = (State.DORMANT, State.AWAKE, State.ASLEEP_AGAIN, State.GOING_QUIET, State.UNKNOWN)
"""Where an account may stand that somebody calls."""

_SNOOZE_DAYS = 7
"""For how long a plain "Snooze" is meant."""


def snooze(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Let the alert's account cause no alert for a while (`1d`, `7d`, `30d`)."""
    zone = _rep(connection, alert, by).hours.zone
    end = until(now, days_of(choice) or _SNOOZE_DAYS, zone)
    found = _note(connection, alert, "snoozed", by, now, detail=choice or f"{_SNOOZE_DAYS}d", end=end)
    return found and Done(said=f"You won't be told of {found[1]} until {date(end, zone)}.", account=found[0])


def not_useful(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that the right company was named, and that it helped nobody."""
    found = _note(connection, alert, "not_useful", by, now, detail=choice)
    return found and Done(said="Noted, thank you: rules that are seldom useful speak less.", account=found[0])


def reached(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that somebody at the account was reached; with `3d`, that the rep promised to call again then."""
    rep, days = _rep(connection, alert, by), days_of(choice)
    end = working_day(until(now, days, rep.hours.zone), rep) if days else None
    found = _note(connection, alert, "reached", by, now, detail=choice if days else "", end=end)
    if found is None:
        return None
    _in_contact(connection, found[0], f"{voice_of(by).by} reached them", now)
    return Done(said=f"Noted: {found[1]} was reached.{_again(end, rep)}", account=found[0])


def no_answer(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note a call that nobody answered, and when the rep will call again (`1d`, `3d`, `7d`; else not)."""
    rep, days = _rep(connection, alert, by), days_of(choice)
    end = working_day(until(now, days, rep.hours.zone), rep) if days else None
    found = _note(connection, alert, "no_answer", by, now, detail=choice if days else "", end=end)
    return found and Done(said=f"Noted: nobody answered at {found[1]}.{_again(end, rep)}", account=found[0])


def meeting(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that a meeting was agreed."""
    found = _note(connection, alert, "meeting", by, now)
    if found is None:
        return None
    _in_contact(connection, found[0], f"{voice_of(by).by} agreed a meeting", now)
    return Done(said=f"A meeting with {found[1]}: well done.", account=found[0])


def won(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that the account was won back. Only an order, once it is imported, makes it a customer again."""
    found = _note(connection, alert, "won", by, now)
    return found and Done(said=f"{found[1]} won: it counts as won back once the order is in.", account=found[0])


def not_interested(
    connection: Connection, alert: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that they don't want anything now, and why: it is kept as the reason of their silence."""
    who = voice_of(by).by
    label = _label("not_interested", choice)
    found = _note(connection, alert, "not_interested", by, now, detail=choice if label else "")
    if found is None:
        return None
    given = _last(connection, AlertId(alert), "not_interested")
    if label and given is not None:
        queries.say_reason(connection, _reason_id(given), found[0], label, given.at)
    awake = (State.AWAKE, State.IN_CONTACT, State.DORMANT)
    why = f"{who}: not interested{f' ({label.lower()})' if label else ''}"
    queries.move(connection, found[0], awake, State.ASLEEP_AGAIN, why, now)
    kept = f" Kept as the reason: {label.lower()}." if label else ""
    return Done(said=f"Noted: {found[1]} isn't interested at the moment.{kept}", account=found[0])


def left_because(
    connection: Connection, subject: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Keep why an account went silent; `subject` is an alert's id or the account's own."""
    found = queries.account_of(connection, subject)
    label = _label("left_because", choice)
    if found is None or not label:
        return None
    key = derived("activity", found[0], "dormancy_reason", choice, f"{now:%Y-%m-%d}")
    queries.say_reason(connection, key, found[0], label, now)
    audit.record(connection, voice_of(by).by, "account.left_because", f"{found[0]} {choice}", now)
    return Done(said=f"Kept: {found[1]} left because of this: {label.lower()}.", account=found[0])


def not_slipping(
    connection: Connection, subject: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that an account isn't slipping, and why: digests leave it out until its next order."""
    found = queries.account_of(connection, subject)
    if found is None:
        return None
    say_not_slipping(connection, found[0], choice or "agreed", voice_of(by).by, now)
    audit.record(connection, voice_of(by).by, "account.not_slipping", f"{found[0]} {choice[:20]}", now)
    return Done(said=f"Noted: {found[1]} isn't listed as slipping until its next order.", account=found[0])


def take_account(
    connection: Connection, subject: str, by: By, now: datetime, _rules: Rules | None = None, choice: str = ""
) -> Done | None:
    """Note that somebody calls a slipping account, so that digests needn't tell of it again."""
    found = queries.account_of(connection, subject)
    if found is None:
        return None
    say_not_slipping(connection, found[0], "taken", voice_of(by).by, now)
    audit.record(connection, voice_of(by).by, "account.take", found[0], now)
    return Done(said=f"{found[1]} is yours: it isn't listed as slipping until its next order.", account=found[0])


def state_after(left: Sequence[Feedback]) -> State | None:
    """Return where an account stands by what still stands of its alert; None: where its visits put it (pure)."""
    for each in reversed(left):
        if each.kind in ("claimed", "reached", "meeting"):
            return State.IN_CONTACT
        if each.kind == "not_interested":
            return State.ASLEEP_AGAIN
    return None


def forget_outcome(connection: Connection, taken_back: Feedback) -> None:
    """Take back what an outcome left elsewhere: the reason of a silence."""
    if taken_back.kind == "not_interested":
        queries.unsay_reason(connection, _reason_id(taken_back))


def _note(
    connection: Connection,
    alert: str,
    kind: FeedbackKind,
    by: By,
    now: datetime,
    *,
    detail: str = "",
    end: datetime | None = None,
) -> tuple[AccountId, str] | None:
    """Keep what was done; return the alert's account and its name, None when there is no such alert."""
    who, key = voice_of(by).by, AlertId(alert)
    found = queries.account_of_alert(connection, key)
    before = _last(connection, key, kind)
    given = alerts.store.give(connection, key, kind, who, now, detail=detail, until=end)
    if found is None or given is None:
        return None
    if before is not None and before.id != given.id and before.detail != detail:
        forget_outcome(connection, before)
    audit.record(connection, who, f"alert.{kind}", f"{alert} {detail}".strip(), now)
    return found


def _last(connection: Connection, alert: AlertId, kind: FeedbackKind) -> Feedback | None:
    given = alerts.store.feedback_of(connection, (alert,)).get(alert, ())
    return next((each for each in reversed(given) if each.kind == kind and each.undone_at is None), None)


def _in_contact(connection: Connection, account: AccountId, why: str, now: datetime) -> None:
    queries.move(connection, account, BEFORE_CONTACT, State.IN_CONTACT, why, now)


def _label(action: Action, choice: str) -> str:
    return next((each.label for each in CHOICES[action] if each.value == choice), "")


def _reason_id(given: Feedback) -> str:
    return derived("activity", given.id, "dormancy_reason")


def _again(end: datetime | None, rep: Rep) -> str:
    return f" On your list again on {date(end, rep.hours.zone)}." if end else ""


def _rep(connection: Connection, alert: str, by: By) -> Rep:
    """Who will call: as entered, else somebody with usual working days in the zone of the alert's message."""
    who = voice_of(by).by.strip().lower()
    entry = alerts.reps.store.entry(connection, who)
    usual = Hours(zone=queries.zone_of_alert(connection, AlertId(alert)))
    return Roster([entry] if entry else [], usual, 0).rep(who)
