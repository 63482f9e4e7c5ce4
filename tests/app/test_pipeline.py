"""The line from page views to alerts: each batch whole or not at all, and the same however often it comes."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from line_world import (
    FREIGHT,
    FREIGHT_IP,
    HOSTER_IP,
    ISP_IP,
    NOON,
    PUMPS,
    PUMPS_IP,
    PUMPS_IP_TOO,
    STRANGER_IP,
    TWINS_IP,
    content,
    counts,
    fill,
    line,
    page,
    read_known,
)
from sqlalchemy import Engine, select

import alerts.store
import tracker.store
from alerts.tables import alerts as alert_rows
from alerts.tables import deliveries
from app import actions
from app.locks import visit_builder
from app.pipeline import Batch, Pipeline, Result
from core.clock import at
from core.database import reading, writing
from core.domain import DropReason, NetworkKind, PageView, Signal
from enrichment.network import store as network_store
from enrichment.tables import account_states, dormancy_transitions, judgements
from tracker.hits import Tally
from tracker.tables import buffer_offsets, hit_counts, page_views, visits


@pytest.fixture
def world(any_engine: Engine) -> Engine:
    fill(any_engine)
    return any_engine


def run(pipeline: Pipeline, *views: PageView, **more: object) -> Result:
    return pipeline.run(Batch(views=views, **more))  # type: ignore[arg-type]


def rows(engine: Engine, *columns: object) -> list[tuple[object, ...]]:
    with reading(engine) as connection:
        return sorted(tuple(row) for row in connection.execute(select(*columns)))  # type: ignore[call-overload]


QUALIFYING = (page("/", seconds=5), page(seconds=60, at=NOON + timedelta(seconds=6)))


def test_a_hit_becomes_a_visit_a_judgement_an_alert_and_a_delivery(world: Engine, tmp_path: Path) -> None:
    """One batch in: everything that follows from it is there, with the buffer's offset."""
    now = NOON + timedelta(seconds=70)
    result = run(line(world, tmp_path, at(now)), *QUALIFYING, offsets={"segment-1": 77})
    (judged,) = result.visits
    assert isinstance(judged.outcome, Signal)
    assert (result.hits, result.new_hits, len(result.alerts)) == (2, 2, 1)
    assert rows(world, visits.c.ip, visits.c.prefix, visits.c.visitor) == [(PUMPS_IP, "203.0.113.0/28", "visitor-1")]
    assert [row[:2] for row in rows(world, page_views.c.path, page_views.c.engaged_ms)] == [
        ("/", 5_000),
        ("/pricing", 60_000),
    ]
    assert rows(world, judgements.c.account, judgements.c.qualified, judgements.c.dormant, judgements.c.drop) == [
        (PUMPS, True, True, None)
    ]
    assert rows(world, alert_rows.c.account, alert_rows.c.backfill, alert_rows.c.to) == [
        (PUMPS, False, "anna@example.com")
    ]
    assert rows(world, deliveries.c.channel, deliveries.c.status) == [("preview", "due")]
    assert rows(world, account_states.c.account, account_states.c.state) == [(PUMPS, "awake")]
    assert rows(world, buffer_offsets.c.segment, buffer_offsets.c.offset) == [("segment-1", 77)]
    assert rows(world, hit_counts.c.outcome, hit_counts.c.n) == [("kept", 2)]


