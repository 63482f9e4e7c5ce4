"""After a claim: one reminder when nothing is logged, one escalation when nobody takes it, and each rep's own list."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from line_world import FREIGHT, FREIGHT_IP, NOON, fill, line, page, purchases
from pages import MovingClock, dashboard, logged_in
from sqlalchemy import Engine, select, update

from alerts.notices.notice import from_data
from alerts.policy import AlertPolicy, read_policy, roster_of
from alerts.reps.rep import RepEntry
from alerts.reps.store import entries
from alerts.reps.store import save as save_rep
from alerts.tables import alerts, deliveries, notices
from app import actions
from app.auth.users import FIRST_USER
from app.follow_up import queries
from app.follow_up.chore import LOOK_BACK, follow_up
from app.follow_up.figures import by_team, span
from app.follow_up.work import MyList, my_list
from app.pipeline import Batch
from core.clock import at
from core.database import reading, writing
from core.domain import AlertId
from core.ids import derived
from enrichment.account.importer.store import write_activities

UTC = ZoneInfo("UTC")
ANNA, JO, BOSS = "anna@example.com", "jo@example.com", "boss@example.com"
ESCALATING = read_policy("[follow_up]\nescalate_after_hours = 3\n")


class World:
    """An alert for Jo, told on a Friday at noon."""

    def __init__(self, engine: Engine, folder: Path) -> None:
        self.engine = engine
        fill(engine)
        views = [page(path, ip=FREIGHT_IP, seconds=90, name=path) for path in ("/pricing", "/request-quote")]
        (told,) = line(engine, folder, at(NOON)).run(Batch(views=views)).alerts
        self.alert: AlertId = told.id
        with writing(engine) as connection:
            save_rep(connection, RepEntry(email=JO, name="Jo", team="South", manager=BOSS), NOON)

    def press(self, action: str, now: datetime, by: str = JO, choice: str = "") -> None:
        with writing(self.engine) as connection:
            assert actions.ACTS[action](connection, self.alert, by, now, choice=choice) is not None

    def run(self, now: datetime, policy: AlertPolicy | None = None) -> int:
        return follow_up(self.engine, policy or AlertPolicy(), UTC, lambda _site: ("preview",), now)

    def sent(self) -> list[tuple[str, str, str]]:
        """(kind, to, what is said) of each notice."""
        with reading(self.engine) as connection:
            rows = connection.execute(select(notices).order_by(notices.c.at)).mappings().all()
        return [(row["kind"], row["to"], from_data(row["text"]).push) for row in rows]

    def list(self, now: datetime, email: str = JO) -> MyList:
        with reading(self.engine) as connection:
            roster = roster_of(entries(connection), AlertPolicy(), UTC)
            return my_list(queries.tasks(connection, now - LOOK_BACK), roster.rep(email), now, 2)


@pytest.fixture
def world(any_engine: Engine, tmp_path: Path) -> World:
    return World(any_engine, tmp_path)


def days(number: float) -> datetime:
    return NOON + timedelta(days=number)


def test_a_claim_without_a_word_is_reminded_of_once(world: World) -> None:
    """Two working days later (Friday → Tuesday), in the alert's thread, with the outcomes as buttons; never again."""
    world.press("claim", NOON)
    runs = [world.run(days(number)) for number in (0.1, 1, 2, 3, 3.99)]
    assert runs == [0, 0, 0, 0, 0]
    assert [world.run(days(4)), world.run(days(4)), world.run(days(9))] == [1, 0, 0]
    ((kind, to, said),) = world.sent()
    assert (kind, to) == ("reminder", JO)
    assert said == "You took Nordwind Maschinenbau GmbH on 20 Nov 2026, and nothing is logged yet. What came of it?"
    with reading(world.engine) as connection:
        row = connection.execute(select(notices)).mappings().one()
        due = connection.execute(select(deliveries).where(deliveries.c.is_notice)).mappings().all()
    (section,) = from_data(row["text"]).sections
    assert row["alert"] == world.alert and len(due) == 1
    assert [button.action for button in section.rows[0].buttons] == [
        "reached",
        "no_answer",
        "meeting",
        "not_interested",
        "hand_back",
    ]


@pytest.mark.parametrize("action", ["reached", "no_answer", "meeting", "won", "not_interested", "hand_back", "undo"])
def test_whatever_is_logged_spares_the_reminder(world: World, action: str) -> None:
    """Whoever said what came of it, or gave it back, isn't asked."""
    world.press("claim", NOON)
    world.press(action, days(1))
    assert world.run(days(10)) == 0


