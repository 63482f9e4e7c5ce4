"""Tries thousands of hostile texts on every form that a message takes in Slack: `make fuzz-slack`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from hostile import alerts, faults_of_alert, faults_of_notice, notices, raw_alerts
from hypothesis import HealthCheck, Phase, given, settings

SHARES: tuple[tuple[str, Any, Callable[[Any], list[str]], float], ...] = (
    ("alerts", alerts(), faults_of_alert, 0.5),
    ("alerts that nobody cleaned", raw_alerts(), faults_of_alert, 0.25),
    ("notices", notices(), faults_of_notice, 0.25),
)


def fuzz(examples: int) -> int:
    """Try so many messages, say how many of each kind, and return how many were tried; raises at the first fault."""
    tried = 0
    for name, made, faults, share in SHARES:
        began = time.monotonic()
        count = _tried(made, faults, round(examples * share))
        tried += count
        sys.stdout.write(f"{count:6,} {name}: no fault ({time.monotonic() - began:.0f} s)\n")
    sys.stdout.write(f"{tried:6,} messages in all, each in three forms\n")
    return tried


def _tried(made: Any, faults: Callable[[Any], list[str]], examples: int) -> int:
    count = 0

    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(text=made)
    def check(text: Any) -> None:
        nonlocal count
        count += 1
        assert faults(text) == []

    check()
    return count


if __name__ == "__main__":
    fuzz(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
