"""A word to the one who clicked, when a click came to nothing or left no trace in the message."""

from __future__ import annotations

from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient

from alerts.channels.slack_parts import escaped
from core.log import logger

_log = logger(__name__)


def reply(url: str, text: str, api_url: str) -> bool:
    """Show `text` to the clicker alone; says whether Slack took it. Never raises: the click itself is worked off."""
    if not _is_slacks(url, api_url):
        return False
    try:
        answer = WebhookClient(url, timeout=5, retry_handlers=[]).send(
            text=escaped(text), response_type="ephemeral", replace_original=False
        )
    except Exception as error:
        _log.warning("a word to the clicker didn't arrive", why=type(error).__name__)
        return False
    return answer.status_code == 200


def _is_slacks(url: str, api_url: str) -> bool:
    """Whether an address is Slack's, or that of the API that the settings name."""
    to, ours = urlsplit(url), urlsplit(api_url)
    if to.scheme == "https" and (to.hostname or "").endswith(".slack.com"):
        return True
    return (to.scheme, to.netloc) == (ours.scheme, ours.netloc)
