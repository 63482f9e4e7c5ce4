"""E-mail by SMTP: to the account's owner, else to one address for everybody else.

A mail can't be edited; a second one, in its thread, tells only what changes whether somebody should call. What could
not be told from a success has the same Message-ID when it goes again, so that mail programs can show it once.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import parseaddr
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from alerts.channels.email_text import mail_of
from alerts.channels.protocol import Links, MisconfiguredError
from alerts.deliveries.post import Post
from alerts.follow_up import follow_up
from core import clock
from core.clock import Clock, monotonic
from core.errors import ChannelError
from core.log import logger

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,180}")
_STEP = 8.0  # seconds for one answer of the server
_STEPS = 20.0  # seconds for all steps before the message itself
_LAST = 20.0  # seconds for the answer to the message: servers look for viruses first
_SETTING = "DORMOUSE_SMTP_URL"

_log = logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Server:
    host: str
    port: int
    user: str
    password: str
    tls: str
    """`starttls`, `implicit`, or `none` on this machine."""


class EmailChannel:
    """One mail per message, text with a simple HTML alternative."""

    name = "email"
    pace = 0.0
    patience = _STEPS + _STEP + _LAST
    retries: tuple[float, ...] = ()
    recognises = False

    def __init__(
        self,
        *,
        url: str,
        sender: str,
        fallback: str,
        links: Links,
        now: Clock = clock.now,
        context: ssl.SSLContext | None = None,
    ) -> None:
        """`url`: see DORMOUSE_SMTP_URL; `context` replaces the system's trusted certificates."""
        self._server = _server(url)
        self._sender = sender
        self._from = parseaddr(sender)[1]
        self._fallback = parseaddr(fallback)[1]
        self._links = links
        self._now = now
        self._context = context or ssl.create_default_context()

    def destination(self, to: str, beside: str = "") -> str:
        """Return the owner's address, or the fallback where it is none that mail can go to."""
        if _ADDRESS.fullmatch(to):
            return to
        if not self._fallback:
            raise MisconfiguredError(
                "The account has no owner: set DORMOUSE_MAIL_TO for such alerts", whole_channel=False
            )
        return self._fallback

    def send(self, post: Post, destination: str) -> str:
        """Send the mail and return its Message-ID; where the server knows no such person, to the fallback."""
        id = self._id(post.id)
        self._mail(post, destination, id, answers=post.thread)
        return id

    def update(self, post: Post, remote: str) -> bool:
        """Send a second mail about what changes whether somebody should call; nothing when it only grew."""
        to = self.destination(post.to)
        text = follow_up(post, reader=to)
        if text:
            self._mail(post, to, self._id(f"{post.id}.{post.version}"), answers=remote, only=text)
        return bool(text)

    def find(self, post: Post, destination: str) -> str | None:
        raise ChannelError("a mailbox can't be asked what has arrived", permanent=True)

    def retract(self, remote: str) -> bool:
        return False

    def check(self) -> str:
        """Log in to the server and leave."""
        with self._session() as smtp:
            smtp.noop()
        return f"{self._server.host} takes mail from {self._from}; accounts without an owner: {self._fallback}"

    def _id(self, name: str) -> str:
        return f"<{name}@{self._from.rpartition('@')[2]}>"

    def _mail(self, post: Post, to: str, id: str, answers: str = "", only: str = "") -> None:
        with self._session() as smtp:
            until = monotonic() + _STEPS
            _expect(smtp.mail(self._from), "the sender")
            code, said = smtp.rcpt(to)
            if 500 <= code < 600 and to != self._fallback and self._fallback:
                _log.warning("the mail server knows no such owner; using DORMOUSE_MAIL_TO", message=post.id)
                to = self._fallback
                code, said = smtp.rcpt(to)
            _expect((code, said), "the reader")
            if monotonic() > until:
                raise ChannelError("The mail server is too slow")
            mail = mail_of(post, self._links, only=only)
            self._address(mail, to, id, answers)
            self._data(smtp, mail)

    def _address(self, mail: EmailMessage, to: str, id: str, answers: str) -> None:
        domain = self._from.rpartition("@")[2]
        mail["From"] = self._sender
        mail["To"] = to
        mail["Date"] = self._now()
        mail["Message-ID"] = id
        if answers:
            mail["In-Reply-To"] = answers
            mail["References"] = answers
        mail["List-Id"] = f"Dormouse alerts <alerts.dormouse.{domain}>"
        mail["Auto-Submitted"] = "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"

    def _data(self, smtp: smtplib.SMTP, mail: EmailMessage) -> None:
        if smtp.sock is not None:
            smtp.sock.settimeout(_LAST)
        try:
            _expect(smtp.data(mail.as_bytes()), "the message")
        except smtplib.SMTPDataError as error:  # it didn't want to hear the message at all
            _expect((error.smtp_code, _bytes(error.smtp_error)), "the message")
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise ChannelError("The mail server didn't say whether it took the message", ambiguous=True) from error

    @contextmanager
    def _session(self) -> Iterator[smtplib.SMTP]:
        smtp: smtplib.SMTP | None = None
        try:
            smtp = self._opened()
            yield smtp
        except ChannelError:
            raise
        except ssl.SSLError as error:
            raise MisconfiguredError(
                f"The mail server's certificate or TLS can't be used ({_host(self._server)}): check {_SETTING}",
                whole_channel=True,
            ) from error
        except smtplib.SMTPAuthenticationError as error:
            raise _refused(error.smtp_code, "the login", _text(_bytes(error.smtp_error))) from error
        except smtplib.SMTPResponseException as error:
            raise _refused(error.smtp_code, "us", _text(_bytes(error.smtp_error))) from error
        except smtplib.SMTPNotSupportedError as error:
            raise MisconfiguredError(
                f"The mail server offers no TLS or no login ({_host(self._server)}): check {_SETTING}",
                whole_channel=True,
            ) from error
        except (smtplib.SMTPException, OSError) as error:
            kind = "can't be found" if isinstance(error, socket.gaierror) else f"failed ({type(error).__name__})"
            raise ChannelError(f"The mail server {_host(self._server)} {kind}") from error
        finally:
            if smtp is not None:
                smtp.close()  # without a farewell: what counts was answered

    def _opened(self) -> smtplib.SMTP:
        server = self._server
        if server.tls == "implicit":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(server.host, server.port, timeout=_STEP, context=self._context)
        else:
            smtp = smtplib.SMTP(server.host, server.port, timeout=_STEP)
        try:
            if server.tls == "starttls":
                smtp.starttls(context=self._context)
            smtp.ehlo_or_helo_if_needed()
            if server.user:
                smtp.login(server.user, server.password)
        except BaseException:
            smtp.close()
            raise
        return smtp


