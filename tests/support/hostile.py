"""Hostile text for messages, and what a message may not hold whatever stands in names, titles and reasons."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sample_messages as samples
import slack_look
from alert_signals import MOMENT, view, visit_of
from hypothesis import strategies as st
from slack_stand_in import block_kit_faults

from alerts.after import with_feedback
from alerts.buttons import BUTTONS, Button
from alerts.channels.slack_blocks import blocks, notification, reduced
from alerts.channels.slack_notice import notice_blocks
from alerts.message import AlertText, Line, alert_text
from alerts.notices.notice import NoticeText, Row, Section
from core.domain import Contact, LineSilence, Reason, State

INJECTIONS = (
    "<!channel>",
    "<!here> <@U123> <#C123> <!subteam^S1>",
    "<https://evil.example|bank.example>",
    "&lt;!channel&gt; &amp;lt;!here&amp;gt;",
    "`code` *bold* _x_ ~y~ *a*b* __ **",
    "\u202eevil\u2066\u200b\u2067 \u061c\ufeff",
    "vi\u200dsit a\u200cb \u200d",
    "a\nb\r\n*Call* 555\u2028c\u0085d\x0b",
    "x" * 100_000,
    "&" * 5_000,
    "<" * 3_000,
    '"' * 4_000,
    "\\" * 4_000,
    "\ud800\x00\x1b[31m",
    "http://evil.example mailto:a@b.example",
    ":rotating_light: :x::y:",
    "> quoted",
    "株" * 3_000,
    "👩\u200d🔧" * 500,
    "a" + "\u0301" * 500,
    " ",
)
"""The injections of the plan, and lengths that break limits."""

_SIGNS = st.sampled_from([*"<>&!@#|`*_~:\n\r\t \\\"'", "\u202e", "\u200d", "株", "a", "1", "://", "&lt;", ":x:", "*b*"])
hostile = st.one_of(
    st.sampled_from(INJECTIONS),
    st.text(max_size=60),
    st.text(alphabet=st.characters(), max_size=400),
    st.builds("".join, st.lists(_SIGNS, max_size=120)),
    st.builds(
        lambda text, times: text * times, st.builds("".join, st.lists(_SIGNS, min_size=1, max_size=6)), st.just(900)
    ),
)
"""Any text, mostly of the signs that mean something to Slack."""


@st.composite
def alerts(draw: st.DrawFn) -> AlertText:
    """An alert of any kind in which every text from outside is hostile."""
    signal, briefing = draw(st.sampled_from([samples.awake, samples.line, samples.rescue]))()
    name, evil, more = draw(hostile), draw(hostile), draw(hostile)
    why = (Reason(text=evil, points=10, code="page:contact"), Reason(text=more, points=5.5))
    assert signal.seen.match is not None and signal.seen.company is not None
    signal = replace(
        signal,
        account=replace(signal.account, name=name, contract=more),
        line=evil,
        visit=visit_of(view(f"/{evil}", more, 1000), view(evil, "", 1000), view("/x", name, 9000)),
        dormancy=replace(
            signal.dormancy,
            left_over=more,
            lines=(LineSilence(line=evil, state=State.DORMANT, silent_days=9, usual_gap_days=9, last_at=None),),
        ),
        score=replace(signal.score, points=15.5, why=why, triggers=(Reason(text=evil, code=signal.rule),)),
        seen=replace(
            signal.seen,
            match=replace(signal.seen.match, why=why),
            company=replace(signal.seen.company, name=evil, domain=more, why=why),
        ),
    )
    contact = Contact(id="1", account=signal.account.id, name=name, role=evil, email=more, phone=evil, prefers=more)
    contacts = (contact, replace(contact, id="2", has_left=True), replace(contact, id="3", do_not_contact=True))
    purchases = replace(briefing.purchases, last_product=evil, currency=more)
    briefing = replace(briefing, contacts=contacts, purchases=purchases)
    text = alert_text(signal, briefing, zone=ZoneInfo("UTC"), needed=60, with_date=draw(st.booleans()))
    kinds = draw(st.lists(st.sampled_from(sorted(_KINDS)), max_size=3))
    at = MOMENT + timedelta(days=3)
    said = [replace(samples.said(kind, 3, by=more), detail=evil, until=at) for kind in kinds]
    return with_feedback(text, said)


_KINDS = ("claimed", "wrong_company", "snoozed", "not_useful", "reached", "no_answer", "won", "not_interested")


@st.composite
def raw_alerts(draw: st.DrawFn) -> AlertText:
    """An alert whose texts nobody cleaned, as a faulty part of ours could hand over."""
    texts = [draw(hostile) for _ in range(6)]
    return AlertText(
        name=texts[0],
        push=texts[1] or "x",
        title=texts[2],
        facts=(texts[3], texts[0]),
        lines=tuple(Line(label=texts[at % 6][:20], text=texts[-at]) for at in range(draw(st.integers(0, 5)))),
        why_now=texts[4],
        note=texts[5],
        actions=tuple(BUTTONS),
    )


@st.composite
def notices(draw: st.DrawFn) -> NoticeText:
    """A notice of any length in which every text is hostile."""
    texts = [draw(hostile) for _ in range(4)]
    button = st.builds(
        Button,
        action=st.sampled_from(sorted(BUTTONS)),
        subject=st.sampled_from(["A-1", texts[0][:200], "V-1"]),
        label=st.sampled_from(["", texts[1]]),
        choice=st.sampled_from(["", "C-1"]),
    )
    row = st.builds(
        Row,
        text=st.sampled_from(texts),
        buttons=st.lists(button, max_size=draw(st.sampled_from([0, 3, 30]))).map(tuple),
    )
    rows = st.lists(row, max_size=draw(st.sampled_from([1, 4, 70]))).map(tuple)
    sections = st.lists(st.builds(Section, label=st.sampled_from(texts), rows=rows), max_size=4).map(tuple)
    return NoticeText(push=texts[0] or "x", title=texts[1], sections=draw(sections), foot=texts[2])


def faults_of_alert(text: AlertText) -> list[str]:
    """Return what a message has that none may have, in every form that it takes on Slack."""
    found: list[str] = []
    for interactive in (True, False):
        made = blocks(text, lambda action: f"https://dormouse.example.com/a/{action}", "A-1", interactive)
        found += _faults(made, notification(text))
    return found + _faults(reduced(text), notification(text))


def faults_of_notice(text: NoticeText) -> list[str]:
    """The same for a notice."""
    found: list[str] = []
    for interactive in (True, False):
        made = notice_blocks(
            text, lambda _id, action, _choice="": f"https://dormouse.example.com/a/{action}", interactive
        )
        found += _faults(made, notification(text))
    return found + _faults(reduced(text), notification(text))


_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn")
_OURS = {"section": "b", "context": "i"}
"""The markup that we make ourselves, by kind of block."""


def _faults(made: Sequence[Mapping[str, Any]], push: str) -> list[str]:
    found = block_kit_faults({"text": push, "blocks": made})
    # a value is sent back, never shown: the id of an account may hold anything
    shown = re.sub(r'"value": "(?:[^"\\]|\\.)*"', "", json.dumps(made, ensure_ascii=False))
    found += ["< or > unescaped"] if re.search(r"[<>]", shown + push) else []
    found += ["not UTF-8"] if not _is_utf8(shown + push) else []
    found += ["a push of several lines"] if len(push.splitlines()) != 1 else []
    for kind, text in [("push", push), *_mrkdwn(made)]:
        found += [f"& unescaped in {kind}"] if re.search(r"&(?!(?:amp|lt|gt);)", text) else []
        found += [f"emoji in {kind}"] if kind != "push" and re.search(r":[\w+'-]*[a-z][\w+'-]*:", text, re.I) else []
        found += [f"hidden characters in {kind}"] if any(map(_is_hidden, text.replace("\n", ""))) else []
        found += [f"{len(text.splitlines())} lines"] if len(text.splitlines()) > 6 else []
        if kind != "push":
            tags = set(re.findall(r"<(\w+)>", slack_look.mrkdwn(text)))
            found += [f"markup {tags} in {kind}"] if tags - {_OURS[kind]} else []
    return found


def _mrkdwn(made: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    for block in made:
        texts = [block["text"]] if block["type"] == "section" else block.get("elements", [])
        for text in texts if block["type"] in _OURS else ():
            if text["type"] == "mrkdwn":
                assert text["verbatim"]
                yield block["type"], text["text"]


def _is_hidden(char: str) -> bool:
    return unicodedata.category(char) in _HIDDEN and char not in "\u200c\u200d"


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
