"""What digests say, and what becomes of a row once somebody acts on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from alert_signals import MOMENT, full_briefing, numbered

from alerts.after import with_feedback
from alerts.decide import Context, decide
from alerts.digests.answered import answered
from alerts.digests.rep_digest import Late, Promised, RepDay, ToCall, ToJudge, rep_digest
from alerts.digests.weekly_digest import Week, WeekAlert, weekly_digest
from alerts.message import from_data
from alerts.notices.notice import as_text
from alerts.reps.rep import Hours, Rep
from core.alerting import Alert, Feedback, FeedbackKind, Hold
from core.domain import AccountId, AlertId

BERLIN = ZoneInfo("Europe/Berlin")
ANNA = Rep(email="anna@example.com", name="Anna Berg", hours=Hours(zone=BERLIN))
MORNING = datetime(2026, 11, 25, 7, 30, tzinfo=UTC)


def to_call(number: int = 1, hold: Hold | None = None) -> ToCall:
    made = decide(numbered(number), full_briefing(), Context(zone=BERLIN), MOMENT)
    assert isinstance(made, Alert)
    return ToCall(alert=made.id, message=from_data(made.message), at=made.at, hold=hold)


FULL = RepDay(
    to_call=[to_call(1), to_call(2, Hold.QUIET)],
    to_judge=[
        ToJudge(
            visit="visit-9",
            names=((AccountId("C-8"), "Keller Bau"), (AccountId("C-9"), "Keller Holding")),
            why="One building, two firms",
            visits=3,
        )
    ],
    slipping=[
        Late(account=AccountId("C-5"), name="Alpen Foods", text="Order was due 2 Nov, 23 days late (every 30 ±6 days).")
    ],
    promised=[Promised(alert=AlertId("alert-7"), name="Zeta AG", until=MORNING - timedelta(days=2), is_overdue=True)],
    kept={"bots": 33, "home lines": 6, "careers": 2},
)


def test_a_digest_reads_like_a_list_for_the_morning() -> None:
    """Title, four sections and a foot, in the rep's own time."""
    text = rep_digest(ANNA, FULL, MORNING)
    assert text is not None
    assert text.title == "Anna, Wed 25 Nov: 2 to call, 1 to judge, 1 slipping, 1 promised"
    lines = as_text(text).splitlines()
    assert lines[1].startswith("Call       Account 1 Ltd · no order for 412 days · €84k lifetime · Pricing 2:10")
    assert lines[1].endswith("very likely · open since Tue 24 Nov 10:42")
    assert lines[2].endswith("Tue 24 Nov 10:42, came outside your hours")
    assert lines[3] == "Judge      Keller Bau or Keller Holding? · One building, two firms · 3 visits"
    late = "order was due 2 Nov, 23 days late (every 30 ±6 days)"
    assert lines[4] == f"Slipping   Alpen Foods · {late} · no visit · cheapest now"
    assert lines[5] == "Promised   Zeta AG: call again Mon 23 Nov, nothing logged"
    assert lines[6] == "Held overnight 1 · kept from you 41 visits: bots 33, home lines 6, careers 2"


def test_an_empty_day_is_not_told() -> None:
    """Visits that nobody need know of make no digest."""
    assert rep_digest(ANNA, RepDay(kept={"bots": 33}), MORNING) is None


def test_a_long_list_is_cut_and_counted() -> None:
    """More rows than anybody works off in a morning are counted."""
    text = rep_digest(ANNA, RepDay(to_call=[to_call(number) for number in range(8)]), MORNING)
    assert text is not None
    assert [row.text for row in text.sections[0].rows][-1] == "and 3 more in Dormouse"
    assert len(text.sections[0].rows) == 6


def test_every_row_can_be_acted_on() -> None:
    """Each row bears the buttons of what it is about."""
    text = rep_digest(ANNA, FULL, MORNING)
    assert text is not None
    assert [[button.action for button in section.rows[0].buttons] for section in text.sections] == [
        ["claim", "wrong_company", "timeline"],
        ["pick_account", "pick_account", "dont_know"],
        ["take_account", "not_slipping"],
        ["reached", "no_answer", "hand_back"],
    ]


def test_who_may_not_be_called_has_no_button_to_call() -> None:
    """Do-not-contact takes the button to take it away from the row, too."""
    one = to_call()
    text = rep_digest(ANNA, RepDay(to_call=[replace(one, message=replace(one.message, may_call=False))]), MORNING)
    assert text is not None
    assert [button.action for button in text.sections[0].rows[0].buttons] == ["wrong_company", "timeline"]


@pytest.mark.parametrize(("kind", "note"), [("claimed", "Anna took it 10:44"), ("wrong_company", "Removed, sorry.")])
def test_a_row_shows_what_came_of_it(kind: FeedbackKind, note: str) -> None:
    """The row of an alert says who took it; taken back, it reads as before; other rows stay as they are."""
    text = rep_digest(ANNA, FULL, MORNING)
    one = FULL.to_call[0]
    said = Feedback(id="f", alert=one.alert, kind=kind, by="anna@example.com", at=MOMENT + timedelta(minutes=2))
    assert text is not None
    after = answered(text, one.alert, with_feedback(one.message, [said]))
    assert after.sections[0].rows[0].text.partition(" — ")[2].startswith(note)
    assert "claim" not in [button.action for button in after.sections[0].rows[0].buttons]
    assert after.sections[0].rows[1:] == text.sections[0].rows[1:]
    assert answered(after, one.alert, one.message) == text


def test_the_managers_week() -> None:
    """What is open comes before what is taken; an empty week isn't told."""
    week = Week(
        alerts=[
            WeekAlert(name="Hartmann", facts="€84k lifetime", who="Anna", is_open=True),
            WeekAlert(name="Zeta AG", facts="€47k lifetime", who="Jo", is_open=False),
        ],
        judged=10,
        useful=8,
        won=["Nordwind: €12k"],
        slipping=6,
        verdict="not proven: 9 of ~60 held out",
    )
    text = weekly_digest(week, "South", MORNING, BERLIN)
    assert text is not None
    assert as_text(text).splitlines() == [
        "Week to Wed 25 Nov, South: 2 alerts, 1 open",
        "Won back   Nordwind: €12k",
        "Won back   Due to the alerts? not proven: 9 of ~60 held out",
        "Open       Hartmann · €84k lifetime · for Anna",
        "Awake      Zeta AG · €47k lifetime · for Jo",
        "Slipping   6 accounts left their rhythm this week",
        "Useful     8 of 10 judged alerts were useful",
    ]
    assert weekly_digest(replace(week, alerts=[], won=[], slipping=0), "South", MORNING, BERLIN) is None