@pytest.mark.parametrize(
    "step",
    ["alerts.store.save", "tracker.store.commit_offsets", "tracker.store.save", "enrichment.store.save_judgements"],
)
def test_what_fails_half_way_leaves_nothing_and_comes_again_once(
    world: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Whichever write fails, no row is left and the offset stands; the next try writes everything, once."""
    pipeline = line(world, tmp_path, at(NOON + timedelta(seconds=70)))
    before = content(world)
    batch = Batch(
        views=QUALIFYING,
        offsets={"segment-1": 77},
        tallies=[Tally(received_at=NOON, counts={"shop.example.com": {"malformed": 3}})],
    )

    def fail(*_given: object, **_named: object) -> None:
        raise OSError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(step, fail)
        with pytest.raises(OSError, match="disk is full"):
            pipeline.run(batch)
    assert content(world) == before

    pipeline.run(batch)
    once = content(world)
    assert {name: len(once[name]) - len(before[name]) for name in once if once[name] != before[name]} == {
        "visits": 1,
        "page_views": 2,
        "hit_counts": 2,
        "judgements": 1,
        "alerts": 1,
        "deliveries": 1,
        "account_states": 1,
        "dormancy_transitions": 1,
        "buffer_offsets": 1,
    }


def test_the_same_batch_again_changes_nothing(world: Engine, tmp_path: Path) -> None:
    """At least once is exactly once: after a crash between commit and answer no table differs."""
    views = (
        *QUALIFYING,
        page(ip=ISP_IP, visitor="home"),
        page(ip=TWINS_IP, visitor="twin"),
        page(visitor="bot", drop=DropReason.BOT_DECLARED),
        page(visitor="asset", drop=DropReason.NOT_A_PAGE),
    )
    run(line(world, tmp_path, at(NOON + timedelta(seconds=70))), *views)
    once = content(world)
    again = run(line(world, tmp_path, at(NOON + timedelta(seconds=99))), *reversed(views))
    assert (again.hits, again.new_hits, again.visits, again.alerts) == (6, 0, (), ())
    assert content(world) == once


def test_reading_on_qualifies_later_and_is_told_once(world: Engine, tmp_path: Path) -> None:
    """Beacons of one page view, each longer: silent at first, one alert at the qualifying moment, then it grows."""
    told, states = [], []
    for seconds in (0, 10, 35, 60, 120):
        now = NOON + timedelta(seconds=seconds)
        result = run(line(world, tmp_path, at(now)), page(seconds=seconds))
        told.append(len(result.alerts))
        states.append(rows(world, judgements.c.silence, judgements.c.qualified))
    assert sum(told) == 1
    first = told.index(1)
    assert first > 0
    assert states[:first] == [[("below_threshold", False)]] * first
    assert states[first:] == [[(None, True)]] * (5 - first)
    with reading(world) as connection:
        counted = counts(connection)
        (kept,) = alerts.store.alert_rows(connection, NOON - timedelta(days=1))
    assert (counted["visits"], counted["page_views"], counted["alerts"], counted["deliveries"]) == (1, 1, 1, 1)
    assert kept.version > 1
    assert rows(world, hit_counts.c.outcome, hit_counts.c.n) == [("kept", 1)]


def test_beacons_of_one_view_in_one_batch_are_one_view(world: Engine, tmp_path: Path) -> None:
    """A worker that was away for a minute meets all beacons of a page view at once, in any order."""
    beacons = [page(seconds=seconds) for seconds in (35, 0, 60, 10)]
    result = run(line(world, tmp_path, at(NOON + timedelta(minutes=1))), *beacons)
    assert (result.hits, result.new_hits, len(result.alerts)) == (4, 1, 1)
    assert rows(world, page_views.c.engaged_ms) == [(60_000,)]
    assert rows(world, hit_counts.c.n) == [(1,)]


def test_history_is_shown_and_never_sent(world: Engine, tmp_path: Path) -> None:
    """What reached us more than an hour after it happened makes an alert marked as such, and no delivery."""
    views = [
        page(path, seconds=60, at=NOON + timedelta(minutes=n), late=timedelta(hours=1, seconds=1))
        for n, path in enumerate(("/", "/pricing"))
    ]
    result = run(line(world, tmp_path, at(NOON + timedelta(hours=2))), *views)
    assert [alert.backfill for alert in result.alerts] == [True]
    assert rows(world, alert_rows.c.account, alert_rows.c.backfill) == [(PUMPS, True)]
    assert rows(world, deliveries.c.id) == []


def test_what_is_late_by_less_than_an_hour_is_news(world: Engine, tmp_path: Path) -> None:
    """A collector that could not keep hits for a while must not silence them."""
    result = run(line(world, tmp_path, at(NOON + timedelta(hours=1))), page(seconds=60, late=timedelta(minutes=59)))
    assert [alert.backfill for alert in result.alerts] == [False]


def test_history_does_not_quieten_news(world: Engine, tmp_path: Path) -> None:
    """Yesterday's log is imported, then somebody comes: the rep hears of it."""
    old = [
        page(p, name="old", visitor="old", at=NOON - timedelta(hours=3), late=timedelta(hours=3), seconds=60)
        for p in "ab"
    ]
    old.append(page(name="old", visitor="old", at=NOON - timedelta(hours=3), late=timedelta(hours=3), seconds=60))
    first = run(line(world, tmp_path, at(NOON)), *old)
    news = run(line(world, tmp_path, at(NOON + timedelta(minutes=1))), page(seconds=60))
    assert [alert.backfill for alert in (*first.alerts, *news.alerts)] == [True, False]
    assert len(rows(world, deliveries.c.id)) == 1


def test_after_an_alert_the_account_cools_down(world: Engine, tmp_path: Path) -> None:
    """A second visit within the time causes none and says why; one after it does. Another account is not concerned."""
    hours = {"a": 0, "b": 23, "c": 25}
    said = []
    for visitor, hour in hours.items():
        moment = NOON + timedelta(hours=hour)
        result = run(
            line(world, tmp_path, at(moment + timedelta(minutes=2))), page(seconds=60, at=moment, visitor=visitor)
        )
        said.append((len(result.alerts), result.visits[0].silence))
    other = run(line(world, tmp_path, at(NOON + timedelta(hours=1))), page(seconds=60, ip=FREIGHT_IP, visitor="d"))
    assert said == [(1, None), (0, "cool_down"), (1, None)]
    assert [alert.account for alert in other.alerts] == [FREIGHT]


def test_within_one_batch_an_account_is_told_of_once(world: Engine, tmp_path: Path) -> None:
    """Two visits of one account that arrive together cause one alert, and it knows of both visitors."""
    views = [page(seconds=60), page(seconds=60, ip=PUMPS_IP_TOO, visitor="visitor-2", at=NOON + timedelta(minutes=1))]
    result = run(line(world, tmp_path, at(NOON + timedelta(minutes=3))), *views)
    assert len(result.alerts) == 1
    assert sorted(str(item.silence) for item in result.visits) == ["None", "cool_down"]
    assert rows(world, judgements.c.account, judgements.c.visitor) == [(PUMPS, "visitor-1"), (PUMPS, "visitor-2")]


def test_two_visitors_are_told_of_together(world: Engine, tmp_path: Path) -> None:
    """A glance by each qualifies what a glance alone does not."""
    first = run(line(world, tmp_path, at(NOON)), page(seconds=20))
    second = run(
        line(world, tmp_path, at(NOON + timedelta(minutes=5))),
        page(seconds=20, ip=PUMPS_IP_TOO, visitor="visitor-2", at=NOON + timedelta(minutes=4)),
    )
    points = [
        item.outcome.score.points
        for result in (first, second)
        for item in result.visits
        if isinstance(item.outcome, Signal)
    ]
    assert points[1] > points[0]
    assert [
        reason.code for item in second.visits if isinstance(item.outcome, Signal) for reason in item.outcome.score.why
    ].count("visitors") == 1


def test_a_visit_goes_on_over_midnight(world: Engine, tmp_path: Path) -> None:
    """The salt changes at midnight, and with it the visitor's name; the visit stays one."""
    late = datetime(2026, 11, 20, 23, 58, tzinfo=UTC)
    before = page("/", at=late, visitor="today", seconds=30)
    after = page(at=late + timedelta(minutes=4), visitor="tomorrow", seconds=60)
    run(line(world, tmp_path, at(late + timedelta(minutes=1))), before)
    result = run(line(world, tmp_path, at(late + timedelta(minutes=6))), after, yesterday={after.id: before.visitor})
    assert rows(world, visits.c.visitor) == [("today",)]
    assert len(result.visits[0].visit.views) == 2
    assert len(result.alerts) == 1


def _file_text(engine: Engine, folder: Path) -> bytes:
    """All that SQLite keeps on the disk."""
    engine.dispose()
    return b"".join(path.read_bytes() for path in folder.glob("test.db*"))


@pytest.mark.parametrize("ip", [PUMPS_IP, FREIGHT_IP], ids=["declared", "database"])
def test_without_keeping_addresses_a_growing_visit_keeps_its_recognition(
    world: Engine, tmp_path: Path, ip: str
) -> None:
    """With raw_ip_hours=0 no table ever holds the address, yet each further beacon is judged by its own."""
    outcomes = []
    for beacon in (
        page("/", ip=ip),
        page("/", ip=ip, seconds=20),
        page(ip=ip, at=NOON + timedelta(seconds=30)),
        page(ip=ip, at=NOON + timedelta(seconds=30), seconds=60),
    ):
        now = NOON + timedelta(minutes=2)
        result = run(line(world, tmp_path, at(now), keep_address=False), beacon)
        outcomes += [
            item.outcome.account.id if isinstance(item.outcome, Signal) else item.outcome.reason
            for item in result.visits
        ]
    assert outcomes == [PUMPS if ip == PUMPS_IP else FREIGHT] * 4
    assert [row[0] for row in rows(world, visits.c.ip)] == [None]
    assert all(hashed for (hashed,) in rows(world, visits.c.address_hash))
    assert len(rows(world, alert_rows.c.id)) == 1
    assert ip not in repr(content(world))
    if world.dialect.name == "sqlite":
        assert ip.encode() not in _file_text(world, tmp_path)


def test_a_visit_whose_address_has_expired_is_recognised_by_the_next_beacon(world: Engine, tmp_path: Path) -> None:
    """The clock of raw addresses may strike within a visit."""
    run(line(world, tmp_path, at(NOON)), page())
    with writing(world) as connection:
        connection.execute(visits.update().values(ip=None))
    result = run(line(world, tmp_path, at(NOON + timedelta(minutes=1))), page(seconds=60))
    assert isinstance(result.visits[0].outcome, Signal)


def test_refused_hits_are_counted_and_all_outcomes_add_up(world: Engine, tmp_path: Path) -> None:
    """Nothing vanishes: every hit is in exactly one count."""
    drops = [DropReason.NOT_A_PAGE, DropReason.NOT_A_PAGE, DropReason.BOT_DECLARED, DropReason.PRIVACY_SIGNAL]
    views = [page(name=str(n), visitor=f"v{n}", drop=drop) for n, drop in enumerate([None, None, None, *drops])]
    tallies = [Tally(received_at=NOON, counts={"shop.example.com": {"malformed": 3}, "": {"unknown_site": 2}})]
    run(line(world, tmp_path, at(NOON)), *views, tallies=tallies)
    run(line(world, tmp_path, at(NOON)), *views)
    found = rows(world, hit_counts.c.site, hit_counts.c.outcome, hit_counts.c.n)
    assert found == [
        ("", "unknown_site", 2),
        ("shop.example.com", "bot_declared", 1),
        ("shop.example.com", "kept", 3),
        ("shop.example.com", "malformed", 3),
        ("shop.example.com", "not_a_page", 2),
        ("shop.example.com", "privacy_signal", 1),
    ]
    assert sum(n for *_, n in found) == len(views) + 5  # type: ignore[misc]
    assert len(rows(world, page_views.c.id)) == len(views)


def test_every_visit_ends_as_a_judgement(world: Engine, tmp_path: Path) -> None:
    """Recognised or dropped, each visit has one row that says what became of it and why."""
    ips = [PUMPS_IP, ISP_IP, HOSTER_IP, STRANGER_IP, TWINS_IP, "198.51.100.250", "10.0.0.1"]
    views = [page(ip=ip, visitor=f"v{n}") for n, ip in enumerate(ips)]
    run(line(world, tmp_path, at(NOON)), *views)
    ended = visits.outerjoin(judgements, judgements.c.visit == visits.c.id)
    with reading(world) as connection:
        query = select(visits.c.ip, judgements.c.drop, judgements.c.why).select_from(ended)
        outcomes = {row.ip: row for row in connection.execute(query)}
    found = {ip: row.drop for ip, row in outcomes.items()}
    assert found == {
        PUMPS_IP: None,
        ISP_IP: "network_isp",
        HOSTER_IP: "network_hosting",
        STRANGER_IP: "account_none",
        TWINS_IP: "account_ambiguous",
        "198.51.100.250": found["198.51.100.250"],
        "10.0.0.1": "private_address",
    }
    assert found["198.51.100.250"] in ("private_address", "network_unknown")
    assert all(row.why for row in outcomes.values())


def test_an_empty_batch_commits_its_offsets(world: Engine, tmp_path: Path) -> None:
    """Damage alone was skipped: the next read goes on behind it."""
    before = content(world)
    run(line(world, tmp_path, at(NOON)), offsets={"segment-1": 9})
    after = content(world)
    assert after.pop("buffer_offsets") == [("segment-1", 9)]
    assert after == {name: found for name, found in before.items() if name != "buffer_offsets"}


def test_many_builders_at_once_count_each_hit_once(world: Engine, tmp_path: Path) -> None:
    """Two processes with the same hits, each waiting for its turn: as if there had been one."""
    batches = [[page(name=f"{b}-{n}", visitor=f"v{n % 7}", seconds=20) for n in range(40)] for b in range(3)]
    failed: list[Exception] = []

    def work() -> None:
        try:
            pipeline = line(world, tmp_path / threading.current_thread().name, at(NOON + timedelta(minutes=1)))
            for batch in batches:
                with visit_builder(world):
                    pipeline.run(Batch(views=batch))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=work, name=f"builder-{n}") for n in range(3)]
    for thread in threads:
        (tmp_path / thread.name).mkdir()
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert rows(world, hit_counts.c.n) == [(120,)]
    with reading(world) as connection:
        assert counts(connection)["page_views"] == 120
        assert counts(connection)["visits"] == 7


