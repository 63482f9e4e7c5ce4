"""Slack by its Web API: finds the owner, sends, edits, and looks for a message that may have arrived."""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable
from datetime import timedelta
from http.client import HTTPException
from typing import Any

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError, SlackClientError
from slack_sdk.web import SlackResponse

from alerts.channels.protocol import Links, MisconfiguredError
from alerts.channels.slack_blocks import blocks, notification, reduced
from alerts.channels.slack_errors import GONE, TOO_LONG, code_of, from_answer, from_failure
from alerts.channels.slack_notice import notice_blocks
from alerts.channels.slack_parts import Block
from alerts.deliveries.post import Post
from alerts.message import AlertText
from core.clock import monotonic
from core.errors import ChannelError
from core.log import logger

EVENT_TYPE = "dormouse_alert"
NOTICE_TYPE = "dormouse_notice"
_STRANGER = frozenset({"users_not_found", "user_not_found", "user_disabled", "missing_scope", "cannot_dm_bot"})
_REMEMBER = 3600.0  # seconds that an owner's channel is remembered
_REMEMBER_STRANGER = 600.0  # an owner who is invited today should be found soon
_PAGES = 5  # of 200 messages: how far back we look for one that may have arrived
_CLOCKS_DIFFER = timedelta(minutes=10)

_log = logger(__name__)
_silent = logging.getLogger("dormouse.slack_sdk")
_silent.disabled = True  # the library logs whole answers; we log the code


