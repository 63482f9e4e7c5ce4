"""Settings become working parts."""

from __future__ import annotations

from pathlib import Path

from app import wiring
from app.signed import DEMO_SITE
from core.domain import SiteId
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
