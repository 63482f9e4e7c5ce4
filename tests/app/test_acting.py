"""What people do with an alert: each act once, in the timeline, in the states, in the message, and taken back."""

from __future__ import annotations

from datetime import date as day
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, PUMPS, fill, line, page
from sqlalchemy import Connection, Engine, select

import alerts.store
from alerts.reps.rep import RepEntry
from alerts.reps.store import save as save_rep
from alerts.tables import feedback
from alerts.told_store import snoozed_until
from alerts.wording import date
from app import actions, corrections
from app.acting.dates import until
from app.corrections import Voice
from app.dashboard import queries_awake
from app.dashboard.queries_facts import claims_of, reasons_left
from app.dashboard.queries_timeline import AlertEvent, events
from app.pipeline import Batch
from app.states import refresh_states
from app.tables import audit, users
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from core.errors import InputError
from enrichment.dormancy.rules import load_rules
from enrichment.tables import account_states, judgements, slipping_denials

ANNA, JO, ADMIN = "anna@example.com", "jo@example.com", "admin@localhost"
LATER = NOON + timedelta(hours=1)


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


@pytest.fixture
def alert(world: Engine, tmp_path: Path) -> AlertId:
    """An alert about a dormant customer that read prices."""
    views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
    (told,) = line(world, tmp_path, at(NOON)).run(Batch(views=views)).alerts
    return told.id


def press(
    world: Engine, action: str, subject: str, by: actions.By = ANNA, now: datetime = LATER, choice: str = ""
) -> actions.Done | None:
    with writing(world) as connection:
        return actions.ACTS[action](connection, subject, by, now, choice=choice)


def state(world: Engine) -> str:
    with reading(world) as connection:
        query = select(account_states.c.state).where(account_states.c.account == FREIGHT)
        return str(connection.execute(query).scalar_one())


def kinds(world: Engine) -> list[str]:
    """What stands of what people said, in order."""
    with reading(world) as connection:
        query = select(feedback.c.kind).where(feedback.c.undone_at.is_(None)).order_by(feedback.c.at)
        return list(connection.execute(query).scalars())


@pytest.mark.parametrize(
    ("action", "choice", "kind", "after"),
    [
        ("claim", "", "claimed", "in_contact"),
        ("reached", "", "reached", "in_contact"),
        ("meeting", "", "meeting", "in_contact"),
        ("no_answer", "3d", "no_answer", "awake"),
        ("won", "", "won", "awake"),
        ("snooze", "7d", "snoozed", "awake"),
        ("not_useful", "too_early", "not_useful", "awake"),
        ("not_interested", "price", "not_interested", "asleep_again"),
    ],
)
def test_an_act_is_done_once_shown_and_taken_back(
    world: Engine, alert: AlertId, action: str, choice: str, kind: str, after: str
) -> None:
    """A double click is one effect; the timeline, the message and the audit tell of it; undo restores the state."""
    assert state(world) == "awake"
    first, second = press(world, action, alert, choice=choice), press(world, action, alert, choice=choice)
    assert first is not None and second is not None
    assert (kinds(world), state(world)) == ([kind], after)
    with reading(world) as connection:
        row = alerts.store.alert_row(connection, alert)
        (told,) = [each for each in events(connection, FREIGHT, LATER, 30) if isinstance(each, AlertEvent)]
        written = list(connection.execute(select(audit.c.by)).scalars())
    assert row is not None and row.version == 2 and "Anna" in row.text.note
    assert [(answer.kind, answer.by) for answer in told.answers] == [(kind, ANNA)]
    assert written and set(written) == {ANNA}
    assert press(world, "undo", alert) is not None
    assert (kinds(world), state(world)) == ([], "awake")
    assert press(world, "undo", alert) is None


def test_who_comes_second_is_told_so(world: Engine, alert: AlertId) -> None:
    """The first claim stands; the second one hears who was quicker and when."""
    press(world, "claim", alert)
    late = press(world, "claim", alert, JO)
    assert late is not None and late.refused and late.said.startswith("Anna took ") and "13:00" in late.said
    assert kinds(world) == ["claimed"]


