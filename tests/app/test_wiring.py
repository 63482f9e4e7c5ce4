"""Settings become working parts."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from alerts.routing import recipient
from app import wiring
from app.demo import data, networks
from app.signed import DEMO_SITE
from core.domain import AccountId, NetworkKind, SiteId
from core.settings import read_settings
from enrichment.account.importer.accounts import import_accounts


def test_the_demos_alerts_never_leave_the_preview(tmp_path: Path) -> None:
    """With Slack in the settings, alerts about the demo shop still go to the preview alone, which is always there."""
    settings = read_settings(
        {
            "DORMOUSE_HOME": str(tmp_path),
            "DORMOUSE_CHANNELS": "slack",
            "DORMOUSE_SLACK_TOKEN": "xoxb-test",
            "DORMOUSE_SECRET": "s" * 32,
        }
    )

    assert wiring.channel_names(settings, SiteId(DEMO_SITE)) == ("preview",)
    assert wiring.channel_names(settings, SiteId("example.com")) == ("slack",)
    assert set(wiring.channels(settings)) == {"slack", "preview"}


def test_a_network_database_that_arrives_is_taken_up(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A running worker knows a file that was fetched into the home folder after its start."""
    monkeypatch.setattr(wiring, "LOOK_AGAIN_SECONDS", -1.0)
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path)})
    known = wiring.KnownCache(settings, engine)
    assert known().networks.network("192.0.2.9").kind is NetworkKind.UNKNOWN

    networks.write(data.stories(), settings.networks_dir / networks.FILE, datetime(2026, 11, 22, tzinfo=UTC))

    assert known().networks.network("192.0.2.9").kind is NetworkKind.ISP


def test_an_account_without_an_owner_is_told_to_that_of_the_nearest_account_above(
    tmp_path: Path, engine: Engine
) -> None:
    """The alert's recipient is the owner two levels up, and the account says by way of whom."""
    path = tmp_path / "crm.csv"
    path.write_text("id,name,owner,parent\nT,Top AG,bo@example.com,\nM,Mid GmbH,,T\nL,Leaf KG,,M\n", encoding="utf-8")
    import_accounts(engine, path, datetime(2026, 11, 22, tzinfo=UTC))
    found = wiring.KnownCache(read_settings({"DORMOUSE_HOME": str(tmp_path)}), engine)().accounts.get(AccountId("L"))
    assert found is not None
    assert (recipient(found), found.owner_via) == ("bo@example.com", "Top AG")


def test_many_accounts_are_read_anew_beside_the_line(
    tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where that takes long, the line goes on with what it has and soon has the new; a failure leaves the old."""
    monkeypatch.setattr(wiring, "LOOK_AGAIN_SECONDS", -1.0)
    monkeypatch.setattr(wiring, "SLOW_SECONDS", -1.0)
    known = wiring.KnownCache(read_settings({"DORMOUSE_HOME": str(tmp_path)}), engine)
    before = known()
    path = tmp_path / "crm.csv"
    path.write_text("id,name\nT,Top AG\n", encoding="utf-8")
    import_accounts(engine, path, datetime(2026, 11, 22, tzinfo=UTC))
    assert known() is before
    for _ in range(500):
        if len(known().accounts):
            break
        time.sleep(0.01)
    assert known().accounts.get(AccountId("T")) is not None
