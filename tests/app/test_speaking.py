"""Who is told at once, who later, through the whole line: the day's limit, quiet hours, shadow mode, snoozes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, FREIGHT, FREIGHT_IP, NOON, PUMPS, PUMPS_IP, SITE, fill, line, page
from sqlalchemy import Engine, select

import alerts.precision.store
import alerts.reps.store
import alerts.shadow.store
from alerts import told_store
from alerts.policy import AlertPolicy, HoldoutRules, HoursRules, Route
from alerts.reps.rep import RepEntry
from alerts.tables import alerts as alert_rows
from alerts.tables import deliveries, feedback
from app import actions
from app.dashboard import queries_losses
from app.pipeline import Batch
from app.signed import DEMO_SITE
from core.clock import at
from core.database import reading, writing
from core.domain import PageView, SiteId
from core.ids import derived
from enrichment.account.importer.store import write_accounts
from enrichment.tables import judgements
from tracker.site_store import add_site

HOUR = timedelta(hours=1)
ANNA = RepEntry(email="anna@example.com", name="Anna Arndt", zone="Europe/Berlin")
ONE_A_DAY = AlertPolicy(most_a_day=1)


@pytest.fixture
def world(any_engine: Engine) -> Iterator[Engine]:
    fill(any_engine)
    yield any_engine


def enter(engine: Engine, *entries: RepEntry) -> None:
    with writing(engine) as connection:
        for entry in entries:
            alerts.reps.store.save(connection, entry, NOON)


def told_at(engine: Engine, folder: Path, now: datetime, *views: PageView, policy: AlertPolicy | None = None) -> None:
    """Put the views through the line at `now`."""
    line(engine, folder, at(now), policy=policy).run(Batch(views=views))


def visit(now: datetime = NOON, ip: str = PUMPS_IP, visitor: str = "visitor-1", site: SiteId = SITE) -> list[PageView]:
    """A visit that somebody is told of."""
    first = page(
        "/pricing", at=now - timedelta(minutes=2), seconds=90, ip=ip, visitor=visitor, name=f"{now}", site=site
    )
    return [first, page("/contact", at=now, seconds=20, ip=ip, visitor=visitor, name=f"{now}", site=site)]


def both_annas(engine: Engine) -> None:
    """Anna owns both customers."""
    with writing(engine) as connection:
        write_accounts(connection, (replace(ACCOUNTS[1], owner_email="anna@example.com"),), NOON)


def holds(engine: Engine) -> list[tuple[str, str, str, bool]]:
    """(account, to, hold, has a delivery) of every alert, by account and time."""
    with reading(engine) as connection:
        sent = {row.alert for row in connection.execute(select(deliveries.c.alert))}
        found = connection.execute(select(alert_rows).order_by(alert_rows.c.account, alert_rows.c.at)).all()
        return [(row.account, row.to, row.hold, row.id in sent) for row in found]


def test_the_limit_of_a_day(world: Engine, tmp_path: Path) -> None:
    """The second alert of the day waits, in the same batch too; the next day begins anew."""
    both_annas(world)
    earlier = visit(NOON - timedelta(minutes=5))
    told_at(world, tmp_path, NOON, *earlier, *visit(ip=FREIGHT_IP, visitor="visitor-2"), policy=ONE_A_DAY)
    assert holds(world) == [(PUMPS, "anna@example.com", "", True), (FREIGHT, "anna@example.com", "cap", False)]
    later = NOON + 72 * HOUR
    told_at(world, tmp_path, later, *visit(later, ip=FREIGHT_IP, visitor="visitor-3"), policy=ONE_A_DAY)
    assert holds(world)[-1] == (FREIGHT, "anna@example.com", "", True)


def test_the_limit_counts_what_was_told_before(world: Engine, tmp_path: Path) -> None:
    """Alerts of earlier batches count, by the rep's own day: at 23:30 UTC it is tomorrow in Berlin."""
    both_annas(world)
    hours = HoursRules(begin="00:00", end="00:00", zone="Europe/Berlin", days=("fri", "sat"))
    always = AlertPolicy(most_a_day=1, hours=hours)
    told_at(world, tmp_path, NOON, *visit(), policy=always)
    late, midnight = NOON + 10 * HOUR, NOON + 11.5 * HOUR
    told_at(world, tmp_path, late, *visit(late, ip=FREIGHT_IP, visitor="visitor-2"), policy=always)
    assert holds(world)[-1] == (FREIGHT, "anna@example.com", "cap", False)
    with writing(world) as connection:
        connection.execute(alert_rows.delete().where(alert_rows.c.account == FREIGHT))
    told_at(world, tmp_path, midnight, *visit(midnight, ip=FREIGHT_IP, visitor="visitor-3"), policy=always)
    assert holds(world)[-1] == (FREIGHT, "anna@example.com", "", True)


