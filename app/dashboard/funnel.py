"""Puts every visit into exactly one bucket of the funnel, so that the figures add up (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from core.alerting import Silence
from core.domain import DropReason

STAGES = ("human", "business", "named", "customers", "dormant", "alerted")
"""What a visit must pass, in order; each loss belongs to the stage that was not reached."""

NETWORK_DROPS = frozenset(
    {
        DropReason.PRIVATE_ADDRESS.value,
        *(reason.value for reason in DropReason if reason.value.startswith("network_")),
    }
)
COMPANY_DROPS = frozenset({DropReason.COMPANY_UNKNOWN.value, DropReason.COMPANY_PERSON.value})
ACCOUNT_DROPS = frozenset(
    {
        DropReason.COMPANY_REJECTED.value,
        DropReason.ACCOUNT_AMBIGUOUS.value,
        DropReason.ACCOUNT_UNSURE.value,
        DropReason.ACCOUNT_NONE.value,
    }
)
NOT_JUDGED = "not_judged"
NOT_SAID = "no_alert"
ALERTED = "alerted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What is stored of a visit's judgement, as far as the funnel needs it."""

    visit_drop: str | None
    drop: str | None
    judged: bool
    recognised: bool
    dormant: bool | None
    silence: str | None
    alerted: bool
    hold: str = ""
    """Why its alert wasn't told, while it isn't."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """How many did not reach a stage, and why."""

    code: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """How many came in, how many went on, and where the others went."""

    name: str
    before: int
    after: int
    losses: tuple[Loss, ...]


def bucket(outcome: Outcome) -> tuple[str, str]:
    """Return the stage that a visit did not reach and why; (`""`, `alerted`) for those that reached all."""
    drop = outcome.visit_drop or outcome.drop
    if outcome.alerted and not drop:
        return ("alerted", outcome.hold) if outcome.hold else ("", ALERTED)
    if not outcome.judged and not drop:
        return "human", NOT_JUDGED
    if drop:
        return _stage_of(drop), drop
    if not outcome.recognised:
        return "customers", DropReason.ACCOUNT_NONE.value
    if not outcome.dormant or outcome.silence == Silence.NOT_DORMANT.value:
        return "dormant", Silence.NOT_DORMANT.value
    return "alerted", outcome.silence or NOT_SAID


def _stage_of(drop: str) -> str:
    if drop in NETWORK_DROPS:
        return "business"
    if drop in COMPANY_DROPS:
        return "named"
    return "customers" if drop in ACCOUNT_DROPS else "human"


def stages(counts: Mapping[tuple[str, str], int]) -> tuple[Stage, ...]:
    """Return the stages with what each lost; what came in is what went on plus the losses, always."""
    left = sum(counts.values())
    found: list[Stage] = []
    for name in STAGES:
        losses = tuple(
            Loss(code=code, count=count)
            for (stage, code), count in sorted(counts.items(), key=lambda item: (-item[1], item[0]))
            if stage == name and count
        )
        after = left - sum(loss.count for loss in losses)
        found.append(Stage(name=name, before=left, after=after, losses=losses))
        left = after
    return tuple(found)


def counted(outcomes: Iterable[tuple[Outcome, int]]) -> dict[tuple[str, str], int]:
    """Return how many visits fell into each bucket."""
    counts: dict[tuple[str, str], int] = {}
    for outcome, count in outcomes:
        key = bucket(outcome)
        counts[key] = counts.get(key, 0) + count
    return counts