class SlackChannel:
    """Direct messages to owners, one fallback channel for everybody else."""

    name = "slack"
    retries: tuple[float, ...] = ()
    recognises = False

    def __init__(
        self,
        *,
        token: str,
        fallback: str,
        api_url: str,
        links: Links,
        timeout: int = 10,
        pace: float = 1.1,
        interactive: bool = False,
    ) -> None:
        """`interactive`: an app hears clicks; else every button is a signed link."""
        self._interactive = interactive
        self.pace = pace
        """Slack takes one message a second in a channel; a tenth more for what the network shifts."""
        self.patience = float(timeout)
        self._client = WebClient(
            token=token,
            base_url=api_url,
            timeout=timeout,
            # made once: by default each call would read the whole certificate store again
            ssl=ssl.create_default_context() if api_url.startswith("https") else None,
            logger=_silent,
            # a retry of the library could post twice; every retry belongs to the outbox
            retry_handlers=[],
        )
        self._fallback = fallback
        self._links = links
        self._lock = threading.Lock()
        self._owners: dict[str, tuple[str, float]] = {}
        self._ids: dict[str, str] = {}
        self._held: dict[str, float] = {}

    def destination(self, to: str, beside: str = "") -> str:
        """Return the channel of the message that is there already, the owner's direct messages, or the fallback."""
        if beside:
            return beside.partition(":")[0]
        channel = self._owner(to) if to else ""
        if channel:
            return channel
        if not self._fallback:
            who = f"{to} isn't on Slack" if to else "The account has no owner"
            raise MisconfiguredError(f"{who}: set DORMOUSE_SLACK_CHANNEL for such alerts", whole_channel=False)
        return self._fallback

    def send(self, post: Post, destination: str) -> str:
        """Post the message; in its smallest form when Slack finds the full one too long. Returns `channel:ts`."""
        try:
            answer = self._post(post, destination, self._blocks(post))
        except _TooLongError:
            _log.warning("Slack refused the full message; sending its short form", message=post.id)
            answer = self._post(post, destination, reduced(post.words))
        channel, ts = answer.get("channel"), answer.get("ts")
        if not isinstance(channel, str) or not isinstance(ts, str):
            raise ChannelError("Slack's answer to chat.postMessage names no message", ambiguous=True)
        with self._lock:
            self._ids[destination] = channel
        return f"{channel}:{ts}"

    def update(self, post: Post, remote: str) -> bool:
        """Replace the message; one that somebody deleted stays deleted."""
        try:
            self._edit(post, remote, self._blocks(post))
        except _TooLongError:
            self._edit(post, remote, reduced(post.words))
        except _GoneError:
            _log.info("the message can't be edited any more", message=post.id)
        return True

    def find(self, post: Post, destination: str) -> str | None:
        """Look for the id in the metadata of the channel's history, or the thread's, from some minutes before on."""
        channel = self._id(destination)
        oldest = f"{(post.since - _CLOCKS_DIFFER).timestamp():.6f}"
        wanted = self._metadata(post)
        cursor = ""
        for _ in range(_PAGES):
            try:
                answer = self._page(channel, post.thread.partition(":")[2], oldest, cursor)
            except MisconfiguredError as error:  # no permission to read: then nobody can tell
                raise ChannelError(f"Slack's history can't be read: {error}", permanent=True) from error
            for found in answer.get("messages") or ():
                if (found.get("metadata") or {}).get("event_payload") == wanted["event_payload"]:
                    return f"{channel}:{found['ts']}"
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                return None
        raise ChannelError(f"the channel is too busy to tell whether {post.id} arrived", permanent=True)

    def _page(self, channel: str, thread: str, oldest: str, cursor: str) -> SlackResponse:
        if thread:  # a channel's history leaves out what was said in its threads
            return self._call(
                "conversations.replies",
                lambda: self._client.conversations_replies(
                    channel=channel,
                    ts=thread,
                    oldest=oldest,
                    include_all_metadata=True,
                    limit=200,
                    cursor=cursor or None,
                ),
            )
        return self._call(
            "conversations.history",
            lambda: self._client.conversations_history(
                channel=channel, oldest=oldest, include_all_metadata=True, limit=200, cursor=cursor or None
            ),
        )

    def retract(self, remote: str) -> bool:
        """Delete one message of ours."""
        channel, _, ts = remote.partition(":")
        try:
            self._call("chat.delete", lambda: self._client.chat_delete(channel=channel, ts=ts))
        except _GoneError:
            _log.info("the message was deleted already")
        return True

    def check(self) -> str:
        """Ask Slack who we are."""
        who = self._call("auth.test", self._client.auth_test)
        fallback = self._fallback or "nobody: set DORMOUSE_SLACK_CHANNEL"
        return f"{who.get('user')} in {who.get('team')}; owners who aren't on Slack: {fallback}"

    def _post(self, post: Post, destination: str, made: list[Block]) -> SlackResponse:
        return self._call(
            "chat.postMessage",
            lambda: self._client.chat_postMessage(
                channel=destination,
                text=notification(post.words),
                blocks=made,  # type: ignore[arg-type]
                metadata=self._metadata(post),
                thread_ts=post.thread.partition(":")[2] or None,
                unfurl_links=False,
                unfurl_media=False,
                link_names=False,
                parse="none",
            ),
        )

    def _edit(self, post: Post, remote: str, made: list[Block]) -> None:
        channel, _, ts = remote.partition(":")
        self._call(
            "chat.update",
            lambda: self._client.chat_update(
                channel=channel,
                ts=ts,
                text=notification(post.words),
                blocks=made,  # type: ignore[arg-type]
                link_names=False,
                parse="none",
            ),
        )

    def _metadata(self, post: Post) -> dict[str, Any]:
        if post.is_notice:
            return {"event_type": NOTICE_TYPE, "event_payload": {"notice_id": post.id}}
        return {"event_type": EVENT_TYPE, "event_payload": {"alert_id": post.id}}

    def _blocks(self, post: Post) -> list[Block]:
        if isinstance(post.words, AlertText):
            return blocks(post.words, lambda action: self._links(post.subject, action), post.id, self._interactive)
        return notice_blocks(post.words, self._links, self._interactive)

    def _owner(self, email: str) -> str:
        with self._lock:
            known = self._owners.get(email)
        if known and known[1] > monotonic():
            return known[0]
        try:
            user = self._call("users.lookupByEmail", lambda: self._client.users_lookupByEmail(email=email), _STRANGER)
            opened = self._call(
                "conversations.open", lambda: self._client.conversations_open(users=user["user"]["id"]), _STRANGER
            )
            channel = str(opened["channel"]["id"])
        except _StrangerError as stranger:
            _log.warning("an owner can't be reached on Slack; using the fallback channel", why=str(stranger))
            channel = ""
        with self._lock:
            self._owners[email] = (channel, monotonic() + (_REMEMBER if channel else _REMEMBER_STRANGER))
        return channel

    def _id(self, destination: str) -> str:
        """Return the id of a channel that the settings may name by its name: history is read by id only."""
        with self._lock:
            known = self._ids.get(destination)
        if known or not destination.startswith("#"):
            return known or destination
        cursor = ""
        for _ in range(20):
            answer = self._call(
                "conversations.list",
                lambda cursor=cursor: self._client.conversations_list(  # type: ignore[misc]
                    exclude_archived=True, types="public_channel,private_channel", limit=1000, cursor=cursor or None
                ),
                frozenset({"missing_scope"}),
            )
            for channel in answer.get("channels") or ():
                if channel.get("name") == destination.removeprefix("#"):
                    with self._lock:
                        self._ids[destination] = str(channel["id"])
                    return str(channel["id"])
            cursor = (answer.get("response_metadata") or {}).get("next_cursor") or ""
            if not cursor:
                break
        raise ChannelError(f"Slack doesn't list a channel {destination}", permanent=True)

    def _call(self, method: str, call: Callable[[], Any], strangers: frozenset[str] = frozenset()) -> SlackResponse:
        with self._lock:
            wait = self._held.get(method, 0.0) - monotonic()
        if wait > 0:  # the limit of a method that isn't about one channel holds for all its callers
            raise ChannelError(f"Slack asks us to wait ({method})", retry_after=wait)
        try:
            answer = call()
        except SlackApiError as error:
            code = code_of(error)
            if code in strangers:
                raise _StrangerError(f"{method}: {code}", permanent=True) from error
            if code in TOO_LONG:
                raise _TooLongError(f"{method}: {code}", permanent=True) from error
            if code in GONE and method in ("chat.update", "chat.delete"):
                raise _GoneError(f"{method}: {code}", permanent=True) from error
            failure = from_answer(error, method)
            if failure.retry_after and not method.startswith("chat.") and not isinstance(failure, MisconfiguredError):
                with self._lock:
                    self._held[method] = monotonic() + failure.retry_after
            raise failure from error
        except (SlackClientError, OSError, HTTPException, ValueError) as error:
            raise from_failure(error, method) from error
        if not isinstance(answer, SlackResponse):
            raise ChannelError(f"Slack's answer to {method} can't be read", ambiguous=True)
        return answer


class _StrangerError(ChannelError):
    """Slack doesn't know or can't reach this person."""


class _TooLongError(ChannelError):
    """Slack finds the message too long or its blocks wrong."""


class _GoneError(ChannelError):
    """The message can't be edited any more."""
