"""Who gets alerts, shadow mode, and how often rules were right: pages, commands and what they keep."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from pages import NOW, SAME_ORIGIN, dashboard, logged_in, served
from playwright.sync_api import Browser
from seed import seed
from sqlalchemy import Engine, select, update

import alerts.precision.store
import alerts.reps.store
import alerts.shadow.store
from alerts.reps.rep import RepEntry
from alerts.tables import alerts as alert_rows
from alerts.tables import deliveries, feedback
from app import rep_queries
from app.auth.users import ensure_admin, login_link
from app.cli.main import dormouse
from app.tables import audit, users
from core.database import reading, writing
from core.errors import InputError
from core.ids import derived

CSV = """E-Mail,Name,Time zone,Hours,Deputy,Team,Away from,Away until,Shoe size
Anna@Example.com,Anna Arndt,Europe/Berlin,8:30-17:00,jo@example.com,South,2026-11-24,2026-12-03,38
jo@example.com,Jo,,,,South,,,
"""


@pytest.fixture
def seeded(engine: Engine) -> Engine:
    seed(engine, NOW)
    return engine


def entry(engine: Engine, email: str) -> RepEntry | None:
    with reading(engine) as connection:
        return alerts.reps.store.entry(connection, email)


def did(engine: Engine) -> list[str]:
    """What the audit says, in order."""
    with reading(engine) as connection:
        said = connection.execute(select(audit.c.what).order_by(audit.c.at, audit.c.what)).scalars()
        return [what for what in said if not what.startswith("login")]


def command(engine: Engine, *words: str) -> Result:
    return CliRunner().invoke(dormouse, words, env={"DORMOUSE_DATABASE_URL": str(engine.url)})


def test_reps_come_from_a_file(seeded: Engine, tmp_path: Path) -> None:
    """A file's columns are known by their usual names; a second import changes only what it says."""
    file = tmp_path / "team.csv"
    file.write_text(CSV)
    done = command(seeded, "reps", "import", str(file))
    assert (done.exit_code, done.stdout) == (0, "2 reps entered\n")
    assert done.stderr == "not used: the columns Shoe size\n"
    anna = entry(seeded, "anna@example.com")
    assert anna is not None
    assert (anna.zone, f"{anna.begin:%H:%M}", anna.deputy, str(anna.away_until)) == (
        "Europe/Berlin",
        "08:30",
        "jo@example.com",
        "2026-12-03",
    )
    file.write_text("email,zone\nanna@example.com,Europe/Vienna\n")
    assert command(seeded, "reps", "import", str(file)).exit_code == 0
    changed = entry(seeded, "anna@example.com")
    assert changed is not None
    assert (changed.zone, changed.name) == ("Europe/Vienna", "Anna Arndt")


def test_a_file_with_mistakes_enters_nobody(seeded: Engine, tmp_path: Path) -> None:
    """All mistakes are named with their lines, and nothing is kept."""
    file = tmp_path / "team.csv"
    file.write_text("email,zone,hours\nanna@example.com,Berlin,8-5\nnobody,,\njo@example.com,,\n")
    done = command(seeded, "reps", "import", str(file))
    assert isinstance(done.exception, InputError)
    assert [line.split(":")[0] for line in str(done.exception).splitlines()] == [
        "line 2",
        "line 2",
        "line 3",
        "nothing was entered",
    ]
    assert entry(seeded, "jo@example.com") is None


def test_the_list_names_owners_who_cant_be_told(seeded: Engine) -> None:
    """Owners who left, whom nobody entered, and accounts without one are all listed, never dropped."""
    assert command(seeded, "reps", "set", "anna.berg@example.com", "left=yes").exit_code == 0
    done = command(seeded, "reps", "list", "--json")
    assert json.loads(done.stdout)["left"] == "yes"
    said = done.stderr.splitlines()
    assert "anna.berg@example.com: 4 accounts; left: their accounts go to the fallback" in said
    assert "kim.lang@example.com: 3 accounts; not entered, told as the policy says" in said
    assert "1 accounts have no owner: they go to the fallback" in said


