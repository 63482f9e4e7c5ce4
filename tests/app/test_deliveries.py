"""What was given up, what waits and why: the command, the page, and how long it is kept."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from alert_signals import full_briefing, numbered
from click.testing import CliRunner, Result
from pages import SAME_ORIGIN, dashboard, logged_in
from sqlalchemy import Engine, func, select

import alerts.store as store
from alerts.decide import Context, decide
from alerts.deliveries import log_store as log
from alerts.deliveries.store import DeliveryQueue
from alerts.deliveries.tables import delivery_log
from alerts.notices import store as notices
from alerts.notices.notice import Notice, NoticeText
from alerts.tables import deliveries
from app import delivery_queries, expiry_queries
from app.cli.main import dormouse
from core.alerting import Alert
from core.clock import now
from core.database import reading, writing
from core.domain import DeliveryId

LEASE = timedelta(seconds=60)


def _given_up(engine: Engine, why: str = "Slack refuses the message") -> tuple[Alert, DeliveryId]:
    alert = decide(numbered(1), full_briefing(), Context(), numbered(1).at)
    assert isinstance(alert, Alert)
    moment = now()
    with writing(engine) as connection:
        store.save(connection, [alert], ("slack",), moment)
    queue = DeliveryQueue(engine)
    (delivery,) = queue.due(moment, LEASE, ("slack",), 9)
    claim = queue.claim(delivery, moment, LEASE, "test")
    assert claim is not None
    queue.put_back(claim, moment, moment, why, counts=True, in_doubt=False, dead=True)
    return alert, delivery


@pytest.fixture
def run(engine: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> Iterator[object]:
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string(hide_password=False))
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    yield lambda *words: CliRunner().invoke(dormouse, words)


def _ok(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.output


def test_listed_logged_and_sent_again(engine: Engine, run) -> None:  # type: ignore[no-untyped-def]
    """What was given up is listed with its reason, its tries are shown, and it is sent again on request."""
    alert, delivery = _given_up(engine)
    line = json.loads(_ok(run("deliveries", "list", "--json")))
    assert (line["id"], line["message"], line["kind"], line["status"]) == (delivery, alert.id, "alert", "dead")
    assert line["error"] == "Slack refuses the message"
    for id in (delivery, alert.id):
        assert "dead     Slack refuses the message" in _ok(run("deliveries", "log", id))
    assert "1 will be sent again" in _ok(run("deliveries", "retry", delivery))
    assert delivery not in _ok(run("deliveries", "list", "--json"))
    assert "wasn't given up" in _ok(run("deliveries", "retry", delivery))
    waiting = _ok(run("deliveries", "list", "--show", "waiting", "--json"))
    assert json.loads(waiting.splitlines()[0])["id"] == delivery


def test_all_at_once_or_none(engine: Engine, run) -> None:  # type: ignore[no-untyped-def]
    """--all sends again all of a channel; neither ids nor --all is a mistake."""
    _given_up(engine)
    assert "0 will be sent" in _ok(run("deliveries", "retry", "--all", "--channel", "email"))
    assert "1 will be sent" in _ok(run("deliveries", "retry", "--all"))
    assert run("deliveries", "retry").exit_code != 0
    assert run("deliveries", "log", "nothing").exit_code != 0


def test_pauses_and_orphans_are_told(engine: Engine, run) -> None:  # type: ignore[no-untyped-def]
    """A paused channel, and what waits for one that is set no more, are told with what to do."""
    moment = now()
    with writing(engine) as connection:
        assert log.pause(connection, "webhook:1", None, "gone (410)", moment, ())
        assert not log.pause(connection, "webhook:1", None, "gone (410)", moment, ())
        text = NoticeText(push="x", title="x")
        notices.save(connection, Notice(id="n", kind="digest", to="", at=moment, text=text), ("teams",), moment)
    told = _ok(run("deliveries", "list"))
    assert "webhook:1 is paused" in told and "deliveries resume webhook:1" in told
    assert "teams: 1 wait for a channel that is in no setting" in told
    assert "goes on" in _ok(run("deliveries", "resume", "webhook:1"))
    assert "wasn't paused" in _ok(run("deliveries", "resume", "webhook:1"))


def test_tries_and_notices_expire(any_engine: Engine) -> None:
    """With an alert or notice go its deliveries and their tries."""
    _given_up(any_engine)
    moment = now()
    with writing(any_engine) as connection:
        text = NoticeText(push="x", title="x")
        notices.save(connection, Notice(id="n", kind="digest", to="", at=moment, text=text), ("slack",), moment)
        assert expiry_queries.expire_notices(connection, moment) == 0
        assert expiry_queries.expire_notices(connection, moment + LEASE) == 1
        assert connection.execute(select(func.count()).select_from(deliveries)).scalar_one() == 1
        assert expiry_queries.expire_alerts(connection, moment + LEASE) == 1
        for table in (deliveries, delivery_log):
            assert connection.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_counts(any_engine: Engine) -> None:
    """Each sort is counted on both databases."""
    _given_up(any_engine)
    with reading(any_engine) as connection:
        counts = {show: delivery_queries.count_deliveries(connection, show) for show in delivery_queries.SHOWS}
        assert counts == {"dead": 1, "twice": 0, "waiting": 0, "dropped": 0}
        assert delivery_queries.held_back(connection) == ()


def test_the_page(engine: Engine, tmp_path: Path) -> None:
    """The page shows what was given up with its tries, sends it again, and lets a paused channel go on."""
    _given_up(engine, "Slack refuses <b>it</b>")
    with writing(engine) as connection:
        log.pause(connection, "email", None, "the login is refused", now(), ())
    client = logged_in(dashboard(engine, tmp_path, now))
    shown = client.get("/deliveries").text
    assert "Slack refuses &lt;b&gt;it&lt;/b&gt;" in shown and "1 try" in shown
    assert "email</b> is paused" in shown and "the login is refused" in shown
    assert client.post("/deliveries/resume", data={"channel": "email"}, headers=SAME_ORIGIN).status_code == 303
    assert client.post("/deliveries/retry", headers=SAME_ORIGIN).status_code == 303
    assert client.post("/deliveries/retry", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    with reading(engine) as connection:
        assert log.pauses(connection) == ()
        assert delivery_queries.count_deliveries(connection, "waiting") == 1
    for show in delivery_queries.SHOWS:
        assert client.get(f"/deliveries?show={show}").status_code == 200
