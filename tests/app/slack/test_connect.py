"""`dormouse slack connect` and `test`: no questions without a terminal, no secret on the screen, one person only."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from click.testing import CliRunner, Result
from slack_clicks import SIGNING_SECRET, SlackWithPeople

from app.cli.main import dormouse
from app.slack.connecting import recognised, write
from app.slack.manifest import NEEDED, SCOPES, install_link, is_reachable, manifest, missing_scopes
from core.errors import InputError

BOT, APP = "xoxb-0123456789-abcdef", "xapp-1-A0123456789-abc"
DEPLOY = Path(__file__).resolve().parents[3] / "deploy" / "slack"


class SlackWithSockets(SlackWithPeople):
    """The stand-in, with an answer to app-level tokens."""

    def answer(self, method: str, body: Mapping[str, Any], at: float) -> dict[str, Any]:
        if method == "apps.connections.open":
            return {"ok": True, "url": "wss://example.com/link"}
        return super().answer(method, body, at)


def run(home: Path, *arguments: str, stdin: str = "", **environment: str) -> Result:
    found = {"DORMOUSE_HOME": str(home), **environment}
    return CliRunner().invoke(dormouse, ["slack", *arguments], input=stdin, env=found, catch_exceptions=True)


def test_the_shipped_manifests_are_those_that_connect_prints() -> None:
    """Neither is edited by hand; both are valid, and each has its own way for clicks."""
    http, socket = manifest("https://dormouse.example.com"), manifest()
    assert (DEPLOY / "manifest.yaml").read_text(encoding="utf-8") == http
    assert (DEPLOY / "manifest-socket-mode.yaml").read_text(encoding="utf-8") == socket
    by_http, by_socket = yaml.safe_load(http), yaml.safe_load(socket)
    assert by_http["settings"]["interactivity"] == {
        "is_enabled": True,
        "request_url": "https://dormouse.example.com/slack/interactivity",
    }
    assert by_http["settings"]["socket_mode_enabled"] is False
    assert by_socket["settings"]["interactivity"] == {"is_enabled": True}
    assert by_socket["settings"]["socket_mode_enabled"] is True
    assert by_http["oauth_config"]["scopes"]["bot"] == list(SCOPES) and set(NEEDED) < set(SCOPES)
    assert len(install_link(http)) < 8_000


def test_without_tokens_it_says_what_to_do(tmp_path: Path) -> None:
    """The address with the manifest in it, the steps, the manifest; no question is asked."""
    done = run(tmp_path, "connect", DORMOUSE_PUBLIC_URL="https://d.example.com")
    assert done.exit_code == 0
    assert "https://api.slack.com/apps?new_app=1&manifest_yaml=" in done.output
    assert "request_url: https://d.example.com/slack/interactivity" in done.output
    local = run(tmp_path, "connect")
    assert "socket_mode_enabled: true" in local.output and "xapp-" in local.output, "nobody reaches our own machine"
    asked = run(tmp_path, "connect", "--http")
    assert "Slack can't reach http://127.0.0.1:8080" in asked.output
    only = run(tmp_path, "connect", "--manifest", "--socket-mode")
    assert only.output == manifest()


def test_tokens_are_checked_and_written_for_their_owner_alone(tmp_path: Path) -> None:
    """Slack is asked; the file has 0600 and keeps its other lines; nothing secret is printed."""
    file = tmp_path / "dormouse.env"
    file.write_text("PORT=9000\nDORMOUSE_SLACK_TOKEN=xoxb-old\n")
    file.chmod(0o644)
    with SlackWithSockets(token="") as slack:
        done = run(
            tmp_path,
            "connect",
            "--tokens-from",
            "-",
            "--write",
            str(file),
            stdin=f"{BOT}\n{APP}\n{SIGNING_SECRET[:0]}",
            DORMOUSE_SLACK_API_URL=slack.url,
        )
    assert done.exit_code == 0, done.output
    assert "The bot token works: dormouse in Example." in done.output
    assert "clicks come by Socket Mode" in done.output
    assert BOT not in done.output and APP not in done.output
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text().splitlines() == [
        "PORT=9000",
        "DORMOUSE_CHANNELS=preview,slack",
        f"DORMOUSE_SLACK_APP_TOKEN={APP}",
        f"DORMOUSE_SLACK_TOKEN={BOT}",
    ]


def test_a_refused_token_is_named_and_not_written(tmp_path: Path) -> None:
    """What Slack said, and what to do."""
    file = tmp_path / "dormouse.env"
    with SlackWithSockets(token="another") as slack:
        done = run(
            tmp_path, "connect", "--tokens-from", "-", "--write", str(file), stdin=BOT, DORMOUSE_SLACK_API_URL=slack.url
        )
    assert isinstance(done.exception, InputError) and "invalid_auth" in str(done.exception)
    assert BOT not in str(done.exception) and not file.exists()


def test_what_was_pasted_is_recognised_by_its_form() -> None:
    """With or without the setting's name; a line that is none of Slack's is named by its number alone."""
    text = f"# from the app\nDORMOUSE_SLACK_TOKEN='{BOT}'\n\nexport X={APP}\n{'a1' * 16}\n"
    assert dict(recognised(text)) == {
        "DORMOUSE_SLACK_TOKEN": BOT,
        "DORMOUSE_SLACK_APP_TOKEN": APP,
        "DORMOUSE_SLACK_SIGNING_SECRET": "a1" * 16,
    }
    with pytest.raises(InputError, match="line 2 is no token") as error:
        recognised(f"{BOT}\nhunter2")
    assert "hunter2" not in str(error.value)


def test_missing_permissions_are_named() -> None:
    """By the header in which Slack says what an app may."""
    assert missing_scopes(", ".join(SCOPES)) == ()
    assert "im:write" in missing_scopes("chat:write,users:read")


def test_the_settings_channels_stay_as_they_are(tmp_path: Path) -> None:
    """Whoever chose channels keeps them."""
    file = tmp_path / "new.env"
    file.write_text("DORMOUSE_CHANNELS=slack\n")
    write(file, {"DORMOUSE_SLACK_TOKEN": BOT})
    assert file.read_text() == f"DORMOUSE_CHANNELS=slack\nDORMOUSE_SLACK_TOKEN={BOT}\n"


@pytest.mark.parametrize(
    ("url", "reachable"),
    [("https://d.example.com", True), ("http://d.example.com", False), ("https://localhost:8080", False)],
)
def test_whether_slack_reaches_us(url: str, reachable: bool) -> None:
    """It asks for https."""
    assert is_reachable(url) is reachable


def test_a_test_goes_to_one_person_only(tmp_path: Path) -> None:
    """A direct message, never the fallback channel; a stranger gets nothing, and nobody else does."""
    with SlackWithSockets(strangers=frozenset({"who@example.com"})) as slack:
        more = {
            "DORMOUSE_SLACK_API_URL": slack.url,
            "DORMOUSE_SLACK_TOKEN": BOT,
            "DORMOUSE_SLACK_CHANNEL": "#sales",
            "DORMOUSE_SLACK_SIGNING_SECRET": "a1" * 16,
        }
        assert CliRunner().invoke(dormouse, ["init"], env={"DORMOUSE_HOME": str(tmp_path)}).exit_code == 0
        done = run(tmp_path, "test", "--to", "anna@example.com", **more)
        assert done.exit_code == 0, (done.output, done.exception)
        assert "Sent a sample to anna@example.com alone" in done.output
        (message,) = slack.messages
        assert message.channel == slack.dm_of("anna@example.com")
        assert "only you see it" in message.shown and message.alert_id.startswith("test-")
        stranger = run(tmp_path, "test", "--to", "who@example.com", **more)
        assert isinstance(stranger.exception, InputError) and "isn't on Slack" in str(stranger.exception)
        assert len(slack.messages) == 1
    none = run(tmp_path, "test", "--to", "anna@example.com")
    assert isinstance(none.exception, InputError) and "dormouse slack connect" in str(none.exception)
