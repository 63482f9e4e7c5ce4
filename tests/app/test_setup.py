"""The first start: what is missing is made, and nothing that is there is touched."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path

import pytest
from line_world import content
from postgres import PostgresServer

from app import setup, store, wiring
from app.auth.passwords import matches
from app.auth.users import FIRST_USER
from app.migrate import head
from core.database import open_engine, reading, writing
from core.errors import UnavailableError
from core.settings import Settings, read_settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings({"DORMOUSE_HOME": str(tmp_path / "home")})


def test_the_first_time_makes_all(settings: Settings) -> None:
    """Home folder and secret for us alone, tables, and a first user whose password is told once."""
    said: list[str] = []
    made, password = setup.initialise(settings, said.append)
    assert settings.home.stat().st_mode & 0o777 == 0o700
    assert (settings.home / "secret").stat().st_mode & 0o777 == 0o600
    assert (settings.home / "secret").read_text() == f"{made.secret}\n"
    assert len(made.secret) >= 40
    assert password and len(password) >= 12
    assert said == ["database ready"]
    assert sorted(path.name for path in settings.home.iterdir() if not path.name.startswith("dormouse.db")) == [
        *("networks", "secret"),
    ]


def test_the_second_time_changes_nothing(settings: Settings) -> None:
    """Not a row, not a byte of the secret, and no password is told again."""
    made, _ = setup.initialise(settings, lambda _text: None)
    engine = wiring.engine(made)
    before = content(engine)
    said: list[str] = []
    again, password = setup.initialise(read_settings({"DORMOUSE_HOME": str(settings.home)}), said.append)
    assert (again.secret, password, said) == (made.secret, None, [])
    assert content(engine) == before
    engine.dispose()


def test_a_secret_that_was_never_finished_is_made_anew(settings: Settings) -> None:
    """Killed or out of space at the wrong moment: the next start heals it."""
    settings.home.mkdir()
    (settings.home / "secret").write_text("")
    made, _ = setup.initialise(settings, lambda _text: None)
    assert read_settings({"DORMOUSE_HOME": str(settings.home)}).secret == made.secret != ""


def test_two_first_starts_at_once_agree_on_the_secret(settings: Settings) -> None:
    """Whoever is first wins; a second secret would make the first one's links and hashes worthless."""
    settings.home.mkdir()
    (settings.home / "networks").mkdir()
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(setup._with_secret(settings).secret)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 8
    assert set(found) == {read_settings({"DORMOUSE_HOME": str(settings.home)}).secret}
    assert [path.name for path in settings.home.iterdir() if "secret" in path.name] == ["secret"]


def test_on_postgresql_an_older_database_is_left_to_the_operator(
    settings: Settings, postgres_server: PostgresServer
) -> None:
    """There is no copy to go back to, so `serve` refuses and names the command; an empty database is filled."""
    settings = replace(settings, database_url=postgres_server.fresh(with_tables=False))
    setup.initialise(settings, lambda _text: None)
    engine = open_engine(settings.database_url)
    with writing(engine) as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    assert head() != "0001"
    with pytest.raises(UnavailableError, match="dormouse migrate"):
        setup.initialise(settings, lambda _text: None)
    engine.dispose()


def test_the_demo_is_loaded_at_the_very_first_start_alone(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loaded once; removed by hand it stays away."""
    made, _ = setup.initialise(settings, lambda _text: None)
    engine = wiring.engine(made)
    loads: list[str] = []

    def load(_settings: object, given: object, _say: object) -> None:
        loads.append("loaded")
        with writing(engine) as connection:
            store.set_fact(connection, "demo", "loaded")

    monkeypatch.setattr("app.demo.load.load_demo", load)
    setup.load_demo_once(made, lambda _text: None)
    setup.load_demo_once(made, lambda _text: None)
    with writing(engine) as connection:
        store.set_fact(connection, "demo", "removed")
    setup.load_demo_once(made, lambda _text: None)
    assert loads == ["loaded"]
    engine.dispose()


def test_the_welcome_tells_where_to_go(settings: Settings) -> None:
    """A login link that works once, the password if there is one, and what to try."""
    made, password = setup.initialise(settings, lambda _text: None)
    lines = setup.welcome(made, password, 1.23)
    assert lines[0].startswith("Ready in 1.2 s: http://127.0.0.1:8080/go/")
    assert FIRST_USER in lines[1] and str(password) in lines[1]
    assert len(setup.welcome(made, None, 1)) == len(lines) - 1
    engine = wiring.engine(made)
    with writing(engine) as connection:
        store.set_fact(connection, "demo", "loaded")
    assert any("visit as" in line for line in setup.welcome(made, None, 1))
    with reading(engine) as connection:
        hashes = connection.exec_driver_sql("SELECT password_hash FROM users").scalars().all()
    assert [matches(hashed, str(password)) for hashed in hashes] == [True]
    engine.dispose()
