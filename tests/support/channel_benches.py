"""Every channel beside its stand-in, so that one contract can be tried on all of them."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from slack_stand_in import SlackStandIn
from smtp_stand_in import SmtpStandIn
from web_stand_in import WebStandIn

from alerts.buttons import Action
from alerts.channels.email import EmailChannel
from alerts.channels.preview import PreviewChannel
from alerts.channels.protocol import Channel
from alerts.channels.slack import SlackChannel
from alerts.channels.slack_webhook import SlackWebhookChannel
from alerts.channels.teams import TeamsChannel
from alerts.channels.webhook import WebhookChannel
from core.domain import AlertId

MOMENT = datetime(2026, 11, 24, 9, 42, tzinfo=UTC)
KEY = b"0123456789abcdef0123456789abcdef"
SECRET = "whsec_" + base64.b64encode(KEY).decode()
NAMES = ("preview", "slack", "slack_webhook", "email", "teams", "webhook")


def link(alert: AlertId, action: Action, choice: str = "", /) -> str:
    return f"https://dormouse.example.com/{action}/{alert}"


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A channel and what can be done to its other side."""

    channel: Channel
    shown: Callable[[], list[str]]
    """What people see of each message, oldest first."""
    fail: Callable[[str], None]
    """Let the next send fail: `lost_answer`, `wait` (7 s), `busy`, `refused` or `closed`."""
    edits: bool = False
    finds: bool = False


@contextmanager
def bench(name: str) -> Iterator[Bench]:
    """One channel, ready to send."""
    with ExitStack() as stack:
        if name == "preview":
            yield Bench(channel=PreviewChannel(), shown=list, fail=lambda kind: None, edits=True)
        elif name == "slack":
            yield _slack(stack.enter_context(SlackStandIn()))
        elif name == "email":
            yield _email(stack.enter_context(SmtpStandIn()))
        else:
            yield _web(name, stack.enter_context(WebStandIn()))


def _slack(slack: SlackStandIn) -> Bench:
    channel = SlackChannel(token="xoxb-test", fallback="#sales", api_url=slack.url, links=link, timeout=1)

    def fail(kind: str) -> None:
        if kind == "lost_answer":
            slack.fault("chat.postMessage", "accepted_reset")
        elif kind == "wait":
            slack.fault("chat.postMessage", "rate_limited", seconds=7)
        elif kind == "busy":
            slack.fault("chat.postMessage", "refused", code="service_unavailable")
        else:
            slack.fault("chat.postMessage", "refused", code="no_text" if kind == "refused" else "token_revoked")

    return Bench(
        channel=channel,
        shown=lambda: [f"{one.text}\n{one.shown}" for one in slack.messages],
        fail=fail,
        edits=True,
        finds=True,
    )


def _email(smtp: SmtpStandIn) -> Bench:
    channel = EmailChannel(
        url=smtp.url, sender="Dormouse <dormouse@example.com>", fallback="sales@example.com", links=link,
        now=lambda: MOMENT,
    )  # fmt: skip

    def fail(kind: str) -> None:
        where, answer = {
            "lost_answer": ("END", "reset"),
            "wait": ("END", "451 greylisted"),
            "busy": ("RCPT", "450 mailbox busy"),
            "refused": ("END", "554 spam"),
            "closed": ("MAIL", "550 you may not send as this"),
        }[kind]
        smtp.refuse[where].append(answer)

    def shown() -> list[str]:
        found = []
        for mail in smtp.mails:
            text = mail.get_body(("plain",))
            assert text is not None
            found.append(f"{mail['Subject']}\n{text.get_content()}")
        return found

    return Bench(channel=channel, shown=shown, fail=fail)


def _web(name: str, web: WebStandIn) -> Bench:
    channel: Channel
    if name == "teams":
        web.usual = (202, b"", {})
        channel = TeamsChannel(url=web.url, links=link, timeout=1)
    elif name == "slack_webhook":
        channel = SlackWebhookChannel(url=web.url, links=link, timeout=1)
    else:
        channel = WebhookChannel(
            name="webhook:1", url=web.url, secret=SECRET, source="https://dormouse.example.com", links=link, timeout=1,
            now=lambda: MOMENT,
        )  # fmt: skip

    def fail(kind: str) -> None:
        closed = {"slack_webhook": (403, b"invalid_token", {}), "teams": (404, b"", {}), "webhook": (410, b"", {})}
        web.answers.append(
            {
                "lost_answer": "reset",
                "wait": (429, b"", {"Retry-After": "7"}),
                "busy": (503, b"", {}),
                "refused": (413, b"too large", {}),
                "closed": closed[name],
            }[kind]
        )

    return Bench(
        channel=channel,
        shown=lambda: [one.body.decode() for one in web.posts],
        fail=fail,
        edits=name == "webhook",
    )
