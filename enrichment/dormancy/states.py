"""Where an account stands, and what moves it on (pure).

unknown ──► active ──► going quiet ──► dormant ──► awake ──► in contact ──► reactivated ──► active
                                          ▲           │            │
                                          └ asleep again ◄─────────┘   (30 days without a visit, 60 without an order)

Only an order, use of the product or an answer ends dormancy. A visit wakes an account, a claim by a rep puts it in
contact: neither ends the silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.domain import AccountId, State
from enrichment.dormancy.rules import StateDays

ASLEEP = frozenset({State.DORMANT, State.AWAKE, State.IN_CONTACT, State.ASLEEP_AGAIN})
"""States in which an account is dormant: it has not come back as a customer."""

_STILL_SILENT = frozenset({State.DORMANT, State.UNKNOWN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an account stands, since when, and when this was last judged."""

    account: AccountId
    state: State
    tier: str
    since: datetime
    judged_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WebHistory:
    """What Dormouse itself has seen of an account before a moment: where it stood, its visits, its rep."""

    state: State
    since: datetime
    intent_at: datetime | None = None
    """The last visit with enough intent to speak of."""
    claimed_at: datetime | None = None
    """When a rep last took the account on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StateFacts:
    """All that decides the next state, as known before `as_of`."""

    as_of: datetime
    silence: State
    """What the rule says of the silence alone: unknown, active, going quiet or dormant."""
    why: str
    """The sentence behind `silence`."""
    ordered_at: datetime | None = None
    """The last order."""
    used_at: datetime | None = None
    """The last sign-in or use of the product, where the rule counts them."""
    dormant_since: datetime | None = None
    """When the silence became too long for the rule; None while it isn't."""
    intent_at: datetime | None = None
    claimed_at: datetime | None = None


def next_state(previous: State, since: datetime, facts: StateFacts, days: StateDays) -> tuple[State, str]:
    """Return the state after `previous` (which began at `since`) and why, as a sentence.

    Calling it again with the same facts changes nothing, so it may run as often as one likes.
    """
    if previous in ASLEEP:
        return _asleep(previous, since, facts, days)
    if previous is State.REACTIVATED and facts.silence is State.ACTIVE:
        if facts.as_of - since < timedelta(days=days.reactivated_days):
            return State.REACTIVATED, f"Back since {day(since)}."
        return State.ACTIVE, f"Stayed for {days.reactivated_days} days after coming back."
    if _woke(facts, days, facts.dormant_since):
        return State.AWAKE, _waking(facts)
    return facts.silence, facts.why


def _asleep(previous: State, since: datetime, facts: StateFacts, days: StateDays) -> tuple[State, str]:
    """Return what follows on one of the states in which an account is dormant.

    States may be judged hours after what caused them, so events count from the visit on, not from its judgement; an
    order is often known by its day alone.
    """
    begin = since
    if previous in (State.AWAKE, State.IN_CONTACT) and facts.intent_at is not None:
        begin = min(since, facts.intent_at)
    if facts.ordered_at is not None and facts.ordered_at.date() >= begin.date() and facts.silence is not State.DORMANT:
        return State.REACTIVATED, f"Ordered again on {day(facts.ordered_at)}."
    if facts.used_at is not None and facts.used_at.date() >= begin.date() and facts.silence not in _STILL_SILENT:
        return State.REACTIVATED, f"Uses the product again since {day(facts.used_at)}."
    if facts.silence not in _STILL_SILENT:
        return facts.silence, facts.why
    if previous in (State.DORMANT, State.ASLEEP_AGAIN):
        woken_from = facts.dormant_since if previous is State.DORMANT else since
        return (State.AWAKE, _waking(facts)) if _woke(facts, days, woken_from) else (previous, facts.why)
    if previous is State.AWAKE:
        if facts.claimed_at is not None and facts.claimed_at >= begin:
            return State.IN_CONTACT, f"A rep took it on {day(facts.claimed_at)}."
        if facts.as_of - max(since, facts.intent_at or since) >= timedelta(days=days.awake_days):
            return State.ASLEEP_AGAIN, f"Not taken on, and no further visit for {days.awake_days} days."
        return State.AWAKE, f"Awake since {day(since)}."
    if facts.as_of - since >= timedelta(days=days.contact_days):
        return State.ASLEEP_AGAIN, f"No order within {days.contact_days} days of contact."
    return State.IN_CONTACT, f"In contact since {day(since)}."


def _woke(facts: StateFacts, days: StateDays, since: datetime | None) -> bool:
    """Return whether the account came with intent after `since`, lately, while it was dormant."""
    return (
        facts.silence is State.DORMANT
        and facts.intent_at is not None
        and (since is None or facts.intent_at >= since)
        and facts.as_of - facts.intent_at < timedelta(days=days.awake_days)
    )


def _waking(facts: StateFacts) -> str:
    return f"Visited with interest on {day(facts.intent_at or facts.as_of)}."


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day(moment: datetime) -> str:
    """Return a date as people write it, such as `8 Oct 2025` (UTC)."""
    return f"{moment.day} {month(moment)}"


def month(moment: datetime) -> str:
    """Return a month, such as `Nov 2025`. Not strftime: that depends on the machine's locale."""
    return f"{_MONTHS[moment.month - 1]} {moment.year}"
