"""How long an account has been silent by its rule, and since when that is too long (pure)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from enrichment.dormancy.criteria import CRITERIA, Criterion, Seen, days_since
from enrichment.dormancy.thresholds import Limits

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Days since the last sign by each criterion that counts, and whether that is too long."""

    days: tuple[tuple[Criterion, int, int], ...]
    """Criterion, days of silence, days allowed; each criterion once, the most telling first."""
    dormant_since: datetime | None
    """When it became too long; None while it isn't."""
    unanswered: int = 0
    """Approaches without an answer, where the rule counts them."""

    @property
    def dormant(self) -> bool:
        """Whether the silence is too long."""
        return self.dormant_since is not None

    @property
    def shown(self) -> int | None:
        """The silence to speak of: of the longest overdue criterion when dormant by any, else since the last sign."""
        over = [silent for _, silent, limit in self.days if silent > limit]
        if self.dormant and over and len(over) < len(self.days):
            return max(over)
        return min((silent for _, silent, _ in self.days), default=None)


def silence(seen: Seen, limits: Limits, as_of: datetime) -> Silence:
    """Return how silent an account was at `as_of` by its rule, from what was seen of it before.

    A criterion of which the account never had a sign doesn't count, and nor does a group without any that counts.
    """
    found: dict[Criterion, tuple[int, int]] = {}
    _, since = _judge(seen, limits, as_of, found)
    wanted = limits.unanswered or any(group.unanswered for group in limits.groups)
    return Silence(
        days=tuple((kind, *found[kind]) for kind in CRITERIA if kind in found),
        dormant_since=since,
        unanswered=len(seen.approaches) if wanted else 0,
    )


def _judge(
    seen: Seen, limits: Limits, as_of: datetime, found: dict[Criterion, tuple[int, int]]
) -> tuple[bool, datetime | None]:
    """Return whether these limits say anything, and since when they are passed; notes each criterion in `found`."""
    parts: list[datetime | None] = []
    for kind, limit in limits.days:
        last = seen.at(kind)
        if last is None:
            continue
        silent = days_since(last, as_of)
        found[kind] = (silent, min(limit, found.get(kind, (silent, limit))[1]))
        parts.append(last + (limit + 1) * _DAY if silent > limit else None)
    if limits.unanswered and "reply" in seen.last:
        many = len(seen.approaches) >= limits.unanswered
        parts.append(seen.approaches[limits.unanswered - 1] if many else None)
    for group in limits.groups:
        says, since = _judge(seen, group, as_of, found)
        if says:
            parts.append(since)
    passed = [since for since in parts if since is not None]
    if limits.combine == "any":
        return bool(parts), min(passed, default=None)
    return bool(parts), max(passed) if passed and len(passed) == len(parts) else None
