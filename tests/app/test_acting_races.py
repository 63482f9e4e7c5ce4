"""Buttons that are pressed while something else moves the same account: the person's word stands, told once."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, fill, line, page, purchases, rules
from sqlalchemy import Engine

from app import actions, pipeline
from app.pipeline import Batch
from app.states import refresh_states
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from enrichment.account.importer.store import write_activities
from enrichment.dormancy.store import states, transitions

JO = "jo@example.com"
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def alert(any_engine: Engine, tmp_path: Path) -> AlertId:
    """An alert about a dormant customer that read prices at noon."""
    fill(any_engine)
    (told,) = visit(any_engine, tmp_path, NOON)
    return told


def visit(engine: Engine, folder: Path, when: datetime) -> tuple[AlertId, ...]:
    views = [
        page(path, ip=FREIGHT_IP, seconds=90, at=when, name=f"{path}{when}", visitor=f"v{when}")
        for path in ("/pricing", "/request-quote")
    ]
    return tuple(one.id for one in line(engine, folder, at(when)).run(Batch(views=views)).alerts)


def press(engine: Engine, action: str, alert: AlertId, when: datetime) -> None:
    with writing(engine) as connection:
        assert actions.ACTS[action](connection, alert, JO, when) is not None


def crossings(engine: Engine) -> list[str]:
    with reading(engine) as connection:
        return [one.to_state.value for one in transitions(connection, FREIGHT)]


def stands(engine: Engine) -> str:
    with reading(engine) as connection:
        return states(connection, [FREIGHT])[FREIGHT].state.value


@pytest.mark.parametrize("seconds", [0, 1])
def test_a_claim_that_meets_a_batch_stands(
    any_engine: Engine, tmp_path: Path, alert: AlertId, monkeypatch: pytest.MonkeyPatch, seconds: int
) -> None:
    """Taken after the batch has looked and before it writes: in contact, and it went there once."""
    real = pipeline._with_receipt

    def taken_meanwhile(*given: object) -> object:
        press(any_engine, "claim", alert, LATER + timedelta(seconds=seconds))
        return real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as between:
        between.setattr(pipeline, "_with_receipt", taken_meanwhile)
        visit(any_engine, tmp_path, LATER)
    assert stands(any_engine) == "in_contact"
    refresh_states(any_engine, rules().dormancy, LATER + timedelta(hours=1))
    assert crossings(any_engine) == ["awake", "in_contact"]


def test_who_takes_it_twice_a_day_crosses_twice(any_engine: Engine, tmp_path: Path, alert: AlertId) -> None:
    """Taken, handed back, taken again: each is told; what was judged before, and saved late, is not."""
    for minute, action in enumerate(("claim", "hand_back", "claim")):
        press(any_engine, action, alert, LATER + timedelta(minutes=minute))
    assert crossings(any_engine) == ["awake", "in_contact", "awake", "in_contact"]


def test_an_order_counts_though_somebody_pressed_a_button_meanwhile(any_engine: Engine, alert: AlertId) -> None:
    """The chore's moment is a second before the click's: the order reactivates the account all the same."""
    press(any_engine, "claim", alert, LATER + timedelta(seconds=1))
    (order,) = purchases(FREIGHT, LATER - timedelta(minutes=1), orders=1)
    with writing(any_engine) as connection:
        write_activities(connection, {"order": order})
    refresh_states(any_engine, rules().dormancy, LATER)
    assert stands(any_engine) == "reactivated"
