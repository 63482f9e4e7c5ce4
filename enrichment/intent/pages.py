"""What the pages of a visit were: what each is called, what it is for, and how long it was read (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from core.domain import PageView, PageViewId
from enrichment.intent.rules import PageRule, ScoringRules, plain_path

_LONGEST = 60
_NONE = PageViewId("")
_SITE_NAME = re.compile(r"\s+[|–—·:-]\s+|\s*[|｜]\s*")
_ENDING = re.compile(r"\.\w{2,5}$")


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """One page of a visit, however often it was opened."""

    rule: PageRule
    label: str
    path: str
    seconds: float | None
    """How long it was read, all openings together; None where nobody knows (access logs)."""
    ref: PageViewId = _NONE
    """The opening that was read longest."""

    @property
    def read(self) -> bool:
        """Whether it is known to have been read for as long as its class asks."""
        return self.rule.read_seconds <= 0 or (self.seconds is not None and self.seconds >= self.rule.read_seconds)


def pages_seen(views: Iterable[PageView], rules: ScoringRules) -> tuple[PageSeen, ...]:
    """Return the pages of a visit, in an order that doesn't depend on that of `views`; dropped views don't count."""
    by_path: dict[str, list[PageView]] = {}
    for view in views:
        if view.drop is None:
            by_path.setdefault(plain_path(view.path), []).append(view)
    seen = []
    for path, openings in sorted(by_path.items()):
        engaged = sum(max(0, view.engaged_ms) for view in openings)
        unknown = engaged == 0 and all(view.source == "access_log" for view in openings)
        first = min(openings, key=lambda view: (view.at, view.id))
        title = first.title or next((view.title for view in openings if view.title), "")
        seen.append(
            PageSeen(
                rule=rules.page_class(path).rule,
                label=page_label(first.path, title, rules),
                path=path,
                seconds=None if unknown else engaged / 1000,
                ref=min(openings, key=lambda view: (-view.engaged_ms, view.at, view.id)).id,
            )
        )
    return tuple(seen)


def page_label(path: str, title: str, rules: ScoringRules) -> str:
    """Return what people call a page, such as `Pricing` or `Spare parts X200`: plain text of at most 60 characters.

    Title and path come from outside: whoever shows the label still has to escape it.
    """
    page = rules.page_class(path)
    if page.rule.label and not page.rule.detail:
        return page.rule.label
    own = _SITE_NAME.split(_clean(title))[0]
    about = _last_part(path)
    if not page.rule.label:
        return _cut(own or about or "Home page")
    below = about if about and not page.matcher.search("/" + plain_path(path).rsplit("/", 1)[-1]) else ""
    if not below or below.casefold() in page.rule.label.casefold():
        return page.rule.label
    return _cut(f"{page.rule.label} {below}")


def clock(seconds: float) -> str:
    """Return a duration as people write it: `2:10`, or `1:02:10` from an hour on."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _last_part(path: str) -> str:
    """Return the last part of a path as words: `/spare-parts/x200.html` → `X200`."""
    last = _ENDING.sub("", unquote(path).rstrip("/").rsplit("/", 1)[-1])
    words = _clean(re.sub(r"[-_+]+", " ", last)).split()
    told = [word.upper() if any(sign.isdigit() for sign in word) and len(word) <= 12 else word for word in words]
    text = " ".join(told)
    return text[:1].upper() + text[1:]


def _clean(text: str) -> str:
    """Return the text without control and formatting signs, its white space made single."""
    kept = "".join(" " if unicodedata.category(sign)[0] in "CZ" else sign for sign in text)
    return " ".join(kept.split())


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"
