"""What one look at a name, a domain, a host or a number says about a network (pure)."""

from __future__ import annotations

from dataclasses import dataclass

from core.domain import NetworkKind

ORGANISED = (NetworkKind.BUSINESS, NetworkKind.EDUCATION, NetworkKind.GOVERNMENT)
"""Kinds of networks that belong to the organisation whose people use them."""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What one look at a name, domain or number says."""

    kind: NetworkKind
    confidence: float
    text: str
    code: str
    word: str = ""
    """What in the name decided."""
