"""Proposes from which silence on a group of accounts is dormant, by the gaps between its orders (pure)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from core.domain import Account, AccountId
from enrichment.dormancy.features import Orders
from enrichment.dormancy.fit import FittedCadence
from enrichment.dormancy.rules import DormancyRules
from enrichment.dormancy.thresholds import thresholds_for

LEAST_ACCOUNTS = 20
"""Accounts with two orders or more below which a group has no proposal."""
SHARE = 0.95
"""The share of the gaps that a proposed threshold outlasts."""
AT_LEAST = 0.15
"""A proposal must differ from the present threshold by this share of it."""

Trait = Literal["product", "industry", "lifecycle", "contract", "segment"]
TRAITS: tuple[Trait, ...] = ("product", "industry", "lifecycle", "contract", "segment")


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A threshold for one group of accounts, for a person to accept."""

    name: str
    trait: Trait
    value: str
    days: int
    """Dormant when silent for more than so many days."""
    usual_days: int
    """Half of the gaps are shorter."""
    late_days: int
    """Four fifths of the gaps are shorter."""
    now_days: int | None
    """What counts for most of the group now; None: its orders don't."""
    gaps: int
    accounts: int
    """Accounts with two orders or more, on whose gaps it rests."""
    of_accounts: int
    """All accounts of the group that ever ordered."""
    dormant_then: int
    dormant_now: int
    p_no_order: float
    """Probability of no order in the model's window, for the middle account of the group after such a silence."""
    window_days: int

    @property
    def sentence(self) -> str:
        """The proposal as it is shown to people."""
        now = "its orders don't count now" if self.now_days is None else f"now {self.now_days}"
        return (
            f"Dormant at {self.days} days ({now}): {SHARE:.0%} of their gaps are shorter, half are under"
            f" {self.usual_days} days; after it, P(no order in {self.window_days} days) is {self.p_no_order:.2f};"
            f" n = {self.gaps} gaps of {self.accounts} accounts. {self.dormant_then} of {self.of_accounts} would be"
            f" silent for longer, {self.dormant_now} are by today's rule."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An account with its orders."""

    account: Account
    orders: Orders
    products: frozenset[str]


def proposals(members: Sequence[Member], rules: DormancyRules, model: FittedCadence) -> list[Proposal]:
    """Return a proposal for each group whose own rhythm asks for another threshold, the largest groups first.

    Each account counts once, however many gaps it has: else those who order most often would decide for the others.
    """
    groups: dict[tuple[Trait, str], list[Member]] = {}
    for one in members:
        for trait, value in _traits(one):
            groups.setdefault((trait, value), []).append(one)
    current: Mapping[AccountId, int | None] = {one.account.id: _now_days(one, rules) for one in members}
    found = []
    for (trait, value), group in groups.items():
        proposal = _proposal(trait, value, group, current, model)
        if proposal is not None:
            found.append(proposal)
    return sorted(found, key=lambda one: (-one.accounts, one.name))


def quantile(orders: Sequence[Orders], share: float) -> int | None:
    """Return the days that `share` of the gaps don't exceed, each account counting once; None without gaps."""
    weighed = sorted((gap, 1 / len(gaps)) for one in orders if (gaps := one.gaps()) for gap in gaps)
    aim = share * sum(weight for _, weight in weighed)
    for gap, weight in weighed:
        aim -= weight
        if aim <= 1e-9:
            return int(gap)
    return None


def _traits(one: Member) -> list[tuple[Trait, str]]:
    account = one.account
    found: list[tuple[Trait, str]] = [("product", product) for product in one.products]
    found += [("industry", account.industry), ("lifecycle", account.lifecycle), ("contract", account.contract)]
    found += [("segment", segment) for segment in account.segments]
    return [(trait, value) for trait, value in found if value.strip()]


def _now_days(one: Member, rules: DormancyRules) -> int | None:
    return thresholds_for(one.account, one.products, rules).days("purchase")


def _proposal(
    trait: Trait, value: str, group: Sequence[Member], current: Mapping[AccountId, int | None], model: FittedCadence
) -> Proposal | None:
    again = [one.orders for one in group if len(one.orders.days) > 1]
    if len(again) < LEAST_ACCOUNTS:
        return None
    usual, late, days = (quantile(again, share) for share in (0.5, 0.8, SHARE))
    now_days, _ = Counter(current[one.account.id] for one in group).most_common(1)[0]
    if not (usual and late and days) or (now_days is not None and abs(days - now_days) < AT_LEAST * now_days):
        return None
    chances = [
        model.p_no_order(Orders(days=one.days, amounts=one.amounts, now=float(one.days[-1] + days))) for one in again
    ]
    silent = [(one.orders.silent, current[one.account.id]) for one in group]
    return Proposal(
        name=value,
        trait=trait,
        value=value,
        days=days,
        usual_days=usual,
        late_days=late,
        now_days=now_days,
        gaps=sum(len(one.days) - 1 for one in again),
        accounts=len(again),
        of_accounts=len(group),
        dormant_then=sum(days_silent > days for days_silent, _ in silent),
        dormant_now=sum(limit is not None and days_silent > limit for days_silent, limit in silent),
        p_no_order=median(chances),
        window_days=round(model.window),
    )
