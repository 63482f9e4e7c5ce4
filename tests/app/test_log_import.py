"""Access logs through the line: every line has an outcome, and importing again changes nothing."""

from __future__ import annotations

import gzip
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from line_world import NOON, PUMPS, PUMPS_IP, SITE, content, counts, fill, line
from sqlalchemy import Engine, func, select

from app import log_import
from app.log_import import LogReport, import_logs
from core.clock import at
from core.database import reading
from core.errors import InputError
from tracker.tables import hit_counts

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)
LAST_WEEK = NOON - timedelta(days=7)


def log_line(
    path: str, minute: float = 0, ip: str = PUMPS_IP, status: int = 200, agent: str = CHROME, method: str = "GET"
) -> str:
    moment = LAST_WEEK + timedelta(minutes=minute)
    return f'{ip} - - [{moment:%d/%b/%Y:%H:%M:%S +0000}] "{method} {path} HTTP/1.1" {status} 512 "-" "{agent}"\n'


LINES = [
    log_line("/"),
    log_line("/style.css"),
    log_line("/pricing", 1),
    log_line("/pricing", 1),
    log_line("/contact", 2),
    log_line("/", 3, ip="192.0.2.10"),
    log_line("/gone", 4, status=404),
    log_line("/form", 5, method="POST"),
    log_line("/robots", 6, agent="Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"),
    log_line("/", 6, agent="-"),
    "this is no line of a log\n",
]


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


def imported(engine: Engine, folder: Path, *files: Path, now: datetime = NOON, site: str = SITE) -> LogReport:
    return import_logs(engine, line(engine, folder, at(now)), files, site, now, lambda *_given: None)


def written(folder: Path, lines: list[str], name: str = "access.log") -> Path:
    path = folder / name
    path.write_text("".join(lines))
    return path


def test_every_line_has_an_outcome_and_all_add_up(world: Engine, tmp_path: Path) -> None:
    """The report, the counts and the rows tell the same: nothing vanishes."""
    report = imported(world, tmp_path, written(tmp_path, LINES))
    assert report.lines == len(LINES) == sum(report.outcomes.values()) == report.new_hits
    assert dict(report.outcomes) == {
        "kept": 5,
        "not_a_page": 1,
        "error_status": 1,
        "not_get": 1,
        "malformed": 1,
        "bot_declared": 1,
        "bot_no_agent": 1,
    }
    with reading(world) as connection:
        kept = dict(connection.execute(select(hit_counts.c.outcome, hit_counts.c.n)).all())
        assert kept == dict(report.outcomes)
        assert counts(connection)["page_views"] == len(LINES)
    assert report.recognised == {PUMPS}


def test_an_imported_visit_makes_a_shown_alert_and_no_delivery(world: Engine, tmp_path: Path) -> None:
    """History is reported, never sent."""
    report = imported(world, tmp_path, written(tmp_path, LINES))
    with reading(world) as connection:
        found = counts(connection)
    assert (report.alerts, found["alerts"], found["deliveries"]) == (1, 1, 0)


@pytest.mark.parametrize("later", [timedelta(0), timedelta(hours=2), timedelta(days=3)], ids=str)
def test_importing_again_changes_nothing(world: Engine, tmp_path: Path, later: timedelta) -> None:
    """The same file, at once or days later: no row of any table differs but the day's salt."""
    file = written(tmp_path, LINES)
    imported(world, tmp_path, file)
    once = content(world)
    again = imported(world, tmp_path, file, now=NOON + later)
    assert (again.lines, again.new_hits, again.alerts, again.visits) == (len(LINES), 0, 0, set())
    after = content(world)
    for tables in (once, after):
        tables.pop("salts")
    assert after == once


def test_a_grown_file_adds_what_is_new(world: Engine, tmp_path: Path) -> None:
    """In one go or in two, the outcome is the same."""
    for count in (3, 6, len(LINES)):
        report = imported(world, tmp_path, written(tmp_path, LINES[:count]))
    assert report.new_hits == len(LINES) - 6
    with reading(world) as connection:
        assert connection.execute(select(func.sum(hit_counts.c.n))).scalar() == len(LINES)
        assert counts(connection)["alerts"] == 1


def test_a_packed_file_is_the_same_file(world: Engine, tmp_path: Path) -> None:
    """Known by its content, whatever it is called; and the plain one after it adds nothing."""
    packed = tmp_path / "access.log.1"
    packed.write_bytes(gzip.compress("".join(LINES).encode()))
    assert imported(world, tmp_path, packed).new_hits == len(LINES)
    assert imported(world, tmp_path, written(tmp_path, LINES)).new_hits == 0


def test_small_slices_lead_to_the_same_rows(world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice may end in the middle of a visit: the next one goes on with it."""
    monkeypatch.setattr(log_import, "SLICE", 2)
    report = imported(world, tmp_path, written(tmp_path, LINES))
    assert (report.new_hits, report.alerts, len(report.visits)) == (len(LINES), 1, 4)
    with reading(world) as connection:
        assert counts(connection)["visits"] == 4


def test_an_empty_file_is_no_mistake(world: Engine, tmp_path: Path) -> None:
    """A log rotated a moment ago."""
    assert imported(world, tmp_path, written(tmp_path, [])).lines == 0


def test_an_unknown_site_is_refused_before_anything_is_read(world: Engine, tmp_path: Path) -> None:
    """It names the command that adds the site, and writes nothing."""
    before = content(world)
    with pytest.raises(InputError, match=r"dormouse site add other\.example\.com"):
        imported(world, tmp_path, tmp_path / "nowhere.log", site="other.example.com")
    assert content(world) == before


def test_a_file_that_is_not_there_is_named(world: Engine, tmp_path: Path) -> None:
    """With its path and why."""
    with pytest.raises(InputError, match=r"nowhere\.log can't be read"):
        imported(world, tmp_path, tmp_path / "nowhere.log")


def test_a_damaged_packing_keeps_the_lines_before_it(world: Engine, tmp_path: Path) -> None:
    """They are judged and written, and the mistake is told; the whole file later adds the rest."""
    many = [log_line(f"/page-{number}", number / 10) for number in range(4_000)]
    whole = gzip.compress("".join(many).encode())
    cut = tmp_path / "cut.log.gz"
    cut.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match="damaged gzip"):
        imported(world, tmp_path, cut)
    with reading(world) as connection:
        before = counts(connection)["page_views"]
    assert 500 < before < 4_000
    cut.write_bytes(whole)
    # The last line before the damage may have been cut: then its whole self is new.
    assert imported(world, tmp_path, cut).new_hits in (4_000 - before, 4_000 - before + 1)