def test_news_wakes_an_account_that_was_judged_in_the_meantime(world: Engine, tmp_path: Path) -> None:
    """A chore judged all states while the hit was waiting: the account wakes nevertheless; history wakes nobody."""
    for account in (PUMPS, FREIGHT):
        with writing(world) as connection:
            connection.execute(
                account_states.insert().values(
                    account=account,
                    state="dormant",
                    tier="1_year",
                    since=NOON - timedelta(days=99),
                    judged_at=NOON + timedelta(minutes=5),
                )
            )
    history = [
        page(p, ip=FREIGHT_IP, visitor="old", seconds=60, at=NOON - timedelta(hours=9), late=timedelta(hours=9))
        for p in ("/", "/pricing")
    ]
    result = run(line(world, tmp_path, at(NOON + timedelta(minutes=6))), page(seconds=60), *history)
    assert len(result.alerts) == 2
    assert rows(world, account_states.c.account, account_states.c.state) == [(PUMPS, "awake"), (FREIGHT, "dormant")]
    assert len(rows(world, dormancy_transitions.c.id)) == 1


def test_offsets_are_read_back_as_written(world: Engine, tmp_path: Path) -> None:
    """The buffer is read on from where the results end."""
    run(line(world, tmp_path, at(NOON)), page(), offsets={"a": 1, "b": 2})
    run(line(world, tmp_path, at(NOON)), page(seconds=9), offsets={"b": 3})
    with reading(world) as connection:
        assert tracker.store.read_offsets(connection) == {"a": 1, "b": 3}