def test_nights_wait_for_the_brief(world: Engine, tmp_path: Path) -> None:
    """At two in the morning of the rep's zone nobody is woken; without a known zone nobody's night is known."""
    enter(world, ANNA)
    night = datetime(2026, 11, 20, 1, tzinfo=UTC)
    told_at(world, tmp_path, night, *visit(night), *visit(night, ip=FREIGHT_IP, visitor="visitor-2"))
    assert holds(world) == [(PUMPS, "anna@example.com", "quiet", False), (FREIGHT, "jo@example.com", "", True)]


def test_the_message_has_the_reps_own_time(world: Engine, tmp_path: Path) -> None:
    """Times in a message are those of whom it is for."""
    enter(world, ANNA)
    told_at(world, tmp_path, NOON, *visit())
    with reading(world) as connection:
        message = connection.execute(select(alert_rows.c.message)).scalar_one()
    assert message["zone"] == "Europe/Berlin"


def test_shadow_mode_tells_nobody(world: Engine, tmp_path: Path) -> None:
    """Shadow alerts are kept; once live the same account speaks, though it was "told" an hour ago."""
    with writing(world) as connection:
        run = alerts.shadow.store.start(connection, 14, "admin", NOON)
    told_at(world, tmp_path, NOON, *visit())
    assert holds(world) == [(PUMPS, "anna@example.com", "shadow", False)]
    with writing(world) as connection:
        alerts.shadow.store.go_live(
            connection, alerts.shadow.store.figures(connection, run, NOON), "admin", NOON + timedelta(minutes=5)
        )
    later = NOON + HOUR
    told_at(world, tmp_path, later, *visit(later, visitor="visitor-2"))
    assert [hold for _, _, hold, _ in holds(world)] == ["shadow", ""]


def test_a_demoted_rule_waits_for_the_digest(world: Engine, tmp_path: Path) -> None:
    """Alerts of a demoted rule are held; restored, it speaks again."""
    told_at(world, tmp_path, NOON, *visit())
    with writing(world) as connection:
        rule = connection.execute(select(alert_rows.c.rule)).scalar_one()
        alerts.precision.store.demote(connection, rule, "admin", NOON)
    later = NOON + 72 * HOUR
    told_at(world, tmp_path, later, *visit(later, visitor="visitor-2"))
    with writing(world) as connection:
        alerts.precision.store.restore(connection, rule, "admin", later)
    again = later + 48 * HOUR
    told_at(world, tmp_path, again, *visit(again, visitor="visitor-3"))
    assert [hold for _, _, hold, _ in holds(world)] == ["", "demoted", ""]


def test_the_held_out_share_waits(world: Engine, tmp_path: Path) -> None:
    """Whoever is drawn to be held out is told of later; nobody is at a share of nought."""
    all_of_them = AlertPolicy(holdout=HoldoutRules(share=1.0))
    told_at(world, tmp_path, NOON, *visit(), policy=all_of_them)
    told_at(world, tmp_path, NOON, *visit(ip=FREIGHT_IP, visitor="visitor-2"))
    assert [hold for _, _, hold, _ in holds(world)] == ["holdout", ""]


def test_a_snoozed_account_is_silent(world: Engine, tmp_path: Path) -> None:
    """Until the day that somebody chose; a snooze that was taken back counts no more."""
    told_at(world, tmp_path, NOON, *visit())
    until = NOON + timedelta(days=7)
    with writing(world) as connection:
        alert = connection.execute(select(alert_rows.c.id)).scalar_one()
        values = {"alert": alert, "kind": "snoozed", "by": "anna@example.com", "at": NOON, "until": until}
        connection.execute(feedback.insert().values(id=derived("feedback", alert), **values))
    for days in (3, 8):
        later = NOON + timedelta(days=days)
        told_at(world, tmp_path, later, *visit(later, visitor=f"visitor-{days}"))
    with reading(world) as connection:
        silences = connection.execute(select(judgements.c.silence, judgements.c.at).order_by(judgements.c.at)).all()
    assert [silence for silence, _ in silences] == [None, "snoozed", None]


