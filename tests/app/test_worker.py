"""The worker: the buffer's hits become visits once each, and nothing of them stays behind in the buffer."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from line_world import ACCOUNTS, NOON, PUMPS, PUMPS_IP, SITE, counts, fill, line, purchases
from sqlalchemy import Engine, select

from alerts.deliveries.store import DeliveryQueue
from alerts.outbox import Outbox
from app.intake import Intake
from app.jobs import Job
from app.log_import import import_logs
from app.pipeline import Batch, Pipeline, Result
from app.set_aside import SetAside
from app.worker import Worker
from core.database import reading, writing
from core.domain import Signal
from core.errors import LeaseLostError
from core.ids import derived
from enrichment.account.importer.store import write_activities
from tracker.buffer.segment_log import SegmentWriter
from tracker.buffer.segment_reader import SegmentReader
from tracker.hits import Hit, Tally, encode
from tracker.site_store import list_sites
from tracker.store import read_offsets
from tracker.tables import hit_counts, page_views, salts, visits

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)


@dataclass
class Workplace:
    """A worker with its buffer and a clock that tests move."""

    engine: Engine
    folder: Path
    now: datetime = NOON
    jobs: tuple[Job, ...] = ()
    seconds: float = 60.0
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.buffer = self.folder / "buffer"
        self.set_aside = SetAside(self.folder / "set-aside")
        self.writer = SegmentWriter(self.buffer, "write", segment_seconds=self.seconds)
        self.worker = self.another()

    def another(self) -> Worker:
        """A worker as a new process would have it."""
        outbox = Outbox(DeliveryQueue(self.engine), {}, self.clock, holder="tests")
        pipeline = line(self.engine, self.folder, self.clock)
        return Worker(self.engine, SegmentReader(self.buffer), pipeline, outbox, self.jobs, self.set_aside, self.clock)

    def buffer_ends(self) -> dict[str, int]:
        """Where each segment ends now."""
        return {path.name: path.stat().st_size for path in self.buffer.glob("*.seg")}

    def clock(self) -> datetime:
        return self.now

    def hit(self, name: str, *, ip: str = PUMPS_IP, seconds: int = 0, path: str = "/pricing") -> None:
        """Keep what the snippet would have sent just now."""
        record = Hit(
            id=f"hit-{name:0>8}",
            site=SITE,
            received_at=self.now,
            url=f"https://{SITE}{path}",
            ip=ip,
            user_agent=CHROME,
            engaged_ms=seconds * 1000,
        )
        self.writer.append(encode(record))


@pytest.fixture
def place(any_engine: Engine, tmp_path: Path) -> Iterator[Workplace]:
    fill(any_engine)
    made = Workplace(any_engine, tmp_path)
    yield made
    made.writer.close()


def rows(engine: Engine, *columns: object) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))  # type: ignore[call-overload]


def wait_for(condition: Callable[[], bool], seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_hits_of_the_buffer_become_visits(place: Workplace) -> None:
    """What was acknowledged is judged, and the site's snippet counts as seen."""
    place.hit("a")
    place.hit("b", path="/contact", seconds=60)
    place.writer.append(encode(Tally(received_at=NOON, counts={SITE: {"malformed": 2}})))
    result = place.worker.work_once()
    assert result is not None
    assert [item.outcome.account.id for item in result.visits if isinstance(item.outcome, Signal)] == [PUMPS]
    assert place.worker.work_once() is None
    assert rows(place.engine, page_views.c.path) == [("/contact",), ("/pricing",)]
    assert rows(place.engine, hit_counts.c.outcome, hit_counts.c.n) == [("kept", 2), ("malformed", 2)]
    with reading(place.engine) as connection:
        assert [site.snippet_seen_at for site in list_sites(connection)] == [NOON]


def test_a_worker_that_comes_anew_goes_on_where_the_last_one_committed(place: Workplace) -> None:
    """Offsets lie beside the results, so no restart loses or repeats a hit."""
    for number in range(5):
        place.hit(str(number))
        worker = place.another()
        result = worker.work_once()
        assert result is not None and result.new_hits == 1
        assert place.another().work_once() is None
    assert rows(place.engine, hit_counts.c.n) == [(5,)]


def test_what_cant_be_read_is_counted_and_stops_nobody(place: Workplace) -> None:
    """A record of another version or of nobody's making is told as malformed; the hits around it are worked off."""
    place.hit("a")
    place.writer.append(b'{"kind":"riddle"}')
    place.writer.append(b"\xff\xfe nonsense")
    place.hit("b")
    result = place.worker.work_once()
    assert result is not None and result.new_hits == 2
    assert rows(place.engine, hit_counts.c.site, hit_counts.c.outcome, hit_counts.c.n) == [
        ("", "malformed", 2),
        (SITE, "kept", 2),
    ]