@pytest.mark.parametrize("kind", [None, NetworkKind.ISP], ids=["its network", "a network of many"])
def test_what_a_person_took_away_stays_away_while_the_visit_goes_on(
    world: Engine, tmp_path: Path, kind: NetworkKind | None
) -> None:
    """Even by a worker that hasn't heard of it yet, and where only the visit, not the network, was corrected."""
    with writing(world) as connection:
        network_store.declare(connection, "203.0.113.0/28", PUMPS, "Hartmann Pumpen GmbH", kind, now=NOON)
    known = read_known(world, tmp_path)()
    first = run(line(world, tmp_path, at(NOON)), page(seconds=60))
    visit = first.visits[0].visit.id
    with writing(world) as connection:
        assert actions.wrong_visit(connection, visit, "admin@localhost", NOON) is not None
    stale = Pipeline(replace(line(world, tmp_path, at(NOON + timedelta(minutes=2)))._parts, known=lambda: known))
    for pipeline in (stale, line(world, tmp_path, at(NOON + timedelta(minutes=3)))):
        run(pipeline, page(seconds=90 if pipeline is stale else 95))
        assert rows(world, judgements.c.account, judgements.c.drop) == [(None, "company_rejected")]
    with writing(world) as connection:
        assert actions.undo(connection, first.alerts[0].id, "admin@localhost", NOON) is not None
    assert rows(world, judgements.c.account, judgements.c.drop) == [(PUMPS, None)]
