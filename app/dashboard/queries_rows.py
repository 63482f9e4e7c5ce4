"""What of a judged visit may be shown to people, and its reasons in a shape for pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

NAMELESS_DROPS = frozenset({"company_person", "private_address"})
"""Outcomes whose organisation is never shown: a firm of one person is a person."""
NAMED_KINDS = frozenset({"business", "education", "government"})
"""Kinds of network whose organisation is the visitor's own; elsewhere it is only the carrier's or host's."""

SHOWN_STEPS = ("network", "company", "match", "dormancy", "score", "drop", "correction")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One reason, as it is shown."""

    text: str
    points: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one step of the judgement said."""

    name: str
    reasons: tuple[Said, ...]


def shown_organisation(drop: str | None, kind: str | None, organisation: str | None) -> str:
    """Return the organisation's name if it may be shown as who visited, else nothing."""
    if not organisation or drop in NAMELESS_DROPS or (drop or "").startswith(("bot", "network_")):
        return ""
    return organisation if kind is None or kind in NAMED_KINDS else ""


def steps(why: object, drop: str | None = None) -> tuple[Step, ...]:
    """Return the reasons of each step in order; those that could name a person are left out."""
    if not isinstance(why, Mapping):
        return (Step(name="score", reasons=said(why)),) if why else ()
    hidden = {"network", "company"} if drop in NAMELESS_DROPS else set[str]()
    found = ((name, said(why.get(name))) for name in SHOWN_STEPS if name not in hidden)
    return tuple(Step(name=name, reasons=reasons) for name, reasons in found if reasons)


def said(reasons: object) -> tuple[Said, ...]:
    """Return reasons stored as JSON (objects with text and points, or plain texts)."""
    if not isinstance(reasons, list | tuple):
        return ()
    return tuple(_said(reason) for reason in reasons)


def _said(reason: object) -> Said:
    if isinstance(reason, Mapping):
        points = reason.get("points")
        return Said(text=str(reason.get("text", "")), points=float(points) if isinstance(points, int | float) else 0.0)
    return Said(text=str(reason), points=0.0)


def clues(why: object) -> tuple[str, ...]:
    """Return the kinds of clue that named the company, such as `signed_link`."""
    reasons = why.get("company") if isinstance(why, Mapping) else None
    codes = [str(reason.get("code", "")) for reason in reasons or () if isinstance(reason, Mapping)]
    return tuple(code.removeprefix("clue:") for code in codes if code.startswith("clue:"))
