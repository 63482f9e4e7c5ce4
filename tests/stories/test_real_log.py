"""The whole line on the real access log, held against what was found by hand."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from bench.real_log import Outcome, measure, network_database

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def outcome(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """What the line makes of the log, imported twice into a fresh installation."""
    mmdb = network_database(shared_data, Path(tempfile.gettempdir()))
    return measure(shared_data, mmdb, tmp_path_factory.mktemp("home"))


def test_nobody_is_taken_for_somebody_else(outcome: Outcome) -> None:
    """Every address that was given to an account is that account's, dormant ones too."""
    assert (outcome.wrong, outcome.accounts.precision, outcome.dormant.precision) == ((), 1.0, 1.0)


def test_decoys_and_shared_networks_are_nobody(outcome: Outcome) -> None:
    """No decoy, carrier, hoster or crawler is recognised."""
    assert (outcome.decoys, outcome.not_companies) == (0, 0)


def test_enough_are_recognised(outcome: Outcome) -> None:
    """The floor of recall; what is recognised is also judged dormant or not as by hand."""
    assert (outcome.accounts.recall >= 0.40, outcome.dormant.recall >= 0.40, outcome.misjudged) == (True, True, 0)


def test_the_funnel_adds_up(outcome: Outcome) -> None:
    """Every line and every visit is accounted for."""
    funnel = outcome.funnel
    lost = {
        step: sum(loss.count for loss in funnel.losses if loss.step == step)
        for step in ("page_views", "business", "named", "customers", "dormant")
    }
    reached = (funnel.page_views, funnel.business, funnel.named, funnel.customers, funnel.dormant)
    came = (funnel.lines, funnel.visits, funnel.business, funnel.named, funnel.customers)
    assert tuple(before - lost[step] for before, step in zip(came, lost, strict=True)) == reached


def test_importing_twice_changes_nothing(outcome: Outcome) -> None:
    """The same files again leave every table as it was."""
    assert outcome.second_changed == ()
