"""The message as a mail: a subject, plain text, and the same as simple HTML (pure).

Nothing is loaded from anywhere, and every word is escaped; the text alone says all.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from html import escape

from alerts.buttons import BUTTONS
from alerts.channels.protocol import Links
from alerts.deliveries.post import Post
from alerts.message import AlertText
from alerts.notices.notice import NoticeText
from alerts.wording import clean
from core.domain import AlertId

_SUBJECT = 150
_LINE = 3000  # links are long

Link = tuple[str, str]
"""What a link says, and where it leads."""
Rows = Sequence[tuple[str, str]]
"""Lines: label and text."""
Parts = tuple[str, str, Rows, Sequence[Link]]
"""Subject, title, rows, links."""


def mail_of(post: Post, links: Links, only: str = "") -> EmailMessage:
    """Return the mail without its addresses; `only` stands for the whole text of a second mail."""
    subject, title, rows, acts = _parts(post, links, only)
    mail = EmailMessage()
    mail["Subject"] = ("Re: " if only or post.thread else "") + subject
    title, rows = _one_line(title), [(_one_line(label), _one_line(text)) for label, text in rows]
    mail.set_content(_plain(title, rows, acts))
    mail.add_alternative(_html(title, rows, acts), subtype="html")
    return mail


def _parts(post: Post, links: Links, only: str) -> Parts:
    if only:
        return _subject(post), "", [("", only)], ()
    if isinstance(post.words, AlertText):
        return _alert(post, post.words, links)
    return _notice(post.words, links)


def _subject(post: Post) -> str:
    # of the account alone: a second mail stands in the first one's thread by its subject too
    name = post.words.name if isinstance(post.words, AlertText) else post.words.title or post.words.push
    return clean(name, _SUBJECT) or "Dormouse"


def _alert(post: Post, words: AlertText, links: Links) -> Parts:
    rows = [("", " · ".join(words.facts)), *((line.label, line.text) for line in words.lines)]
    rows += [("Why now", words.why_now), ("", words.note)]
    return (
        clean(words.push, _SUBJECT) or "Dormouse",
        words.title,
        [row for row in rows if row[1]],
        _links(post, links),
    )


def _links(post: Post, links: Links) -> Sequence[Link]:
    words = post.words
    if not isinstance(words, AlertText):
        return ()
    found = ((BUTTONS[action], links(post.subject, action)) for action in words.actions)
    return [(label, url) for label, url in found if url]


def _notice(words: NoticeText, links: Links) -> Parts:
    rows: list[tuple[str, str]] = []
    acts: list[Link] = []
    for section in words.sections:
        for row in section.rows:
            rows.append((section.label, row.text))
            for one in row.buttons:
                url = one.url or links(AlertId(one.subject), one.action, one.choice)
                if url:
                    acts.append((f"{one.label or BUTTONS[one.action]} ({clean(row.text, 40)})", url))
    if words.foot:
        rows.append(("", words.foot))
    push = clean(words.title or words.push, _SUBJECT) or "Dormouse"
    return push, words.title, rows or [("", words.push)], acts


def _plain(title: str, rows: Rows, acts: Sequence[Link]) -> str:
    lines = [title, ""] if title else []
    lines += [f"{label}: {text}" if label else text for label, text in rows]
    if acts:
        lines += ["", *(f"{label}: {url}" for label, url in acts)]
    return "\n".join(lines) + "\n"


def _one_line(text: str) -> str:
    return clean(text, _LINE)


def _html(title: str, rows: Rows, acts: Sequence[Link]) -> str:
    # inline style: mail programs take out anything else
    made = [f'<h2 style="margin:0 0 8px">{escape(title)}</h2>'] if title else []
    for label, text in rows:
        made.append(f'<p style="margin:4px 0">{f"<b>{escape(label)}</b> " if label else ""}{escape(text)}</p>')
    if acts:
        shown = " &nbsp; ".join(f'<a href="{escape(url, quote=True)}">{escape(label)}</a>' for label, url in acts)
        made.append(f'<p style="margin:12px 0">{shown}</p>')
    body = "".join(made)
    return f'<!doctype html><html><body style="font:15px/1.4 sans-serif">{body}</body></html>\n'