def test_not_interested_is_kept_as_the_reason(world: Engine, alert: AlertId) -> None:
    """One tap says why; another reason replaces it; undo takes it back."""
    press(world, "not_interested", alert, choice="price")
    press(world, "not_interested", alert, choice="competitor", now=LATER + timedelta(minutes=1))
    with reading(world) as connection:
        assert reasons_left(connection, [FREIGHT]) == {FREIGHT: "Competitor"}
    press(world, "undo", alert)
    with reading(world) as connection:
        assert reasons_left(connection, [FREIGHT]) == {}
    for subject in (alert, FREIGHT):
        done = press(world, "left_because", subject, choice="communication_gap")
        assert done is not None and "we lost touch" in done.said
    with reading(world) as connection:
        assert reasons_left(connection, [FREIGHT]) == {FREIGHT: "We lost touch"}
    assert press(world, "left_because", alert, choice="nonsense") is None


def test_handing_back_frees_the_account(world: Engine, alert: AlertId) -> None:
    """Who hands it back is noted; the next one may take it; sources are credited for claims that stand alone."""
    press(world, "claim", alert)
    done = press(world, "hand_back", alert, now=LATER + timedelta(minutes=1))
    assert done is not None and "free" in done.said
    assert (kinds(world), state(world)) == (["handed_back"], "awake")
    with reading(world) as connection:
        assert claims_of(connection, [FREIGHT]) == {}
    taken = press(world, "claim", alert, JO, LATER + timedelta(minutes=2))
    assert taken is not None and not taken.refused
    with reading(world) as connection:
        assert claims_of(connection, [FREIGHT])[FREIGHT].by == JO
    nobody = press(world, "hand_back", alert, JO, LATER + timedelta(minutes=3))
    assert nobody is not None
    again = press(world, "hand_back", alert, JO, LATER + timedelta(minutes=4))
    assert again is not None and again.refused


def test_a_promise_to_call_again_keeps_to_working_days(world: Engine, alert: AlertId) -> None:
    """Friday's "tomorrow" is Monday; the awake list shows the outcome with its date; calls may be repeated."""
    press(world, "claim", alert, now=NOON)
    press(world, "no_answer", alert, choice="1d", now=NOON)
    press(world, "no_answer", alert, choice="1d", now=NOON + timedelta(seconds=1))
    press(world, "no_answer", alert, choice="1d", now=NOON + timedelta(days=3))
    with reading(world) as connection:
        rows = connection.execute(select(feedback.c.until).where(feedback.c.kind == "no_answer")).scalars().all()
        (claim,) = claims_of(connection, [FREIGHT]).values()
        shown = queries_awake.awake(connection, NOON + timedelta(days=3), ZoneInfo("UTC"))
    assert sorted(rows) == [NOON + timedelta(days=3), NOON + timedelta(days=4)]
    assert (claim.by, claim.outcome, claim.until) == (ANNA, "no_answer", NOON + timedelta(days=4))
    assert [each.claim for each in shown if each.account == FREIGHT] == [claim]


@pytest.mark.parametrize(("zone", "days"), [("", 2), ("Pacific/Auckland", 3)])
def test_a_promise_is_reckoned_in_the_reps_own_time(world: Engine, alert: AlertId, zone: str, days: int) -> None:
    """Saturday noon in Greenwich is Sunday in Auckland, where the Tuesday is a holiday; "in 2 days" and a snooze alike
    name the day that it is there."""
    saturday = NOON + timedelta(days=1)
    if zone:
        with writing(world) as connection:
            save_rep(connection, RepEntry(email=ANNA, zone=zone, holidays=frozenset({day(2026, 11, 24)})), NOON)
    done = press(world, "no_answer", alert, now=saturday, choice="2d")
    here, end = ZoneInfo(zone or "UTC"), saturday + timedelta(days=days)
    assert done is not None and done.said.endswith(f"On your list again on {date(end, here)}.")
    with reading(world) as connection:
        given = connection.execute(select(feedback.c.until).where(feedback.c.kind == "no_answer")).scalar_one()
    assert given == end
    snoozed = press(world, "snooze", alert, now=saturday, choice="1d")
    assert snoozed is not None and date(saturday + timedelta(days=1), here) in snoozed.said


def test_a_promise_keeps_its_time_of_day_when_the_clocks_change() -> None:
    """Nine o'clock in Berlin stays nine o'clock."""
    berlin = ZoneInfo("Europe/Berlin")
    friday = datetime(2026, 10, 23, 9, tzinfo=berlin)
    assert until(friday, 3, berlin) == datetime(2026, 10, 26, 9, tzinfo=berlin)


def test_states_stay_when_they_are_judged_again(world: Engine, alert: AlertId) -> None:
    """What people said of an account outlasts the chore that judges all states: until an order, or time, moves it."""
    press(world, "claim", alert)
    press(world, "not_interested", alert, choice="price", now=LATER + timedelta(minutes=1))
    refresh_states(world, load_rules(None), LATER + timedelta(hours=6))
    assert state(world) == "asleep_again"


