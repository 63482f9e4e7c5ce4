"""`dormouse networks learned` shows the map with its evidence, what is shared, and forgets on demand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from app.cli.main import dormouse
from core import clock
from core.database import reading, writing
from core.domain import Account, AccountId
from enrichment.account.importer.store import write_accounts
from enrichment.network.learned import store
from enrichment.network.learned.observation import Observation, observation

SECRET = "s" * 32


def seen(ip: str, account: str, days: int) -> list[Observation]:
    """Sign-ins of some people on so many days."""
    now = clock.now()
    found = [
        observation(SECRET, ip, AccountId(account), "login", now - timedelta(days=day), user=f"u{day}")
        for day in range(days)
    ]
    return [one for one in found if one]


def test_the_map_is_shown_with_its_evidence(engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mapped and shared lines with sentences; no address; what has too little evidence only when asked for."""
    monkeypatch.setenv("DORMOUSE_HOME", str(tmp_path))
    monkeypatch.setenv("DORMOUSE_DATABASE_URL", engine.url.render_as_string())
    monkeypatch.setenv("DORMOUSE_SECRET", SECRET)
    accounts = [Account(id=AccountId("C-1"), name="Hartmann"), Account(id=AccountId("C-2"), name="Nordwind")]
    with writing(engine) as connection:
        write_accounts(connection, accounts, clock.now())
        found = seen("192.0.2.7", "C-1", 4) + seen("198.51.100.9", "C-1", 3) + seen("198.51.100.9", "C-2", 1)
        store.observe(connection, found + seen("203.0.113.1", "C-2", 1), clock.now())
    run = CliRunner()

    out = run.invoke(dormouse, ["networks", "learned"]).stdout.splitlines()
    assert [line.split("\t")[0] for line in out] == ["mapped", "shared"]
    assert "4 sign-ins since" in out[0] and "by Hartmann from an address in 192.0.2.0/28" in out[0]
    assert "by Hartmann and Nordwind" in out[1] and "2 accounts were seen here" in out[1]
    assert "192.0.2.7" not in "".join(out)
    assert len(run.invoke(dormouse, ["networks", "learned", "--all"]).stdout.splitlines()) == 3
    assert len(run.invoke(dormouse, ["networks", "learned", "--account", "C-2"]).stdout.splitlines()) == 1

    assert run.invoke(dormouse, ["networks", "learned", "--forget"]).exit_code == 2
    told = run.invoke(dormouse, ["networks", "learned", "--forget", "--account", "C-1"]).stdout
    assert told == "7 pieces of evidence about C-1 forgotten\n"
    with reading(engine) as connection:
        assert store.count(connection) == 2
