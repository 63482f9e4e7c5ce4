"""Mails: their headers, threads, and what may not get into them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest
from alert_signals import full_briefing, full_signal
from channel_benches import MOMENT, link
from smtp_stand_in import SmtpStandIn

from alerts.channels.email import EmailChannel
from alerts.channels.protocol import MisconfiguredError
from alerts.deliveries.post import Post
from alerts.message import AlertText, alert_text
from alerts.notices.notice import NoticeText
from core.errors import ChannelError

ID = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def smtp() -> Iterator[SmtpStandIn]:
    with SmtpStandIn() as running:
        yield running


def _channel(smtp: SmtpStandIn, fallback: str = "sales@example.com") -> EmailChannel:
    return EmailChannel(
        url=smtp.url, sender="Dormouse <dormouse@example.com>", fallback=fallback, links=link, now=lambda: MOMENT
    )


def _words() -> AlertText:
    return alert_text(full_signal(), full_briefing(), zone=ZoneInfo("Europe/Berlin"), needed=60, with_date=False)


def _post(**changed: object) -> Post:
    return replace(Post(id=ID, words=_words(), since=MOMENT, to="anna@example.com"), **changed)  # type: ignore[arg-type]


def test_the_headers(smtp: SmtpStandIn) -> None:
    """The id is the alert's, so that a duplicate is recognised; lists and answering machines know what it is."""
    remote = _channel(smtp).send(_post(), "anna@example.com")
    (mail,) = smtp.mails
    assert remote == mail["Message-ID"] == f"<{ID}@example.com>"
    assert (mail["To"], mail["From"]) == ("anna@example.com", "Dormouse <dormouse@example.com>")
    assert mail["Subject"] == _words().push
    assert mail["Date"].datetime == MOMENT
    assert "<alerts.dormouse.example.com>" in mail["List-Id"]
    assert mail["Auto-Submitted"] == "auto-generated"


def test_both_forms_say_the_same(smtp: SmtpStandIn) -> None:
    """Text and HTML hold every line and every link; the HTML loads nothing."""
    _channel(smtp).send(_post(), "anna@example.com")
    (mail,) = smtp.mails
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and html is not None
    for part in (text.get_content(), html.get_content()):
        assert "Hartmann Pumpen GmbH" in part and "Maria Keller" in part
        assert link(_post().subject, "claim") in part
    assert "<img" not in html.get_content() and "<script" not in html.get_content()


def test_a_second_mail_stands_in_the_thread(smtp: SmtpStandIn) -> None:
    """What a colleague took answers the first mail under an id of its own; what the reader did isn't repeated."""
    channel = _channel(smtp)
    remote = channel.send(_post(), "anna@example.com")
    words = replace(_words(), note="Jo took it 10:44")
    claimed = _post(words=words, version=2, change="claimed", by="jo@example.com")
    assert channel.update(claimed, remote)
    assert not channel.update(replace(claimed, by="Anna@example.com"), remote)
    _, second = smtp.mails
    assert second["In-Reply-To"] == second["References"] == remote
    assert second["Message-ID"] == f"<{ID}.2@example.com>"
    assert second["Subject"].startswith("Re: ")


def test_a_reminder_stands_in_its_alerts_thread(smtp: SmtpStandIn) -> None:
    """A notice of an alert answers the alert's mail."""
    text = NoticeText(push="Nothing was noted yet", title="")
    _channel(smtp).send(_post(id="n-1", words=text, thread=f"<{ID}@example.com>"), "anna@example.com")
    (mail,) = smtp.mails
    assert (mail["In-Reply-To"], mail["Subject"]) == (f"<{ID}@example.com>", "Re: Nothing was noted yet")


@pytest.mark.parametrize(
    "evil", ["x\r\nBcc: all@example.com", "x\nSubject: y", "<script>alert(1)</script>", "\ud800", "x" * 10_000]
)
def test_nothing_is_injected(smtp: SmtpStandIn, evil: str) -> None:
    """Whatever stands in a name, there is no further header, no further reader and no markup."""
    signal = full_signal()
    signal = replace(signal, account=replace(signal.account, name=evil))
    words = alert_text(signal, full_briefing(), zone=ZoneInfo("UTC"), needed=60, with_date=False)
    _channel(smtp).send(_post(words=words), "anna@example.com")
    _channel(smtp).send(_post(words=NoticeText(push=evil, title=evil)), "anna@example.com")
    for mail in smtp.mails:
        assert "Bcc" not in mail and len(mail.get_all("Subject", [])) == 1
        html = mail.get_body(("html",))
        assert html is not None and "<script" not in html.get_content()
    assert {to for to, _ in smtp.raw} == {"anna@example.com"}


def test_a_stranger_means_the_fallback(smtp: SmtpStandIn) -> None:
    """An owner whom the server doesn't know, or whose address is none, doesn't swallow the alert."""
    smtp.refuse["RCPT"].append("550 no such user")
    _channel(smtp).send(_post(), "gone@example.com")
    assert [to for to, _ in smtp.raw] == ["sales@example.com"]
    assert smtp.mails[0]["To"] == "sales@example.com"
    for to in ("", "Anna", "a@b@c", "a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com"):
        assert _channel(smtp).destination(to) == "sales@example.com"


def test_the_fallback_is_unknown_too(smtp: SmtpStandIn) -> None:
    """Where the server knows nobody, the mail is refused for good and says so."""
    smtp.refuse["RCPT"].extend(["550 no such user"] * 2)
    with pytest.raises(ChannelError, match="refuses the reader") as caught:
        _channel(smtp).send(_post(), "gone@example.com")
    assert caught.value.permanent


def test_a_wrong_password_pauses_the_channel() -> None:
    """A refused login names the setting, and never the password."""
    with SmtpStandIn(offers_login=True) as smtp:
        assert _channel(smtp).check()
        smtp.refuse["AUTH"].extend(["535 wrong"] * 3)
        with pytest.raises(MisconfiguredError, match="DORMOUSE_SMTP_URL") as caught:
            _channel(smtp).send(_post(), "anna@example.com")
    assert caught.value.whole_channel and "secret" not in str(caught.value)


def test_nothing_goes_in_the_clear_elsewhere() -> None:
    """Another machine than this one must offer TLS; nothing is said before."""
    channel = EmailChannel(url="smtp://192.0.2.1", sender="d@example.com", fallback="s@example.com", links=link)
    assert channel._server.tls == "starttls"
    with SmtpStandIn() as smtp:
        port = smtp.url.rpartition(":")[2]
        here = EmailChannel(
            url=f"smtp://localhost:{port}", sender="d@example.com", fallback="s@example.com", links=link
        )
        here._server = replace(here._server, tls="starttls")
        with pytest.raises(MisconfiguredError, match="no TLS"):
            here.send(_post(), "s@example.com")
        assert smtp.raw == []


def test_nobody_listens() -> None:
    """A server that is away is tried again later: nothing was sent."""
    with SmtpStandIn() as smtp:
        url = smtp.url
    channel = EmailChannel(url=url, sender="d@example.com", fallback="s@example.com", links=link)
    with pytest.raises(ChannelError) as caught:
        channel.send(_post(), "s@example.com")
    assert (caught.value.permanent, caught.value.ambiguous) == (False, False)