def test_a_snooze_silences_the_account(world: Engine, alert: AlertId, tmp_path: Path) -> None:
    """The next visit, after the cool-down, tells nobody until the snooze is over."""
    press(world, "snooze", alert, choice="7d")

    def visit(days: int) -> int:
        when = NOON + timedelta(days=days)
        views = [
            page(path, ip=FREIGHT_IP, seconds=90, at=when, name=f"{path}{days}", visitor=f"v{days}")
            for path in ("/pricing", "/request-quote")
        ]
        return len(line(world, tmp_path, at(when)).run(Batch(views=views)).alerts)

    assert (visit(3), visit(10)) == (0, 1)


def test_the_newest_snooze_counts(world: Engine, alert: AlertId) -> None:
    """Who says "30 days" and then "until tomorrow" hears of the account tomorrow; undone, the one before counts."""
    press(world, "snooze", alert, choice="30d")
    press(world, "snooze", alert, JO, choice="1d", now=LATER + timedelta(minutes=1))
    with reading(world) as connection:
        assert snoozed_until(connection, [FREIGHT]) == {FREIGHT: LATER + timedelta(days=1, minutes=1)}
    press(world, "undo", alert, JO, LATER + timedelta(minutes=2))
    with reading(world) as connection:
        assert snoozed_until(connection, [FREIGHT]) == {FREIGHT: LATER + timedelta(days=30)}


def test_who_it_was_becomes_a_right_company_correction(world: Engine, alert: AlertId) -> None:
    """After "wrong company", the account picked gets the visit; a strange one is refused by name."""
    with writing(world) as connection:
        connection.execute(users.insert().values(id="1", email="boss@example.com", role="admin", created_at=NOON))
    press(world, "wrong_company", alert, "boss@example.com")
    done = press(world, "pick_account", alert, "boss@example.com", choice=PUMPS)
    assert done is not None and done.account == PUMPS
    with reading(world) as connection:
        assert list(connection.execute(select(judgements.c.account)).scalars()) == [PUMPS]
    with pytest.raises(InputError, match="there is no account"):
        press(world, "pick_account", alert, choice="C-99")
    assert press(world, "pick_account", "no such visit", choice=PUMPS) is None
    assert press(world, "dont_know", alert) is not None


@pytest.mark.parametrize(
    ("action", "choice", "why"), [("not_slipping", "seasonal", "seasonal"), ("take_account", "", "taken")]
)
def test_a_slipping_account_is_told_of_no_more(world: Engine, action: str, choice: str, why: str) -> None:
    """Who says that it isn't so, or takes it, is believed."""
    assert press(world, action, PUMPS, choice=choice) is not None
    with reading(world) as connection:
        rows = connection.execute(select(*slipping_denials.c["account", "why"])).all()
    assert [(row.account, row.why) for row in rows] == [(PUMPS, why)]


def test_nothing_comes_of_an_alert_that_is_gone(world: Engine) -> None:
    """Every act answers None for an id that is nobody's, and writes nothing."""
    for action in actions.ACTS:
        assert press(world, action, "gone", choice="price") is None
    assert kinds(world) == []


def test_a_links_word_is_one_voice_though_it_was_an_admins(world: Engine, alert: AlertId) -> None:
    """The message may have been forwarded: it counts for everybody once somebody else says so, too; and such a link
    takes back nothing that acts for everybody."""
    with writing(world) as connection:
        connection.execute(users.insert().values(id="1", email="boss@example.com", role="admin", created_at=NOON))
    link = Voice(by="boss@example.com", by_link=True)
    done = press(world, "wrong_company", alert, link)
    assert done is not None and "second person" in done.said
    with reading(world) as connection:
        assert list(connection.execute(select(judgements.c.account)).scalars()) == [FREIGHT]
    press(world, "undo", alert, link)
    assert kinds(world) == []
    done = press(world, "wrong_company", alert, "boss@example.com", LATER + timedelta(minutes=5))
    assert done is not None and "second person" not in done.said
    held = press(world, "undo", alert, link)
    assert held is not None and held.refused and "wrong_company" in kinds(world)
    with writing(world) as connection:
        (word,) = corrections.standing_on(connection, _visit(connection), FREIGHT)
        with pytest.raises(corrections.NotTheirsError):
            corrections.undo(connection, word.id, link, LATER)


def _visit(connection: Connection) -> str:
    return str(connection.execute(select(judgements.c.visit)).scalar_one())
