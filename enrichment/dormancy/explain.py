"""The JSON door of `dormouse explain dormancy`: one item in, one judgement out; no clock (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Literal

import msgspec

from core.domain import Account, AccountId, Activity, ActivityKind
from enrichment.dormancy.cadence import WINDOW_DAYS
from enrichment.dormancy.fit import FittedCadence, fit_histories
from enrichment.dormancy.judge import judge_dormancy
from enrichment.dormancy.outlook import Outlook, orders_before
from enrichment.dormancy.rules import DormancyRules, load_rules


class Event(msgspec.Struct, frozen=True):
    """Something that happened at a time; `amount` is for purchases."""

    at: str | None = None
    amount: float | str | None = None
    product: str | None = None


class DormancyQuestion(msgspec.Struct, frozen=True):
    """One account's history. Times are ISO 8601; without a zone they are UTC, a bare date is its midnight."""

    id: str | int | float | None = None
    purchases: list[str | Event | None] | None = None
    contacts: list[str | Event | None] | None = None
    logins: list[str | Event | None] | None = None
    replies: list[str | Event | None] | None = None
    as_of: str | None = None


class DormancyAnswer(msgspec.Struct, frozen=True):
    """How silent the account was, why, and how likely it is that no order comes in the window."""

    id: str | int | float | None
    tier: str
    dormant: bool
    silent_days: int | None
    p_no_purchase: float | None
    why: list[str]


_ACCOUNT = Account(id=AccountId(""), name="")

Listed = Literal["purchases", "contacts", "logins", "replies"]


def explain_dormancy(
    item: DormancyQuestion | Mapping[str, object],
    rules: DormancyRules | None = None,
    *,
    now: datetime | None = None,
    window_days: int = WINDOW_DAYS,
    outlook: Outlook | None = None,
) -> DormancyAnswer:
    """Return the judgement of one item: see DormancyQuestion for what goes in.

    Without `rules` the built-in ones decide; `now` stands in for an `as_of` that is null. `outlook` answers
    `p_no_purchase` in place of the built-in prior. Raises ValueError, whose text names the field and what to give.
    """
    asked, as_of = _asked(item, now)
    activities = [
        *_activities("purchase", "purchases", asked.purchases),
        *_activities("contact", "contacts", asked.contacts),
        *_activities("login", "logins", asked.logins),
        *_activities("reply", "replies", asked.replies),
    ]
    judged = judge_dormancy(_ACCOUNT, activities, rules or _built_in(), as_of, window_days=window_days, outlook=outlook)
    chance = judged.p_no_purchase
    return DormancyAnswer(
        id=asked.id,
        tier=judged.tier,
        dormant=judged.dormant,
        silent_days=judged.silent_days,
        p_no_purchase=None if chance is None else round(chance, 6),
        why=[reason.text for reason in judged.why],
    )


def fit_questions(
    items: Iterable[DormancyQuestion | Mapping[str, object]],
    window_days: int = WINDOW_DAYS,
    *,
    now: datetime | None = None,
) -> FittedCadence:
    """Return what all these histories teach, each up to its own `as_of`; items that can't be read teach nothing."""
    histories = []
    for item in items:
        try:
            asked, as_of = _asked(item, now)
            known = orders_before(_activities("purchase", "purchases", asked.purchases), as_of)
        except ValueError:
            continue  # its own answer will say what is wrong
        if known is not None:
            histories.append(known)
    return fit_histories(histories, window_days)


def _asked(item: DormancyQuestion | Mapping[str, object], now: datetime | None) -> tuple[DormancyQuestion, datetime]:
    """Return the question and the moment to judge as of."""
    try:
        asked = item if isinstance(item, DormancyQuestion) else msgspec.convert(item, DormancyQuestion)
    except msgspec.ValidationError as error:
        raise ValueError(f"not a dormancy item: {error}") from error
    as_of = _moment(asked.as_of, "as_of") if asked.as_of else now
    if as_of is None:
        raise ValueError("as_of is missing: give the date or time to judge as of, such as 2026-11-22")
    return asked, as_of


@cache
def _built_in() -> DormancyRules:
    return load_rules()


def _activities(kind: ActivityKind, field: Listed, given: Iterable[str | Event | None] | None) -> list[Activity]:
    found = []
    for number, one in enumerate(given or ()):
        event = Event(at=one) if isinstance(one, str) else one
        if event is None or event.at is None:
            continue  # an event whose time nobody knows can neither be before nor after
        place = f"{field}[{number}]"
        found.append(
            Activity(
                account=_ACCOUNT.id,
                kind=kind,
                at=_moment(event.at, f"{place}.at"),
                product=event.product or "",
                amount=_amount(event.amount, f"{place}.amount"),
            )
        )
    return found


def _moment(text: str, field: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(f"{field}: {text[:40]!r} isn't an ISO date or time; write it like 2026-11-22") from error


def _amount(given: float | str | None, field: str) -> Decimal | None:
    if given is None or given == "":
        return None
    try:
        amount = Decimal(str(given))
    except InvalidOperation as error:
        raise ValueError(f"{field}: {str(given)[:40]!r} isn't a number; write it like 1234.56") from error
    if not amount.is_finite():
        raise ValueError(f"{field}: {given!r} isn't an amount; leave it out when it isn't known")
    return amount