def test_a_failing_database_delays_hits_and_loses_none(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """The batch fails as a whole; the buffer keeps it until it can be written."""
    place.hit("a")

    def fail(*_given: object, **_named: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr("tracker.store.commit_offsets", fail)
        with pytest.raises(OSError, match="disk is full"):
            place.worker.work_once()
    assert len(list(place.buffer.iterdir())) == 1
    result = place.worker.work_once()
    assert result is not None and result.new_hits == 1


def rows_of_all(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return counts(connection)


def read_offsets_of(engine: Engine) -> dict[str, int]:
    with reading(engine) as connection:
        return read_offsets(connection)


def test_one_bad_hit_stops_nobody(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hit on which the line always fails is found, set aside and counted; all others are worked off once."""
    for name in "abcdefg":
        place.hit(name, path="/poison" if name == "d" else "/pricing")
    run = Pipeline.run

    def fragile(self: Pipeline, batch: Batch) -> Result:
        if any(view.path == "/poison" for view in batch.views):
            raise ZeroDivisionError("this hit is one too many")
        return run(self, batch)

    monkeypatch.setattr(Pipeline, "run", fragile)
    failures = 0
    while read_offsets_of(place.engine) != place.buffer_ends():
        try:
            place.worker.work_once()
        except ZeroDivisionError:
            failures += 1
            assert failures < 20
    assert rows(place.engine, hit_counts.c.site, hit_counts.c.outcome, hit_counts.c.n) == [
        ("", "failed", 1),
        (SITE, "kept", 6),
    ]
    (kept,) = place.set_aside.kept()
    assert b"/poison" in kept.read_bytes()
    assert place.set_aside.expire(datetime.now(UTC) + timedelta(minutes=1)) == 1
    assert place.set_aside.kept() == ()


def test_of_two_workers_the_slower_writes_nothing(place: Workplace) -> None:
    """Who finds that the records were worked off meanwhile leaves the other's results alone."""
    place.hit("a")
    batch = Intake(place.engine, place.clock).batch(SegmentReader(place.buffer).read({}, 10), {})
    place.worker.work_once()
    before = rows_of_all(place.engine)

    with pytest.raises(LeaseLostError):
        line(place.engine, place.folder, place.clock).run(batch)

    assert rows_of_all(place.engine) == before


def test_a_visit_goes_on_over_midnight_from_the_buffer(place: Workplace) -> None:
    """The salt of yesterday lives while its visits are open, so the visitor is known again."""
    place.now = datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
    place.hit("a")
    place.worker.work_once()
    place.now += timedelta(minutes=20)
    place.hit("b")
    place.another().work_once()
    place.now += timedelta(minutes=20)
    place.hit("c")
    place.another().work_once()
    assert len(rows(place.engine, visits.c.id)) == 1
    assert len(rows(place.engine, page_views.c.id)) == 3
    assert len(rows(place.engine, salts.c.day)) == 2


def test_once_a_salt_is_gone_the_worker_knows_its_visitors_no_more(place: Workplace) -> None:
    """What the database may not keep, a long-running process must not remember."""
    place.now = datetime(2026, 11, 20, 23, 55, tzinfo=UTC)
    for minutes in (0, 10, 10):
        place.now += timedelta(minutes=minutes)
        place.hit(f"a{place.now:%H%M}")
        place.worker.work_once()
    with writing(place.engine) as connection:
        connection.execute(salts.delete().where(salts.c.day == "2026-11-20"))
    place.now += timedelta(minutes=5)
    place.hit("b")
    place.worker.work_once()
    assert len(rows(place.engine, visits.c.id)) == 2


def test_no_address_stays_in_the_buffer(any_engine: Engine, tmp_path: Path) -> None:
    """Worked off and closed by its age, a segment is deleted though no further hit comes; so is its offset."""
    fill(any_engine)
    place = Workplace(any_engine, tmp_path, seconds=0.3)
    place.hit("a")
    place.worker.work_once()
    (segment,) = place.buffer.iterdir()
    assert PUMPS_IP.encode() in segment.read_bytes()

    def tidied() -> bool:
        place.worker.tidy()
        return not list(place.buffer.iterdir())

    assert wait_for(tidied)
    with reading(any_engine) as connection:
        assert read_offsets(connection) == {}
    place.writer.close()


def test_offsets_of_what_is_still_there_are_kept(place: Workplace) -> None:
    """Tidying up never makes a hit come again."""
    place.hit("a")
    place.worker.work_once()
    place.worker.tidy()
    assert place.another().work_once() is None
    with reading(place.engine) as connection:
        assert len(read_offsets(connection)) == 1


def test_a_running_worker_works_delivers_and_stops(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failing step is told of and tried again; `stop` lets it finish."""
    monkeypatch.setattr("signal.signal", lambda *_given: None)  # only a main thread may
    ran: list[datetime] = []

    def chore(now: datetime) -> int:
        ran.append(now)
        return 1

    place.jobs = (Job(name="test", every=timedelta(minutes=1), run=chore),)
    worker = place.another()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        place.hit("a")
        assert wait_for(lambda: len(rows(place.engine, page_views.c.id)) == 1)
        assert wait_for(lambda: ran == [NOON])
    finally:
        worker.stop()
        thread.join(10)
    assert not thread.is_alive()


def test_a_long_chore_keeps_no_short_one_waiting(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    """While all accounts are judged, an order still ends its account's dormancy within the minute."""
    monkeypatch.setattr("signal.signal", lambda *_given: None)  # only a main thread may
    begun, ended, ran = threading.Event(), threading.Event(), threading.Event()

    def long(_now: datetime) -> int:
        begun.set()
        return int(ended.wait(10))

    def short(_now: datetime) -> int:
        begun.wait(10)
        ran.set()
        return 1

    place.jobs = (
        Job(name="long", every=timedelta(hours=6), run=long, is_long=True),
        Job(name="short", every=timedelta(0), run=short),
    )
    worker = place.another()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        assert ran.wait(10)
        assert not ended.is_set()
    finally:
        worker.stop()
        ended.set()
        thread.join(10)


LOG = '{ip} - - [{at:%d/%b/%Y:%H:%M:%S +0000}] "GET {path} HTTP/1.1" 200 5120 "-" "{agent}"\n'


def test_a_log_imported_while_a_worker_works_counts_each_hit_once(place: Workplace, tmp_path: Path) -> None:
    """Both build visits of the same visitors in turns: every line and every beacon is counted, once."""
    dice = random.Random(7)
    file = tmp_path / "access.log"
    with file.open("w") as log:
        for number in range(600):
            moment = NOON - timedelta(seconds=600 - number)
            log.write(
                LOG.format(ip=f"203.0.113.{dice.randint(1, 14)}", at=moment, path=f"/p{number % 9}", agent=CHROME)
            )
    for number in range(300):
        place.hit(str(number), ip=f"203.0.113.{dice.randint(1, 14)}", path=f"/p{number % 9}")
    done = threading.Event()
    failed: list[Exception] = []

    def work() -> None:
        try:
            while place.worker.work_once() is not None or not done.is_set():
                time.sleep(0.005)
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(2):
            report = import_logs(
                place.engine, line(place.engine, tmp_path, place.clock), [file], SITE, NOON, lambda *_given: None
            )
    finally:
        done.set()
        thread.join()
    assert failed == []
    assert (report.lines, report.new_hits) == (600, 0)
    assert rows(place.engine, hit_counts.c.source, hit_counts.c.outcome, hit_counts.c.n) == [
        ("access_log", "kept", 600),
        ("beacon", "kept", 300),
    ]
    with reading(place.engine) as connection:
        assert counts(connection)["page_views"] == 900
        orphans = connection.execute(select(page_views.c.id).where(page_views.c.visit.is_(None))).all()
    assert orphans == []
    # beacons and lines of the same address and agent on the same day are the same visitor
    assert len(rows(place.engine, visits.c.visitor)) == len(set(rows(place.engine, visits.c.visitor)))


def test_an_order_between_two_visits_is_known_at_the_second(place: Workplace) -> None:
    """Facts are looked up for each batch, not remembered: an import takes effect at the next page view."""
    place.hit("a", seconds=60)
    first = place.worker.work_once()
    place.now += timedelta(hours=2)
    with writing(place.engine) as connection:
        (order,) = purchases(ACCOUNTS[0].id, place.now - timedelta(hours=1), orders=1)
        write_activities(connection, {derived("test", "new order"): order})
    place.hit("b", seconds=60)
    second = place.worker.work_once()
    assert first is not None and second is not None
    found = [item.outcome for result in (first, second) for item in result.visits]
    assert [one.dormancy.dormant for one in found if isinstance(one, Signal)] == [True, False]
