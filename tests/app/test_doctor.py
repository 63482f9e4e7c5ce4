"""What `dormouse doctor` finds: each trouble by name, with what to do about it, and without changing anything."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from line_world import NOON, networks_file
from private_process import free_port
from slack_stand_in import SlackStandIn

from alerts.tables import deliveries
from app import doctor, setup, wiring
from app.doctor import Finding, examine
from core import clock
from core.database import writing
from core.settings import Settings, read_settings
from enrichment.company.store import count_verdict
from tracker.site_store import add_site, snippet_seen


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An installation of which no part runs."""
    made, _ = setup.initialise(
        replace(read_settings({"DORMOUSE_HOME": str(tmp_path / "home")}), port=free_port(), collector_port=free_port()),
        lambda _text: None,
    )
    return made


def findings(settings: Settings) -> dict[str, Finding]:
    return {found.what: found for found in examine(settings)}


def wrong(settings: Settings) -> list[str]:
    return [found.what for found in examine(settings) if found.severity == 2]


def test_before_init_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    """Asking after one's health must not change it: no folder, no empty database."""
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path / "nowhere")})
    found = findings(settings)
    assert {what: one.to_do for what, one in found.items()} == {
        "home": "run `dormouse init`",
        "database": "run `dormouse init`",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_fresh_installation_is_well_but_for_what_is_to_come(settings: Settings) -> None:
    """Nothing is wrong; what isn't running or set up yet is a note."""
    found = findings(settings)
    assert {what: one.severity for what, one in found.items()} == {
        "home": 0,
        "database": 0,
        "buffer": 0,
        "collector": 1,
        "dashboard": 1,
        "sites": 1,
        "networks": 1,
        "registries": 0,
        "channel preview": 0,
    }
    assert "dormouse serve" in found["collector"].to_do
    assert "dormouse site add" in found["sites"].to_do


def test_a_missing_secret_is_wrong(settings: Settings) -> None:
    """Without it nothing can be signed or hashed."""
    assert wrong(replace(settings, secret="")) == ["home"]


def test_missing_tables_are_wrong_and_end_the_examination(settings: Settings, tmp_path: Path) -> None:
    """What needs tables can't be asked then."""
    empty = tmp_path / "empty.db"
    empty.touch()
    found = findings(replace(settings, database_url=f"sqlite:///{empty}"))
    assert (found["database"].severity, found["database"].to_do) == (2, "run `dormouse migrate`")
    assert "sites" not in found


def test_a_database_that_doesnt_answer_is_one_line(settings: Settings) -> None:
    """With what to do, and without its password."""
    url = f"postgresql://me:geheim@127.0.0.1:{free_port()}/none"
    found = findings(replace(settings, database_url=url))["database"]
    assert found.severity == 2 and "DORMOUSE_DATABASE_URL" in found.to_do
    assert "geheim" not in found.found and "\n" not in found.found


def test_dead_letters_are_wrong(settings: Settings) -> None:
    """A message that was given up needs a person."""
    engine = wiring.engine(settings)
    with writing(engine) as connection:
        for number in range(2):
            connection.execute(
                deliveries.insert().values(
                    id=f"d-{number}", alert="a", channel="slack", status="dead", due_at=NOON, remote="", error="gone"
                )
            )
    engine.dispose()
    assert wrong(settings) == ["outbox"]
    assert "2 messages" in findings(settings)["outbox"].found


def test_networks_that_are_old_or_damaged_are_told(settings: Settings, tmp_path: Path) -> None:
    """By when the data was made, not when it was copied here; with a damaged file the worker doesn't start."""
    made = networks_file(tmp_path)
    broken = tmp_path / "broken.mmdb"
    broken.write_bytes(made.read_bytes()[:200])
    found = findings(replace(settings, mmdb_paths=(made, broken)))
    assert {what: one.severity for what, one in found.items() if what.startswith("networks")} == {
        "networks fictional.mmdb": int(clock.now() - NOON > doctor.OLD_NETWORKS),
        "networks broken.mmdb": 2,
    }


@pytest.mark.parametrize(("days", "severity"), [(44, 0), (46, 1)])
def test_networks_age(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, days: int, severity: int
) -> None:
    """Prefixes change hands: after a month and a half it is time to fetch them anew."""
    monkeypatch.setattr("app.doctor.clock.now", clock.at(NOON + timedelta(days=days)))
    found = findings(replace(settings, mmdb_paths=(networks_file(tmp_path),)))["networks fictional.mmdb"]
    assert (found.severity, "networks update" in found.to_do) == (severity, bool(severity))


def test_each_site_tells_whether_its_snippet_was_seen(settings: Settings) -> None:
    """The most common reason of silence is a page without the snippet."""
    engine = wiring.engine(settings)
    now = clock.now()
    with writing(engine) as connection:
        add_site(connection, "new.example.com", now)
        add_site(connection, "old.example.com", now)
        snippet_seen(connection, ["old.example.com"], now - timedelta(hours=3, minutes=5))  # type: ignore[list-item]
    engine.dispose()
    found = findings(settings)
    assert found["site new.example.com"].to_do == "embed what `dormouse site snippet new.example.com` prints"
    assert (found["site old.example.com"].severity, found["site old.example.com"].found) == (0, "snippet seen 3 h ago")


def test_a_bad_slack_token_is_wrong_and_a_good_one_says_who_we_are(settings: Settings) -> None:
    """Slack itself is asked: a token can look right and be revoked."""
    with SlackStandIn() as slack:
        told = replace(settings, channels=("slack",), slack_token="xoxb-revoked", slack_api_url=slack.url)
        assert findings(told)["channel slack"].severity == 0
        slack.fault("auth.test", "refused", code="invalid_auth")
        found = findings(told)["channel slack"]
    assert found.severity == 2 and "invalid_auth" in found.found
    assert "xoxb" not in found.found
    assert wrong(told) == ["channel slack"]  # and now there is no Slack at all


def test_redis_must_write_before_it_confirms(settings: Settings, redis_url: str) -> None:
    """A buffer that forgets what it confirmed is no buffer."""
    import redis

    chosen = replace(settings, buffer="redis_stream", redis_url=redis_url)
    assert findings(chosen)["buffer"].severity == 0
    client = redis.Redis.from_url(redis_url)
    client.config_set("appendfsync", "everysec")
    try:
        found = findings(chosen)["buffer"]
        assert found.severity == 2 and "appendfsync always" in found.found
    finally:
        client.config_set("appendfsync", "always")
        client.close()
    assert wrong(replace(chosen, redis_url=f"redis://127.0.0.1:{free_port()}/0")) == ["buffer"]


@contextmanager
def answering(port: int, status: int, text: str) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_given: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", port), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_part_that_runs_is_asked_how_it_is(settings: Settings) -> None:
    """Ready is well; not ready is wrong, in its own words."""
    with answering(settings.collector_port, 200, "ready"), answering(settings.port, 503, "the disk is full\n"):
        found = findings(settings)
    assert (found["collector"].severity, found["dashboard"].severity) == (0, 2)
    assert "the disk is full" in found["dashboard"].found


def test_a_full_disk_is_wrong(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hits are refused when it is full, so say it before."""
    monkeypatch.setattr(doctor, "LOW_DISK_BYTES", 1 << 62)
    assert wrong(settings) == ["home"]


def test_a_source_that_people_doubt_is_named_once_it_silences_accounts(settings: Settings) -> None:
    """A few words change nothing; where they push what a source names under the alert point, doctor says so."""
    engine = wiring.engine(settings)
    with writing(engine) as connection:
        count_verdict(connection, ["declared"], is_right=False, by=3, now=NOON)
    assert "source declared" not in findings(settings)
    with writing(engine) as connection:
        count_verdict(connection, ["declared"], is_right=False, by=17, now=NOON)
    found = findings(settings)["source declared"]
    assert found.severity == 1
    assert found.found.startswith("said to be wrong 20 of 20 times: what it names is believed 6")
