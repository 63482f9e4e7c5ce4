"""Says what asking about a visitor's address is worth: most for readers in networks of unknown users (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import DropReason, NetworkKind

_OPEN: dict[str, float] = {
    DropReason.NETWORK_UNKNOWN: 1.0,
    DropReason.COMPANY_UNKNOWN: 1.0,
    DropReason.NETWORK_ISP: 1.0,  # nearly all companies' networks lie inside a carrier's
    DropReason.ACCOUNT_AMBIGUOUS: 0.7,
    DropReason.ACCOUNT_NONE: 0.4,
    DropReason.NETWORK_HOSTING: 0.15,  # some firms' offices and gateways stand in a data centre's range
    DropReason.NETWORK_MOBILE: 0.1,
}
"""What became of the visit → how much a registry's answer could change that. What isn't here is settled."""
_NAMED = 0.3
"""For visits that were recognised by network data: the registry may contradict."""
_STALE = 0.5
"""For what has an answer that is only getting old."""
_SETTLED_KINDS = (NetworkKind.VPN, NetworkKind.CONTENT)
_MOST_PAGES = 20
_MOST_MINUTES = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the first pass made of one visit."""

    drop: str | None
    kind: str | None
    pages: int
    engaged_ms: int
    points: float
    by_clue: bool
    """The visitor named themselves: nothing is left to ask."""
    stale: bool = False
    """There is an answer already, past its time."""


def worth(seen: Seen) -> float:
    """Return what an answer is worth, 0 where nobody is to be asked: bots, VPNs, private addresses, clues."""
    if seen.by_clue or seen.kind in _SETTLED_KINDS or seen.pages < 1:
        return 0.0
    weight = _NAMED if seen.drop is None else _OPEN.get(seen.drop, 0.0)
    interest = min(seen.pages, _MOST_PAGES) + min(seen.engaged_ms / 60_000, _MOST_MINUTES) + max(seen.points, 0.0) / 10
    return round(weight * interest * (_STALE if seen.stale else 1.0), 3)
