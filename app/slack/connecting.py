"""Checks Slack's tokens, and writes them where the operator says: a file that only its owner reads."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from app.slack.manifest import NEEDED, SCOPES, missing_scopes
from app.slack.people import client
from core.errors import InputError

TOKEN, APP_TOKEN = "DORMOUSE_SLACK_TOKEN", "DORMOUSE_SLACK_APP_TOKEN"
SIGNING_SECRET, WEBHOOK = "DORMOUSE_SLACK_SIGNING_SECRET", "DORMOUSE_SLACK_WEBHOOK_URL"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What Slack said of the tokens: sentences for the operator; no secret among them."""

    good: tuple[str, ...]
    missing: tuple[str, ...]


def recognised(text: str) -> Mapping[str, str]:
    """Return the tokens in what was pasted, by the setting that each belongs to; `NAME=value` lines count, too.

    Raises InputError for a line that is none of Slack's; it doesn't repeat the line.
    """
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        value = re.sub(r"^\s*(?:export\s+)?[A-Z_]+=", "", line).strip().strip("'\"")
        if not value or value.startswith("#"):
            continue
        name = _setting_of(value)
        if name is None:
            raise InputError(
                f"line {number} is no token of Slack's: give the bot token (xoxb-…), the app-level token (xapp-…), the "
                "signing secret (32 letters and digits) or the incoming webhook's address"
            )
        found[name] = value
    return found


def _setting_of(value: str) -> str | None:
    patterns = (
        (r"xoxb-[A-Za-z0-9-]{10,300}", TOKEN),
        (r"xapp-[A-Za-z0-9-]{10,300}", APP_TOKEN),
        (r"[0-9a-f]{32}", SIGNING_SECRET),
        (r"https://hooks\.slack\.com/services/[A-Za-z0-9/]{10,200}", WEBHOOK),
    )
    return next((name for pattern, name in patterns if re.fullmatch(pattern, value)), None)


def check(tokens: Mapping[str, str], api_url: str) -> Checked:
    """Ask Slack whether the tokens work and what they may. Raises InputError, which says what to change."""
    good: list[str] = []
    missing: list[str] = []
    if token := tokens.get(TOKEN):
        answer = _ask("the bot token", lambda: client(token, api_url).auth_test())
        good.append(f"The bot token works: {answer.get('user')} in {answer.get('team')}.")
        header = next((str(value) for name, value in answer.headers.items() if name.lower() == "x-oauth-scopes"), "")
        lacking = missing_scopes(header) if header else ()
        for scope in lacking:
            weight = "is needed" if scope in NEEDED else "would help"
            missing.append(f"The permission {scope} {weight}: {SCOPES[scope]}. Add it in the app, then reinstall it.")
        if not header:
            missing.append("Slack didn't say what the app may do; `dormouse slack test` shows whether it is enough.")
    elif not tokens.get(WEBHOOK):
        missing.append("There is no bot token (xoxb-…): in the app, Install App, then copy it.")
    if app_token := tokens.get(APP_TOKEN):
        _ask("the app-level token", lambda: client(app_token, api_url).apps_connections_open(app_token=app_token))
        good.append("The app-level token works: clicks come by Socket Mode.")
    if tokens.get(SIGNING_SECRET):
        good.append(
            "There is a signing secret: clicks come over HTTP. The first one shows whether it is the right one."
        )
    if tokens.get(TOKEN) and not (tokens.get(APP_TOKEN) or tokens.get(SIGNING_SECRET)):
        missing.append(
            "There is neither a signing secret nor an app-level token: the buttons will be links to a page that asks "
            "again. For buttons, give one of them."
        )
    return Checked(good=tuple(good), missing=tuple(missing))


def _ask(what: str, call: Callable[[], SlackResponse]) -> SlackResponse:
    try:
        return call()
    except SlackApiError as error:
        code = error.response.get("error") if hasattr(error.response, "get") else "no answer"
        raise InputError(
            f"Slack refuses {what} ({code}): copy it again from the app's page, and reinstall the app"
        ) from None
    except (SlackClientError, OSError) as error:
        raise InputError(f"Slack can't be reached ({type(error).__name__}): try again") from None


def write(path: Path, tokens: Mapping[str, str]) -> None:
    """Write settings into an environment file that only its owner may read; other lines stay as they are."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
    wanted = dict(tokens)
    if not any(re.match(r"\s*DORMOUSE_CHANNELS=", line) for line in lines):
        wanted["DORMOUSE_CHANNELS"] = "preview,slack" if tokens.get(TOKEN) else "preview,slack_webhook"
    kept = [line for line in lines if line.partition("=")[0].removeprefix("export ").strip() not in wanted]
    text = "\n".join([*kept, *(f"{name}={value}" for name, value in sorted(wanted.items()))]) + "\n"
    beside = path.with_name(path.name + ".new")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