def test_whom_slack_cant_find_is_listed(seeded: Engine, tmp_path: Path) -> None:
    """Whose last alert went to the fallback channel is named; who was found meanwhile isn't."""
    for number, (to, remote) in enumerate(
        [("kim@example.com", "C1:1"), ("jo@example.com", "C1:2"), ("jo@example.com", "D2:3"), ("", "C1:4")]
    ):
        with writing(seeded) as connection:
            row = dict(connection.execute(select(alert_rows)).mappings().first() or {})
            id = derived("test_slack", number)
            at = NOW - timedelta(hours=9 - number)
            connection.execute(alert_rows.insert().values({**row, "id": id, "to": to, "at": at}))
            sent = {"id": id, "alert": id, "channel": "slack", "status": "sent", "due_at": at, "remote": remote}
            connection.execute(deliveries.insert().values(sent))
    with reading(seeded) as connection:
        found = rep_queries.not_on_slack(connection, NOW - timedelta(days=1))
    assert "kim@example.com" in found
    assert "jo@example.com" not in found
    page = logged_in(dashboard(seeded, tmp_path)).get("/team").text.replace("&#39;", "'")
    assert "<b>kim@example.com</b> wasn't found on Slack" in page


def test_an_admin_enters_somebody(seeded: Engine, tmp_path: Path) -> None:
    """The form keeps what is right, and with a mistake shows it and keeps nothing."""
    client = logged_in(dashboard(seeded, tmp_path))
    said = {"email": "Anna@example.com", "zone": "Europe/Berlin", "deputy": "jo@example.com", "hours": "09:00-17:00"}
    assert client.post("/team/rep", data=said, headers=SAME_ORIGIN).status_code == 303
    assert (entry(seeded, "anna@example.com") or RepEntry(email="")).deputy == "jo@example.com"
    wrong = client.post("/team/rep", data={**said, "zone": "Mars", "deputy": "anna@example.com"}, headers=SAME_ORIGIN)
    assert wrong.status_code == 400
    assert "is no time zone" in wrong.text
    assert "nobody stands in for themselves" in wrong.text
    assert (entry(seeded, "anna@example.com") or RepEntry(email="")).zone == "Europe/Berlin"
    assert "anna@example.com" in client.get("/team").text
    assert client.post("/team/remove", data={"email": "anna@example.com"}, headers=SAME_ORIGIN).status_code == 303
    assert entry(seeded, "anna@example.com") is None
    assert did(seeded) == ["rep.remove", "rep.set"]


def test_reps_change_their_own_hours_alone(seeded: Engine, tmp_path: Path) -> None:
    """A rep says when they work and are away, not who stands in, and nothing of others."""
    client = logged_in(dashboard(seeded, tmp_path))
    with writing(seeded) as connection:
        connection.execute(update(users).values(role="rep", email="anna@example.com"))
    said = {"email": "anna@example.com", "hours": "07:00-15:00", "deputy": "jo@example.com", "left": "yes"}
    assert client.post("/team/rep", data=said, headers=SAME_ORIGIN).status_code == 303
    anna = entry(seeded, "anna@example.com") or RepEntry(email="")
    assert (f"{anna.begin:%H:%M}", anna.deputy, anna.has_left) == ("07:00", "", False)
    others = {**said, "email": "jo@example.com"}
    assert client.post("/team/rep", data=others, headers=SAME_ORIGIN).status_code == 403
    assert client.get("/team/rep?email=jo@example.com").status_code == 403
    for door in ("/team/remove", "/shadow/start", "/shadow/golive", "/alerts/rules"):
        assert (
            client.post(door, data={"email": "anna@example.com", "do": "demote"}, headers=SAME_ORIGIN).status_code
            == 403
        )


def in_shadow(engine: Engine, number: int = 3) -> list[str]:
    """Have some alerts of the seeded world made in shadow mode; return their ids."""
    with writing(engine) as connection:
        alerts.shadow.store.start(connection, 14, "admin@localhost", NOW - timedelta(days=7))
        ids = list(connection.execute(select(alert_rows.c.id).order_by(alert_rows.c.id).limit(number)).scalars())
        connection.execute(
            update(alert_rows)
            .where(alert_rows.c.id.in_(ids))
            .values(hold="shadow", backfill=False, to="anna@example.com", created_at=NOW - timedelta(days=1))
        )
    return ids