def test_an_order_spares_the_reminder(world: World) -> None:
    """What came of it is in the books."""
    world.press("claim", NOON)
    with writing(world.engine) as connection:
        write_activities(connection, {derived("new"): purchases(FREIGHT, days(1), orders=1)[0]})
    assert world.run(days(10)) == 0


def test_an_alert_that_was_wrong_or_is_old_reminds_nobody(world: World) -> None:
    """Neither does one that was claimed before anybody logged."""
    world.press("claim", NOON)
    assert world.run(days(30)) == 0
    world.press("wrong_company", days(1))
    assert world.run(days(10)) == 0


def test_no_reminder_by_policy(world: World) -> None:
    """0 working days: none."""
    world.press("claim", NOON)
    assert world.run(days(10), read_policy("[follow_up]\nremind_after_working_days = 0\n")) == 0


def test_escalation_is_off_by_default(world: World) -> None:
    """A manager hears of nothing that the operator didn't ask for."""
    assert world.run(days(20)) == 0


def test_what_nobody_takes_is_escalated_once(world: World) -> None:
    """After three hours, to the rep's manager; claimed a minute before: to nobody."""
    late = NOON + timedelta(hours=3)
    assert world.run(late - timedelta(minutes=1), ESCALATING) == 0
    assert [world.run(late, ESCALATING), world.run(late, ESCALATING), world.run(days(3), ESCALATING)] == [1, 0, 0]
    ((kind, to, said),) = world.sent()
    assert (kind, to) == ("escalation", BOSS)
    assert said == "Nobody has taken Nordwind Maschinenbau GmbH for 3 h: Jo was told 20 Nov 2026 12:00."


@pytest.mark.parametrize("action", ["claim", "snooze", "not_useful", "wrong_company", "no_answer"])
def test_a_word_in_time_spares_the_escalation(world: World, action: str) -> None:
    """Somebody takes care of it, or there is nothing to take care of."""
    world.press(action, NOON + timedelta(hours=2, minutes=59))
    assert world.run(NOON + timedelta(hours=4), ESCALATING) == 0


def told_at(world: World, moment: datetime, copies: int = 0, sent: datetime | None = None) -> None:
    """Let the alert be of another moment, with copies of it for other accounts; sent at another one."""
    with writing(world.engine) as connection:
        connection.execute(update(alerts).values(at=moment, created_at=moment))
        if sent is not None:
            connection.execute(update(deliveries).values(status="sent", first_sent_at=sent, sent_at=sent))
        row = dict(connection.execute(select(alerts)).mappings().one())
        for number in range(copies):
            connection.execute(alerts.insert(), [{**row, "id": f"copy-{number}", "account": f"X-{number}"}])


def test_nights_and_weekends_do_not_count(world: World) -> None:
    """Told on Friday at 17:00, an hour before the end: the three hours are over on Monday at 10:30, not before."""
    told_at(world, NOON + timedelta(hours=5))
    moments = [(0, 21), (1, 12), (3, 9), (3, 10.4), (3, 10.6)]
    assert [world.run(NOON + timedelta(days=day, hours=hour - 12), ESCALATING) for day, hour in moments] == [
        0,
        0,
        0,
        0,
        1,
    ]


def test_the_hours_count_from_when_it_was_sent(world: World) -> None:
    """Slack was away for two hours: nobody could take it."""
    told_at(world, NOON, sent=NOON + timedelta(hours=2))
    assert [world.run(NOON + timedelta(hours=each), ESCALATING) for each in (4.9, 5)] == [0, 1]


def test_what_is_escalated_comes_in_one_notice(world: World) -> None:
    """Three alerts for Jo's manager: one notice with three rows, and none again with a fourth."""
    told_at(world, NOON, copies=2)
    late = NOON + timedelta(hours=4)
    assert [world.run(late, ESCALATING), world.run(late + timedelta(minutes=1), ESCALATING)] == [1, 0]
    with reading(world.engine) as connection:
        (row,) = connection.execute(select(notices)).mappings().all()
    (section,) = from_data(row["text"]).sections
    assert {each.buttons[0].subject for each in section.rows} == {world.alert, "copy-0", "copy-1"}
    assert world.sent()[0][2].startswith("3 accounts that nobody has taken: Nordwind")


def test_who_sets_the_hours_for_the_first_time_is_not_flooded(world: World) -> None:
    """What has been open for a week is no news to anybody."""
    assert [world.run(days(7), ESCALATING), world.run(days(10), ESCALATING)] == [0, 0]