def _server(url: str) -> _Server:
    parts = urlsplit(url)
    host = parts.hostname or ""
    implicit = parts.scheme == "smtps"
    return _Server(
        host=host,
        port=parts.port or (465 if implicit else 587),
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls="implicit" if implicit else "none" if _is_here(host) else "starttls",
    )


def _is_here(host: str) -> bool:
    """Whether the server is on this machine: only there may a password and a customer's name go in the clear."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def _expect(answer: tuple[int, bytes], what: str) -> None:
    code, said = answer
    if not 200 <= code < 300:
        raise _refused(code, what, _text(said))


def _refused(code: int, what: str, said: str) -> ChannelError:
    """4xx: later; a login or sender that is refused: the settings; 5xx of a reader or message: for good."""
    if code in (530, 534, 535, 538) or (what in ("the login", "the sender") and code >= 500):
        return MisconfiguredError(
            f"The mail server refuses {what} ({code} {said}): check {_SETTING} and DORMOUSE_MAIL_FROM",
            whole_channel=True,
        )
    if 400 <= code < 500 or code <= 0:
        return ChannelError(f"The mail server can't take it now ({what}: {code} {said})")
    return ChannelError(f"The mail server refuses {what} ({code} {said})", permanent=True)


def _host(server: _Server) -> str:
    return f"{server.host}:{server.port}"


def _bytes(said: object) -> bytes:
    return said if isinstance(said, bytes) else str(said).encode()


def _text(said: bytes) -> str:
    return " ".join(re.sub(r"[^\x20-\x7e]+", " ", said.decode("ascii", "replace")).split())[:120]
