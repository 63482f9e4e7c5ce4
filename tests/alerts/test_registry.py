"""Channels by their names in the settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alerts.channels.registry import CHANNELS, make_channels
from core.settings import CHANNELS as NAMES
from core.settings import read_settings


def test_every_name_is_a_channel(tmp_path: Path) -> None:
    """What the settings allow can be made, and calls itself by that name."""
    assert tuple(CHANNELS) == NAMES
    settings = read_settings(
        {
            "DORMOUSE_HOME": str(tmp_path),
            "DORMOUSE_CHANNELS": ",".join(NAMES),
            "DORMOUSE_SLACK_TOKEN": "xoxb-test",
            "DORMOUSE_SLACK_CHANNEL": "#sales",
        }
    )
    made = make_channels(settings, lambda alert, action: "")
    assert {name: channel.name for name, channel in made.items()} == {name: name for name in NAMES}


def test_slack_is_imported_by_those_who_use_it() -> None:
    """Importing the registry doesn't load slack_sdk."""
    code = "import sys, alerts.channels.registry, alerts.outbox; sys.exit('slack_sdk' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
