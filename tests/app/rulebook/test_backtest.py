"""A back-test is the engine itself on stored events: the rules of now give the alerts that were really made."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import FREIGHT_IP, NOON, PUMPS_IP_TOO, content, fill, line, page
from sqlalchemy import Engine

import alerts.store
from app.pipeline import Batch
from app.rulebook import backtest, report, versions
from app.rulebook.backtest import BackTest
from app.rulebook.files import rule_file
from core.database import reading, writing
from core.domain import PageView
from core.settings import Settings, read_settings

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = NOON + 12 * DAY


def settings(tmp_path: Path) -> Settings:
    return read_settings({"DORMOUSE_HOME": str(tmp_path), "DORMOUSE_RULES_DIR": ""})


def visits() -> list[PageView]:
    """Twelve days of two customers: short looks, long reading, two people at once, a day of careers pages."""
    seen: list[PageView] = []
    for number in range(12):
        at = NOON + number * DAY - 3 * HOUR
        who = f"pumps-{number}"
        pages = [("/pricing", 40), ("/quote", 20)] if number % 3 == 0 else [("/blog/a", 10), ("/products/x200", 25)]
        seen += [
            page(path, at=at + place * timedelta(seconds=60), seconds=seconds, visitor=who)
            for place, (path, seconds) in enumerate(pages)
        ]
        if number in (4, 8):
            seen.append(page("/pricing", at=at + HOUR, seconds=35, visitor=f"{who}-too", ip=PUMPS_IP_TOO))
        if number % 4 == 1:
            at += 2 * HOUR
            seen.append(page("/spare-parts/x200", at=at, seconds=45, visitor=f"freight-{number}", ip=FREIGHT_IP))
            seen.append(
                page("/quote", at=at + 2 * timedelta(minutes=1), seconds=9, visitor=f"freight-{number}", ip=FREIGHT_IP)
            )
            seen.append(
                page("/careers", at=at + timedelta(minutes=5), seconds=30, visitor=f"freight-{number}", ip=FREIGHT_IP)
            )
    return sorted(seen, key=lambda view: view.at)


def lived(engine: Engine, tmp_path: Path) -> None:
    """Let the line see all pages, each as it is opened and again when it was read."""
    fill(engine)
    moment = [NOON]
    running = line(engine, tmp_path, lambda: moment[0])
    hits: list[tuple[datetime, PageView]] = []
    for view in visits():
        opened = page(view.path, at=view.at, seconds=0, visitor=view.visitor, ip=view.ip)
        hits += [(view.at, opened), (view.at + timedelta(milliseconds=view.engaged_ms), view)]
    for at, view in sorted(hits, key=lambda hit: hit[0]):
        moment[0] = at + timedelta(seconds=1)
        running.run(Batch(views=[view], is_live=True))


def tried(engine: Engine, tmp_path: Path, text: str, file: str = "scoring", days: int = 30) -> BackTest:
    return versions.test(settings(tmp_path), engine, rule_file(file), text, NOW, days=days)


def test_the_rules_of_now_give_exactly_the_alerts_that_were_made(any_engine: Engine, tmp_path: Path) -> None:
    """By visit and account, with cool-downs, growing visits and careers pages; and nothing is written."""
    lived(any_engine, tmp_path)
    with reading(any_engine) as connection:
        made = {(row.alert.account, row.alert.visit) for row in alerts.store.alert_rows(connection, NOON - 30 * DAY)}
    before = content(any_engine)

    found = tried(any_engine, tmp_path, rule_file("scoring").built_in_text())

    assert len(made) > 3
    assert {(one.account, one.visit) for one in found.fires} == made
    assert found.candidate == found.now
    assert (found.candidate.fired, found.made, found.appear, found.vanish) == (len(made), len(made), (), ())
    assert content(any_engine) == before


def test_what_changes_is_told_by_account_outcome_and_rep(engine: Engine, tmp_path: Path) -> None:
    """A threshold that nobody reaches: all vanish; a long cool-down: one each; claims and wrongs are counted."""
    lived(engine, tmp_path)
    with writing(engine) as connection:
        rows = alerts.store.alert_rows(connection, NOON - 30 * DAY)
        alerts.store.claim(connection, rows[0].alert.id, "anna@example.com", NOW)
        alerts.store.wrong_company(connection, rows[1].alert.id, "anna@example.com", NOW)
    same = tried(engine, tmp_path, "")
    none = tried(engine, tmp_path, "threshold = 900\n[trigger.pricing]\non = false\n[trigger.form]\non = false\n")
    rare = tried(engine, tmp_path, "cool_down_hours = 9000\n[again]\nscore_times = 0\nrank = []\n", "alerting")

    assert (same.candidate.claimed, same.candidate.wrong) == (1, 1)
    assert none.candidate.fired == 0
    assert none.vanish == ("Hartmann Pumpen GmbH", "Nordwind Maschinenbau GmbH")
    assert {one.account for one in rare.fires} == {"C-1", "C-2"}
    assert rare.candidate.fired < same.candidate.fired
    rates = {one.rep: one.per_week_now for one in rare.volumes}
    assert sum(rates.values()) == pytest.approx(same.now.fired / same.days * 7, abs=0.02)
    said = report.lines(none)
    assert said[0] == f"Would have fired 0 times in {none.days:g} days (now: {none.now.fired})."
    assert "No longer: Hartmann Pumpen GmbH, Nordwind Maschinenbau GmbH." in said
    assert "Forecast: anna 0.0 a week (now" in report.forecast(none)


def test_the_limit_of_a_day_sends_the_rest_to_the_digest(engine: Engine, tmp_path: Path) -> None:
    """With no real-time alert a day, all wait."""
    lived(engine, tmp_path)
    found = tried(engine, tmp_path, "most_a_day = 0\n", "alerting")
    assert (found.candidate.at_once, found.candidate.digest) == (0, found.now.fired)


def test_a_test_that_takes_too_long_says_how_far_it_came(engine: Engine, tmp_path: Path) -> None:
    """It stops at its bound instead of running on."""
    lived(engine, tmp_path)
    book = versions.acting_book(settings(tmp_path), engine)
    found = backtest.back_test(
        engine, "scoring", book, book, versions.setting_of(settings(tmp_path)), NOW, most_seconds=-1
    )
    assert (found.visits, found.candidate.fired) == (0, 0)
    assert found.stopped_at is not None
    assert "Time was up" in report.lines(found)[-1]


def test_a_report_is_the_same_after_it_was_kept(engine: Engine, tmp_path: Path) -> None:
    """What a version stores can be shown again."""
    lived(engine, tmp_path)
    found = tried(engine, tmp_path, "threshold = 50\n")
    assert backtest.from_data(backtest.to_data(found)) == found