def test_the_deputy_is_told_while_the_owner_is_away(world: Engine, tmp_path: Path) -> None:
    """The alert goes to whoever stands in, and says why."""
    enter(world, replace(ANNA, away_from=date(2026, 11, 1), away_until=date(2026, 12, 3), deputy="jo@example.com"))
    told_at(world, tmp_path, NOON, *visit())
    with reading(world) as connection:
        row = connection.execute(select(alert_rows.c.to, alert_rows.c.route)).one()
    assert tuple(row) == ("jo@example.com", "Anna is away until 3 Dec: jo stands in.")


def test_the_deputys_own_word_counts(world: Engine, tmp_path: Path) -> None:
    """Who stands in and said "wrong company" of this network isn't told of it again; the owner still would be."""
    told_at(world, tmp_path, NOON, *visit())
    with writing(world) as connection:
        alert = connection.execute(select(alert_rows.c.id)).scalar_one()
        actions.ACTS["wrong_company"](connection, alert, "jo@example.com", NOON)
    later = NOON + timedelta(days=3)
    told_at(world, tmp_path, later, *visit(later, visitor="visitor-2"))
    assert len(holds(world)) == 2
    enter(world, replace(ANNA, away_from=date(2026, 11, 1), deputy="jo@example.com"))
    again = NOON + timedelta(days=6)
    told_at(world, tmp_path, again, *visit(again, visitor="visitor-3"))
    with reading(world) as connection:
        last = connection.execute(select(judgements.c.silence).order_by(judgements.c.at.desc())).scalars().first()
    assert (len(holds(world)), last) == (2, "corrected")


def test_a_route_finds_a_team(world: Engine, tmp_path: Path) -> None:
    """An account of an owner who left goes to whoever of the team was told least."""
    enter(world, replace(ANNA, has_left=True), *(RepEntry(email=f"{who}@example.com", team="South") for who in "ab"))
    routes = (Route(product="X200", team="South"),)
    told_at(world, tmp_path, NOON, *visit(), policy=AlertPolicy(routes=routes))
    assert holds(world) == [(PUMPS, "a@example.com", "", True)]


def test_the_demo_waits_for_nobody(world: Engine, tmp_path: Path) -> None:
    """Shadow mode, the limit and the night don't hold what stays in the preview anyway; nor does it count."""
    both_annas(world)
    enter(world, ANNA)
    with writing(world) as connection:
        add_site(connection, DEMO_SITE, NOON)
        alerts.shadow.store.start(connection, 14, "admin", NOON)
    night = datetime(2026, 11, 20, 1, tzinfo=UTC)
    told_at(world, tmp_path, night, *visit(night, site=SiteId(DEMO_SITE)))
    assert holds(world) == [(PUMPS, "anna@example.com", "", True)]
    with writing(world) as connection:
        assert told_store.told_since(connection, {"anna@example.com"}, night - HOUR, DEMO_SITE) == {}


def test_held_alerts_are_counted_where_visits_go(world: Engine, tmp_path: Path) -> None:
    """The funnel says of a held alert why nobody was told, until somebody is."""
    enter(world, ANNA)
    night = datetime(2026, 11, 20, 1, tzinfo=UTC)
    told_at(world, tmp_path, night, *visit(night), *visit(night, ip=FREIGHT_IP, visitor="visitor-2"))

    def ends() -> tuple[dict[str, int], int, int]:
        with reading(world) as connection:
            last = queries_losses.visit_stages(connection, night)[-1]
            each = [queries_losses.count_bucket(connection, code, night) for code in ("quiet", "alerted")]
        return {loss.code: loss.count for loss in last.losses}, each[0], each[1]

    assert ends() == ({"quiet": 1}, 1, 1)
    with writing(world) as connection:
        connection.execute(alert_rows.update().where(alert_rows.c.hold == "quiet").values(released_at=NOON))
    assert ends() == ({}, 0, 2)
