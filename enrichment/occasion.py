"""What there is to say of a recognised visit: that a dormant account is back, or more, or nothing (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import Dormancy, IntentScore, SignalKind, Visit
from enrichment.dormancy.lines import line_of_pages
from enrichment.dormancy.rules import DormancyRules

LEAVING: tuple[str, ...] = ("cancel", "export", "comparison")
"""Classes of pages that people read before they leave, the plainest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """Why somebody should hear of a visit."""

    kind: SignalKind | None
    rule: str
    """The code of the rule that fired; empty while none did."""
    line: str = ""


def occasion(visit: Visit, dormancy: Dormancy, score: IntentScore, rule: str, rules: DormancyRules) -> Occasion:
    """Return what there is to say; `rule` is the rule by which the visit qualifies on its own, if any.

    A customer under contract who uses the product less and less and reads how one leaves is about to leave: that
    outranks all else, and needs no points.
    """
    leaving = _leaving(score)
    if dormancy.has_contract and dormancy.decline is not None and leaving:
        return Occasion(kind="rescue", rule=f"rescue:{leaving}")
    if dormancy.dormant:
        return Occasion(kind="awake", rule=rule)
    line = line_of_pages(dormancy.lines, visit.views, rules)
    return Occasion(kind="line" if line else None, rule=rule, line=line)


def _leaving(score: IntentScore) -> str:
    codes = {reason.code for reason in score.why}
    return next((name for name in LEAVING if f"page:{name}" in codes), "")
