"""Tells people's opens and clicks of e-mails from those of mail scanners (pure).

Mail-security products open every mail and follow every link, within seconds of delivery, several links at once, from
servers. What is known when an event comes in is judged then and said in its note (`scanner: ...`); that several links
were followed in the same second shows only beside the others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from core.domain import Activity

MARK = "scanner: "
"""How the note of an open or click begins that counts for nothing."""

AT_ONCE = timedelta(seconds=10)
"""Nobody reads a mail so soon after its delivery."""

LINKS_A_SECOND = 2
"""So many clicks within a second are no person's."""

_AGENTS = re.compile(
    r"bot\b|crawl|spider|scan|preview|headless|python|curl|wget|okhttp|java/|go-http|libwww|axios|node-fetch|"
    r"proofpoint|mimecast|barracuda|safelinks|urldefense|messagelabs|ironport|trendmicro|zscaler|fireeye|"
    r"amazonaws|google-safety|bingpreview|microsoft office|existing-?agent-?link",
    re.IGNORECASE,
)


def scanner(at: datetime, delivered_at: datetime | None, agent: str, *, is_server: bool = False) -> str:
    """Return why an open or click at `at` is a scanner's, as part of a sentence; empty where nothing says so.

    `is_server`: the address is a data centre's.
    """
    if delivered_at is not None and timedelta(0) <= at - delivered_at < AT_ONCE:
        return f"{(at - delivered_at).seconds} s after delivery"
    if agent and _AGENTS.search(agent):
        return "by a program"
    return "from a data centre" if is_server else ""


def marked(note: str, why: str) -> str:
    """Return the note of an open or click, which says why it doesn't count."""
    return f"{MARK}{why}{f' ({note})' if note else ''}" if why else note


def by_people(activities: Sequence[Activity]) -> list[Activity]:
    """Return `activities` without the opens and clicks of mail scanners; other kinds stay as they are."""
    clicks = Counter(one.at.replace(microsecond=0) for one in activities if one.kind == "email_click")
    many = {second for second, number in clicks.items() if number >= LINKS_A_SECOND}
    second = timedelta(seconds=1)
    kept = []
    for one in activities:
        if one.kind in ("email_open", "email_click"):
            moment = one.at.replace(microsecond=0)
            if one.note.startswith(MARK) or many & {moment, moment - second, moment + second}:
                continue
        kept.append(one)
    return kept
