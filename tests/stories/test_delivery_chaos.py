"""The ledgers of `make chaos`, small: Slack's faults, frozen workers, clocks that are set."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from bench.chaos_deliveries import Plan, clocks, faults, frozen

SMALL = Plan(
    alerts=500, channels=50, longest_wait=2, hang=1.5, outage=10, mend=0.3, timeout=1, longest_back_off=1.0, patience=90
)


@pytest.mark.slow
@pytest.mark.timeout(150)
def test_faults_lose_and_double_nothing(engine: Engine) -> None:
    """500 alerts to 50 channels, a third of all calls failing, 10 s of outage: each is there once, paced as asked."""
    ledger = faults(engine, SMALL)
    print(ledger)
    assert (ledger.alerts, ledger.lost, ledger.doubled, ledger.marked) == (500, 0, 0, 0)
    assert (ledger.too_early, ledger.too_close) == (0, 0)
    assert ledger.throttled > 20 and ledger.ambiguous > 50 and ledger.replayed > 0


@pytest.mark.slow
def test_without_reading_history_doubles_are_marked(engine: Engine) -> None:
    """Where the app may not read the channels, whatever is there twice is marked, and no more than was in doubt."""
    plan = Plan(
        alerts=120, channels=40, longest_wait=1, hang=1.5, outage=0, mend=0.3, timeout=1, longest_back_off=1.0,
        reconcile=False, patience=60,
    )  # fmt: skip
    ledger = faults(engine, plan)
    print(ledger)
    assert (ledger.lost, ledger.doubled_unmarked) == (0, 0)
    assert 0 < ledger.doubled <= ledger.marked <= ledger.ambiguous


@pytest.mark.slow
def test_frozen_workers(engine: Engine) -> None:
    """A worker that sleeps for three leases in the middle of its work doubles nothing when it wakes."""
    told = frozen(engine, 3)
    print(told)
    assert "lost 0, doubled 0" in told


@pytest.mark.slow
def test_clocks_that_are_set(engine: Engine) -> None:
    """Steps of an hour and a day back and forth, and two workers 5 minutes apart, strand and double nothing."""
    assert "lost 0, doubled 0, stuck 0" in clocks(engine)
