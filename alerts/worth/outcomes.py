"""What became of the accounts that alerts were about: who ordered, and what that proves (pure)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from alerts.worth.uplift import Arm, Arms, Uplift, held_planned, planned_look, uplift
from core.domain import AccountId

WINDOW = timedelta(days=90)
"""An order counts for an alert when it comes within this long after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One alert that was made as news: sent, or held back."""

    account: AccountId
    at: datetime
    is_held_out: bool
    was_told: bool
    """Whether it reached somebody, at once or in a digest, and wasn't taken back as wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order of an account."""

    account: AccountId
    at: datetime
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WonBack:
    """An account that ordered within the window after somebody was told of it."""

    account: AccountId
    alert_at: datetime
    ordered_at: datetime
    amounts: Mapping[str, Decimal]
    """What it ordered within the window, by currency."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """What alerts brought, and whether it was the alerts."""

    won: tuple[WonBack, ...]
    """The latest first."""
    compared: Uplift
    waiting: int
    """Accounts whose window isn't over: they count for neither side yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """An account's entry into the comparison: its first alert of the calendar year."""

    over_at: datetime
    is_held_out: bool
    ordered: bool


def worth(told: Sequence[Told], orders: Sequence[Order], now: datetime, *, share: float, expected: float) -> Worth:
    """Return what alerts brought until `now`.

    The comparison is by intention: an account counts on the side it was drawn for, even when it was told of after
    all or the alert was wrong; leaving such out on one side only would compare unlike things.
    """
    by_account: dict[AccountId, list[Order]] = defaultdict(list)
    for order in sorted(orders, key=lambda order: order.at):
        by_account[order.account].append(order)
    entries = _entries(told, by_account)
    over = sorted((entry for entry in entries if entry.over_at <= now), key=lambda entry: entry.over_at)
    planned = held_planned(share, expected)
    at = planned_look(sum(entry.is_held_out for entry in over), planned)
    return Worth(
        won=_won(told, by_account),
        compared=uplift(_arms(over), planned, _arms(_until(over, at)) if at else None),
        waiting=len(entries) - len(over),
    )


def _entries(told: Sequence[Told], orders: Mapping[AccountId, Sequence[Order]]) -> list[_Entry]:
    entries: list[_Entry] = []
    last: dict[AccountId, datetime] = {}
    for one in sorted(told, key=lambda one: one.at):
        before = last.get(one.account)
        if before is not None and (before.year == one.at.year or one.at - before < WINDOW):
            continue  # windows of one account that overlap would count one order twice
        last[one.account] = one.at
        ordered = any(_counts(order, one) for order in orders.get(one.account, ()))
        entries.append(_Entry(over_at=one.at + WINDOW, is_held_out=one.is_held_out, ordered=ordered))
    return entries


def _counts(order: Order, told: Told) -> bool:
    """Whether an order came within the window after the alert; one known by its day alone may be of the same day."""
    knows_day_alone = order.at.time() == time()
    begin = datetime.combine(told.at.date(), time(), UTC) if knows_day_alone else told.at
    return begin <= order.at <= told.at + WINDOW


def _until(over: Sequence[_Entry], held: int) -> list[_Entry]:
    """Return the entries up to the one that completes the planned number of held-out accounts."""
    taken: list[_Entry] = []
    for entry in over:
        taken.append(entry)
        held -= entry.is_held_out
        if held == 0:
            break
    return taken


def _arms(entries: Sequence[_Entry]) -> Arms:
    held = [entry for entry in entries if entry.is_held_out]
    alerted = [entry for entry in entries if not entry.is_held_out]
    return Arms(
        alerted=Arm(accounts=len(alerted), ordered=sum(entry.ordered for entry in alerted)),
        held=Arm(accounts=len(held), ordered=sum(entry.ordered for entry in held)),
    )


def _won(told: Sequence[Told], orders: Mapping[AccountId, Sequence[Order]]) -> tuple[WonBack, ...]:
    won: dict[AccountId, WonBack] = {}
    for one in sorted(told, key=lambda one: one.at):
        inside = [order for order in orders.get(one.account, ()) if _counts(order, one)]
        if not one.was_told or not inside or one.account in won:
            continue
        amounts: dict[str, Decimal] = defaultdict(Decimal)
        for order in inside:
            if order.amount is not None:
                amounts[order.currency] += order.amount
        won[one.account] = WonBack(account=one.account, alert_at=one.at, ordered_at=inside[0].at, amounts=dict(amounts))
    return tuple(sorted(won.values(), key=lambda one: one.ordered_at, reverse=True))
