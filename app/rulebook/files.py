"""The rule files there are, who reads each, and what is wrong in a text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from msgspec import Struct

import alerts.policy
import enrichment.dormancy.rules
import enrichment.intent.rules
import enrichment.segments.definitions
from alerts.policy import AlertPolicy, read_policy
from core.errors import InputError
from core.rule_file import rule_text
from core.rule_lines import line_said
from enrichment.dormancy.rules import DormancyRules, read_rules
from enrichment.intent.rules import ScoringFile, read_scoring
from enrichment.segments.definitions import SegmentFile, read_segments


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleFile:
    """One kind of rules."""

    name: str
    title: str
    read: Callable[[str, str], object]
    """A text and its name → the rules. Raises InputError, which names all mistakes."""
    struct: type[Struct]
    built_in: Path

    @property
    def file_name(self) -> str:
        return f"{self.name}.toml"

    def built_in_text(self) -> str:
        return rule_text(self.built_in)


FILES: tuple[RuleFile, ...] = (
    RuleFile(
        name="scoring",
        title="What visits are worth",
        read=read_scoring,
        struct=ScoringFile,
        built_in=enrichment.intent.rules.BUILT_IN,
    ),
    RuleFile(
        name="dormancy",
        title="When an account is dormant",
        read=read_rules,
        struct=DormancyRules,
        built_in=enrichment.dormancy.rules.BUILT_IN,
    ),
    RuleFile(
        name="alerting",
        title="When to speak, and to whom",
        read=read_policy,
        struct=AlertPolicy,
        built_in=alerts.policy.BUILT_IN,
    ),
    RuleFile(
        name="segments",
        title="Saved segments: accounts that have something in common",
        read=read_segments,
        struct=SegmentFile,
        built_in=enrichment.segments.definitions.BUILT_IN,
    ),
)
"""All kinds of rules; another one is one more entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mistake:
    """One thing that is wrong in a text."""

    line: int | None
    text: str


def rule_file(name: str) -> RuleFile:
    """Return the kind of rules called `name`, with or without `.toml`. Raises InputError."""
    plain = name.removesuffix(".toml")
    for each in FILES:
        if each.name == plain:
            return each
    raise InputError(f"there are no rules called {name!r}: choose from {', '.join(each.name for each in FILES)}")


def mistakes(file: RuleFile, text: str) -> tuple[Mistake, ...]:
    """Return everything that is wrong in `text`, by line; nothing when it may be used."""
    try:
        file.read(text, file.file_name)
    except InputError as error:
        found = [_mistake(line, file, text) for line in str(error).splitlines()]
        return tuple(sorted(found, key=lambda one: (one.line is None, one.line or 0)))
    return ()


def _mistake(said: str, file: RuleFile, text: str) -> Mistake:
    match = re.match(rf"{re.escape(file.file_name)}(?:, line (\d+))?: (.*)", said)
    if match is None:
        return Mistake(line=None, text=said)
    return Mistake(line=int(match[1]) if match[1] else line_said(text, match[2]), text=match[2])