def test_samples_are_judged_one_at_a_time(seeded: Engine, tmp_path: Path) -> None:
    """Each sample is shown with its message until somebody judges it; then the next comes."""
    ids = in_shadow(seeded)
    client = logged_in(dashboard(seeded, tmp_path))
    assert "would have had <b>3.0</b> a week" in client.get("/shadow").text
    for verdict, alert in zip(("right", "wrong", "unknown"), ids, strict=True):
        assert f'value="{alert}"' in client.get("/shadow").text
        client.post("/shadow/judge", data={"alert": alert, "verdict": verdict}, headers=SAME_ORIGIN)
    assert "Every sample is judged" in client.get("/shadow").text
    with reading(seeded) as connection:
        run = alerts.shadow.store.running(connection)
        assert run is not None
        found = alerts.shadow.store.figures(connection, run, NOW)
    assert (found.judged, found.right, found.wrong, found.unknown) == (2, 1, 1, 1)
    assert client.post("/shadow/judge", data={"alert": "x", "verdict": "right"}, headers=SAME_ORIGIN).status_code == 303
    assert client.post("/shadow/judge", data={"alert": ids[0], "verdict": "y"}, headers=SAME_ORIGIN).status_code == 400


def test_going_live_takes_two_presses_and_is_written_down(seeded: Engine, tmp_path: Path) -> None:
    """The first press says what speaks against it; the second does it, once, with the figures it rested on."""
    ids = in_shadow(seeded)
    client = logged_in(dashboard(seeded, tmp_path))
    client.post("/shadow/judge", data={"alert": ids[0], "verdict": "wrong"}, headers=SAME_ORIGIN)
    asked = client.get("/shadow?golive=1").text
    assert "Only 1 of at least 10 samples were judged." in asked
    assert "1 of 1 judged were wrong" in asked
    with reading(seeded) as connection:
        assert alerts.shadow.store.running(connection) is not None
    for _ in range(2):
        assert client.post("/shadow/golive", headers=SAME_ORIGIN).status_code == 303
    with reading(seeded) as connection:
        run = alerts.shadow.store.last_run(connection)
    assert run is not None
    assert (run.ended_at, run.ended_by, run.judged, run.wrong) == (NOW, "admin@localhost", 1, 1)
    assert did(seeded) == ["shadow.golive"]


def test_shadow_mode_by_command(seeded: Engine) -> None:
    """Start, judge and golive say what they do; golive without --yes changes nothing."""
    assert "on for 7 days" in command(seeded, "shadow", "start", "--days", "7").stdout
    assert "nothing was changed" in command(seeded, "shadow", "start").stdout
    (sample,) = in_shadow(seeded, 1)
    shown = command(seeded, "shadow", "judge").stdout
    assert shown.endswith("no sample is left to judge\n")  # it was made before the run began
    with writing(seeded) as connection:
        run = alerts.shadow.store.running(connection)
        assert run is not None
        connection.execute(update(alert_rows).values(created_at=run.started_at))
    assert sample in command(seeded, "shadow", "judge").stdout
    assert "no sample is left" in command(seeded, "shadow", "judge", "wrong", "--alert", sample).stdout
    refused = command(seeded, "golive")
    assert isinstance(refused.exception, InputError)
    assert "WARNING: 1 of 1 judged were wrong" in refused.stdout
    assert command(seeded, "golive", "--yes").stdout.endswith("live: from now on reps get alerts\n")
    assert isinstance(command(seeded, "golive", "--yes").exception, InputError)


