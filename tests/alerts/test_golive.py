"""What speaks against going live, and what a run would have brought."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from alerts.policy import PrecisionRules, ShadowRules
from alerts.precision.precision import Demotion, Precision, was_right
from alerts.shadow.golive import Figures, Run, warnings

START = datetime(2026, 11, 1, 9, tzinfo=UTC)
RUN = Run(id="1", started_at=START, started_by="admin", days=14)
DONE = START + timedelta(days=20)


def figures(right: int, wrong: int, at: datetime = DONE) -> Figures:
    return Figures(run=RUN, at=at, per_rep={"anna@example.com": 6, "": 2}, right=right, wrong=wrong, unknown=1)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (figures(9, 1), ()),  # one of ten isn't more than one in ten
        (figures(8, 2), ("2 of 10 judged were wrong; more than 10% is too many.",)),
        (figures(18, 2), ()),
        (figures(9, 0), ("Only 9 of at least 10 samples were judged.",)),
        (
            figures(0, 1),
            (
                "Only 1 of at least 10 samples were judged.",
                "1 of 1 judged were wrong; more than 10% is too many.",
            ),
        ),
        (figures(10, 0, START + timedelta(days=13, hours=1)), ("It was to run for 14 days; 1 is left.",)),
    ],
)
def test_warnings(found: Figures, expected: tuple[str, ...]) -> None:
    """Too few judged, too many wrong, too early: each is said."""
    assert warnings(found, ShadowRules()) == expected


def test_alerts_a_week() -> None:
    """Anna would have had 2.1 a week; what comes of the first minutes isn't blown up."""
    assert round(figures(0, 0).a_week("anna@example.com"), 1) == 2.1
    assert figures(0, 0, START + timedelta(minutes=5)).a_week("anna@example.com") == 42.0
    assert figures(0, 0).a_week("jo@example.com") == 0


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        (set(), None),
        ({"snoozed", "no_answer", "handed_back", "not_interested"}, None),
        ({"claimed"}, True),
        ({"snoozed", "won"}, True),
        ({"claimed", "reached", "wrong_company"}, False),
        ({"not_useful"}, False),
    ],
)
def test_what_counts_for_a_rule(kinds: set[str], expected: bool | None) -> None:
    """Taken, reached, meeting and won speak for it; wrong company and not useful against it, and count more."""
    assert was_right(kinds) is expected


@pytest.mark.parametrize(
    ("judged", "right", "is_demoted", "down", "up"),
    [
        (7, 0, False, False, False),  # nothing is concluded from so few
        (8, 3, False, True, False),
        (8, 4, False, False, False),  # half is enough
        (8, 3, True, False, False),
        (8, 4, True, False, True),
    ],
)
def test_proposals(judged: int, right: int, is_demoted: bool, down: bool, up: bool) -> None:
    """A rule under one half proposes its demotion; a demoted one that is right again, its return."""
    demotion = Demotion(rule="score", demoted_at=START, demoted_by="admin") if is_demoted else None
    found = Precision(rule="score", told=20, judged=judged, right=right, demotion=demotion)
    assert (found.proposes_demotion(PrecisionRules()), found.proposes_return(PrecisionRules())) == (down, up)
