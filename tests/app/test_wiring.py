"""Settings become working parts."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app import wiring
from app.demo import data, networks
from app.signed import DEMO_SITE
from core.domain import NetworkKind, SiteId
from core.settings import read_settings


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