def judged(engine: Engine, right: int, wrong: int) -> None:
    """Have so many alerts of the rule `trigger:pricing` judged."""
    with writing(engine) as connection:
        row = dict(connection.execute(select(alert_rows)).mappings().first() or {})
        for number in range(right + wrong):
            id = derived("test_alert", number)
            values = {
                **row,
                "id": id,
                "rule": "trigger:pricing",
                "backfill": False,
                "created_at": NOW - timedelta(hours=1),
            }
            connection.execute(alert_rows.insert().values(values))
            kind = "claimed" if number < right else "not_useful"
            connection.execute(feedback.insert().values(id=id, alert=id, kind=kind, by="anna@example.com", at=NOW))


def test_a_rule_proposes_its_own_demotion(seeded: Engine, tmp_path: Path) -> None:
    """Right 3 times of 8, it asks to be told of in the digest; a person accepts, and may take it back."""
    judged(seeded, right=3, wrong=5)
    client = logged_in(dashboard(seeded, tmp_path))
    assert "tell of it in the digest alone?" in client.get("/alerts/rules").text
    for do, expected in (("demote", {"trigger:pricing"}), ("restore", set())):
        client.post("/alerts/rules", data={"rule": "trigger:pricing", "do": do}, headers=SAME_ORIGIN)
        with reading(seeded) as connection:
            assert alerts.precision.store.demoted(connection) == expected
        # what was judged before counts no more: else it would be proposed again at once
        assert "tell of it in the digest alone?" not in client.get("/alerts/rules").text
    assert did(seeded) == ["rule.demote", "rule.restore"]


def test_undone_feedback_and_the_demo_judge_no_rule(seeded: Engine) -> None:
    """What was taken back counts for nothing, nor does what happened on the demo's site."""
    judged(seeded, right=2, wrong=2)
    with writing(seeded) as connection:
        connection.execute(update(feedback).where(feedback.c.kind == "not_useful").values(undone_at=NOW))
    since = NOW - timedelta(days=180)
    with reading(seeded) as connection:
        found = {each.rule: each for each in alerts.precision.store.precision(connection, since, "")}
        site = connection.execute(select(alert_rows.c.site)).scalars().first()
        assert alerts.precision.store.precision(connection, since, site or "") == ()
    assert (found["trigger:pricing"].judged, found["trigger:pricing"].right) == (2, 2)


def test_held_alerts_say_why(seeded: Engine, tmp_path: Path) -> None:
    """The list, the timeline and the command name the hold and the route."""
    with writing(seeded) as connection:
        id, account = connection.execute(select(alert_rows.c.id, alert_rows.c.account)).first() or ("", "")
        held = {"id": derived("test", id), "hold": "quiet", "route": "Anna is away: Jo stands in.", "backfill": False}
        row = dict(connection.execute(select(alert_rows).where(alert_rows.c.id == id)).mappings().one())
        connection.execute(alert_rows.insert().values({**row, **held, "at": NOW}))
    client = logged_in(dashboard(seeded, tmp_path))
    for page in ("/alerts?show=held", f"/accounts/{account}"):
        text = client.get(page).text
        assert "told in the morning brief" in text.replace("&#39;", "'")
        assert "Anna is away: Jo stands in." in text
    lines = [json.loads(line) for line in command(seeded, "alerts", "--json").stdout.splitlines()]
    assert [(line["hold"], line["route"]) for line in lines if line["hold"]] == [
        ("quiet", "Anna is away: Jo stands in.")
    ]


def test_pages_fit_a_narrow_screen(seeded: Engine, tmp_path: Path, browser: Browser) -> None:
    """At 320 px nothing runs over, light or dark, and no script complains."""
    in_shadow(seeded)
    with writing(seeded) as connection:
        alerts.reps.store.save(connection, RepEntry(email="a-rather-long-name@very-long.example.com"), NOW)
        ensure_admin(connection, NOW)
        token = login_link(connection, NOW)
    wide: list[str] = []
    with served(dashboard(seeded, tmp_path)) as base:
        context = browser.new_context(viewport={"width": 320, "height": 800}, color_scheme="dark")
        page = context.new_page()
        page.goto(f"{base}/go/{token}")
        for path in ("/team", "/team/rep", "/shadow", "/shadow?golive=1", "/alerts/rules"):
            page.goto(base + path)
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                wide.append(path)
        context.close()
    assert wide == []
