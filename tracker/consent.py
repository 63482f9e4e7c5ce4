"""Says what a privacy signal lets us keep: the count of a page view, and nothing that points to anybody (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import msgspec

from core.domain import DropReason
from tracker.hits import Hit


def has_privacy_signal(headers: Mapping[str, str], *, in_beacon: bool = False) -> bool:
    """Tell whether the visitor's browser sent Global Privacy Control, as a header or through the snippet."""
    return in_beacon or headers.get("sec-gpc", "").strip() == "1"


def counted_only(hit: Hit) -> Hit:
    """Return the hit reduced to what may be counted: site, time and path; no address, agent, referrer or time read."""
    return msgspec.structs.replace(
        hit,
        url=_path_of(hit.url),
        title="",
        referrer="",
        user_agent="",
        ip="",
        engaged_ms=0,
        touched=False,
        proved={},
        refused=(),
        drop=DropReason.PRIVACY_SIGNAL.value,
    )


def _path_of(url: str) -> str:
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return "/"
