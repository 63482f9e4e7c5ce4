"""When to speak and to whom, as the operator decided: reads alerting.toml."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from core.rule_file import decode_rules, rule_text

BUILT_IN = Path(__file__).with_name("alerting.toml")


class AlertPolicy(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A whole alerting.toml."""

    most_a_day: int = 3
    """Real-time alerts a rep a day; the rest waits for the digest."""


def load_policy(path: Path | None = None) -> AlertPolicy:
    """Return the policy in the file at `path`, or the built-in one. Raises InputError, which names what to change."""
    source = path or BUILT_IN
    return read_policy(rule_text(source), str(source))


def read_policy(text: str, name: str = "alerting.toml") -> AlertPolicy:
    """Return the policy written in the TOML `text`; `name` stands for the file in errors. Raises InputError."""
    return decode_rules(text, AlertPolicy, name)
