"""Channels by their names in the settings."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from channel_benches import SECRET

from alerts.channels.registry import CHANNELS, channel_names, make_channels
from core.errors import SettingsError
from core.settings import CHANNELS as NAMES
from core.settings import read_settings

ALL = {
    "DORMOUSE_CHANNELS": ",".join(NAMES),
    "DORMOUSE_SLACK_TOKEN": "xoxb-test",
    "DORMOUSE_SLACK_CHANNEL": "#sales",
    "DORMOUSE_SLACK_WEBHOOK_URL": "https://hooks.slack.example.com/services/T/B/x",
    "DORMOUSE_SMTP_URL": "smtp://mail.example.com",
    "DORMOUSE_MAIL_FROM": "Dormouse <dormouse@example.com>",
    "DORMOUSE_MAIL_TO": "sales@example.com",
    "DORMOUSE_TEAMS_URL": "https://teams.example.com/workflow",
    "DORMOUSE_WEBHOOK_URLS": "https://one.example.com/hook,https://two.example.com/hook",
    "DORMOUSE_WEBHOOK_SECRET": SECRET,
}
"""Every channel with its settings."""


def test_every_name_is_a_channel(tmp_path: Path) -> None:
    """What the settings allow can be made, and calls itself by that name."""
    assert tuple(CHANNELS) == NAMES
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path), **ALL})
    made = make_channels(settings, lambda alert, action: "")
    assert tuple(made) == channel_names(settings)
    assert {name: channel.name for name, channel in made.items()} == {name: name for name in made}
    kinds = [name.partition(":")[0] for name in made]
    assert kinds == [*NAMES, "webhook"]  # one for each address
    assert all(len(name) <= 20 for name in made)


@pytest.mark.parametrize(
    ("changed", "mistake"),
    [
        ({"DORMOUSE_SMTP_URL": "mail.example.com:587"}, "DORMOUSE_SMTP_URL: give smtp://"),
        ({"DORMOUSE_MAIL_FROM": "Dormouse"}, "DORMOUSE_MAIL_FROM: give one mail address"),
        ({"DORMOUSE_MAIL_TO": "a@example.com, b@example.com"}, "DORMOUSE_MAIL_TO: give one mail address"),
        ({"DORMOUSE_TEAMS_URL": "http://teams.example.com/x"}, "DORMOUSE_TEAMS_URL: give an https:// address"),
        ({"DORMOUSE_SLACK_WEBHOOK_URL": "hooks.slack.com/x"}, "DORMOUSE_SLACK_WEBHOOK_URL: give an address that"),
        ({"DORMOUSE_WEBHOOK_URLS": "http://hooks.example.com/x"}, "DORMOUSE_WEBHOOK_URLS: give an https:// address"),
        ({"DORMOUSE_WEBHOOK_SECRET": "whsec_c2hvcnQ="}, "DORMOUSE_WEBHOOK_SECRET: give whsec_"),
        ({"DORMOUSE_SMTP_URL": ""}, "DORMOUSE_CHANNELS names email: set DORMOUSE_SMTP_URL"),
        ({"DORMOUSE_WEBHOOK_SECRET": ""}, "DORMOUSE_CHANNELS names webhook: set DORMOUSE_WEBHOOK_SECRET"),
    ],
)
def test_mistakes_are_found_before_an_alert_finds_them(tmp_path: Path, changed: dict[str, str], mistake: str) -> None:
    """A wrong address, secret or missing setting of a channel is told at the start, without its value."""
    with pytest.raises(SettingsError) as caught:
        read_settings({"DORMOUSE_HOME": str(tmp_path), **ALL, **changed})
    assert any(one.startswith(mistake) for one in caught.value.mistakes)


def test_near_addresses_may_be_plain(tmp_path: Path) -> None:
    """In the operator's own network a receiver needs no certificate."""
    urls = "http://127.0.0.1:5678/x,http://n8n:5678/x,http://10.0.0.9/x"
    settings = read_settings({"DORMOUSE_HOME": str(tmp_path), **ALL, "DORMOUSE_WEBHOOK_URLS": urls})
    assert len(settings.webhook_urls) == 3


def test_slack_is_imported_by_those_who_use_it() -> None:
    """Importing the registry doesn't load slack_sdk."""
    code = "import sys, alerts.channels.registry, alerts.outbox; sys.exit('slack_sdk' in sys.modules)"
    root = Path(__file__).parents[2]
    assert subprocess.run([sys.executable, "-c", code], cwd=root, check=False).returncode == 0