def test_one_alert_that_cannot_be_read_stops_no_reminder(world: World) -> None:
    """Nor does a rep whose zone nobody knows."""
    world.press("claim", NOON)
    told_at(world, NOON, copies=1)
    with writing(world.engine) as connection:
        connection.execute(update(alerts).where(alerts.c.id == "copy-0").values(message=["not", "a", "message"]))
        save_rep(connection, RepEntry(email=ANNA, zone="Mars/Olympus"), NOON)
    assert world.run(days(4)) == 1
    with writing(world.engine) as connection:
        row = dict(connection.execute(select(alerts).where(alerts.c.id == world.alert)).mappings().one())
        connection.execute(alerts.insert(), [{**row, "id": "copy-1", "to": ANNA}])
    told_again = NOON + timedelta(hours=4)
    assert world.run(told_again, ESCALATING) == 0, "it was claimed; Anna's hours aren't known"


def test_handed_back_it_is_nobodys_again(world: World) -> None:
    """Then the manager hears of it after all."""
    world.press("claim", NOON)
    world.press("hand_back", NOON + timedelta(hours=1))
    assert world.run(NOON + timedelta(hours=4), ESCALATING) == 1


def test_the_list_of_a_rep(world: World) -> None:
    """Open until claimed; taken until something is logged; promised until it is kept; overdue in between."""
    assert [due.task.alert for due in world.list(days(0.1)).to_call] == [world.alert]
    assert world.list(days(0.1)).overdue == ()
    assert [due.task.alert for due in world.list(days(4)).overdue] == [world.alert], "nobody took it"
    assert world.list(days(4), ANNA) == MyList(to_call=(), taken=(), promised=())
    world.press("claim", days(4))
    claimed = world.list(days(4.1))
    assert (claimed.to_call, len(claimed.taken), claimed.overdue) == ((), 1, ())
    assert len(world.list(days(8)).overdue) == 1, "taken, nothing logged"
    world.press("no_answer", days(5), choice="3d")
    promised = world.list(days(5.1))
    assert (promised.taken, len(promised.promised), promised.overdue) == ((), 1, ())
    assert len(world.list(days(10)).overdue) == 1, "the call that was promised"
    world.press("reached", days(10))
    assert world.list(days(10.1)) == MyList(to_call=(), taken=(), promised=())


def test_figures_are_a_teams(world: World) -> None:
    """Median and 90th percentile from the log; a team of one is seen by that one alone, or when they agree."""
    world.press("claim", NOON + timedelta(minutes=20))
    world.press("reached", NOON + timedelta(minutes=50))

    def rows(viewer: str) -> list[tuple[str, float, float]]:
        with reading(world.engine) as connection:
            roster = roster_of(entries(connection), AlertPolicy(), UTC)
            found = by_team(queries.tasks(connection, NOON - LOOK_BACK), roster.rep, viewer)
        return [
            (row.name, row.to_claim.middle.total_seconds() / 60, row.to_contact.p90.total_seconds() / 60)
            for row in found
            if row.to_claim and row.to_contact
        ]

    assert rows(BOSS) == []
    assert rows("JO@example.com") == [("Team South", 20, 50), ("Jo", 20, 50)]
    with writing(world.engine) as connection:
        save_rep(connection, RepEntry(email=JO, name="Jo", team="South", shows_own_figures=True), NOON)
    assert rows(BOSS) == [("Team South", 20, 50), ("Jo", 20, 50)]


def test_percentiles_are_those_of_the_nearest_rank() -> None:
    """Nine of ten within the second but last of twenty; nothing of nothing."""
    found = span(timedelta(minutes=each) for each in range(1, 21))
    assert found is not None and (found.middle, found.p90) == (timedelta(minutes=10.5), timedelta(minutes=18))
    assert span([]) is None


def test_the_page_shows_the_list_and_acts(world: World, tmp_path: Path) -> None:
    """One can do from it what is due."""
    with writing(world.engine) as connection:
        connection.execute(alerts.update().values(to=FIRST_USER))
    clock = MovingClock(days(4))
    client = logged_in(dashboard(world.engine, tmp_path, clock))
    text = client.get("/mine").get_data(as_text=True)
    assert "Nordwind Maschinenbau GmbH" in text and "overdue since" in text and "I&#39;ll take it" in text
    same = {"Sec-Fetch-Site": "same-origin"}
    client.post("/act", data={"do": "claim", "id": world.alert}, headers=same)
    assert "Taken, nothing logged yet" in client.get("/mine").get_data(as_text=True)
    form = {"do": "no_answer", "id": world.alert, "choice": "3d"}
    client.post("/act", data=form, headers=same)
    assert "you call again 27 Nov" in client.get("/mine").get_data(as_text=True)
