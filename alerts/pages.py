"""The pages of a visit as a rep would name them (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import unquote

from alerts.wording import clean
from core.domain import PageView

_SITE_NAME = re.compile(r"\s+[|–—·•:-]\s+|\s*[｜]\s*|\s+[|]|[|]\s+")
_EXTENSION = re.compile(r"\.(?:html?|php|aspx?|jsp|cgi)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSeen:
    """One step of a visit: a page and how long it was looked at, in milliseconds (0: unknown)."""

    label: str
    engaged_ms: int
    position: int
    path: str = ""


def page_steps(views: Sequence[PageView]) -> tuple[PageSeen, ...]:
    """Return the pages in the order in which each was first seen; a page seen again adds to its time."""
    steps: dict[str, PageSeen] = {}
    for view in sorted(views, key=lambda view: view.at):
        if view.drop is not None:
            continue
        label, engaged = page_label(view.title, view.path), max(0, view.engaged_ms)
        if label in steps:
            steps[label] = replace(steps[label], engaged_ms=steps[label].engaged_ms + engaged)
        else:
            steps[label] = PageSeen(label=label, engaged_ms=engaged, position=len(steps), path=view.path)
    return tuple(steps.values())


def page_label(title: str, path: str) -> str:
    """Return a short name: the title without the site's name, else the last part of the path in words."""
    parts = _parts(path)
    if not parts:
        return "Home page"  # its title is the site's name, which tells a rep nothing
    if name := clean(_SITE_NAME.split(title.strip(), maxsplit=1)[0], 40):
        return name
    words = clean(_EXTENSION.sub("", unquote(parts[-1])).replace("-", " ").replace("_", " "), 40)
    return words[:1].upper() + words[1:] if words else "Home page"


def _parts(path: str) -> list[str]:
    parts = [part for part in path.split("?", 1)[0].split("/") if part]
    if parts and _EXTENSION.sub("", parts[-1]).casefold() in ("index", "default"):
        parts.pop()
    return parts
