"""Which rule applies to an account: the default, changed by each override that is meant for it (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from msgspec import UNSET, UnsetType

from core.domain import Account
from enrichment.dormancy.criteria import CRITERIA, NOUNS, Criterion
from enrichment.dormancy.rules import NAMES, Combine, Criteria, DormancyRules, Override, Patterns


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Criteria that are judged together, and groups of them that count as one criterion each."""

    combine: Combine
    days: tuple[tuple[Criterion, int], ...]
    """Days of silence by criterion, in the order of CRITERIA."""
    unanswered: int | None = None
    """So many approaches without an answer."""
    groups: tuple[Limits, ...] = ()

    @property
    def text(self) -> str:
        """The limits in words, such as `order 182 days or engagement 91 days`."""
        parts = [f"{NOUNS[kind]} {limit} days" for kind, limit in self.days]
        parts += [f"{self.unanswered} approaches without an answer"] if self.unanswered else []
        parts += [f"({group.text})" if len(group.days) > 1 else group.text for group in self.groups]
        return f" {'and' if self.combine == 'all' else 'or'} ".join(parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """The rule as it applies to one account, after inheritance."""

    rule: str
    """`default` or the preset's title, then the names of the overrides that applied, in the order of the file."""
    limits: Limits

    def days(self, criterion: Criterion) -> int | None:
        """Return how long a silence by this criterion may last; None where it doesn't count by itself."""
        return dict(self.limits.days).get(criterion)


def thresholds_for(account: Account, products: frozenset[str], rules: DormancyRules) -> Thresholds:
    """Return the rule for `account`, whose last order was for `products`: overrides apply in the file's order."""
    values: dict[str, int | None] = {kind: getattr(rules.criteria, kind) for kind in NAMES}
    combine, groups = rules.combine, rules.group
    names = []
    for override in rules.override:
        if not _is_for(override, account, products):
            continue
        names.append(override.name)
        if not isinstance(override.combine, UnsetType):
            combine = override.combine
        if not isinstance(override.group, UnsetType):
            groups = override.group
        for kind in NAMES:
            changed = getattr(override, kind)
            if changed is not UNSET:
                values[kind] = changed
        values.update(dict.fromkeys(override.without))
    inner = tuple(_limits(group.combine, _values(group)) for group in groups)
    return Thresholds(
        rule=" + ".join([rules.title, *names] if rules.title else names) or "default",
        limits=_limits(combine, values, inner),
    )


def like(text: str, patterns: Patterns) -> bool:
    """Return whether one of the patterns fits `text`; without any, everything fits."""
    several = (patterns,) if isinstance(patterns, str) else patterns
    wanted = [pattern for pattern in several if pattern]
    return not wanted or any(fnmatchcase(text.casefold(), pattern.casefold()) for pattern in wanted)


def _values(criteria: Criteria) -> Mapping[str, int | None]:
    return {kind: getattr(criteria, kind) for kind in NAMES}


def _limits(combine: Combine, values: Mapping[str, int | None], groups: tuple[Limits, ...] = ()) -> Limits:
    return Limits(
        combine=combine,
        days=tuple((kind, limit) for kind in CRITERIA if (limit := values[kind]) is not None),
        unanswered=values["unanswered"],
        groups=groups,
    )


def _is_for(override: Override, account: Account, products: frozenset[str]) -> bool:
    return (
        like(account.industry, override.industry)
        and like(account.lifecycle, override.lifecycle)
        and (not override.contract or (bool(account.contract) and like(account.contract, override.contract)))
        and (not override.segment or any(like(segment, override.segment) for segment in account.segments))
        and (not override.product or any(like(product, override.product) for product in products))
    )
